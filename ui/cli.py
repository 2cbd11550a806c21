"""The command line: arguments in, text or JSON out, errors as one line. Holds no logic of its own.

Exit status: 0 answered, 1 not answered, 2 bad usage or input. Messages go to stderr, so stdout is always the answer.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from index.errors import RagError, UsageError
from index.scope import EVERYTHING, Scope
from rag.address import recipient
from rag.settings import NONE, Settings, load_settings, told
from ui.doctor import doctor
from ui.models import app as models_app
from ui.terminal import say, visible

if TYPE_CHECKING:
    from index.embedder import EmbeddingModel
    from index.library import Library
    from rag.answer import Answer
    from rag.assistant import Assistant
    from rag.generator import Message

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Ask your own documents. Every sentence of the answer points at the exact words of a dated source,
and what the documents do not say is not said. Nothing leaves this machine.

[bold]Begin with[/bold]

  rag index ~/Documents/articles        read a folder (again: only what has changed)

  rag ask "what does Russia demand?"    an answer with its sources

  rag chat                              one question after the other
""",
    epilog="Settings: rag.toml in the current folder, RAG_* environment variables, or the options of each command; "
    "“rag settings” shows them, “rag models” the models to choose from.",
)
app.add_typer(models_app, name="models")

LibraryOption = Annotated[
    str | None, typer.Option("--library", "-l", metavar="NAME_OR_PATH", help="Which library; default: “default”.")
]
EmbedderOption = Annotated[
    str | None,
    typer.Option(metavar="NAME_OR_FOLDER", help="Embedding model: “packaged”, one of “rag models”, or a folder."),
]
GeneratorOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|GGUF|URL", help="Language model: “packaged”, “none”, one of “rag models”, a file, or a server."
    ),
]
RerankerOption = Annotated[
    str | None,
    typer.Option(metavar="NAME_OR_FOLDER", help="Reranker: “none”, one of “rag models”, or the folder of one."),
]
EntailmentOption = Annotated[
    str | None,
    typer.Option(metavar="NAME_OR_FOLDER", help="Entailment model: “none”, one of “rag models”, or the folder of one."),
]
AnswerOption = Annotated[
    str | None,
    typer.Option("--answer", metavar="STYLE", help="“written” (checked prose), “quotes” (no model) or “auto”."),
]
ThreadsOption = Annotated[int | None, typer.Option(metavar="N", help="Processor threads; 0: all.")]
FromOption = Annotated[
    str | None,
    typer.Option("--from", metavar="DATE", help="Only documents from this day on: YYYY, YYYY-MM or YYYY-MM-DD."),
]
UntilOption = Annotated[
    str | None,
    typer.Option("--until", metavar="DATE", help="Only documents up to this day, or to the end of this month or year."),
]
LanguageOption = Annotated[
    list[str] | None,
    typer.Option("--language", metavar="CODE", help="Only documents in this language (en, fr); may be repeated."),
]
PathOption = Annotated[
    list[str] | None,
    typer.Option(
        "--path", metavar="GLOB", help="Only these files or folders: reports, '*.pdf', 'reports/**'; may be repeated."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def main() -> None:
    """Run the command line; turn errors into one line and an exit status."""
    try:
        app()
    except RagError as error:
        say(f"rag: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # the reader of our output has left (rag search … | head)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


@app.callback(invoke_without_command=True)
def version(show: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Print the version if that is asked."""
    if show:
        from importlib.metadata import version

        say(f"rag {version('chapterverse')}")
        raise typer.Exit


@app.command("index")
def index_(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="PATH...", help="Files and folders to read.")] = None,
    library: LibraryOption = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep documents whose files have vanished.")] = False,
    exclude: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Leave out what matches this line of a .gitignore file. May be repeated."),
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Only embed what is in with the embedding model chosen since.")
    ] = False,
    forget_models: Annotated[
        bool, typer.Option("--forget-models", help="Drop the vectors of all embedding models but the one in use.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Stay, and follow every change of the files until Ctrl-C.")
    ] = False,
    embedder: EmbedderOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Bring a library in step with files and folders: add, update, remove.

    Only what has changed is read and embedded again. Interrupt it whenever you like: what was done stays done, and
    the next run goes on from there.

    After another embedding model was chosen, the whole library is embedded with it first, also where no PATH is named;
    until that is complete, questions are answered with the former one. Its vectors are kept, so going back takes no
    time.

    Patterns that are to hold at every run belong in a file .ragignore, in any folder; .gitignore files are followed
    too. What is left out, or is so from now on, isn't in the library.
    """
    from index.embedder import EmbeddingModel
    from index.library import Library
    from index.places import DATABASE
    from index.switch import pending
    from index.sync import SyncReport, sync
    from ui.indexing import summary_lines

    settings = load_settings({"library": library, "embedder": embedder, "threads": threads})
    folder = settings.library_folder
    if not paths and (watch or not (rebuild or forget_models or (folder / DATABASE).is_file())):
        raise _unnamed(watch)
    for path in paths or []:
        if not path.expanduser().exists():
            raise UsageError(f"no such file or folder: {path}")
    model = EmbeddingModel.open(settings.embedder, settings.threads)
    report = SyncReport()
    try:
        with closing(Library.create(folder) if paths else Library.open(folder)) as opened:
            if not (paths or rebuild or forget_models or pending(opened, model)):
                raise _unnamed(watch)
            with _progress() as tell:
                _switch(opened, model, tell)
                if forget_models:
                    _forget_models(opened)
                if paths and not watch:
                    report = sync(
                        opened,
                        paths,
                        model,
                        keep=keep,
                        exclude=exclude or (),
                        on_progress=tell.file,
                        on_stage=tell.stage,
                    )
            if paths and watch:
                _follow(opened, paths, model, keep, exclude or ())
                return
            lines = summary_lines(report, paths or (), folder, *opened.store.counts())
    except KeyboardInterrupt:
        say("Stopped. What was done is kept; run the same command again to go on.", file=sys.stderr)
        raise typer.Exit(130) from None
    say(*lines, file=sys.stderr)
    if paths and not report.readable:
        raise UsageError(f"nothing to read in {', '.join(map(str, paths))}")


def _unnamed(watch: bool) -> UsageError:
    what, option = ("watch", " --watch") if watch else ("read", "")
    return UsageError(f"name what to {what}, for example: rag index ~/Documents{option}")


def _switch(library: Library, model: EmbeddingModel, tell: _Progress) -> None:
    """Have a library answer with the embedding model of the settings, embedding what it has no vectors of."""
    from index.switch import pending, switch

    former = library.store.embedder
    if former and pending(library, model):
        tell.note(f"Embedding the library with {model.name}; until that is done, {former.name} finds the passages.")
        count = switch(library, model, tell.passages, tell.stage)
        tell.note(f"{model.name} finds the passages from now on ({count} embedded); what {former.name} made is kept.")


def _forget_models(library: Library) -> None:
    from index.switch import forget_others

    forgotten = forget_others(library)
    for kept in forgotten:
        say(f"Dropped the vectors of {kept.embedder.name}: {kept.size / 2**20:.1f} MB.", file=sys.stderr)
    if not forgotten:
        say("No other model's vectors are kept.", file=sys.stderr)


def _follow(library: Library, paths: Sequence[Path], model: EmbeddingModel, keep: bool, exclude: Sequence[str]) -> None:
    """Index, and then tell of each batch of changes until Ctrl-C, or until a service manager says to end."""
    from index.watch import watch
    from ui.indexing import batch_line, summary_lines

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    followed = False
    try:
        with ExitStack() as bar:
            tell = bar.enter_context(_progress())
            for batch in watch(
                library,
                paths,
                model,
                keep=keep,
                exclude=exclude,
                on_note=tell.note,
                on_progress=tell.file,
                on_stage=tell.stage,
            ):
                if followed:
                    say(batch_line(batch, datetime.now()), file=sys.stderr)
                else:
                    bar.close()
                    lines = summary_lines(batch.report, paths, library.folder, *library.store.counts())
                    say(*lines, file=sys.stderr)
                    followed = True
    except KeyboardInterrupt:
        if not followed:
            raise
        say("Stopped watching. What was done is kept; the same command goes on from there.", file=sys.stderr)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question; “-” reads one a line from standard input.")],
    library: LibraryOption = None,
    since: FromOption = None,
    until: UntilOption = None,
    language: LanguageOption = None,
    path: PathOption = None,
    as_json: JsonOption = False,
    answer: AnswerOption = None,
    generator: GeneratorOption = None,
    embedder: EmbedderOption = None,
    reranker: RerankerOption = None,
    entailment: EntailmentOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Answer a question from the library, with sources.

    Exit status 0: answered. 1: not in the documents, or not for sure. 2: bad input.
    """
    from rag.assistant import open_assistant, usable

    settings = _settings(library, embedder, generator, answer, threads, reranker, entailment)
    scope = Scope.of(since, until, language or (), path or ())
    if question != "-":
        usable(question)
        with _quiet_interrupt():
            assistant = open_assistant(settings)
            _check_scope(assistant.library, scope)
            given = _ask_json(assistant, question, scope, 2) if as_json else _show(assistant, question, scope)
            raise typer.Exit(0 if given.outcome in ("answered", "partly") else 1)
    with _quiet_interrupt():
        assistant = open_assistant(settings)
        _check_scope(assistant.library, scope)
        outcomes = [
            (_ask_json(assistant, line, scope, None) if as_json else _show(assistant, line, scope)).outcome
            for line in map(str.strip, sys.stdin)
        ]
        raise typer.Exit(0 if all(outcome in ("answered", "partly") for outcome in outcomes) else 1)


@app.command()
def search(
    words: Annotated[str, typer.Argument(help="What to look for.")],
    library: LibraryOption = None,
    count: Annotated[int, typer.Option("-k", min=1, help="How many passages.")] = 10,
    since: FromOption = None,
    until: UntilOption = None,
    language: LanguageOption = None,
    path: PathOption = None,
    as_json: JsonOption = False,
    embedder: EmbedderOption = None,
    reranker: RerankerOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Show the passages nearest to some words, without an answer. Exit status 1 when there is none."""
    from rag.assistant import open_assistant, usable
    from rag.contract import passage_to_json
    from ui.render import passage_lines

    usable(words)
    scope = Scope.of(since, until, language or (), path or ())
    assistant = open_assistant(_settings(library, embedder, None, "quotes", threads, reranker))
    _check_scope(assistant.library, scope)
    passages = assistant.searcher.search(words, count, scope)
    if as_json:
        say(json.dumps([passage_to_json(passage) | {"text": passage.text} for passage in passages], indent=2,
                         ensure_ascii=False))  # fmt: skip
    else:
        say("\n".join(passage_lines(passages, _width())))
    raise typer.Exit(0 if passages else 1)


@app.command()
def chat(
    library: LibraryOption = None,
    since: FromOption = None,
    until: UntilOption = None,
    language: LanguageOption = None,
    path: PathOption = None,
    answer: AnswerOption = None,
    generator: GeneratorOption = None,
    embedder: EmbedderOption = None,
    reranker: RerankerOption = None,
    entailment: EntailmentOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Ask one question after the other. Ctrl-C stops an answer, Ctrl-D ends the chat."""
    from rag.assistant import open_assistant
    from rag.generator import Message

    scope = Scope.of(since, until, language or (), path or ())
    _line_editing()
    assistant = open_assistant(_settings(library, embedder, generator, answer, threads, reranker, entailment))
    _check_scope(assistant.library, scope)
    documents, _ = assistant.library.store.counts()
    extent = assistant.library.within(scope)
    searched = f"{len(extent.paths)} of {documents} documents ({scope})" if extent else f"{documents} documents"
    say(f"{searched}. Ctrl-C stops an answer, Ctrl-D ends the chat.", file=sys.stderr)
    history: list[Message] = []
    while True:
        try:
            question = input("\n> ")
        except EOFError:
            say("", file=sys.stderr)
            return
        except KeyboardInterrupt:
            say("  (Ctrl-D ends the chat)", file=sys.stderr)
            continue
        if not question.strip():
            continue
        try:
            given = _show(assistant, question, scope, history)
            history += [Message("user", question), Message("assistant", given.text)]
        except KeyboardInterrupt:
            say("\nStopped.", file=sys.stderr)
        except UsageError as error:
            say(f"rag: {error}", file=sys.stderr)


@app.command()
def web(
    library: LibraryOption = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port; by default the first free one from 7860 on.")
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; beyond this machine only with --password.")
    ] = "127.0.0.1",
    password: Annotated[
        str | None, typer.Option(envvar="RAG_WEB_PASSWORD", help="What visitors must know; any user name will do.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    answer: AnswerOption = None,
    generator: GeneratorOption = None,
    embedder: EmbedderOption = None,
    reranker: RerankerOption = None,
    entailment: EntailmentOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Ask in the browser: a chat page on this machine, which nobody else can reach."""
    from index.embedder import EmbeddingModel
    from index.library import Library
    from rag.assistant import open_assistant
    from ui.web import serve

    settings = _settings(library, embedder, generator, answer, threads, reranker, entailment)
    Library.create(settings.library_folder).close()  # the page can begin an empty one
    model = EmbeddingModel.open(settings.embedder, settings.threads)
    model.prepare_questions(lambda text: say(text, file=sys.stderr))  # before the first question, not after it
    flags = {"library": library, "embedder": embedder, "generator": generator, "answer": answer, "threads": threads}
    assistant = open_assistant(settings, warn=lambda _: None)
    if (own := assistant.library.store.embedder) and own.fingerprint != model.fingerprint:
        say(f"{own.name} finds the passages until all are embedded with {model.name}, in the background.",
              file=sys.stderr)  # fmt: skip
    serve(assistant, model, told(flags), host=host, port=port, password=password, open_browser=browser)


@app.command()
def status(
    library: LibraryOption = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name every document.")] = False,
) -> None:
    """Tell what a library holds, and which files could not be read."""
    from index.copies import Copies
    from index.embedder import runtime_of
    from index.embedders import Embedders
    from index.library import Library
    from ui.render import origin, unread

    folder = load_settings({"library": library}).library_folder
    with closing(Library.open(folder)) as opened:
        store = opened.store
        documents, chunks = store.counts()
        size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
        say(f"Library    {folder}  ({size / 2**20:.1f} MB)")
        say(f"Documents  {documents}, in {chunks} passages")
        say(f"Languages  {' '.join(store.languages()) or '-'}")
        own = store.embedder
        runtime = runtime_of(own.fingerprint) if own else None
        say(f"Embedder   {own.name if own else '-'}{f', run here by {runtime}' if runtime else ''}")
        problems = [(record.path, record.problem) for record in store.files().values() if record.problem]
        if verbose:
            for kept in Embedders(store).kept():
                part = "" if kept.chunks == chunks else f"of {kept.chunks} passages, "
                say(f"Vectors    {kept.embedder.name}: {part}{kept.size / 2**20:.1f} MB")
            for document in store.documents().values():
                say(f"  {document.language}  {origin(document.title, document.date, document.name)}")
            for copy in Copies(store).all().values():
                say(f"Near copy  {copy.path}: of {copy.of} ({copy.percent}% the same)")
            for path, noted in store.set_aside().items():
                say(f"Set aside  {path}: {'; '.join(noted)}")
        if problems:
            say(f"Not read   {len(problems)}")
            for path, problem in problems if verbose else unread(problems):
                say(f"  {path}: {problem}")


@app.command()
def remove(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files or folders to forget.")],
    library: LibraryOption = None,
) -> None:
    """Take files or whole folders out of the library. The files themselves are left alone."""
    from index.library import Library
    from index.sync import remove as remove_

    with closing(Library.open(load_settings({"library": library}).library_folder)) as opened:
        gone = remove_(opened, paths)
    if not gone:
        raise UsageError(f"not in the library: {', '.join(map(str, paths))}; see: rag status --verbose")
    say(f"Removed {len(gone)} files from the library.", file=sys.stderr)


@app.command("settings")
def settings_(
    library: LibraryOption = None,
    answer: AnswerOption = None,
    generator: GeneratorOption = None,
    embedder: EmbedderOption = None,
    reranker: RerankerOption = None,
    entailment: EntailmentOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Show each setting and where its value comes from."""
    flags = {"library": library, "embedder": embedder, "generator": generator, "answer": answer, "threads": threads}
    flags |= {"reranker": reranker, "entailment": entailment}
    for one in told(flags):
        say(f"{one.name:10} {one.value:30} {one.origin}")


app.command()(doctor)


@app.command("eval")
def eval_(
    gold: Annotated[
        Path | None,
        typer.Argument(help="Gold questions: project JSONL, SQuAD JSON, RGB JSONL, a BEIR folder, or a TREC folder."),
    ] = None,
    documents: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Build a library of this folder, for this run alone.")
    ] = None,
    library: LibraryOption = None,
    form: Annotated[
        str | None,
        typer.Option("--format", help="Where the file doesn't tell: beir, trec, squad, rgb, rgb-negatives, project."),
    ] = None,
    from_feedback: Annotated[
        bool,
        typer.Option("--from-feedback", help="Ask nothing: print the library's rated answers as candidate questions."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Folder of the run; a new one below eval-runs/ by default. With --from-feedback: a new file.",
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")] = False,
    against: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Compare with another run, question by question.")
    ] = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(metavar="MEASURE=NUMBER", help="Exit with 1 when a measure is worse: nugget_recall=0.85"),
    ] = None,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="Also run the naive pipeline: four passages pasted, no check.")
    ] = False,
    standalone: Annotated[
        bool, typer.Option("--standalone", help="Also ask follow-up questions in full, without their history.")
    ] = False,
    retrieval_only: Annotated[bool, typer.Option("--retrieval-only", help="Measure the ranking alone.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Ask only the first N questions.")] = None,
    since: FromOption = None,
    until: UntilOption = None,
    language: LanguageOption = None,
    path: PathOption = None,
    answer: AnswerOption = None,
    generator: GeneratorOption = None,
    embedder: EmbedderOption = None,
    reranker: RerankerOption = None,
    entailment: EntailmentOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Ask gold questions and report how good the answers are: tables here, everything else in the run's folder."""
    from eval.command import EvalOptions, evaluate

    scope = Scope.of(since, until, language or (), path or ())
    if from_feedback:
        if gold or documents or scope != EVERYTHING:
            raise UsageError(
                "--from-feedback makes questions of a library's own: leave out GOLD, --documents and filters"
            )
        _export_feedback(load_settings({"library": library}).library_folder, out)
        return
    if gold is None:
        raise UsageError("name the questions, for example: rag eval questions.jsonl")
    options = EvalOptions(
        gold=gold,
        settings=_settings(None, embedder, generator, answer, threads, reranker, entailment),
        documents=documents,
        library=library,
        format=form,
        out=out,
        resume=resume,
        against=against,
        fail_under=tuple(fail_under or ()),
        baseline=baseline,
        standalone=standalone,
        retrieval_only=retrieval_only,
        limit=limit,
        scope=scope,
    )
    raise typer.Exit(evaluate(options))


def _export_feedback(folder: Path, out: Path | None) -> None:
    from eval.feedback import export
    from index.library import Library

    with closing(Library.open(folder)) as opened:
        told = export(opened, out)
    say(told, file=sys.stderr)


def _settings(
    library: str | None,
    embedder: str | None,
    generator: str | None,
    answer: str | None,
    threads: int | None,
    reranker: str | None = None,
    entailment: str | None = None,
) -> Settings:
    flags = {"library": library, "embedder": embedder, "generator": generator, "answer": answer, "threads": threads}
    settings = load_settings(flags | {"reranker": reranker, "entailment": entailment})
    if settings.writes and (host := recipient(settings.generator)):
        say(f"Questions and quoted passages are sent to {host}: they leave this machine.", file=sys.stderr)
    return replace(settings, answer="quotes") if settings.generator == NONE else settings


def _check_scope(library: Library, scope: Scope) -> None:
    """Tell of documents that a filter leaves out unasked. Raises UsageError when this library has no use for it."""
    extent = library.within(scope)
    if extent and extent.undated:
        left_out = "1 undated document is" if extent.undated == 1 else f"{extent.undated} undated documents are"
        say(f"{left_out} left out", file=sys.stderr)


def _ask_json(assistant: Assistant, question: str, scope: Scope, indent: int | None) -> Answer:
    from rag.answer import Answer
    from rag.contract import answer_to_json

    try:
        answer = assistant.ask(question, scope=scope)
    except UsageError as error:  # one bad line among many: the others still get their answers, in order
        answer = Answer(question, (), (), "failed", reason=str(error), scope=scope)
    say(json.dumps(answer_to_json(answer, assistant.models), ensure_ascii=False, indent=indent), flush=True)
    return answer


def _show(assistant: Assistant, question: str, scope: Scope, history: Sequence[Message] = ()) -> Answer:
    """Print an answer as it settles: each statement once it is checked, then the sources."""
    from rag.answer import Answer, Checked, Found, Piece, Quote
    from ui.render import closing_lines, heading_lines, source_lines, statement_line

    numbers: dict[Quote, int] = {}
    draft = ""
    shown: list[str] = []
    with closing(assistant.stream(question, history, scope=scope)) as events, _status("Searching…") as status_:
        for event in events:
            if isinstance(event, Found):
                status_(f"Reading {len(event.passages)} passages…")
            elif isinstance(event, Piece):
                draft += event.text
                status_(f"Checking what is written: …{' '.join(draft.split())[-60:]}")
            elif isinstance(event, Checked):
                shown.append(statement_line(event.statement, numbers))
            elif isinstance(event, Answer):
                answer = event
    if heading := list(heading_lines(answer)):
        say("\n".join(heading) + ("\n" if shown else ""))
    say("\n".join(shown))
    if numbers:
        say("\nSources")
    for line in [*source_lines(numbers, _width()), *closing_lines(answer, _width())]:
        say(line)
    sys.stdout.flush()
    return answer


class _Progress:
    """Tells of an index run: a bar on a terminal, nothing in a pipe (the summary follows anyway)."""

    def __init__(self, bar: Any) -> None:  # noqa: ANN401 - a rich Progress, imported only when it is shown
        self._bar = bar
        self._task = bar.add_task("Loading the embedding model", total=None) if bar else None

    def file(self, progress: Any) -> None:  # noqa: ANN401 - an index.sync.Progress
        if self._bar:
            name = visible(Path(progress.path).name[:40])
            self._bar.update(self._task, total=progress.total, completed=progress.done, description=name)

    def passages(self, done: int, total: int) -> None:
        if self._bar:
            self._bar.update(self._task, total=total, completed=done, description="Embedding passages")

    def stage(self, text: str) -> None:
        if self._bar:
            self._bar.update(self._task, description=visible(text))
        else:
            say(text, file=sys.stderr)

    def note(self, text: str) -> None:
        say(text, file=sys.stderr)


@contextmanager
def _progress() -> Iterator[_Progress]:
    if not sys.stderr.isatty():
        yield _Progress(None)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class _Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.1f}/s" if task.speed else "")

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Progress(bar)


@contextmanager
def _status(text: str) -> Iterator[Any]:
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status(text) as shown:
        yield lambda new: shown.update(escape(visible(new)))


@contextmanager
def _quiet_interrupt() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        say("Stopped.", file=sys.stderr)
        raise typer.Exit(130) from None


def _line_editing() -> None:
    """Give input() line editing and history, where the platform has it."""
    with suppress(ImportError):
        import readline  # noqa: F401


def _width() -> int:
    return min(shutil.get_terminal_size((100, 24)).columns, 110)


if __name__ == "__main__":
    main()
