"""What happens in the documents' part of the page: adding, watching, searching, reading again, removing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from index.copies import Copies
from index.errors import RagError
from index.scope import EVERYTHING, Scope
from rag.assistant import Assistant
from ui import holdings
from ui.examples import EXAMPLE_DOCUMENTS
from ui.intake import Intake
from ui.markup import problem
from ui.talk import Talk
from ui.uploads import Refused
from ui.visit import Updates, Visit
from ui.words import searched_only

_PASSAGES = 10


class Shelf:
    """The documents' side of the page. With `paths`, files and folders of this machine can be named."""

    def __init__(self, assistant: Assistant, intake: Intake, talk: Talk, *, paths: bool) -> None:
        self._assistant = assistant
        self._store = assistant.library.store
        self._intake = intake
        self._talk = talk
        self._paths = paths

    def show(self, visit: Visit, wanted: str = "", refused: Sequence[Refused] = ()) -> Updates:
        """Show what the library holds and what is being read; `wanted` narrows the list."""
        state = self._intake.state()
        return {
            "status": holdings.status(*self._store.counts(), visit.words),
            "progress": holdings.progress(state, visit.words),
            "reasons": holdings.outcome(state, refused, visit.words),
            "table": self._table(visit, wanted),
            "timer": {"active": state.running},
        }

    def _table(self, visit: Visit, wanted: str) -> str:
        return holdings.table(self._store.inventory(), Copies(self._store).all(), wanted, visit.words)

    def watch(self, visit: Visit, current: str, wanted: str) -> Updates:
        """Show how the reading goes; when it ends, what there is now."""
        state = self._intake.state()
        if state.running:
            return {"progress": holdings.progress(state, visit.words)}
        return self.show(visit, wanted) | ({} if current else {"live": self._talk.welcome(visit)})

    def upload(self, visit: Visit, files: Sequence[str] | None, wanted: str) -> Updates:
        """Take in uploaded files."""
        refused = self._intake.add_uploads([Path(name) for name in files or []])
        return self.show(visit, wanted, refused) | {"files": None}

    def add(self, visit: Visit, named: str, wanted: str) -> Updates:
        """Take in a file or folder of this machine."""
        if not self._paths:
            return {}
        try:
            self._intake.add_path(named)
        except RagError as error:
            return {"reasons": problem(str(error))}
        return self.show(visit, wanted) | {"path": ""}

    def add_examples(self, visit: Visit) -> Updates:
        """Take in the example articles."""
        self._intake.add_path(str(EXAMPLE_DOCUMENTS))
        return self.show(visit)

    def read_again(self, visit: Visit, told: Mapping[str, Any], wanted: str) -> Updates:
        """Read one file again, or all of them."""
        if "file" not in told:
            self._intake.read_again()
        elif path := self._known(told["file"]):
            self._intake.read_again([path])
        return self.show(visit, wanted)

    def remove(self, visit: Visit, told: Mapping[str, Any], wanted: str) -> Updates:
        """Take a file out of the library."""
        if path := self._known(told["file"]):
            self._intake.remove([path])
        return self.show(visit, wanted)

    def _known(self, path: object) -> Path | None:
        """A file, if the library has it: a request could name any file of this machine."""
        return Path(str(path)) if path in self._store.files() else None

    def stop(self, visit: Visit) -> Updates:
        """Stop reading; what is done stays done."""
        self._intake.stop()
        return self.show(visit)

    def search(self, visit: Visit, wanted: str, scope: Scope = EVERYTHING) -> Updates:
        """Show passages with these words, from what a question would be answered from, and the files that they name."""
        has = bool(wanted.strip()) and self._store.counts()[1] > 0
        return {
            "found": self._found(visit, wanted, scope) if has else "",
            "table": self._table(visit, wanted),
        }

    def _found(self, visit: Visit, wanted: str, scope: Scope) -> str:
        try:
            extent = self._assistant.library.within(scope)
            found = self._assistant.searcher.search(wanted, _PASSAGES, scope)
        except RagError as error:  # the documents that the filter names are gone
            return problem(str(error))
        searched = searched_only(scope, extent.undated if extent else 0, visit.words)
        return holdings.found(found, visit.words, searched)
