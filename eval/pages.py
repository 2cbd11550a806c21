"""How often the page that answers a question is found, in PDF files: ours next to the usual way.

    python -m eval.pages FOLDER [LIBRARY]

FOLDER holds PDF files and questions.jsonl, one object a line: "question", "document" (a file name) and "pages", the
zero-based pages that hold the evidence (as in FinanceBench, Islam et al. 2023, arXiv 2311.11944). A question is a hit
at k when one of the first k passages begins on a page that holds evidence. The usual way: pdfium's bare text, page by
page, cut every 512 characters with 64 repeated, and the same embedding model alone. With LIBRARY, a folder that is kept
from run to run, only what has changed is read again, and only ours is measured.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from eval.fields import Fields, json_lines
from rag.settings import Settings

if TYPE_CHECKING:
    from index.embedder import EmbeddingModel

Page = tuple[str, int]  # file name, page from 1
CUTOFFS = (1, 5, 10)
_SIZE, _OVERLAP = 512, 64
_STEP = 128  # chunks embedded before it is told how far they are
_EVERY = 5.0  # seconds


def read_questions(path: Path) -> list[tuple[str, frozenset[Page]]]:
    """Read the questions with their evidence pages. Raises GoldError."""
    found = []
    for place, value in json_lines(path):
        row = Fields.of(value, place)
        pages = row.values.get("pages")
        if not isinstance(pages, list) or not all(isinstance(page, int) for page in pages):
            raise row.wrong("pages", "a list of numbers")
        found.append((row.text("question"), frozenset((row.text("document"), page + 1) for page in pages)))
    return found


def hits(rankings: Sequence[Sequence[Page]], evidence: Sequence[frozenset[Page]], k: int) -> float:
    """Compute the share of questions with an evidence page among the first k."""
    return sum(not gold.isdisjoint(ranking[:k]) for ranking, gold in zip(rankings, evidence, strict=True)) / len(
        evidence
    )


def ours(folder: Path, library: Path) -> Callable[[str], list[Page]]:
    """Index the PDF files as `rag index` does, not the questions; the function returned ranks as `rag ask` does."""
    from index.embedder import EmbeddingModel
    from index.library import Library
    from index.sync import sync
    from rag.assistant import open_assistant

    settings = Settings(library=str(library), generator="none")
    tell = _teller()
    with closing(Library.create(library)) as opened:
        model = EmbeddingModel.open(settings.embedder, settings.threads)
        files = sorted(folder.glob("*.pdf"))
        report = sync(opened, files, model, on_stage=tell, on_step=lambda path, _: tell(f"indexing {Path(path).name}"))
    if report.failed:
        raise SystemExit("\n".join(f"{path}: {reason}" for path, reason in report.failed))
    assistant = open_assistant(settings)
    return lambda question: [(p.document.name, p.place.page or 0) for p in assistant.rank(question)]


def usual(folder: Path, model: EmbeddingModel) -> Callable[[str], list[Page]]:
    """Cut bare text to a fixed size and rank by the embedding alone."""
    import numpy as np
    import pypdfium2

    tell = _teller()
    chunks: list[tuple[Page, str]] = []
    for path in sorted(folder.glob("*.pdf")):
        with pypdfium2.PdfDocument(path) as pdf:
            for number, page in enumerate(pdf, start=1):
                text = page.get_textpage().get_text_bounded()
                for start in range(0, max(1, len(text) - _OVERLAP), _SIZE - _OVERLAP):
                    chunks.append(((path.name, number), text[start : start + _SIZE]))
    encoded = []
    for start in range(0, len(chunks), _STEP):
        tell(f"embedding chunk {start:,} of {len(chunks):,}")
        encoded.append(model.encode_documents([text for _, text in chunks[start : start + _STEP]]))
    vectors = np.concatenate(encoded)

    def rank(question: str) -> list[Page]:
        scores = vectors @ model.question_encoder().encode([question])[0]
        return [chunks[i][0] for i in (-scores).argsort()[: max(CUTOFFS)]]

    return rank


def _teller() -> Callable[[str], None]:
    """Make what says on stderr what is under way, every few seconds."""
    said = 0.0

    def tell(text: str) -> None:
        nonlocal said
        if time.monotonic() - said >= _EVERY:
            said = time.monotonic()
            sys.stderr.write(f"{text}\n")

    return tell


def main(folder: Path, library: Path | None = None) -> None:
    """Print recall of the page at 1, 5 and 10, for both ways, or for ours alone in a library that is kept."""
    from index.embedder import EmbeddingModel

    questions = read_questions(folder / "questions.jsonl")
    evidence = [pages for _, pages in questions]
    with tempfile.TemporaryDirectory() as temporary:
        ways = {"ours": ours(folder, library or Path(temporary) / "library")}
        if library is None:
            ways[f"{_SIZE} characters, dense"] = usual(folder, EmbeddingModel.open("packaged"))
        print(f"page recall, {len(questions)} questions" + "".join(f"{'@' + str(k):>8}" for k in CUTOFFS))  # noqa: T201
        for name, rank in ways.items():
            rankings = [rank(question) for question, _ in questions]
            print(f"{name:27}" + "".join(f"{hits(rankings, evidence, k):8.3f}" for k in CUTOFFS))  # noqa: T201


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
