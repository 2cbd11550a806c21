"""Read PDF: its text in reading order, its pages and sections, what was left out. Knows pdfium; layout.py the lines."""

from __future__ import annotations

import re
import threading
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby, islice
from typing import TYPE_CHECKING, Any

from index import extras, recognised
from index.dates import header_date, parse_date
from index.errors import ReadError
from index.extras import OCR
from index.layout import Line, clean, flow, read_lines
from index.notes import notes
from index.parsed import Parsed
from index.printed import bounds, printed, upright
from index.recognised import Words
from index.running import without_running_heads
from index.types import Place

if TYPE_CHECKING:
    import pypdfium2

MAX_PAGES = 5_000
UNREAD = "scanned, and not recognised: "  # begins what is said of pages whose words could be known
_MARGIN = 0.15  # of a page's height, where running heads and feet stand
_STAMP = 60  # letters and figures; a page with fewer is a scan if a picture takes half of it
_TITLE_LINES = 3
_LOCK = threading.Lock()  # pdfium is not thread-safe

_NO_TITLE = re.compile(
    r"microsoft \w+ - |untitled|unknown|(?:slide|powerpoint|document|presentation)\d*$|\S+$|.*\.\w{2,5}$", re.IGNORECASE
)


def read_pdf(data: bytes, words: Mapping[int, Sequence[Words]] | None = None) -> Parsed:
    """Read a PDF; `words` were recognised on its scanned pages, by their numbers.

    The date is one stated in the text's head; where there is none, the day the file was made (CreationDate), which is
    the publication's own more often than the time stamp of a file that was copied about. Raises ReadError for a file
    that is encrypted, damaged, scanned without words on any page, or longer than MAX_PAGES; scanned pages whose words
    can still be recognised are no reason to.
    """
    with _LOCK:
        return _read(data, words or {})


def _read(data: bytes, words: Mapping[int, Sequence[Words]]) -> Parsed:
    pdf = opened(data)
    try:
        pdf.init_forms()  # before any page is opened; without it a field has no value
        return _parse(pdf, data, words)
    finally:
        pdf.close()


def opened(data: bytes) -> pypdfium2.PdfDocument:
    """Open a file's bytes. Raises ReadError for what is no PDF, damaged or encrypted."""
    import pypdfium2

    if not data.strip(b"\0\r\n\t "):
        raise ReadError("empty: no text in it")
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise ReadError("encrypted: needs a password") from None
        reason = re.search(r"PDFium: (.*?)\.?\)", str(error))
        raise ReadError(f"damaged, or not a PDF: {reason.group(1) if reason else error}") from None


def _parse(pdf: pypdfium2.PdfDocument, data: bytes, words: Mapping[int, Sequence[Words]]) -> Parsed:
    count = len(pdf)
    if count == 0:
        raise ReadError("damaged: no page in it")
    if count > MAX_PAGES:
        raise ReadError(f"too long: {count:,} pages, the limit is {MAX_PAGES:,}; split it")
    read = [_read_page(pdf, number, words.get(number, ())) for number in range(1, count + 1)]
    pages = [page.lines for page in read]
    scanned = [number for number, page in enumerate(read, start=1) if page.state == "scanned"]
    lost = [number for number, page in enumerate(read, start=1) if page.state == "lost"]
    unread = [number for number in scanned if number not in words]
    if len(lost) == count:
        raise ReadError("damaged: none of its pages can be read")
    if scanned and not any(pages) and not (unread and extras.has_ocr()):
        where = f"any of its {count} pages" if count > 1 else "its page"
        raise ReadError(f"scanned: no text on {where}{'' if words else f'; {OCR}'}")
    aside = []
    if unread:
        aside.append(f"{UNREAD}{_ranges(unread)}; {OCR}")
    if lettered := [number for number in scanned if words.get(number)]:
        aside.append(f"words recognised by OCR on {_ranges(lettered)}, perhaps with mistakes")
    if bare := [number for number in scanned if number in words and not words[number]]:
        aside.append(f"a picture without words: {_ranges(bare)}")
    if lost:
        aside.append(f"damaged: {_ranges(lost)} can't be read")
    if b"%%EOF" not in data[-2048:]:
        aside.append("cut off: the end of the file is missing, with the pages that were there")
    files = [clean(pdf.get_attachment(n).get_name()) for n in range(pdf.count_attachments())]
    aside += [f"file inside that isn't read: {name}" for name in chain(files, *(page.files for page in read)) if name]
    headline = _headline(pages[0])
    body, running = without_running_heads(pages, [page.margin for page in read])
    text, starts = flow([line for lines in body for line in lines])
    firsts = _page_starts(body, starts, len(text))
    metadata = pdf.get_metadata_dict()
    title = clean(metadata.get("Title", ""))
    day, begin = header_date(text)
    return Parsed(
        text,
        title=title if title and not _NO_TITLE.match(title) else headline,
        date=day or (None if 1 in scanned else _creation_day(metadata.get("CreationDate", ""))),
        body=begin,
        places=tuple(replace(place, ocr=bool(words.get(place.page or 0))) for place in _places(pdf, text, firsts)),
        set_aside=(*running, *aside),
        scanned=tuple(unread),
    )


@dataclass(frozen=True, slots=True)
class _Page:
    """A page's lines, the heights below and above which running heads stand, "lost" or "scanned", its files' names."""

    lines: list[Line]
    margin: tuple[float, float] = (0.0, 0.0)
    state: str = ""
    files: tuple[str, ...] = ()


def _read_page(pdf: pypdfium2.PdfDocument, number: int, words: Sequence[Words]) -> _Page:
    import pypdfium2

    raw: Any = pypdfium2.raw
    try:
        page = pdf[number - 1]
        turn = page.get_rotation()
        textpage = upright(page)
    except pypdfium2.PdfiumError:
        return _Page([], state="lost")
    written = notes(page)
    lines = read_lines(number, *written.after(*printed(page, textpage)))
    state = ""
    shown = (c for line in lines if not line.note for c in line.text if c.isalnum())
    if len(list(islice(shown, _STAMP))) < _STAMP:
        pictures = page.get_objects([raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)
        least = _area(bounds(page)) / 2 if not all(line.note for line in lines) else 0.0
        if any(_area(picture.get_bounds()) >= least for picture in pictures):
            state = "scanned"
            if words:
                page.set_rotation(turn)  # as its picture was seen
                lines = read_lines(number, *notes(page).after(*recognised.printed(words)))
    _, bottom, _, top = bounds(page)
    margin = (bottom + _MARGIN * (top - bottom), top - _MARGIN * (top - bottom))
    textpage.close()
    page.close()
    return _Page(lines, margin, state, written.files)


def _area(box: tuple[float, float, float, float]) -> float:
    left, bottom, right, top = box
    return (right - left) * (top - bottom)


def _headline(lines: Sequence[Line]) -> str | None:
    """Take the largest text of the first page as its title, if it is short and other text is smaller."""
    wordy = [line for line in lines if not line.note and sum(c.isalpha() for c in line.text) > 3]
    size = max((line.height for line in wordy), default=0.0)
    runs = [(large, list(run)) for large, run in groupby(wordy, key=lambda line: line.height > 0.95 * size)]
    largest = next((run for large, run in runs if large), [])
    title = " ".join(line.text for line in largest)
    return title if len(runs) > 1 and len(largest) <= _TITLE_LINES and len(title) <= 200 else None


def _page_starts(pages: Sequence[list[Line]], starts: Sequence[int], end: int) -> list[int]:
    """Find the offset at which each page begins; a page without text begins where the next one does."""
    firsts = []
    line = 0
    for lines in pages:
        firsts.append(starts[line] if line < len(starts) else end)
        line += len(lines)
    return firsts


def _places(pdf: pypdfium2.PdfDocument, text: str, firsts: Sequence[int]) -> Iterator[Place]:
    sections = sorted(_sections(pdf, text, firsts))
    offsets = [start for start, _ in sections]
    stated = [pdf.get_page_label(n) for n in range(len(firsts))]
    labels = [label if label != str(n) else None for n, label in enumerate(stated, start=1)]
    for n, first in enumerate(firsts):
        after = firsts[n + 1] if n + 1 < len(firsts) else len(text)
        if first == after:
            continue
        inner = range(bisect_left(offsets, first), bisect_left(offsets, after))
        if not inner or offsets[inner[0]] != first:
            section = sections[inner.start - 1][1] if inner.start else ""
            yield Place(first, n + 1, labels[n] or None, section)
        for i in inner:
            if i + 1 == len(offsets) or offsets[i + 1] != offsets[i]:  # of two at one place the inner one
                yield Place(offsets[i], n + 1, labels[n] or None, sections[i][1])


def _sections(pdf: pypdfium2.PdfDocument, text: str, firsts: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Yield each bookmark's place, where its title is found on its page or else the page's start, and its path."""
    path: list[str] = []
    for bookmark in pdf.get_toc():
        title = clean(bookmark.get_title())
        target = bookmark.get_dest()
        page = target.get_index() if target else None
        path = [*path[: bookmark.level], title]
        if page is None or not 0 <= page < len(firsts) or not title:
            continue
        after = firsts[page + 1] if page + 1 < len(firsts) else len(text)
        words = r"\s+".join(map(re.escape, title.split()))
        found = re.compile(rf"(?:(?<=\n)|(?<!.)){words}|\b{words}", re.IGNORECASE).search(text, firsts[page], after)
        yield found.start() if found else firsts[page], " > ".join(filter(None, path))


def _creation_day(stated: str) -> str | None:
    """Read "D:20230117185754Z" as "2023-01-17"."""
    found = re.match(r"(?:D:)?(\d{4})(\d{2})(\d{2})", stated)
    return parse_date("-".join(found.groups())) if found else None


def _ranges(numbers: Sequence[int]) -> str:
    """Write page numbers as "page 3" or "pages 3-7, 9"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    written = ", ".join("-".join(map(str, run)) for run in runs)
    return f"page{'s' * (len(numbers) > 1)} {written}"
