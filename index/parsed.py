"""What every reader makes of a file: its text, and what the file says of itself. And how bytes become text."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from index.encodings import decode_latin
from index.errors import ReadError
from index.types import Place

_CHANCE = 10  # letters; so few are made of any bytes
_SOUND = 4  # letters beyond ASCII that are whole, for each that isn't, in a damaged UTF-8 text


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
    """Decode a text file: UTF-8, UTF-16/32 by their byte-order mark or zeros, then the most likely 8-bit encoding."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _decode_other(data)
    if "\x00" in text:
        text = _utf16(data)
    return text


def _decode_other(data: bytes) -> str:
    for mark, encoding in ((b"\xff\xfe\x00\x00", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as error:
                raise ReadError(f"damaged {encoding.upper()} text: {error.reason}") from None
    if b"\x00" in data:
        return _utf16(data)
    repaired = data.decode("utf-8", "replace")
    if (bad := repaired.count("\ufffd")) * _SOUND < sum(not c.isascii() for c in repaired) - bad:
        return repaired  # a few bytes of it are damaged
    if (latin := decode_latin(data)) is not None:
        return latin
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None:
        raise ReadError("unknown text encoding; save it as UTF-8")
    return str(best)


def _utf16(data: bytes) -> str:
    """Decode UTF-16 without a mark, if it makes a text in one of the two ways. Raises ReadError."""
    found = []
    plain = data.isascii() and sum(byte < 9 for byte in data) < len(data) / 4  # pairs of letters make Chinese ones
    for encoding in () if plain else ("utf-16-le", "utf-16-be"):
        with suppress(UnicodeDecodeError):
            text = data.decode(encoding)
            letters = sum(c.isalpha() for c in text)
            if _CHANCE < len(text) < 2 * letters and all(c.isprintable() or c.isspace() for c in text):
                found.append(text)
    if not found:
        raise ReadError("not a text file: it holds binary data")
    return min(found, key=lambda text: len({ord(c) >> 8 for c in text}))  # a text is in one script, or two
