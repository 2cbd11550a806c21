"""What a library holds, as HTML: the table, what is being read, what a reading did, what a search found."""

from __future__ import annotations

import html
import re

import pytest

from index.copies import NearCopy
from index.readers import why_not
from index.store import Listed
from tests.rag_helpers import passage
from tests.ui_helpers import texts_of, values_of
from ui.holdings import MOST_ROWS, found, outcome, problem, progress, status, table
from ui.intake import IntakeState, Summary
from ui.uploads import Refused
from ui.words import ENGLISH


def listed(name: str, title: str = "A title", problem: str | None = None, size: int = 2048) -> Listed:
    known = None if problem else f"id of {name}"
    return Listed(
        f"/docs/{name}", known, "" if problem else title, None if problem else "2025-06-02", "en", size, 3, problem
    )


def titles(shown: str) -> list[str]:
    return [html.unescape(text) for text in re.findall(r'<bdi class="title">(.*?)</bdi>', shown)]


def test_files_that_failed_come_first_with_the_reason() -> None:
    shown = table([listed("a.txt", "<b>A</b>"), listed("b.pdf", problem="not <text>")], {}, "", ENGLISH)
    assert titles(shown) == ["b.pdf", "<b>A</b>"]
    assert "not &lt;text&gt;" in shown
    assert values_of(shown, "select") == [{"document": "id of a.txt", "start": 0, "end": 0}]
    assert values_of(shown, "delete") == values_of(shown, "retry") == [{"file": "/docs/b.pdf"}, {"file": "/docs/a.txt"}]
    assert shown.count('data-act="sure"') == 2


def test_what_is_no_document_comes_last_and_a_member_is_named_with_its_archive() -> None:
    picture = listed("a.mp3", problem=str(why_not("a.mp3")))
    old, member = listed("b.doc", problem=str(why_not("b.doc"))), listed("x.zip/d/c.txt")
    shown = table([picture, old, member], {}, "", ENGLISH)
    assert titles(shown) == ["b.doc", "A title", "a.mp3"]
    assert '<bdi class="file" title="/docs/x.zip/d/c.txt">x.zip/d/c.txt</bdi>' in shown
    failed = tuple((one.path, str(one.problem)) for one in (picture, old))
    shown = outcome(IntakeState(summary=Summary(failed=failed)), [], ENGLISH)
    assert texts_of(shown, "li") == ["b.doc: an old Word file: save it as .docx", "1 .mp3: not documents"]


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ("", ["Oil", "Gas"]),
        ("  OIL ", ["Oil"]),
        ("two.txt", ["Gas"]),
        ("docs", ["Oil", "Gas"]),
        ("nothing like it", ["Oil", "Gas"]),  # a search for passages, not for files
    ],
)
def test_the_list_is_narrowed_by_title_and_name(wanted: str, shown: list[str]) -> None:
    assert titles(table([listed("one.txt", "Oil"), listed("two.txt", "Gas")], {}, wanted, ENGLISH)) == shown


def test_a_near_copy_is_marked_as_one() -> None:
    copies = {"id of b.txt": NearCopy("/docs/b.txt", "/docs/<a>.txt", 0.967)}
    shown = table([listed("<a>.txt"), listed("b.txt")], copies, "", ENGLISH)
    assert re.findall(r"<td>(ready|near copy.*?)</td>", shown) == ["ready", "near copy of &lt;a&gt;.txt (96%)"]


@pytest.mark.parametrize(("files", "more"), [(MOST_ROWS, 0), (MOST_ROWS + 7, 7)])
def test_a_long_list_says_how_many_are_left_out(files: int, more: int) -> None:
    shown = table([listed(f"{number}.txt") for number in range(files)], {}, "", ENGLISH)
    assert len(titles(shown)) == MOST_ROWS
    assert texts_of(shown, "p") == [ENGLISH.many_more.format(n=more) if more else ""]


@pytest.mark.parametrize(
    ("size", "shown"), [(0, "0.1 KB"), (1, "0.1 KB"), (2048, "2.0 KB"), (2**20, "1.0 MB"), (5 * 2**19, "2.5 MB")]
)
def test_sizes_are_rounded(size: int, shown: str) -> None:
    assert f"<td>{shown}</td>" in table([listed("a.txt", size=size)], {}, "", ENGLISH)


def test_a_file_is_named_once_where_its_name_is_its_title() -> None:
    assert table([listed("a.txt", "a.txt")], {}, "", ENGLISH).count(">a.txt<") == 1
    assert texts_of(table([], {}, "", ENGLISH), "p") == [ENGLISH.none_yet]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (IntakeState(), None),
        (IntakeState(running=True), ENGLISH.searching),
        (IntakeState(running=True, file="<a>.txt", done=2, total=5), "Reading 2 of 5"),
        (IntakeState(running=True, stage="another process is writing", done=2, total=5), "Reading 2 of 5"),
    ],
)
def test_progress_tells_what_is_being_read(state: IntakeState, said: str | None) -> None:
    shown = progress(state, ENGLISH)
    if said is None:
        assert shown == ""
        return
    assert texts_of(shown, "span") == [said]
    assert texts_of(shown, "bdi") == [state.stage or state.file or ""]
    assert f'max="{state.total or 1}" value="{state.done}"' in shown


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        (Summary(), "Done: 0"),
        (Summary(added=2, unchanged=1), "Done: 2 added, 1 unchanged"),
        (Summary(removed=1, moved=3), "Done: 3 moved, 1 removed"),
    ],
)
def test_the_outcome_counts_what_was_done(summary: Summary, said: str) -> None:
    assert texts_of(outcome(IntakeState(summary=summary), [], ENGLISH), "p") == [said]
    assert outcome(IntakeState(summary=summary, running=True), [], ENGLISH) == ""


def test_the_outcome_names_what_was_not_taken_or_not_read_and_why() -> None:
    state = IntakeState(summary=Summary(failed=(("/docs/<a>.txt", "no <text>"),)), error="the disk is full")
    shown = outcome(state, [Refused("b.exe", "unknown")], ENGLISH)
    assert texts_of(shown, "p") == ["the disk is full", ENGLISH.refused, "Done: 0", "Not read (1)"]
    assert texts_of(shown, "li") == ["b.exe: unknown", "<a>.txt: no <text>"]
    assert texts_of(problem("<x>"), "p") == ["<x>"]


def test_passages_found_open_at_their_place() -> None:
    shown = found([passage(1.0, "a.txt", 0, "Some <words>.")], ENGLISH)
    assert texts_of(shown, "q") == ["Some <words>."]
    assert values_of(shown, "select") == [{"document": "a.txt", "start": 0, "end": 13}]
    assert texts_of(found([], ENGLISH), "p") == [ENGLISH.nothing_found]


@pytest.mark.parametrize("documents", [0, 3])
def test_everything_can_be_read_again_where_there_is_something(documents: int) -> None:
    shown = status(documents, 40, ENGLISH)
    assert f"{documents} documents, 40 passages" in shown
    assert ('data-event="retry"' in shown) == (documents > 0)
