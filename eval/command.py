"""`rag eval`: read the gold, build or open the library, ask, measure, report. Everything here is I/O and order."""

from __future__ import annotations

import math
import shlex
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from eval.baseline import NaiveBaseline, RankingOnly, Within
from eval.fields import GoldError
from eval.formats import load_gold
from eval.gold import GoldSet, Question, with_standalone
from eval.measures import BY_NAME
from eval.record import BASELINE, PRODUCT, Record
from eval.report import render
from eval.results import Results, compare_runs, shown
from eval.run import RECORDS, Asker, RunInfo, ask_all, check_folder, load_records, read_run, start_run
from eval.table import print_results
from eval.texts import Texts
from eval.trec import qrels_lines, run_lines
from index.scope import EVERYTHING, Scope
from rag.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console


PASSED, BELOW, INTERRUPTED = 0, 1, 130
REPORT, QRELS = "report.html", "qrels.trec"
_WORK = "work"  # documents and library that were made for the run; removed when it is complete


@dataclass(frozen=True, slots=True)
class EvalOptions:
    """What the command line gives.

    gold            a file or folder of gold questions
    format          its format, when it can't be told from the file
    documents       a folder to build a library of, for this run alone
    library         a library to use, name or path; the settings' own when neither is given
    out             the run's folder; a new one below "eval-runs" when not given
    resume          go on with the run in `out`
    against         the folder of another run to compare with
    fail_under      limits such as "nugget_recall=0.85": exit status 1 when a measure is worse
    baseline        also run the naive pipeline
    standalone      also ask follow-ups in full, without their history
    retrieval_only  measure the ranking alone
    limit           ask only the first so many questions
    scope           the documents that are searched, of those in the library
    """

    gold: Path
    settings: Settings = field(default_factory=Settings)
    format: str | None = None
    documents: Path | None = None
    library: str | None = None
    out: Path | None = None
    resume: bool = False
    against: Path | None = None
    fail_under: tuple[str, ...] = ()
    baseline: bool = False
    standalone: bool = False
    retrieval_only: bool = False
    limit: int | None = None
    scope: Scope = EVERYTHING


@dataclass(frozen=True, slots=True)
class Setup:
    """What a run needs of the world: the systems to ask, and the documents to check them against.

    A system is opened when its turn comes, so that the baseline's memory is none of the product's. `notes` name the
    files that could not be read.
    """

    systems: Mapping[str, Callable[[], Asker]]
    texts: Texts
    models: Mapping[str, str]
    documents: int
    chunks: int
    notes: tuple[str, ...] = ()


OpenSetup = Callable[["EvalOptions", GoldSet, Path, "Console"], AbstractContextManager[Setup]]


def evaluate(
    options: EvalOptions, out: Console | None = None, err: Console | None = None, opener: OpenSetup | None = None
) -> int:
    """Run an evaluation; tables go to `out` (stdout), progress and messages to `err` (stderr).

    Returns 0, 1 when a limit of `fail_under` is not met, 130 when interrupted. Raises RagError for what the user can
    put right, before anything is asked: GoldError for gold and runs, LibraryError and ModelError as the assistant does.
    """
    from rich.console import Console

    out, err = out or Console(), err or Console(stderr=True)
    limits = [parse_limit(text) for text in options.fail_under]
    if options.resume and not options.out:
        raise GoldError("--resume goes on with a run: name its folder with --out")
    gold = load_gold(options.gold, options.format)
    questions = chosen(options, gold)
    folder = options.out or Path("eval-runs") / f"{gold.name}-{time.strftime('%Y%m%d-%H%M%S')}"
    check_folder(folder, gold.fingerprint, options.resume)
    theirs = other_run(options.against, questions) if options.against else []
    try:
        with (opener or open_setup)(options, gold, folder, err) as setup:
            info, records = run(options, gold, questions, folder, setup, err)
    except KeyboardInterrupt:
        kept = len(load_records(folder))
        how = f"go on with the same command and --resume --out {shlex.quote(str(folder))}"
        err.print(f"interrupted; {kept} answers are kept: {how}", markup=False, soft_wrap=True)
        return INTERRUPTED
    comparison = compare_runs(options.against.name, info, records[PRODUCT], theirs) if options.against else None
    results = Results.of(info, records, comparison)
    print_results(results, out)
    write_files(folder, results, gold)
    err.print(f"report: {folder / REPORT}   answers: {folder / RECORDS}", markup=False, soft_wrap=True)
    shutil.rmtree(folder / _WORK, ignore_errors=True)
    return check_limits(limits, results, err)


def other_run(folder: Path, questions: Sequence[Question]) -> list[Record]:
    """Read the assistant's answers of another run. Raises GoldError when none is to one of these questions."""
    read_run(folder)
    asked = {(question.id, question.question) for question in questions}
    theirs = [record for record in load_records(folder) if record.system == PRODUCT]
    if not any((record.question.id, record.question.question) in asked for record in theirs):
        raise GoldError(f"nothing to compare: the run in {folder} answers none of these questions")
    return theirs


def other_filters(options: EvalOptions) -> list[str]:
    """Tell of a run to compare with that was kept to other documents."""
    theirs = read_run(options.against).filters if options.against else str(options.scope)
    if theirs == str(options.scope):
        return []
    return [f"{options.against} searched other documents: {theirs}, this run {options.scope}"]


@contextmanager
def open_setup(options: EvalOptions, gold: GoldSet, folder: Path, err: Console) -> Iterator[Setup]:
    """Open the assistant (and the baseline) over the library that the options name, building it when asked to."""
    from eval.library import dense_search
    from index.embedder import EmbeddingModel
    from rag.assistant import open_assistant

    place, notes = prepare_library(options, gold, folder, err)
    settings = replace(options.settings, library=place)
    assistant = open_assistant(settings)
    library, scope = assistant.library, options.scope
    library.check_embedder(EmbeddingModel.open(settings.embedder))  # or the figures would be another model's
    if (extent := library.within(scope)) and extent.undated:
        notes = (*notes, f"{extent.undated} undated documents are left out")
    generator = assistant.generator
    systems: dict[str, Callable[[], Asker]] = {}
    if ranking_only(options, gold):
        systems[PRODUCT] = lambda: RankingOnly(lambda question, k: list(assistant.rank(question, scope)[:k]))
        if options.baseline:
            systems[BASELINE] = lambda: RankingOnly(dense_search(library, settings, scope))
    else:
        systems[PRODUCT] = lambda: Within(assistant, scope)
        if options.baseline:
            if generator is None:
                raise GoldError("--baseline needs a model that writes: the settings say none")
            systems[BASELINE] = lambda: NaiveBaseline(dense_search(library, settings, scope), generator)
    try:
        yield Setup(systems, Texts.of(library, scope), assistant.models, *library.store.counts(), notes)
    finally:
        library.close()


def prepare_library(options: EvalOptions, gold: GoldSet, folder: Path, err: Console) -> tuple[str, tuple[str, ...]]:
    """Return the library to use, and notes on what could not be indexed.

    Documents are indexed below the run's folder, where --resume finds them again.
    """
    from eval.library import build_library, write_documents

    work, documents = folder / _WORK, options.documents
    if gold.documents:
        if documents or options.library:
            raise GoldError(f"{options.gold} brings its own documents: leave out --documents and --library")
        documents = write_documents(gold.documents, work / "documents")
    if documents is None:
        return options.library or options.settings.library, ()
    if options.library:
        raise GoldError("--documents builds a library, --library uses one: give one of the two")
    with progress(err, "indexing") as advance:
        failed = build_library(documents, work / "library", options.settings, advance)
    return str((work / "library").resolve()), tuple(f"not indexed: {path}: {reason}" for path, reason in failed)


def run(
    options: EvalOptions, gold: GoldSet, asked: Sequence[Question], folder: Path, setup: Setup, err: Console
) -> tuple[RunInfo, dict[str, list[Record]]]:
    """Ask every system every question, the product first, so that nothing of the baseline weighs on its figures."""
    notes = [*gold.notes, *setup.notes, *other_filters(options)]
    questions = [setup.texts.resolve(question, notes) for question in asked]
    if lost := sorted({path for q in questions for path, _ in q.judged if not setup.texts.holds(path)}):
        notes.append(f"{len(lost)} judged documents are not in the library and can't be found: {', '.join(lost[:5])}")
    for note in notes:
        err.print(f"note: {note}", markup=False, soft_wrap=True)
    info = RunInfo(
        gold=gold.name,
        fingerprint=gold.fingerprint,
        questions=len(questions),
        retrieval_only=ranking_only(options, gold),
        models=dict(setup.models),
        settings={key: str(value) for key, value in asdict(options.settings).items() if key != "library"},
        documents=setup.documents,
        chunks=setup.chunks,
        started=time.strftime("%Y-%m-%d %H:%M"),
        notes=tuple(notes),
        filters=str(options.scope),
    )
    info = start_run(folder, info)
    records: dict[str, list[Record]] = {}
    for system, opened in setup.systems.items():
        with progress(err, system) as advance:
            done = 0

            def tick(record: Record, advance: Callable[[int, int], None] = advance) -> None:
                nonlocal done
                done += 1
                advance(done, len(questions))
                if record.error:
                    err.print(f"failed: question {record.question.id}: {record.error}", markup=False)

            records[system] = ask_all(system, opened(), questions, setup.texts, setup.models, folder, tick)
    return info, records


def chosen(options: EvalOptions, gold: GoldSet) -> list[Question]:
    """Take the questions to ask: the first ones when there is a limit, follow-ups in full when that is asked for."""
    questions = list(gold.questions[: options.limit])
    return with_standalone(questions) if options.standalone else questions


def ranking_only(options: EvalOptions, gold: GoldSet) -> bool:
    """Tell whether only the ranking is measured."""
    return options.retrieval_only or gold.ranking_only


def write_files(folder: Path, results: Results, gold: GoldSet) -> None:
    """Write the report and the TREC files into the run's folder."""
    (folder / REPORT).write_text(render(results), encoding="utf-8")
    for system, records in results.records.items():
        _write_lines(folder / f"{system}.trec", run_lines(records, gold.ids))
    _write_lines(folder / QRELS, qrels_lines(results.records[PRODUCT], gold.ids))


def _write_lines(file: Path, lines: Iterator[str]) -> None:
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def parse_limit(text: str) -> tuple[str, float]:
    """Read "MEASURE=NUMBER". Raises GoldError naming the measures there are."""
    name, _, number = text.partition("=")
    if name not in BY_NAME:
        raise GoldError(f"--fail-under {text}: unknown measure {name!r}; known: {', '.join(BY_NAME)}")
    try:
        limit = float(number)
    except ValueError:
        limit = math.nan
    if not math.isfinite(limit):
        raise GoldError(f"--fail-under {text}: expected {name}=NUMBER, such as {name}=0.85")
    return name, limit


def check_limits(limits: Sequence[tuple[str, float]], results: Results, err: Console) -> int:
    """Compare the assistant's figures with the limits: below them, or above where less is better, is not met."""
    status = PASSED
    for name, limit in limits:
        measure, estimate = BY_NAME[name], results.product.get(name)
        if estimate is None:
            err.print(f"not met: {name} can't be measured on these questions")
            status = BELOW
        elif (estimate.value - limit) * (measure.better or 1) < 0:
            side = "above" if measure.better < 0 else "below"
            err.print(f"not met: {name} is {shown(estimate.value, measure)}, {side} {shown(limit, measure)}")
            status = BELOW
    return status


@contextmanager
def progress(console: Console, label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar with the time left; yields what is called with (done, total)."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
