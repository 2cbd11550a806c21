"""A second hurdle for sentences that a model wrote: a cross-encoder must find that they follow from their quotes.

Optional, off unless the settings name an entailment model. It comes after rag/check.py, so it takes sentences away and
never adds one; quotations are not judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from index.errors import ModelError
from rag.crossencoder import CrossEncoder

LABEL = "entailment"


class Entailment:
    """Tells whether texts entail a statement: that label is likelier than any other of the model's."""

    def __init__(self, model: CrossEncoder, label: int) -> None:
        self._model = model
        self._label = label
        # A draft is judged again at each sentence that it grows by.
        self._entails = lru_cache(1024)(self._judge)

    @classmethod
    def open(cls, setting: str, threads: int = 0) -> Entailment:
        """Open the model of a setting. Raises ModelError when it is not one for entailment."""
        model = CrossEncoder.open(setting, threads)
        labels = [label.lower() for label in model.labels]
        if LABEL not in labels:
            known = ", ".join(filter(None, model.labels)) or "they have no names"
            raise ModelError(f"{model.folder} is not an entailment model: none of its labels is {LABEL} ({known})")
        return cls(model, labels.index(LABEL))

    @property
    def name(self) -> str:
        """Name of the model."""
        return self._model.name

    def __call__(self, texts: Sequence[str], statement: str) -> bool:
        """Tell whether the texts, taken together, entail a statement."""
        return self._entails(" ".join(" ".join(texts).split()), statement)

    def _judge(self, premise: str, hypothesis: str) -> bool:
        scores = self._model.scores([(premise, hypothesis)])[0]
        return int(scores.argmax()) == self._label
