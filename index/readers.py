"""Turn a file into text, with the title and date that the file states. Knows nothing of chunks, models or storage.

To read another format, write a function `bytes -> Parsed` and add its suffix to READERS.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path, PurePath

from index import extras
from index.books import read_epub
from index.compose import Headings
from index.dates import file_name_date, header_date, parse_date
from index.errors import ReadError
from index.gzipped import inflate
from index.kinds import ARCHIVES, is_archive, remedy
from index.mail import read_mailbox, read_message
from index.office import read_docx
from index.opendocument import read_odp, read_ods, read_odt
from index.parsed import Parsed, decode
from index.pdf import read_pdf
from index.pictures import SUFFIXES, WORDLESS, to_pdf
from index.recognised import Words
from index.records import read_json, read_json_lines
from index.rtf import read_rtf
from index.slides import read_pptx
from index.subtitles import read_subtitles
from index.tables import read_csv
from index.types import Place
from index.webpage import read_html, read_mhtml
from index.workbooks import read_xlsx

_LIBRARIES = ("beautifulsoup4", "charset-normalizer", "lxml", "openpyxl", "pypdfium2", "pyyaml", "striprtf")
_FEW_LETTERS = 12
MAX_MAILBOX = 256 * 2**20  # most of it are attachments as a rule, which are passed over quickly
MAX_BYTES = 64 * 2**20  # a larger text file is a log or a dump, and would hold up everything behind it


def read(path: Path, data: bytes, words: Mapping[int, Sequence[Words]] | None = None, *, alone: bool = False) -> Parsed:
    """Read a file's bytes by its suffix, and fill in title and date from the file's name where the text has none.

    `words` were recognised on its scanned pages; where all pages are, and they can still be recognised, it is without
    text. What is attached to a mail isn't read when that is to be read `alone`. Raises ReadError with the reason when
    the file can't be read.
    """
    if problem := why_not(path.name):
        raise ReadError(problem)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise ReadError("an archive: it can only be read member by member")
    if len(data) > (most := most_bytes(path.name)):
        raise ReadError(too_large(path.name, len(data), most))
    if reader is read_gzip:  # what it holds is known by the suffix within
        if path.with_suffix("").suffix.lower() == path.suffix.lower():
            raise ReadError("gzipped twice: unpack it once")
        return read(path.with_suffix(""), inflate(data, MAX_BYTES), words, alone=alone)
    if alone and holds_files(path):
        parsed = reader(data, alone=True)
    else:
        parsed = reader(data) if words is None else reader(data, words)
    if not (parsed.text[parsed.body :].strip() or parsed.scanned):
        raise ReadError("empty: no text in it")
    return replace(parsed, title=parsed.title or _title_from_name(path), date=parsed.date or file_name_date(path.name))


def identify(path: Path, data: bytes) -> str:
    """Hash a file's bytes together with the way they are read: the same bytes as .html and as .txt differ in text."""
    reader = READERS[path.suffix.lower()].__name__
    return hashlib.sha256(reader.encode() + b"\0" + data).hexdigest()[:16]


def fingerprint() -> str:
    """Tell these readers from those of another version, which may read what these can't: a hash, 16 hex digits."""
    digest = hashlib.sha256(sys.version.encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    for library in (*map(version, _LIBRARIES), extras.ocr_version()):
        digest.update(library.encode())
    return digest.hexdigest()[:16]


def why_not(name: str) -> str | None:
    """Tell why a file of this name isn't read, whatever it holds; None when it is."""
    suffix = PurePath(name).suffix.lower()
    if is_archive(name) or (suffix in READERS and remedy(name) is None):
        return None
    known = " ".join(sorted({*READERS, *ARCHIVES} - (set() if extras.has_ocr() else set(SUFFIXES))))
    return remedy(name) or f"unknown file type {suffix or '(no suffix)'}; known: {known}"


def most_bytes(name: str) -> int:
    """Return how large a file of this name may be, in bytes."""
    return MAX_MAILBOX if PurePath(name).suffix.lower() == ".mbox" else MAX_BYTES


def too_large(name: str, size: int, most: int) -> str:
    """Tell that a file of a size is larger than the `most` bytes that it may have, and what to do."""
    remedy = "save its mails as .eml files" if PurePath(name).suffix.lower() == ".mbox" else "split it"
    return f"too large: {size / 2**20:.0f} MB, the limit is {most // 2**20} MB; {remedy}"


def holds_files(path: Path) -> bool:
    """Tell whether a file of this name may have others attached, which are read with it."""
    return READERS.get(path.suffix.lower()) in (read_eml, read_mbox)


def read_text(data: bytes) -> Parsed:
    """Read plain text: a labelled date or a dateline at the top, and a headline if one stands alone on a line."""
    text = decode(data)
    day, body = header_date(text)
    headline = _HEADLINE.match(text, body)
    return Parsed(text, title=headline.group(1) if headline else None, date=day, body=body)


# A short first line with a blank line under it that doesn't end as a sentence does.
_HEADLINE = re.compile(r"[\ufeff\s]*(\S[^\n]{3,118}[^\s.,;:!…])[ \t]*\r?\n[ \t]*\r?\n")
_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_H1 = re.compile(r"^#[ \t]+(.+)$|^(?P<setext>[^\s#].*)\r?\n=+[ \t]*$", re.MULTILINE)

_HEADING = re.compile(
    r"^ {0,3}(?P<fence>`{3,}|~{3,})(?P<info>.*)$"
    r"|^ {0,3}(?P<hashes>#{1,6})[ \t]+(?P<atx>.*)$"
    r"|^(?P<over>[^\s#>|*+-][^\n]*)\n(?P<rule>=+|-{2,})[ \t\r]*$",
    re.MULTILINE,
)


def read_markdown(data: bytes) -> Parsed:
    """Read Markdown: YAML front matter (title, date), else the first heading and a dateline."""
    text = decode(data)
    fields: dict[str, object] = {}
    body = 0
    if (front := _FRONT_MATTER.match(text)) and (stated_fields := _yaml(front.group(1))) is not None:
        fields, body = stated_fields, front.end()
    heading = _H1.search(text, body)
    title = fields.get("title") or (heading and (heading.group("setext") or heading.group(1).rstrip("# \t\r")))
    stated = next((str(fields[key]) for key in ("date", "published", "publication_date") if fields.get(key)), None)
    day, skipped = header_date(text[body:])
    if stated:
        day = parse_date(stated) or day
    body += skipped
    return Parsed(text, title=str(title).strip() if title else None, date=day, body=body, places=_sections(text, body))


def _sections(text: str, body: int) -> tuple[Place, ...]:
    """Sections of a Markdown text by its headings; what looks like one in a block of code is none."""
    headings = Headings()
    places: list[Place] = []
    fence = ""
    for found in _HEADING.finditer(text, body):
        if mark := found.group("fence"):
            if not fence or (mark.startswith(fence) and not found.group("info").strip()):
                fence = "" if fence else mark
        elif not fence:
            level = len(found.group("hashes") or "") or (1 if found.group("rule")[0] == "=" else 2)
            path = headings.enter(level, (found.group("atx") or found.group("over") or "").rstrip("# \t\r"))
            places.append(Place(found.start(), section=path))
    return tuple(places)


def _yaml(source: str) -> dict[str, object] | None:
    import yaml

    try:
        loaded = yaml.safe_load(source)
    except yaml.YAMLError:
        return None
    # Anything but fields is text between two rules of dashes, not front matter.
    return {str(key).lower(): value for key, value in loaded.items()} if isinstance(loaded, dict) else None


def read_gzip(data: bytes) -> Parsed:
    """Read a gzipped text; of a gzipped file of another kind only `read` knows the kind, by its name."""
    return read_text(inflate(data, MAX_BYTES))


def read_eml(data: bytes, *, alone: bool = False) -> Parsed:
    """Read a mail, and unless it is to be read `alone` what is attached to it."""
    return read_message(data, None if alone else read)


def read_mbox(data: bytes, *, alone: bool = False) -> Parsed:
    """Read a mailbox, and unless it is to be read `alone` what is attached to its mails."""
    return read_mailbox(data, None if alone else read)


def read_picture(data: bytes, words: Mapping[int, Sequence[Words]] | None = None) -> Parsed:
    """Read a picture of a text as a scanned PDF. The day when it was taken isn't the text's: it is not its date."""
    pdf = to_pdf(data)
    if words is not None and sum(c.isalpha() for page in words.values() for one in page for c in one[0]) < _FEW_LETTERS:
        raise ReadError(WORDLESS)
    parsed = read_pdf(pdf, words)
    return replace(parsed, date=header_date(parsed.text)[0])


def as_pdf(path: Path, data: bytes) -> bytes:
    """Return the PDF that a file with pages is, or holds gzipped, or becomes if it is a picture. Raises ReadError."""
    suffix = path.suffix.lower()
    if suffix == ".gz":
        return as_pdf(path.with_suffix(""), inflate(data, MAX_BYTES))
    return to_pdf(data) if suffix in SUFFIXES else data


def _title_from_name(path: Path) -> str:
    return path.stem


READERS: dict[str, Callable[..., Parsed]] = {
    ".txt": read_text,
    ".text": read_text,
    ".rst": read_text,
    ".log": read_text,
    ".org": read_text,
    ".tex": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".mht": read_mhtml,
    ".mhtml": read_mhtml,
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".docm": read_docx,
    ".dotx": read_docx,
    ".dotm": read_docx,
    ".odt": read_odt,
    ".ott": read_odt,
    ".rtf": read_rtf,
    ".pptx": read_pptx,
    ".pptm": read_pptx,
    ".ppsx": read_pptx,
    ".ppsm": read_pptx,
    ".potx": read_pptx,
    ".potm": read_pptx,
    ".odp": read_odp,
    ".otp": read_odp,
    ".xlsx": read_xlsx,
    ".xlsm": read_xlsx,
    ".xltx": read_xlsx,
    ".xltm": read_xlsx,
    ".ods": read_ods,
    ".ots": read_ods,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".epub": read_epub,
    ".eml": read_eml,
    ".mbox": read_mbox,
    ".srt": read_subtitles,
    ".vtt": read_subtitles,
    ".json": read_json,
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".gz": read_gzip,
    **dict.fromkeys(SUFFIXES, read_picture),
}
