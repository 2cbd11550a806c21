"""A page of a PDF, or of a picture, as a picture, and where words of its text stand on it.

Drawn in a child process with the limits of `index/isolation.py`, whose answer is JSON: see `index/viewer.py`.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index import isolation, recognised
from index.errors import ReadError
from index.layout import Box, Measure, read_lines
from index.locate import Run, locate
from index.notes import notes
from index.pdf import opened
from index.printed import bounds, printed, upright
from index.readers import as_pdf
from index.recognised import Words

if TYPE_CHECKING:
    import pypdfium2

WIDTH = 1200  # pixels: two for each of those of a usual screen, where the page is some 600 wide
PIXELS = 3_000_000
_SIDE = 16_000  # pixels; WebP knows 16,383


def serve(seconds: float, megabytes: int) -> None:
    """Draw the pages that are asked for through standard input. To be run in a process of its own."""
    isolation.serve(seconds, megabytes, _work)


def _work(task: bytes, data: bytes) -> Mapping[str, Any]:
    wanted = json.loads(task)
    pdf = as_pdf(Path(wanted["path"]), data)
    return draw(pdf, wanted["page"], wanted["text"], wanted["spans"], wanted["words"])


def draw(
    data: bytes, number: int, text: str, spans: Sequence[tuple[int, int]], words: Sequence[Words] = ()
) -> dict[str, Any]:
    """Draw a page of a file, and find where spans of its text stand.

    Args:
        data: the file's bytes.
        number: of the page, from 1.
        text: the part of the document's text that is from this page.
        spans: start and end of each span in `text`.
        words: what was recognised on the page, if it is a scanned one.

    Returns:
        "count" of the file's pages; the page's "label", None where it is its number; "width" and "height" in pixels;
        the "picture", as WebP in base64; "marks", for each span its boxes (left, top, right and bottom, each from 0 to
        1 of the page, from the top left), None where it was not found.

    Raises:
        ReadError: the file or the page can't be opened.
    """
    import pypdfium2

    pdf = opened(data)
    try:
        count = len(pdf)
        if not 1 <= number <= count:
            raise ReadError(f"no page {number} of {count}")
        pdf.init_forms()  # what a form was filled in with is drawn by it
        page = pdf[number - 1]
        width, height, picture = _picture(page)
        label = pdf.get_page_label(number - 1)
        return {
            "count": count,
            "label": label if label and label != str(number) else None,
            "width": width,
            "height": height,
            "picture": picture,
            "marks": _marks(page, number, text, spans, words),
        }
    except pypdfium2.PdfiumError:
        raise ReadError(f"damaged: page {number} can't be opened") from None
    finally:
        pdf.close()


def _picture(page: pypdfium2.PdfPage) -> tuple[int, int, str]:
    width, height = (max(side, 1.0) for side in page.get_size())
    scale = min(WIDTH / width, math.sqrt(PIXELS / (width * height)), _SIDE / max(width, height))
    picture = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=True).to_pil().convert("RGB")
    file = BytesIO()
    picture.save(file, "WEBP", quality=80, method=0)
    return picture.width, picture.height, base64.b64encode(file.getvalue()).decode()


def _marks(
    page: pypdfium2.PdfPage, number: int, text: str, spans: Sequence[tuple[int, int]], words: Sequence[Words]
) -> list[list[Box] | None]:
    if not spans:
        return []
    turn = page.get_rotation()
    textpage = page.get_textpage() if words else upright(page)

    def read() -> tuple[str, Measure]:
        return notes(page).after(*(recognised.printed(words) if words else printed(page, textpage)))

    shown, measure = read()
    found = locate(read_lines(number, shown, measure), shown, text, spans)
    page.set_rotation(turn)  # as it is drawn
    _, measure = read()
    marks = [None if runs is None else _boxes(runs, measure, bounds(page)) for runs in found]
    textpage.close()
    return marks


def _boxes(runs: Sequence[Run], measure: Measure, bounds: Box) -> list[Box] | None:
    """Return a box around each run; None where one is not on the page."""
    left, bottom, right, top = bounds
    width, height = max(right - left, 1.0), max(top - bottom, 1.0)
    boxes = []
    for run in runs:
        lefts, bottoms, rights, tops = measure(run)
        x, x_end = (min(max((side - left) / width, 0.0), 1.0) for side in (min(lefts), max(rights)))
        y, y_end = (min(max((top - side) / height, 0.0), 1.0) for side in (max(tops), min(bottoms)))
        if not (x < x_end and y < y_end):
            return None
        boxes.append((x, y, x_end, y_end))
    return boxes
