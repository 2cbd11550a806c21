"""Conversations are their owner's alone, outlast every change of the documents, and wait for nobody's indexing."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import apsw
import pytest

from index.conversations import UNTITLED, Conversation, Conversations, Feedback, Turn
from index.errors import LibraryBusy, UsageError
from index.library import Library
from index.store import SCHEMA_VERSION, Store
from index.switch import described, switch
from index.sync import remove, sync
from tests.index_helpers import REPOSITORY, HashModel, as_model, old_library, write_files

ANA, BEN = "ana", "ben"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library.create(tmp_path / "library")
    yield made
    made.close()


@pytest.fixture
def kept(library: Library) -> Conversations:
    return Conversations(library.store)


def said(text: str) -> dict[str, Any]:
    """Make an answer; only its text matters here."""
    return {"outcome": "answered", "answer": text, "quotes": [{"n": 1, "text": "«é»", "page": None}]}


def titles(kept: Conversations, owner: str = ANA, words: str = "") -> list[str]:
    return [conversation.title for conversation in kept.list(owner, words)]


def everything(kept: Conversations, *owners: str) -> list[object]:
    """Read all there is of some owners."""
    return [
        (conversation, kept.turns(owner, conversation.id)) for owner in owners for conversation in kept.list(owner)
    ] + [list(kept.feedback())]


def test_a_conversation_is_read_back_after_a_restart(library: Library, kept: Conversations, tmp_path: Path) -> None:
    made = kept.create(ANA, "Ferries")
    first = kept.add(ANA, made.id, "When does it leave?", said("At noon. [1]"))
    second = kept.add(ANA, made.id, "Why?", said("The tide."))
    assert first == Turn(first.id, "When does it leave?", said("At noon. [1]"), None, "") and second.id > first.id
    kept.rate(ANA, second.id, "down", " Fuel. ")
    library.close()
    again = Conversations(Store.open(tmp_path / "library"))
    (found,) = again.list(ANA)
    assert (found.id, found.title, len(found.id)) == (made.id, "Ferries", 32)
    assert found.changed > made.changed and found.changed.endswith("+00:00")
    assert again.turns(ANA, made.id) == [first, Turn(second.id, "Why?", said("The tide."), "down", "Fuel.")]


def test_the_last_changed_is_first(kept: Conversations) -> None:
    made = {title: kept.create(ANA, title) for title in "abc"}
    assert titles(kept) == ["c", "b", "a"]
    turn = kept.add(ANA, made["a"].id, "?", said(""))
    assert titles(kept) == ["a", "c", "b"]
    kept.rename(ANA, made["b"].id, "B")
    kept.rate(ANA, turn.id, "up")
    assert titles(kept) == ["a", "c", "B"]  # nothing was asked in it
    kept.add(ANA, made["c"].id, "?", said(""))
    kept.cut(ANA, made["a"].id, turn.id)
    assert titles(kept) == ["a", "c", "B"]


def test_titles(kept: Conversations) -> None:
    assert kept.create(ANA, "  The \n\t ferry ").title == "The ferry"
    assert kept.create(ANA, "x" * 80).title == "x" * 80
    assert kept.create(ANA, "word " * 99).title == ("word " * 16)[:79] + "…"
    made = kept.create(ANA, " \n")
    assert made.title == UNTITLED == titles(kept)[0]
    first = kept.add(ANA, made.id, "When does  it leave?", said("At noon."))
    kept.add(ANA, made.id, "Why?", said(""))
    assert titles(kept)[0] == "When does it leave?"
    kept.rename(ANA, made.id, "Ferries")
    assert titles(kept)[0] == "Ferries"
    kept.rename(ANA, made.id, "")
    kept.cut(ANA, made.id, first.id)
    kept.add(ANA, made.id, "And " + "so on " * 50, said(""))
    assert titles(kept)[0].startswith("And so on so") and len(titles(kept)[0]) <= 80


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["Ports", "Peace talks"]),
        ("geneve", ["Peace talks"]),
        ("GENÈVE", ["Peace talks"]),
        ("gene talks rubio", ["Peace talks"]),  # one in a turn's answer, one in the title, one in another question
        ("straße", ["Ports"]),
        ("STRASSE", ["Ports"]),
        ("ports geneve", []),
        ("talks", ["Peace talks"]),
        ("%", []),
        ("_", []),
        ("outcome", []),  # a field's name, not a word of the answer
    ],
)
def test_words_find_conversations(kept: Conversations, words: str, found: list[str]) -> None:
    talks, ports = kept.create(ANA, "Peace talks"), kept.create(ANA, "Ports")
    kept.add(ANA, talks.id, "Where?", said("In Genève."))
    kept.add(ANA, talks.id, "Did Rubio come?", said("No."))
    kept.add(ANA, ports.id, "In which Straße?", said("None."))
    kept.create(BEN, "Peace talks in Genève, Ports, Strasse, Rubio")
    assert titles(kept, ANA, words) == found


def test_cut_takes_a_turn_and_all_after_it(kept: Conversations) -> None:
    made, other = kept.create(ANA, "a"), kept.create(ANA, "b")
    one, two, _ = [kept.add(ANA, made.id, question, said(question)) for question in "123"]
    stays = kept.add(ANA, other.id, "4", said("4"))
    kept.rate(ANA, two.id, "up")
    kept.cut(ANA, made.id, two.id)
    assert (kept.turns(ANA, made.id), kept.turns(ANA, other.id), list(kept.feedback())) == ([one], [stays], [])
    assert kept.add(ANA, made.id, "5", said("5")).id > stays.id  # an id is never given twice
    with pytest.raises(UsageError):
        kept.rate(ANA, two.id, "down")
    with pytest.raises(UsageError):
        kept.cut(ANA, made.id, stays.id)


def test_ratings_replace_each_other(kept: Conversations) -> None:
    made = kept.create(ANA, "a")
    turn = kept.add(ANA, made.id, "Where?", said("There."))
    seen = []
    for rating in [("down", "Here."), ("up", ""), (None, "")] * 2:
        kept.rate(ANA, turn.id, *rating)  # type: ignore[arg-type]
        (now,) = kept.turns(ANA, made.id)
        seen.append((now.rating, now.expected))
    assert seen == [("down", "Here."), ("up", ""), (None, "")] * 2
    with pytest.raises(apsw.ConstraintError):
        kept.rate(ANA, turn.id, "maybe")  # type: ignore[arg-type]


def test_feedback_comes_with_what_was_said_before_and_without_its_owner(kept: Conversations) -> None:
    for owner in (ANA, BEN):
        made = kept.create(owner, "a")
        turns = [kept.add(owner, made.id, f"{owner} {number}", said(f"{number}!")) for number in range(3)]
        kept.rate(owner, turns[2].id, "down", "Three.")
        kept.rate(owner, turns[0].id, "up")
    found = list(kept.feedback())
    assert [(f.question, f.history, f.rating, f.expected) for f in found] == [
        ("ana 0", (), "up", ""),
        ("ana 2", (("ana 0", "0!"), ("ana 1", "1!")), "down", "Three."),
        ("ben 0", (), "up", ""),
        ("ben 2", (("ben 0", "0!"), ("ben 1", "1!")), "down", "Three."),
    ]
    assert found[0].answer == said("0!") and found[0].asked.startswith("20") and found[0].turn_id < found[1].turn_id
    assert "owner" not in Feedback.__dataclass_fields__


def test_what_is_anothers_is_not_there(kept: Conversations) -> None:
    made = kept.create(ANA, "a")
    turn = kept.add(ANA, made.id, "Where?", said("There."))
    mine = kept.create(BEN, "b")
    kept.rate(ANA, turn.id, "up", "")
    before = everything(kept, ANA, BEN)
    for owner, conversation, number in [(BEN, made.id, turn.id), (ANA, "no such", 99), (ANA, "", -1)]:
        for attempt in (
            lambda o=owner, c=conversation: kept.turns(o, c),
            lambda o=owner, c=conversation: kept.rename(o, c, "x"),
            lambda o=owner, c=conversation: kept.delete(o, c),
            lambda o=owner, c=conversation: kept.add(o, c, "x", said("x")),
            lambda o=owner, c=conversation, n=number: kept.cut(o, c, n),
            lambda o=owner, n=number: kept.rate(o, n, "down"),
            lambda o=owner, n=number: kept.rate(o, n, None),
            lambda n=number: kept.cut(BEN, mine.id, n),  # a turn of another's in a conversation of one's own
        ):
            with pytest.raises(UsageError, match=r"^this conversation, or this part of it, isn't there any more;"):
                attempt()  # type: ignore[no-untyped-call]
    assert everything(kept, ANA, BEN) == before
    assert kept.list(BEN, "where") == kept.list("a%") == kept.list("") == []


def test_delete_takes_all_of_it(library: Library, kept: Conversations) -> None:
    made, other = kept.create(ANA, "a"), kept.create(ANA, "b")
    kept.rate(ANA, kept.add(ANA, made.id, "?", said("")).id, "up")
    kept.delete(ANA, made.id)
    assert kept.list(ANA) == [Conversation(other.id, "b", other.changed)]
    assert [library.store.value(f"SELECT count(*) FROM {table}") for table in ("turns", "feedback")] == [0, 0]


def test_conversations_outlast_every_change_of_the_documents(
    library: Library, kept: Conversations, tmp_path: Path
) -> None:
    documents = write_files(tmp_path / "in", {"a.txt": "The foo went up.", "b.txt": "The bar came down."})
    made = kept.create(ANA, "a")
    kept.rate(ANA, kept.add(ANA, made.id, "?", said("!")).id, "down", "…")
    before = everything(kept, ANA)
    for change in (
        lambda: sync(library, [documents], as_model(HashModel())),
        lambda: (documents / "a.txt").unlink(),
        lambda: sync(library, [documents], as_model(HashModel())),
        lambda: switch(library, as_model(HashModel("other"))),
        lambda: remove(library, [documents]),
    ):
        change()
        assert everything(kept, ANA) == before
    assert library.store.counts() == (0, 0)


def test_writing_leaves_the_generation_alone(library: Library, kept: Conversations, tmp_path: Path) -> None:
    sync(library, [write_files(tmp_path / "in", {"a.txt": "The foo went up."})], as_model(HashModel()))
    before = library.store.generation, library.refresh_vectors()
    made = kept.create(ANA, "a")
    turn = kept.add(ANA, made.id, "?", said("!"))
    kept.rate(ANA, turn.id, "up")
    kept.cut(ANA, made.id, turn.id)
    kept.delete(ANA, made.id)
    assert (library.store.generation, library.refresh_vectors()) == before


class Slow(HashModel):
    """Waits, in the middle of a sync or a rebuild, until it is let go on."""

    def __init__(self, name: str = "hash") -> None:
        super().__init__(name)
        self.under_way, self.go_on = threading.Event(), threading.Event()

    def encode_documents(self, texts: Any, on_batch: Any = None) -> Any:  # noqa: ANN401
        """Say that it is under way, wait, then encode."""
        self.under_way.set()
        assert self.go_on.wait(30)
        return super().encode_documents(texts, on_batch)


@pytest.mark.parametrize("kind", ["sync", "rebuild"])
def test_writing_waits_for_no_indexing(library: Library, kept: Conversations, tmp_path: Path, kind: str) -> None:
    documents = write_files(tmp_path / "in", {"a.txt": "The foo went up."})
    work: dict[str, tuple[Slow, Callable[[Slow], object]]] = {
        "sync": (Slow(), lambda model: sync(library, [documents], as_model(model))),
        "rebuild": (Slow("other"), lambda model: switch(library, as_model(model))),
    }
    if kind == "rebuild":
        sync(library, [documents], as_model(HashModel()))
    model, index = work[kind]
    with ThreadPoolExecutor(1) as pool:
        indexing = pool.submit(index, model)
        assert model.under_way.wait(30)
        with pytest.raises(LibraryBusy), library.writing():
            pass
        began = time.monotonic()
        made = kept.create(ANA, "a")
        kept.rate(ANA, kept.add(ANA, made.id, "?", said("!")).id, "up")
        assert time.monotonic() - began < 5 and not indexing.done()
        model.go_on.set()
        indexing.result()
    assert len(kept.turns(ANA, made.id)) == library.store.counts()[0] == 1
    assert library.store.embedder == described(as_model(model))


def test_many_people_at_once(library: Library, kept: Conversations, tmp_path: Path) -> None:
    """Each in a thread, with another that indexes; nothing is lost, nothing is seen of another."""

    def person(owner: str) -> None:
        for number in range(5):
            made = kept.create(owner, f"{owner} {number}")
            turns = [kept.add(owner, made.id, f"{owner}?", said(owner)) for _ in range(4)]
            kept.rate(owner, turns[1].id, "up")
            kept.cut(owner, made.id, turns[3].id)
            assert {t.question for c in kept.list(owner) for t in kept.turns(owner, c.id)} == {f"{owner}?"}

    def index() -> None:
        for number in range(10):
            write_files(tmp_path / "in", {f"{number}.txt": f"The foo went up by {number}."})
            sync(library, [tmp_path / "in"], as_model(HashModel()))

    owners = [f"person {number}" for number in range(6)]
    with ThreadPoolExecutor(7) as pool:
        for done in [pool.submit(index), *[pool.submit(person, owner) for owner in owners]]:
            done.result()
    for owner in owners:
        assert titles(kept, owner) == [f"{owner} {number}" for number in reversed(range(5))]
        assert [len(kept.turns(owner, each.id)) for each in kept.list(owner)] == [3] * 5
    assert len(list(kept.feedback())) == 30 and library.store.counts() == (10, 10)


READ_ONLY = """
import os, sys
from pathlib import Path
import faiss, numpy, Stemmer
from index.conversations import Conversations
from index.errors import LibraryError
from index.library import Library
from tests.index_helpers import HashModel
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
library = Library.open(Path(sys.argv[1]))
kept = Conversations(library.store)
print(library.store.version, library.store.read_only, len(library.bm25("harbour", 5)))
scores = library.dense(HashModel().encode(["The harbour is closed."])[0], 5)
print(library.store.embedder.name, *(f"{score:.2f}" for _, score in scores))
print([conversation.title for conversation in kept.list("ana")], len(list(kept.feedback())))
for attempt in (lambda: kept.create("ana", "x"), lambda: kept.rate("ana", 1, "up"), lambda: kept.turns("ana", "x")):
    try:
        attempt()
    except Exception as error:
        print(type(error).__name__, str(error).replace(sys.argv[1], "HERE"))
"""


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="folders are made read-only the POSIX way")
@pytest.mark.parametrize("version", [1, SCHEMA_VERSION])
def test_a_read_only_library_answers_and_keeps_nothing(version: int) -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to all but their owner
        folder = Path(name)
        folder.chmod(0o755)
        old_library(folder / "library", write_files(folder / "in", {"a.txt": "The harbour is closed."}))
        if version == SCHEMA_VERSION:
            library = Library.open(folder / "library")
            kept = Conversations(library.store)
            kept.rate(ANA, kept.add(ANA, kept.create(ANA, "Ports").id, "?", said("!")).id, "up")
            library.close()
        for file in (folder / "library").iterdir():
            file.chmod(0o444)
        (folder / "library").chmod(0o555)
        command = [sys.executable, "-c", READ_ONLY, str(folder / "library")]
        done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY)
        (folder / "library").chmod(0o755)
    refused = "LibraryError HERE/library.db can't be written, so it keeps no conversations"
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        f"{version} True 1",
        "hash 1.00",
        "['Ports'] 1" if version == SCHEMA_VERSION else "[] 0",
        refused,
        refused,
        "UsageError this conversation, or this part of it, isn't there any more; begin a new one",
    ]
