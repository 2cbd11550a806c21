"""Questions in one language over documents in another: whatever embedder is set carries them, no word needs to match.

The stand-in knows eighteen French words as their English ones, as a multilingual model knows all of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index.library import Library
from index.sync import sync
from tests.index_helpers import HashModel, as_model, write_files
from tests.rag_helpers import assistant

if TYPE_CHECKING:
    from index.embedder import Vectors

FILES = {
    "bridge.txt": "The old bridge was closed in March after a flood. The council will build another for 12 million.",
    "wheat.txt": "The farmers sold their wheat to a mill in Leeds. The price of wheat fell to 190 pounds in autumn.",
    "school.txt": "The school lost its roof in the storm. A teacher found the missing bell under the snow.",
    "pont.txt": "Le marché du samedi attire du monde. Les boulangers y vendent du pain et des gâteaux.",
}
DICTIONARY = {
    "vieux": "old",
    "pont": "bridge",
    "fermé": "closed",
    "inondation": "flood",
    "agriculteurs": "farmers",
    "vendu": "sold",
    "blé": "wheat",
    "prix": "price",
    "école": "school",
    "toit": "roof",
    "tempête": "storm",
    "perdu": "lost",
    "cloche": "bell",
    "trouvé": "found",
    "neige": "snow",
    "automne": "autumn",
    "conseil": "council",
    "moulin": "mill",
}
QUESTIONS = [
    ("Pourquoi le vieux pont fermé, une inondation ?", "The old bridge was closed in March after a flood."),
    ("Les agriculteurs ont-ils vendu leur blé au moulin ?", "The farmers sold their wheat to a mill in Leeds."),
    ("Quel prix du blé en automne ?", "The price of wheat fell to 190 pounds in autumn."),
    ("L'école a-t-elle perdu son toit dans la tempête ?", "The school lost its roof in the storm."),
    ("Qui a trouvé la cloche sous la neige ?", "A teacher found the missing bell under the snow."),
]


class Bilingual(HashModel):
    """A HashModel that reads French words as English ones."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode what the texts are in English."""
        return super().encode([self._english(text) for text in texts])

    @staticmethod
    def _english(text: str) -> str:
        return re.sub(r"\w+", lambda word: DICTIONARY.get(word.group().lower(), word.group()), text)


def right(model: HashModel, folder: Path) -> int:
    """Count the questions whose first quote is the sentence that answers them."""
    library = Library.create(folder / "library")
    sync(library, [write_files(folder / "files", FILES)], as_model(model))
    asked = assistant(library, model, None)
    answers = [(asked.ask(question), sentence) for question, sentence in QUESTIONS]
    library.close()
    return sum(bool(answer.quotes) and answer.quotes[0].text == sentence for answer, sentence in answers)


@pytest.mark.parametrize(("model", "least", "most"), [(Bilingual(), 4, 5), (HashModel(), 0, 1)])
def test_the_embedder_decides_whether_questions_cross_languages(
    model: HashModel, least: int, most: int, tmp_path: Path
) -> None:
    assert least <= right(model, tmp_path) <= most
