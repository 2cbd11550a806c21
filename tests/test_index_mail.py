"""What a mail carries is read or told: forwarded messages, attached files, all parts of its text; so are mailboxes."""

from __future__ import annotations

import base64
import mailbox
from email.message import EmailMessage
from pathlib import Path

import pytest

from index import mail
from index.errors import ReadError
from index.files import load
from index.isolation import Isolated
from index.parsed import Parsed
from index.readers import MAX_BYTES, MAX_MAILBOX, read
from tests import format_files as files
from tests.format_files import SECTIONS
from tests.pdf_helpers import make_pdf

HTML = "<html><head><style>p { color: red }</style></head><body><p>The parade begins at <b>noon</b>.</p></body></html>"


def made(text: str | None = "See below.", subject: str = "Tulips", day: int = 4) -> EmailMessage:
    """Make a message with a text."""
    message = EmailMessage()
    message["From"], message["To"] = "Ann <ann@example.org>", "Bob <bob@example.org>"
    message["Subject"], message["Date"] = subject, f"Tue, {day} Mar 2025 09:00:00 +0100"
    if text is not None:
        message.set_content(text)
    return message


def attach(message: EmailMessage, name: str, data: bytes, kind: str = "application/octet-stream") -> EmailMessage:
    """Attach a file to a message."""
    maintype, subtype = kind.split("/")
    message.add_attachment(data, maintype=maintype, subtype=subtype, filename=name)
    return message


def parse(message: EmailMessage) -> Parsed:
    return read(Path("a.eml"), message.as_bytes())


def section(parsed: Parsed, words: str) -> str:
    """Tell in which section some words of the text stand."""
    at = parsed.text.index(words)
    return next((place.section for place in reversed(parsed.places) if place.start <= at), "")


def test_a_forwarded_message() -> None:
    message = made("See what Ann wrote.")
    message.add_attachment(made("We ordered nine hundred.", "The order", 3))
    parsed = parse(message)
    assert parsed.set_aside == () and (parsed.title, parsed.date) == ("Tulips", "2025-03-04")
    assert section(parsed, "nine hundred") == "Forwarded: The order (2025-03-03)"
    assert "The order\n\nFrom: Ann; To: Bob; Date: Mon, 03 Mar 2025 09:00:00 +0100.\n\nWe ordered" in parsed.text
    assert section(parsed, "See what") == ""


def test_forwarded_messages_within_one_another_are_read_up_to_a_depth() -> None:
    message = made("Message 0.", "0")
    for number in range(1, 6):
        outer = made(f"Message {number}.", str(number))
        outer.add_attachment(message)
        message = outer
    parsed = parse(message)
    assert all(f"Message {number}." in parsed.text for number in range(2, 6)) and "Message 1." not in parsed.text
    assert section(parsed, "Message 2.").count("Forwarded: ") == 3
    assert parsed.set_aside[0].endswith("forwarded message: 1: more than 3 messages within one another")


def test_a_message_that_is_attached_as_a_file_or_in_base64() -> None:
    inner = made("We ordered nine hundred.", "The order").as_bytes()
    assert section(parse(attach(made(), "order.eml", inner)), "nine hundred") == "Forwarded: The order (2025-03-04)"
    data = made().as_bytes().replace(b"Content-Type: text/plain", b"Content-Type: multipart/mixed; boundary=x\nX: ")
    data += b"--x\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(inner)
    assert "nine hundred" in read(Path("a.eml"), data + b"\n--x--\n").text
    broken = read(Path("a.eml"), data[:-9].replace(b"base64\n\n", b"base64\n\n\xc3") + b"\n--x--\n")
    assert len(broken.set_aside) == 1 and broken.set_aside[0].startswith("forwarded message: ")


def test_all_parts_of_the_text_are_read_in_order() -> None:
    message = made("Before the picture.")
    message.make_mixed()
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="x.png", disposition="inline")
    for text, subtype in (("<p>Behind <b>it</b>.</p>", "html"), ("The end.", "plain")):
        part = EmailMessage()
        part.set_content(text, subtype=subtype)
        message.attach(part)
    parsed = parse(message)
    assert parsed.text.split("\n\n")[1:] == ["Before the picture.", "Behind it.", "The end."]
    assert parsed.set_aside == ("attachment: x.png (image/png): a picture",)


@pytest.mark.parametrize(
    ("plain", "html", "read_as", "told"),
    [
        ("The parade begins at noon.", HTML, "The parade begins at noon.", ""),
        ("Your reader shows no HTML.", HTML.replace("noon", "noon in the old town"), "in the old town.", "Your reader"),
        ("The parade begins at noon, and ends at the mill.", "<p>Not this.</p>", "ends at the mill.", "Not this."),
        ("The parade begins.", HTML.replace("noon", "noon " + "and ends at the mill by the river"), "the river.", ""),
        ("", HTML, "begins at noon.", ""),
        ("Words.", "<img src=x>", "Words.", ""),
    ],
)
def test_of_two_versions_the_plain_one_unless_it_says_something_else(
    plain: str, html: str, read_as: str, told: str
) -> None:
    message = made(plain)
    message.add_alternative(html, subtype="html")
    parsed = parse(message)
    assert parsed.text.endswith(read_as) and parsed.text.count("\n\n") == 1
    assert [said.startswith(f"another version of the text: {told}") for said in parsed.set_aside] == [True] * bool(told)


def test_what_is_attached_within_the_other_version_is_read() -> None:
    message = made("The parade begins at noon.")
    message.add_alternative(HTML, subtype="html")
    (*_, html) = message.iter_parts()
    html.add_related(b"\x89PNG", maintype="image", subtype="png", cid="<x>")  # type: ignore[attr-defined]
    assert parse(message).set_aside == ("attachment: (no name) (image/png): a picture",)


@pytest.mark.parametrize(
    ("name", "data"), [("a.docx", files.docx), ("a.html", files.html), ("a.csv", lambda: files.table(";"))]
)
def test_attached_files(name: str, data: object) -> None:
    assert callable(data)
    alone = read(Path(name), data())
    parsed = parse(attach(made(), name, data()))
    for title, sentences in SECTIONS.items():
        for sentence in sentences:
            assert section(parsed, sentence).startswith(f"Attachment: {name}")
            assert section(parsed, sentence).endswith(title) or not alone.places
    assert parsed.set_aside == tuple(f"attachment: {name} (application/octet-stream): {s}" for s in alone.set_aside)
    assert not any(place.page for place in parsed.places)


def test_a_page_of_an_attached_file_is_told_by_the_section() -> None:
    data = make_pdf([[(20, 30, "The first page speaks of storks.")], [(20, 30, "The second of herons.")]])
    parsed = parse(attach(made(), "r.pdf", data))
    assert section(parsed, "herons") == "Attachment: r.pdf, page 2" and section(parsed, "storks").endswith("page 1")
    deck = parse(attach(made(), "deck.pptx", files.pptx()))
    assert {place.section.split(" > ")[0] for place in deck.places} <= {"Attachment: deck.pptx"}


def test_texts_in_another_encoding_and_files_without_a_name() -> None:
    message = made()
    message.add_attachment("Zażółć gęślą jaźń.", charset="iso-8859-2", filename="note.txt", cte="base64")
    message.add_attachment("Nobody called me.", cte="base64")
    parsed = parse(message)
    assert section(parsed, "Zażółć gęślą jaźń.") == "Attachment: note.txt"
    assert section(parsed, "Nobody called me.") == "Attachment: (no name)"


def test_readers_comments_of_an_attached_page_are_told_and_not_read() -> None:
    page = b"<article><h1>Tulips</h1><p>They bloom in April.</article><section id=comments><p>No way!</section>"
    assert read(Path("a.html"), page).comments is not None
    parsed = parse(attach(made(), "a.html", page))
    assert "bloom" in parsed.text and "No way!" not in parsed.text
    assert parsed.set_aside == ("attachment: a.html (application/octet-stream): readers' comments: No way!",)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.pdf", b"%PDF-", "damaged, or not a PDF: "),
        ("a.docx", b"PK", "damaged Word file: "),
        ("a.zip", b"PK", "holds other files: save it as a file of its own"),
        ("a.txt.gz", b"\x1f\x8b", "holds other files: "),
        ("a.mbox", b"From a 2025\n", "holds other files: "),
        ("a.doc", b"x", "an old Word file: save it as .docx"),
        ("invite.ics", b"BEGIN:VCALENDAR", "unknown file type .ics"),
        ("a.txt", b"\x00\x01", "not a text file: it holds binary data"),
        ("a.txt", b" ", "empty: no text in it"),
    ],
)
def test_what_is_not_read_is_told_with_the_reason(name: str, data: bytes, reason: str) -> None:
    parsed = parse(attach(made(), name, data))
    (told,) = parsed.set_aside
    assert told.startswith(f"attachment: {name} (application/octet-stream): {reason}") and "known: " not in told
    assert parsed.places == () and parsed.text.endswith("See below.")


def test_a_mail_that_is_nothing_but_a_file() -> None:
    message = made(None)
    message.set_content(b"%PDF-", maintype="application", subtype="pdf", filename="scan.pdf")
    assert parse(message).set_aside[0].startswith("attachment: scan.pdf (application/pdf): damaged")


def test_parts_that_nobody_wrote_and_broken_ones_are_told() -> None:
    data = made().as_bytes().replace(b"Content-Type: text/plain", b"Content-Type: multipart/mixed; boundary=x\nX: ")
    data += b"--x\nContent-Type: message/delivery-status\n\nStatus: 5.0.0\n\n--x\nContent-Type: multipart/alternative; "
    data += b"boundary=y\n\n--y--\n"
    data += b"--x\nContent-Type: text/plain\n\nWords.\n--x\nContent-Type: text/plain\n\n\xe9\x00\x01\n--x--"
    parsed = read(Path("a.eml"), data.rjust(5000, b"\n"))
    assert parsed.text.endswith("Words.")
    assert "message/delivery-status: not a message that somebody wrote" in parsed.set_aside
    assert any("it holds binary data" in said for said in parsed.set_aside)


def test_attachments_that_take_too_long_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    message = attach(made(), "note.txt", b"Nobody reads me.")
    monkeypatch.setattr(mail, "_SECONDS", -1.0)
    assert "not read, as it would take too long" in parse(message).set_aside[0]
    monkeypatch.undo()
    monkeypatch.setattr(mail, "_MOST_TEXT", 40)
    assert "too much text" in parse(message).set_aside[0]


@pytest.mark.parametrize("name", ["a.crash", "a.sleep"])
def test_a_mail_is_read_when_what_is_attached_crashes_its_reader(name: str) -> None:
    with Isolated(worker="tests.bad_readers", seconds=2) as isolated:
        message = attach(attach(made(), name, b"x"), "note.txt", b"Nobody reads me.")
        parsed = isolated.read(Path("a.eml"), message.as_bytes())
        assert parsed.text.endswith("See below.") and len(parsed.set_aside) == 2
        assert all("or crashed its reader: save it" in said for said in parsed.set_aside)


def boxed(folder: Path, *messages: EmailMessage | bytes) -> bytes:
    box = mailbox.mbox(folder / "made.mbox")
    for message in messages:
        box.add(message)
    box.close()
    return (folder / "made.mbox").read_bytes()


def test_a_message_without_a_head_does_not_refuse_the_mailbox(tmp_path: Path) -> None:
    deep = b"Subject: Deep\n" + b"boundary=\n" * 101
    data = boxed(tmp_path, made("One."), b"X-Folder: drafts\n\nA draft.\n", deep, made("Three.", day=6))
    parsed = read(Path("a.mbox"), data)
    assert section(parsed, "A draft.") == "(no subject)" and section(parsed, "Three.") == "Tulips (2025-03-06)"
    assert parsed.set_aside == ("message 3: nested too deeply: a mail within a mail within a mail",)
    with pytest.raises(ReadError, match="^not a mailbox: no message in it has a sender, date or subject"):
        read(Path("a.mbox"), boxed(tmp_path / "..", b"X: y\n\nA draft.\n"))


def test_the_sections_of_a_mailbox(tmp_path: Path) -> None:
    forwarding = attach(made(), "note.txt", b"A note.")
    forwarding.add_attachment(attach(made("Inner.", "The order"), "other.txt", b"Another note."))
    attach(forwarding, "x.bin", b"x")
    parsed = read(Path("a.mbox"), boxed(tmp_path, forwarding, made("The last.", "Last")))
    outer = "Tulips (2025-03-04)"
    assert section(parsed, "A note.") == f"{outer} > Attachment: note.txt"
    inner = f"{outer} > Forwarded: The order (2025-03-04)"
    assert (section(parsed, "Inner."), section(parsed, "Another note.")) == (inner, f"{inner} > Attachment: other.txt")
    assert section(parsed, "The last.") == "Last (2025-03-04)"
    assert parsed.set_aside == ("Tulips: attachment: x.bin (application/octet-stream): unknown file type .bin",)


def test_a_mailbox_has_a_date_only_if_all_its_messages_are_of_that_day(tmp_path: Path) -> None:
    assert read(Path("a.mbox"), boxed(tmp_path, made(), made())).date == "2025-03-04"
    assert read(Path("a.mbox"), boxed(tmp_path, made(day=5))).date is None


@pytest.mark.parametrize(
    "stated", ["Tue, 4 Mar 25 09:00:00 +0100", "4 Mar 2025", "Tue Mar  4 09:00 2025", "4 Mar 2025 9h"]
)
def test_dates_that_are_not_quite_as_they_should_be(stated: str) -> None:
    message = made()
    data = message.as_bytes().replace(message["Date"].encode(), stated.encode())
    assert read(Path("a.eml"), data).date == "2025-03-04"


def test_large_attachments_are_read_as_small_ones_are() -> None:
    note = "".join(f"Line {number} of the note.\n" for number in range(5000)).encode()
    message = attach(attach(made("Hold =held back=7= on."), "note.txt", note), "again.txt", note[::-1])
    assert len(mail._BASE64.findall(message.as_bytes())) == 2
    for data in (message.as_bytes(), message.as_bytes().replace(b"\n", b"\r\n")):
        parsed = read(Path("a.eml"), data)
        assert "Line 4999 of the note." in parsed.text and "Line 0 of the note."[::-1] in parsed.text
        assert "Hold =held back=7= on." in parsed.text


def test_a_mailbox_may_be_larger_than_other_files(tmp_path: Path) -> None:
    for name, most in (("a.txt", MAX_BYTES), ("a.mbox", MAX_MAILBOX)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(most + 2**20)
    with pytest.raises(ReadError, match="^too large: 65 MB, the limit is 64 MB; split it$"):
        load(tmp_path / "a.txt")
    with pytest.raises(ReadError, match="^too large: 257 MB, the limit is 256 MB; save its mails as .eml files$"):
        load(tmp_path / "a.mbox")
