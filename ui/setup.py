"""What happens in the settings' part of the page: what the chat was started with, and which models can be fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from index.catalogue import Machine, all_fetched, known_models
from index.errors import RagError
from rag.settings import Told
from ui import equipment
from ui.fetching import Fetching
from ui.visit import Updates, Visit


class Setup:
    """The settings' side of the page.

    Only for whoever sits at this machine: unless the page is served to it alone (`own`), nothing is shown, and nothing
    can be fetched, by no one. An address of this machine would not tell its owner from a visitor behind a proxy.
    """

    def __init__(self, settings: Sequence[Told], fetching: Fetching, *, own: bool) -> None:
        self.own = own
        self._settings = settings
        self._fetching = fetching

    def show(self, visit: Visit) -> Updates:
        """Show the settings, the models, and what is being fetched."""
        if not self.own:
            return {}
        used = {one.value for one in self._settings if one.name in visit.words.model_kinds}
        known = list(known_models().values())
        return {
            "values": equipment.values(self._settings, visit.words),
            "models": equipment.models(known, all_fetched(), used, Machine.this(), visit.words),
            **self._fetch(visit),
        }

    def watch(self, visit: Visit) -> Updates:
        """Show how the fetching goes, and when it ends, which models are here now.

        Nothing else ends the looks, and this only a while after the end: what was seen before somebody asked or agreed
        may get to the page after what they did.
        """
        if not self.own:
            return {}
        if self._fetching.state().is_open:
            return self._fetch(visit)
        return self.show(visit) | {"ticks": {"active": self._fetching.is_lively}}

    def ask(self, visit: Visit, told: Mapping[str, Any]) -> Updates:
        """Ask the hub for the terms of a model."""
        if not self.own:
            return {}
        try:
            self._fetching.ask(str(told["model"]))
        except RagError as error:
            return {"fetch": equipment.refusal(str(error))}
        return self._fetch(visit)

    def agree(self, visit: Visit, told: Mapping[str, Any]) -> Updates:
        """Fetch the model whose terms were agreed to."""
        if not self.own:
            return {}
        self._fetching.agree(str(told["model"]), int(told["size"]))
        return self._fetch(visit)

    def stop(self, visit: Visit) -> Updates:
        """Stop fetching, or turn the terms down."""
        if not self.own:
            return {}
        self._fetching.stop()
        return self._fetch(visit)

    def _fetch(self, visit: Visit) -> Updates:
        shown: Updates = {"fetch": equipment.fetch(self._fetching.state(), visit.words)}
        return shown | {"ticks": {"active": True}} if self._fetching.is_lively else shown
