"""What every reader makes of a file: its text, and what the file says of itself. And how bytes become text."""

from __future__ import annotations

from dataclasses import dataclass

from index.errors import ReadError
from index.types import Place


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a reader gets out of a file.

    `text` of a text file is the decoded file, untouched, so offsets hold in the file itself. `body` is where the text
    proper begins (behind front matter or a date line). `comments` is where readers' comments begin, if the format
    marks them; None where it can't tell. `places` are the pages and sections, by `start`. `set_aside` tells what of the
    file is not in the text, and why ("running head on 12 pages: ACME Annual Report"). Keywords only classify an
    `article`; in data and messages they are a part of it. `scanned` are the pages, from 1, whose words
    aren't in the text, since they are pictures on which they are yet to be recognised (`index/scans.py`).
    """

    text: str
    title: str | None = None
    date: str | None = None
    body: int = 0
    comments: int | None = None
    places: tuple[Place, ...] = ()
    set_aside: tuple[str, ...] = ()
    article: bool = True
    scanned: tuple[int, ...] = ()


def decode(data: bytes) -> str:
    """Decode a text file: UTF-8, then UTF-16/32 by their byte-order mark, then the most likely 8-bit encoding."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _decode_other(data)
    if "\x00" in text:
        raise ReadError("not a text file: it holds binary data")
    return text


def _decode_other(data: bytes) -> str:
    for mark, encoding in ((b"\xff\xfe\x00\x00", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as error:
                raise ReadError(f"damaged {encoding.upper()} text: {error.reason}") from None
    if b"\x00" in data:
        raise ReadError("not a text file: it holds binary data")
    if western := _western(data):
        return western
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None:
        raise ReadError("unknown text encoding; save it as UTF-8")
    return str(best)


# What cp1252 adds to ASCII in French, German, Spanish, Italian, Portuguese and the typography of all of them.
_WESTERN = frozenset("éèêëàâäçîïôöùûüœæßñáíóúãõìòåøÉÈÊÀÂÄÇÎÔÖÙÜŒÆÑÁÍÓÚÅØ€«»“”„‘’‚…–—·°§¿¡\xa0")


def _western(data: bytes) -> str | None:
    """Decode as cp1252 if what comes out looks written: few letters beyond ASCII, nearly all of them common ones.

    Detectors take short Western texts for the likes of ISO 8859-14, where the same bytes are letters as well.
    """
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    beyond = [c for c in text if not c.isascii()]
    letters = sum(c.isalpha() for c in text)
    common = sum(c in _WESTERN for c in beyond)
    foreign = sum(c.isalpha() for c in beyond)
    return text if common >= 0.9 * len(beyond) and foreign <= 0.3 * letters else None
