"""Reads mail: single messages and mailboxes, each message a section of its own, and what is attached below it."""

from __future__ import annotations

import base64
import email
import html
import re
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from email import policy
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path, PurePath

from index.compose import Composer, fold
from index.dates import stamped_date
from index.errors import ReadError
from index.kinds import is_archive
from index.markup import html_text
from index.parsed import Parsed, decode

Read = Callable[[Path, bytes], Parsed]  # reads an attached file by the suffix of its name

# Headers are parsed anew each time that one is asked for, and most mails have the same Content-Type.
_POLICY = policy.default.clone(header_factory=lru_cache(maxsize=1000)(HeaderRegistry()))
_BORDER = re.compile(rb"From [^\r\n]*\d{4}[^\r\n]*\r?\n")
_QUOTED_BORDER = re.compile(rb"^>(>*From )", re.MULTILINE)
_BASE64 = re.compile(rb"(?<=\n)\r?\n[A-Za-z0-9+/]{40}[A-Za-z0-9+/=\r\n]{10000,}")
_HELD = re.compile(r"=held back=(\d{1,6})=\n?")  # stands for what the pattern above found
_MOST_PARTS = 100
_MOST_FORWARDS = 3  # messages within one another
_MOST_TEXT = 20_000_000  # characters of a file of mail; what is attached beyond them is not read
_SECONDS = 4.0  # after which nothing attached is read any more, so that the mail itself is
_LONGEST_HEADER = 5000  # characters
_SHOWN = 100  # characters of a text that is left out
_QUOTE_MARKS = re.compile(r"(?:>[ ]?)+")
_EDGES = re.compile(r"<[^<>]*>")
_UNREAD_TAGS = re.compile(r"<(/?)(?:style|script|head|template)\b[^<>]*>", re.IGNORECASE)
_SAME = 0.6  # of the words of one version of a text in the other, with which it says the same
_TEXTS = {"text/plain", "text/html", "text/x-amp-html", "text/markdown"}  # of a message
_SUFFIXES = {"text/plain": ".txt", "text/html": ".html", "text/csv": ".csv", "text/rtf": ".rtf",
             "application/rtf": ".rtf", "application/pdf": ".pdf"}  # of a file without a name  # fmt: skip
_PLAIN = {".txt", ".text", ".md", ".markdown", ".csv", ".tsv"}
_ALONE = "save it as a file of its own"
_TOO_DEEP = "nested too deeply: a mail within a mail within a mail"


def read_message(data: bytes, read: Read | None) -> Parsed:
    """Read one message: its subject is the title, its Date the date, and who wrote to whom is its first line.

    Below it stand, in sections of their own, the attached files that `read` can read and the messages that are
    forwarded with it; without `read` no file is.
    """
    if b"\x00" in data[:4096]:
        raise ReadError("not a mail: it holds binary data")
    message = _message(data)
    if not _has_head(message):
        raise ReadError("not a mail: it has no sender, date or subject")
    mail = _Mail(read)
    mail.add(message)
    return mail.composer.parsed(_header(message, "Subject"), _day(message), mail.set_aside)


def read_mailbox(data: bytes, read: Read | None) -> Parsed:
    """Read a mailbox; a section is a message, "Subject (date)", and what is attached is below it as in one message.

    It has a date only if all of its messages are of that day. No other day would be true of each quotation.
    """
    borders = [border for border in _BORDER.finditer(data) if _stands_alone(data, border.start())]
    if not borders or borders[0].start() > 0:
        raise ReadError("not a mailbox: it doesn't begin with a From line")
    ends = [border.start() for border in borders[1:]] + [len(data)]
    mail = _Mail(read)
    days: set[str | None] = set()
    heads = 0
    for number, (border, end) in enumerate(zip(borders, ends, strict=True), start=1):
        try:
            message = _message(data[border.end() : end], boxed=True)
            mail.add_titled(message, "", ())
            heads += _has_head(message)
            days.add(_day(message))
        except ReadError as error:
            mail.set_aside.append(f"message {number}: {error}")
    if not heads:
        raise ReadError("not a mailbox: no message in it has a sender, date or subject")
    return mail.composer.parsed(None, days.pop() if len(days) == 1 else None, mail.set_aside)


def _stands_alone(data: bytes, start: int) -> bool:
    """Whether a line begins the mailbox or has a blank line above it."""
    return start == 0 or data[max(start - 3, 0) : start].endswith((b"\n\n", b"\n\r\n"))


def _message(data: bytes, *, boxed: bool = False) -> EmailMessage:
    """Parse a message. What is attached is held back meanwhile, as the parser takes time for each line."""
    if data.lower().count(b"boundary=") > _MOST_PARTS:  # the parser takes time by depth and length
        raise ReadError(_TOO_DEEP)
    held: list[str] = []

    def hold(block: re.Match[bytes]) -> bytes:
        held.append(block.group().decode("ascii"))
        return b"\n=held back=%d=\n" % (len(held) - 1)

    def give_back(mark: re.Match[str]) -> str:
        return held[int(mark[1])] if int(mark[1]) < len(held) else mark[0]

    data = _BASE64.sub(hold, data.lstrip(b"\r\n"))
    if boxed and b">From " in data:
        data = _QUOTED_BORDER.sub(rb"\1", data)
    try:
        message = email.message_from_bytes(data, policy=_POLICY)
        for part in message.walk() if held else ():
            if isinstance(content := part.get_payload(), str):
                part.set_payload(_HELD.sub(give_back, content))
    except RecursionError:
        raise ReadError(_TOO_DEEP) from None
    assert isinstance(message, EmailMessage)
    return message


def _has_head(message: EmailMessage) -> bool:
    return any(name in message for name in ("From", "Date", "Subject"))


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
    found = re.search(r"\d{1,2} [A-Za-z]{3} \d{4}(?: \d+:[\d:]+)?", stated)
    return stamped_date(found.group() if found else stated) if stated else None


class _Mail:
    """The text of a file of mail as it grows, and what is left out of it."""

    def __init__(self, read: Read | None) -> None:
        self.composer = Composer()
        self.set_aside: list[str] = []
        self._read = read
        self._until = time.monotonic() + _SECONDS

    def add_titled(self, message: EmailMessage, label: str, outer: Sequence[str], depth: int = 0) -> None:
        """Add a message as a section of its own below the sections `outer`."""
        subject, day = _header(message, "Subject") or "(no subject)", _day(message)
        path = (*outer, f"{label}{subject} ({day})" if day else f"{label}{subject}")
        told = len(self.set_aside)
        self.composer.place(" > ".join(path))
        self.composer.paragraph(subject)
        self.add(message, path, depth)
        self.set_aside[told:] = [f"{subject}: {left}" for left in self.set_aside[told:]]

    def add(self, message: EmailMessage, outer: Sequence[str] = (), depth: int = 0) -> None:
        """Add a message: its senders, its text, and behind these what is attached to it."""
        names = ("From", "To", "Cc", "Date") if depth else ("From", "To", "Cc")
        people = [(label, _EDGES.sub("", _header(message, label)).replace(" ,", ",")) for label in names]
        line = "; ".join(f"{label}: {fold(names)}" for label, names in people if names.strip())
        self.composer.paragraph(f"{line}." if line else "")
        try:
            leaves = list(self._leaves(message))
        except RecursionError:
            raise ReadError(_TOO_DEEP) from None
        texts = [leaf for leaf in leaves if _is_text(leaf) or (leaf is leaves[0] and _is_text(leaf, named=True))]
        for leaf in texts:
            try:
                self.composer.text(_without_marks(_text(leaf)))
            except ReadError as error:
                self.set_aside.append(f"a part of the text: {error}")
        for leaf in leaves:
            if leaf.get_content_maintype() == "message":
                self._forward(leaf, outer, depth)
            elif leaf not in texts:
                self._attach(leaf, outer, depth)

    def _leaves(self, part: EmailMessage) -> Iterator[EmailMessage]:
        """Yield the parts that are no containers, in order; of several versions of a text only one."""
        if part.get_content_maintype() == "message" or not part.is_multipart():
            yield part
            return
        versions = [list(self._leaves(inner)) for inner in part.iter_parts() if isinstance(inner, EmailMessage)]
        chosen = self._best(versions) if versions and part.get_content_subtype() == "alternative" else None
        for version in versions:
            yield from (leaf for leaf in version if chosen in (None, version) or not _is_text(leaf))

    def _best(self, versions: list[list[EmailMessage]]) -> list[EmailMessage]:
        """Choose the first version that says what the longest one says, which is the plain one unless it is a stub."""
        words = [_words([leaf for leaf in version if _is_text(leaf)]) for version in versions]
        longest = max(words, key=len, default=set())
        best = next(n for n, own in enumerate(words) if len(own & longest) >= _SAME * len(longest))
        for version, own in zip(versions, words, strict=True):
            if len(own & words[best]) < _SAME * len(own):
                said = fold(" ".join(_text(leaf) for leaf in version if _is_text(leaf)))
                self.set_aside.append(f"another version of the text: {textwrap.shorten(said, _SHOWN)}")
        return versions[best]

    def _forward(self, part: EmailMessage, outer: Sequence[str], depth: int) -> None:
        """Add a message that another one carries."""
        inner = part.get_payload(0) if part.get_content_type() == "message/rfc822" and part.is_multipart() else None
        if not isinstance(inner, EmailMessage):
            self.set_aside.append(f"{part.get_content_type()}: not a message that somebody wrote")
            return
        try:
            if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":  # against the standard
                inner = _message(base64.b64decode(str(inner.get_payload())))
            self._add_forwarded(inner, outer, depth)
        except (ValueError, ReadError) as error:
            self.set_aside.append(f"forwarded message: {error}")

    def _add_forwarded(self, message: EmailMessage, outer: Sequence[str], depth: int) -> None:
        if depth == _MOST_FORWARDS:
            subject = _header(message, "Subject") or "(no subject)"
            self.set_aside.append(f"forwarded message: {subject}: more than {depth} messages within one another")
        else:
            self.add_titled(message, "Forwarded: ", outer, depth + 1)

    def _attach(self, part: EmailMessage, outer: Sequence[str], depth: int) -> None:
        """Add an attached file, or tell why not."""
        name = _file_name(part) or "(no name)"
        suffix = PurePath(name).suffix.lower() or _SUFFIXES.get(part.get_content_type(), "")
        told = f"attachment: {name} ({part.get_content_type()})"
        try:
            if suffix == ".eml":
                self._add_forwarded(_message(_data(part, suffix)), outer, depth)
            else:
                section = " > ".join((*outer, f"Attachment: {name}"))
                self.set_aside += [f"{told}: {left}" for left in self._add_file(part, suffix, section)]
        except ReadError as error:
            self.set_aside.append(f"{told}: {str(error).partition('; known:')[0]}")
        except Exception as error:  # whatever a parser stumbles over, the mail itself is read
            self.set_aside.append(f"{told}: can't be parsed: {type(error).__name__}")

    def _add_file(self, part: EmailMessage, suffix: str, section: str) -> list[str]:
        """Add the text of an attached file; returns what is left out of it. Raises ReadError."""
        if part.get_content_maintype() == "image":
            raise ReadError("a picture")
        if is_archive(suffix) or suffix in (".gz", ".mbox"):
            raise ReadError(f"holds other files: {_ALONE}")
        if self._read is None:
            raise ReadError(f"not read, as it took too long, too much memory, or crashed its reader: {_ALONE}")
        if time.monotonic() > self._until:
            raise ReadError(f"not read, as it would take too long: {_ALONE}")
        parsed = self._read(Path(f"attached{suffix}"), _data(part, suffix))
        if self.composer.offset + len(parsed.text) > _MOST_TEXT:
            raise ReadError(f"not read, as it is too much text for a mail: {_ALONE}")
        scanned = [f"to have the words on its pages recognised, {_ALONE}"] if parsed.scanned else []
        return [*self.composer.include(parsed, section), *parsed.set_aside, *scanned]


def _is_text(part: EmailMessage, *, named: bool = False) -> bool:
    """Whether a part is a text to be read in its place; what has a name is a file, unless these may have one."""
    return (
        part.get_content_type() in _TEXTS
        and part.get_content_disposition() != "attachment"
        and (named or not _file_name(part))
    )


def _file_name(part: EmailMessage) -> str:
    try:
        name = part.get_filename() or ""
    except (ValueError, LookupError, TypeError, AttributeError):  # malformed
        name = ""
    return fold(re.split(r"[/\\]", name)[-1])[:200]


def _data(part: EmailMessage, suffix: str = "") -> bytes:
    """The bytes of a part; a plain text in an encoding that only the mail states becomes UTF-8."""
    if suffix in _PLAIN and part.get_content_charset():
        return _source(part).encode("utf-8", "replace")
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _source(part: EmailMessage) -> str:
    data = _data(part)
    try:
        return data.decode(part.get_content_charset() or "utf-8")
    except (LookupError, UnicodeDecodeError, ValueError):  # an unknown charset, or a wrong one
        return decode(data)


def _text(part: EmailMessage) -> str:
    return html_text(_source(part)) if _is_html(part) else _source(part)


def _is_html(part: EmailMessage) -> bool:
    return part.get_content_subtype().endswith("html")


def _words(parts: Sequence[EmailMessage]) -> set[str]:
    """The words of some texts, those of HTML taken without parsing it, which takes long in a large mailbox."""
    words: set[str] = set()
    for part in parts:
        try:
            text = _source(part)
        except ReadError:  # told when it is read
            continue
        if _is_html(part):
            before, *rest = _UNREAD_TAGS.split(text)  # text, "" or "/" for a tag that opens or closes, text, ...
            kept = [after for mark, after in zip(rest[::2], rest[1::2], strict=True) if mark]
            text = html.unescape(_EDGES.sub(" ", " ".join([before, *kept])))
        words.update(re.findall(r"[^\W_]+", text.casefold()))
    return words


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
