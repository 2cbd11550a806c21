"""What a page of a PDF prints, and where each character stands. Knows pdfium's text pages, nothing of reading order."""

from __future__ import annotations

import ctypes
import math
import re
from array import array
from collections import Counter, deque
from collections.abc import Callable, Sequence
from itertools import repeat
from operator import neg
from typing import TYPE_CHECKING, Any, TypeVar

from index.layout import NOTE, Box, Measure, Sides

if TYPE_CHECKING:
    import pypdfium2

T = TypeVar("T")

_NO_TEXT = re.compile(rf"[\ud800-\udfff{NOTE}]")
_SPACE = 32
_SAMPLE = 16  # characters of a page by which it is told how its lines run


def bounds(page: pypdfium2.PdfPage) -> Box:
    """Return where a page begins and ends, as it is seen."""
    return seen(page, page.get_bbox())


def seen(page: pypdfium2.PdfPage, box: Box) -> Box:
    """Return a box on a page as it is seen."""
    return _turned(box, page.get_rotation(), neg)


def upright(page: pypdfium2.PdfPage) -> pypdfium2.PdfTextPage:
    """Open a page's text; a page most of whose lines run down, up or upside down is turned so that they don't."""
    import pypdfium2

    raw: Any = pypdfium2.raw
    textpage = page.get_textpage()
    size = max(0, raw.FPDFText_CountChars(textpage))
    sample = range(0, size, max(1, size // _SAMPLE))
    angles = [
        round(math.degrees(raw.FPDFText_GetCharAngle(textpage, n)))
        for n in sample
        if raw.FPDFText_GetUnicode(textpage, n) > _SPACE
    ]
    angle, times = Counter(angles).most_common(1)[0] if angles else (0, 0)
    turn = -angle % 360
    if turn % 90 or times * 2 <= len(angles) or turn == page.get_rotation():
        return textpage
    textpage.close()
    page.set_rotation(turn)
    return page.get_textpage()


def printed(page: pypdfium2.PdfPage, textpage: pypdfium2.PdfTextPage) -> tuple[str, Measure]:
    """Return a page's text as it was printed, and the function that tells where its characters stand."""
    import pypdfium2

    raw: Any = pypdfium2.raw
    size = max(0, raw.FPDFText_CountChars(textpage))
    buffer = (ctypes.c_ushort * (2 * size + 2))()
    written = raw.FPDFText_GetText(textpage, 0, size, buffer) if size else 0
    text = bytes(buffer)[: 2 * max(0, written - 1)].decode("utf-16-le", "surrogatepass")
    return _NO_TEXT.sub("\0", text), _measure(textpage, page.get_rotation(), len(text) == size)


def _measure(textpage: pypdfium2.PdfTextPage, turn: int, aligned: bool) -> Measure:
    """Make the function that tells where the characters at some offsets of a page's text stand, as it is seen."""
    import pypdfium2

    raw: Any = pypdfium2.raw
    # Called by addresses, and without letting other threads in for each: half of what pypdfium2's own way costs.
    prototype = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
    measure = ctypes.cast(raw.FPDFText_GetLooseCharBox, prototype)
    index = raw.FPDFText_GetCharIndexFromTextIndex
    handle = ctypes.cast(textpage.raw, ctypes.c_void_p).value
    size = ctypes.sizeof(raw.FS_RECTF)

    def boxes(offsets: Sequence[int]) -> Sides:
        if not aligned:
            offsets = [index(textpage.raw, offset) for offset in offsets]
        numbers = array("f", bytes(size * len(offsets)))
        first, _ = numbers.buffer_info()
        deque(map(measure, repeat(handle), offsets, range(first, first + size * len(offsets), size)), maxlen=0)
        left, top, right, bottom = (numbers[side::4].tolist() for side in range(4))
        return _turned((left, bottom, right, top), turn, lambda side: [-x for x in side])

    return boxes


def _turned(box: tuple[T, T, T, T], turn: int, minus: Callable[[T], T]) -> tuple[T, T, T, T]:
    """Turn a box, or many, as the page is turned, by 0, 90, 180 or 270 degrees clockwise."""
    left, bottom, right, top = box
    if turn == 90:
        return bottom, minus(right), top, minus(left)
    if turn == 180:
        return minus(right), minus(top), minus(left), minus(bottom)
    return (minus(top), left, minus(bottom), right) if turn == 270 else box
