"""Reads mail: single messages and mailboxes, each message a section of its own."""

from __future__ import annotations

import email
import re
from email import policy
from email.message import EmailMessage

from index.compose import Composer, fold
from index.dates import parse_date
from index.errors import ReadError
from index.markup import html_text
from index.parsed import Parsed, decode

_BORDER = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\r\n]*\d{4}[^\r\n]*\r?\n")
_QUOTED_BORDER = re.compile(rb"^>(>*From )", re.MULTILINE)
_MOST_PARTS = 100
_LONGEST_HEADER = 5000  # characters
_QUOTE_MARKS = re.compile(r"(?:>[ ]?)+")
_EDGES = re.compile(r"<[^<>]*>")


def read_eml(data: bytes) -> Parsed:
    """Read one message: its subject is the title, its Date the date, and who wrote to whom is its first line."""
    if b"\x00" in data[:4096]:
        raise ReadError("not a mail: it holds binary data")
    message = _message(data)
    composer = Composer()
    set_aside = _add_message(composer, message)
    return composer.parsed(_header(message, "Subject"), _day(message), set_aside)


def read_mbox(data: bytes) -> Parsed:
    """Read a mailbox; a section is a message, "Subject (date)". With one message it has that one's date."""
    borders = list(_BORDER.finditer(data))
    if not borders or borders[0].start() > 0:
        raise ReadError("not a mailbox: it doesn't begin with a From line")
    ends = [border.start() for border in borders[1:]] + [len(data)]
    composer = Composer()
    set_aside: list[str] = []
    days: list[str | None] = []
    for border, end in zip(borders, ends, strict=True):
        message = _message(_QUOTED_BORDER.sub(rb"\1", data[border.end() : end]))
        days.append(_day(message))
        subject = _header(message, "Subject") or "(no subject)"
        composer.place(f"{subject} ({days[-1]})" if days[-1] else subject)
        composer.paragraph(subject)
        set_aside += [f"{subject}: {left}" for left in _add_message(composer, message)]
    return composer.parsed(None, days[0] if len(days) == 1 else None, set_aside)


def _message(data: bytes) -> EmailMessage:
    if data.lower().count(b"boundary=") > _MOST_PARTS:  # the parser takes time by depth and length
        raise ReadError("nested too deeply: a mail within a mail within a mail")
    try:
        message = email.message_from_bytes(data.lstrip(b"\r\n"), policy=policy.default)
    except RecursionError:
        raise ReadError("nested too deeply: a mail within a mail within a mail") from None
    if not isinstance(message, EmailMessage) or not any(name in message for name in ("From", "Date", "Subject")):
        raise ReadError("not a mail: it has no sender, date or subject")
    return message


def _header(message: EmailMessage, name: str) -> str:
    """A header's text; what is malformed, or so long that its grammar would take long, as it stands."""
    raw = fold(str(dict(message.raw_items()).get(name, "")))
    if len(raw) > _LONGEST_HEADER:
        return raw[:_LONGEST_HEADER]
    try:
        return fold(str(message.get(name) or ""))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return raw


def _day(message: EmailMessage) -> str | None:
    stated = _header(message, "Date")
    found = re.search(r"\d{1,2} [A-Za-z]{3} \d{4}", stated)
    return parse_date(found.group() if found else stated) if stated else None


def _add_message(composer: Composer, message: EmailMessage) -> list[str]:
    """Add a message's senders and text; returns what is left out of it."""
    people = [(label, _EDGES.sub("", _header(message, label)).replace(" ,", ",")) for label in ("From", "To", "Cc")]
    line = "; ".join(f"{label}: {fold(names)}" for label, names in people if names.strip())
    composer.paragraph(f"{line}." if line else "")
    try:
        body = message.get_body(("plain", "html"))
        left_out = [_name(part) for part in message.walk() if part is not message and _is_attachment(part, body)]
        composer.text(_without_marks(_text(body)) if isinstance(body, EmailMessage) else "")
    except RecursionError:
        raise ReadError("nested too deeply: a mail within a mail within a mail") from None
    return left_out


def _is_attachment(part: object, body: object) -> bool:
    assert isinstance(part, EmailMessage)
    return part is not body and not part.is_multipart() and (part.is_attachment() or bool(part.get_filename()))


def _name(part: object) -> str:
    assert isinstance(part, EmailMessage)
    return f"attachment: {fold(part.get_filename() or '(no name)')} ({part.get_content_type()})"


def _text(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset() or "utf-8"
    try:
        text = data.decode(charset)
    except (LookupError, UnicodeDecodeError, ValueError):  # an unknown charset, or a wrong one
        text = decode(data)
    return html_text(text) if part.get_content_subtype() == "html" else text


def _without_marks(text: str) -> str:
    """Take the marks off quoted lines; a quotation and the reply to it are paragraphs of their own."""
    lines: list[str] = []
    depth = 0
    for line in text.splitlines():
        marks = _QUOTE_MARKS.match(line)
        deeper = marks.group().count(">") if marks else 0
        if deeper != depth:
            lines.append("")
        depth = deeper
        lines.append(line[marks.end() :] if marks else line)
    return "\n".join(lines)
