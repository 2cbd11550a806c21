"""JSON: records wherever they are, with all that they say, who said it, and what is left out of them."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from index import records
from index.errors import ReadError
from index.parsed import Parsed
from index.readers import read
from index.segments import segments

TELEGRAM = {
    "name": "Dig",
    "type": "private_group",
    "messages": [
        {"id": 1, "type": "service", "date": "2024-01-02T10:00:00", "actor": "Ann", "action": "create_group"},
        {"id": 2, "date": "2024-01-02T10:01:00", "from": "Bob", "text": "It is full of water.", "text_entities": [
            {"type": "plain", "text": "It is full of water."}]},
        {"id": 3, "date": "2024-01-03T10:01:00", "from": "Cid", "text": [
            "See ", {"type": "link", "text": "the map"}, " of Ur."]},
        {"id": 4, "date": "2024-01-03T11:01:00", "from": "Bob", "text": "Pumps arrive on Friday."},
    ],
}  # fmt: skip


def parse(value: object) -> Parsed:
    return read(Path("a.json"), json.dumps(value).encode())


def paragraphs(value: object) -> list[str]:
    return parse(value).text.split("\n\n")


def section(parsed: Parsed, words: str) -> str:
    """Tell in which section some words of the text stand."""
    at = parsed.text.index(words)
    return next((place.section for place in reversed(parsed.places) if place.start <= at), "")


def test_a_record_keeps_its_own_text_and_has_its_comments_behind_it() -> None:
    remarks = [{"author": "Kim", "text": "Nice!", "replies": [{"text": "Indeed."}]}, {"author": "Lou", "text": "Why?"}]
    essay = {"title": "Essay", "comments": remarks, "text": "Cranes return in March.", "date": "2024-03-04"}
    parsed = parse(essay)
    assert (parsed.title, parsed.date, parsed.set_aside) == ("Essay", "2024-03-04", ())
    assert section(parsed, "Cranes") == "Essay"
    assert section(parsed, "Nice!") == "Essay > comments > Kim"
    assert section(parsed, "Indeed.").startswith("Essay > comments > Kim > replies > ")
    voices = {parsed.text[s.start : s.end].strip(): s.voice for s in segments(parsed)}
    assert sorted(voices.values()) == ["comment", "report"]
    (said,) = (text for text, voice in voices.items() if voice == "comment")
    assert said.split("\n\n") == ["author: Kim.", "Nice!", "Indeed.", "author: Lou.", "Why?"]
    several = parse([essay, {**essay, "title": "Other", "comments": ["Just words."]}])
    assert several.comments is not None and several.text[: several.comments].count("Cranes") == 2
    assert section(several, "Just words.") == "Other (2024-03-04) > comments"


def test_an_export_of_telegram() -> None:
    parsed = parse(TELEGRAM)
    assert parsed.title == "Dig" and parsed.date is None
    assert parsed.text.count("full of water") == 1 and "See the map of Ur." in parsed.text
    assert section(parsed, "full of water") == "Bob (2024-01-02)" and section(parsed, "the map") == "Cid (2024-01-03)"
    assert "date: 2024-01-03T10:01:00; from: Cid." in parsed.text
    assert "actor: Ann; action: create_group." in parsed.text and "type: private_group" in parsed.text
    assert parsed.set_aside == ("fields that are not in the text: id",)
    whole = parse({"about": "All chats.", "chats": {"list": [TELEGRAM, {**TELEGRAM, "name": "Dam"}]}})
    assert whole.text.count("Pumps arrive") == 2
    assert {place.section for place in whole.places} >= {"Dig > Bob (2024-01-03)", "Dam > Bob (2024-01-03)"}


def test_what_a_record_has_besides_its_text() -> None:
    chair = {
        "name": "Oak chair",
        "description": "A sturdy chair.",
        "price": 89,
        "tags": ["oak", "kitchen"],
        "new": True,
    }
    maker = {"maker": {"name": "Kim", "id": 7}, "notes": "Long. " * 50, "html": "<p>One.</p><p>Two.</p>"}
    keys = {"id": 4, "productId": "x", "url": "https://example.org/a", "sum": "0123456789abcdef0123", "empty": None}
    parsed = parse([{**chair, **maker, **keys}, {"name": "Table", "description": "Of pine."}])
    assert parsed.text.split("\n\n") == [
        "name: Oak chair; price: 89; tags: oak, kitchen; new: yes; maker.name: Kim.",
        "A sturdy chair.",
        "notes: " + " ".join(["Long."] * 50),
        "html: One.",
        "Two.",
        "Table",
        "Of pine.",
    ]
    assert parsed.set_aside == ("fields that are not in the text: id, maker.id, productId, sum, url",)


def test_many_fields_are_lines_that_each_have_the_title() -> None:
    lines = paragraphs([{"name": "Chair", "text": "It is sturdy.", **{f"field{n}": "word " * 20 for n in range(10)}}])
    assert len(lines) > 2 and all(line.startswith("name: Chair; field") for line in lines[:-1])
    assert all(len(line) < 600 for line in lines)
    told = parse([{"text": "It is sturdy.", **{f"{n}_id": n for n in range(1, 31)}}]).set_aside
    assert told[0].endswith(" and 10 more")


@pytest.mark.parametrize("key", ["user_name", "from", "author", "sender"])
def test_who_said_it(key: str) -> None:
    parsed = parse([{key: "Agatha", "text": "I bring the samovar."}, {key: "Bertram", "text": "I bring the rest."}])
    assert section(parsed, "samovar") == "Agatha" and f"{key}: Agatha." in parsed.text


def test_records_are_found_wherever_they_are() -> None:
    articles = [{"headline": "One", "body": "It left."}, {"headline": "Two", "body": "It came back."}]
    parsed = parse({"data": {"total": 2, "articles": articles}, "more": {"title": "Old", "list": articles[:1]}})
    assert [place.section for place in parsed.places] == ["data", "One", "Two", "more", "Old > One"]
    assert "data.total: 2" in parsed.text and "more.title: Old" in parsed.text
    within = parse({"title": "Book", "text": "Preface.", "chapters": [{"title": "I", "text": "It left."}]})
    assert (section(within, "It left."), within.title, within.comments) == ("Book > I", "Book", len(within.text))


def test_dates_as_programs_write_them() -> None:
    posts = [{"text": "It left.", "created_at": "Wed Oct 10 20:19:24 +0000 2018"}] * 2000
    start = time.process_time()
    assert parse(posts).date == "2018-10-10"
    assert time.process_time() - start < 5


def test_a_text_in_paragraphs() -> None:
    assert paragraphs({"title": "A", "content": ["One.", "Two."]}) == ["A", "One.", "Two."]
    blocks = [{"type": "text", "text": "One."}, {"type": "text", "text": "Two."}]
    assert paragraphs({"title": "A", "content": blocks}) == ["A", "One.", "Two."]


def test_bad_lines_are_told_and_the_others_read() -> None:
    good = "\n".join(json.dumps({"text": f"Line {number}."}) for number in range(30))
    parsed = read(Path("a.jsonl"), f'{good}\nnot JSON\n{{"text": "Cut'.encode())
    assert parsed.text.count("Line") == 30
    assert [told.partition(": not JSON: ")[0] for told in parsed.set_aside] == ["line 31", "line 32"]
    many = read(Path("a.jsonl"), (f"{good}\n" + "{\n" * 30).encode()).set_aside
    assert len(many) == 21 and many[-1] == "10 more lines: not JSON either"
    with pytest.raises(ReadError, match="^line 31: not JSON: "):
        read(Path("a.jsonl"), (f"{good}\n" + "{\n" * 31).encode())


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    deep: dict[str, object] = {"text": "Deepest."}
    for _ in range(150):
        deep = {"text": "Words.", "parts": [deep]}
    with pytest.raises(ReadError, match="^nested more than 100 keys deep$"):
        parse(deep)
    monkeypatch.setattr(records, "MAX_RECORDS", 2)
    monkeypatch.setattr(records, "MAX_VALUES", 3)
    parsed = parse([{"text": f"Text {n}.", "a": f"x{n}", "b": f"y{n}"} for n in range(4)])
    assert parsed.text == "a: x0; b: y0.\n\nText 0.\n\na: x1.\n\nText 1."
    assert parsed.set_aside == ("2 records: more than 2 in one file", "the values from 'b' on: more than 3 in one file")
