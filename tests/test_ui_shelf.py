"""The documents' side of the page: adding, watching, searching, reading again and removing, with a fake model."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.conversations import Conversations
from index.library import Library
from index.scope import Scope
from index.sync import sync
from index.viewer import Viewer
from tests.index_helpers import HashModel, as_model, names, write_files
from tests.rag_helpers import assistant
from tests.ui_helpers import texts_of, values_of
from ui.chat import Chat, Preferences
from ui.examples import EXAMPLE_DOCUMENTS
from ui.intake import Intake
from ui.reader import Reader
from ui.shelf import Shelf
from ui.talk import Talk
from ui.visit import Updates, Visit
from ui.words import ENGLISH

ANN = Visit("ann", "tab", ENGLISH, Preferences())
FILES = {
    "oil.txt": "Oil and sanctions\n\nThe sanctions hit Rosneft in October. Prices rose at once.",
    "flood.txt": "The great flood\n\nThe river Ald broke its banks in May. Nobody was hurt.",
}


class Desk:
    """A library of two files, and the parts of the page that show it."""

    def __init__(self, folder: Path, paths: bool = True) -> None:
        self.documents = write_files(folder / "documents", FILES)
        self.library, model = Library.create(folder / "library"), as_model(HashModel())
        sync(self.library, [self.documents], model)
        answers = assistant(self.library, model.question_encoder(), None)
        self.chat = Chat(answers, Conversations(self.library.store))
        self.intake = Intake(self.library, model)
        self.talk = Talk(self.chat)
        self.shelf = Shelf(answers, self.intake, self.talk, paths=paths)
        self.viewer = Viewer(self.library.store)
        self.reader = Reader(self.library.store, self.talk, self.viewer)

    def watched(self) -> Updates:
        """Watch until the reading has ended."""
        until = time.monotonic() + 60
        while "table" not in (shown := self.shelf.watch(ANN, "", "")):
            assert time.monotonic() < until
            time.sleep(0.02)
        return shown

    def stored(self) -> list[str]:
        """The names of the files that the library knows."""
        return names(self.library.store.files())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.watched()
    made.library.close()


def test_a_file_of_this_machine_is_taken_in(desk: Desk, tmp_path: Path) -> None:
    write_files(tmp_path, {"more.txt": "Something else happened in June."})
    shown = desk.shelf.add(ANN, str(tmp_path / "more.txt"), "")
    assert shown["path"] == ""
    shown = desk.watched()
    assert desk.stored() == ["flood.txt", "more.txt", "oil.txt"]
    assert texts_of(shown["reasons"], "p") == ["Done: 1 added"]
    assert shown["timer"] == {"active": False}
    assert "3 documents" in shown["status"]
    assert ENGLISH.empty_title in shown["live"]  # the welcome knows of it
    assert "live" not in desk.shelf.watch(ANN, "a conversation", "")


@pytest.mark.parametrize("named", ["", "/nowhere/at <all>", "\x00", "~nobody/x"])
def test_what_is_not_there_is_refused_in_one_line(desk: Desk, named: str) -> None:
    shown = desk.shelf.add(ANN, named, "")
    assert list(shown) == ["reasons"]  # the field keeps what was typed
    assert len(texts_of(shown["reasons"], "p")) == 1
    assert not desk.intake.state().running


def test_beyond_this_machine_no_path_can_be_named(tmp_path: Path) -> None:
    desk = Desk(tmp_path, paths=False)
    write_files(tmp_path, {"secret.txt": "A secret."})
    assert desk.shelf.add(ANN, str(tmp_path / "secret.txt"), "") == {}
    assert not desk.intake.state().running
    desk.library.close()


def test_uploads_are_taken_in_or_refused_by_name(desk: Desk, tmp_path: Path) -> None:
    write_files(tmp_path / "temporary", {"new.txt": "The new bridge opened.", "tool.exe": "x"})
    shown = desk.shelf.upload(ANN, [str(tmp_path / "temporary" / name) for name in ("new.txt", "tool.exe")], "")
    assert shown["files"] is None
    assert texts_of(shown["reasons"], "bdi") == ["tool.exe"]
    desk.watched()
    assert "new.txt" in desk.stored()
    assert desk.shelf.upload(ANN, None, "")["files"] is None


def test_a_known_file_is_removed_or_read_again_and_no_other(desk: Desk, tmp_path: Path) -> None:
    oil = str(desk.documents / "oil.txt")
    other = write_files(tmp_path, {"other.txt": "Not in the library."}) / "other.txt"
    for file in (str(other), str(desk.documents), "", 7, None):
        desk.shelf.remove(ANN, {"file": file}, "")
        desk.shelf.read_again(ANN, {"file": file}, "")
    desk.watched()
    assert desk.stored() == ["flood.txt", "oil.txt"]
    assert other.exists()

    Path(oil).write_text("Gas prices\n\nThe sanctions hit Novatek.", encoding="utf-8")
    desk.shelf.read_again(ANN, {"file": oil}, "")
    assert "Gas prices" in desk.watched()["table"]
    desk.shelf.remove(ANN, {"file": oil}, "")
    desk.watched()
    assert desk.stored() == ["flood.txt"]
    assert Path(oil).exists()
    (desk.documents / "flood.txt").unlink()
    desk.shelf.read_again(ANN, {}, "")
    desk.watched()
    assert desk.stored() == []


def test_a_search_finds_passages_and_narrows_the_list(desk: Desk) -> None:
    shown = desk.shelf.search(ANN, "flood")
    assert "river Ald" in texts_of(shown["found"], "q")[0]
    assert len(values_of(shown["table"], "select")) == 1
    assert desk.shelf.search(ANN, "  ")["found"] == ""
    assert len(values_of(desk.shelf.search(ANN, "")["table"], "select")) == 2


def test_a_search_keeps_to_the_filter_and_says_so(desk: Desk) -> None:
    shown = desk.shelf.search(ANN, "sanctions", Scope.of(paths=["flood.txt"]))["found"]
    assert texts_of(shown, "p") == ["Searched only in: flood.txt"]
    assert len(texts_of(shown, "q")) == 1 and "river Ald" in texts_of(shown, "q")[0]
    gone = desk.shelf.search(ANN, "sanctions", Scope.of(paths=["gone.txt"]))["found"]
    assert "no document is at 'gone.txt'" in texts_of(gone, "p")[0]


def test_an_empty_library_is_searched_without_harm(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.shelf.remove(ANN, {"file": str(desk.documents / "oil.txt")}, "")
    desk.shelf.remove(ANN, {"file": str(desk.documents / "flood.txt")}, "")
    desk.watched()
    assert desk.shelf.search(ANN, "flood")["found"] == ""
    desk.library.close()


def test_the_examples_can_be_taken_in_and_stopped(desk: Desk) -> None:
    shown = desk.shelf.add_examples(ANN)
    assert shown["timer"] == {"active": True}
    desk.shelf.stop(ANN)
    desk.watched()
    desk.shelf.add_examples(ANN)
    desk.watched()
    assert set(names(str(path) for path in EXAMPLE_DOCUMENTS.iterdir())) <= set(desk.stored())
