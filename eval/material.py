"""Texts and questions for benchmarks: the example documents, or files that the command line names.

Texts are plain: what every contestant reads is the same, and no reader of file formats is measured with it.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.fields import GoldError
from eval.formats import load_gold
from eval.gold import Question
from eval.library import write_documents

_HERE = Path(__file__).parent
CORPUS, GOLD = _HERE / "corpus", _HERE / "gold" / "peace-talks.jsonl"
_SHORTEST = 8  # words; what is shorter is a heading
_SENTENCES = 7  # of a paragraph that is made of others'
_SEED = 20251122


@dataclass(frozen=True, slots=True)
class Material:
    """Documents by file name, and questions that they answer. `name` says where they are from."""

    name: str
    texts: Mapping[str, str]
    questions: tuple[Question, ...]

    @classmethod
    def of(cls, paths: Sequence[Path]) -> Material:
        """Read sets of questions that bring their documents (see `eval.formats`); without any, the example documents.

        Questions of a set that judges nothing but a ranking are left out: nobody answers them. Raises GoldError for a
        set without documents, or when no questions are left.
        """
        if not paths:
            return cls("the example documents", _corpus(), _asked(load_gold(GOLD).questions))
        texts: dict[str, str] = {}
        questions: tuple[Question, ...] = ()
        names = []
        for number, path in enumerate(paths, start=1):
            gold = load_gold(path)
            if not gold.documents:
                raise GoldError(f"{path} brings no documents: name SQuAD JSON, RGB JSONL, a BEIR or a TREC folder")
            texts |= {f"{number}-{Path(name).stem}.txt": text for name, text in gold.documents.items()}
            questions += () if gold.ranking_only else _asked(gold.questions)
            names.append(gold.name)
        if not questions:
            raise GoldError(f"{', '.join(names)}: no questions to answer; name a set that has some, too")
        return cls(", ".join(names), texts, questions)

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def fingerprint(self) -> str:
        """What tells these documents from any others."""
        return hashlib.sha256(repr(sorted(self.texts.items())).encode()).hexdigest()[:12]

    def paragraphs(self, least: int) -> Material:
        """Return one document a paragraph, at least so many.

        Where there are fewer, the others are made of the same sentences, drawn anew (the draws are seeded): what they
        say is nonsense, but to an embedding model and to an index they are as much work as any.
        """
        parts = [part.strip() for text in self.texts.values() for part in text.split("\n\n")]
        texts = list(dict.fromkeys(part for part in parts if len(part.split()) >= _SHORTEST))
        if len(texts) >= least:
            return Material(self.name, _named(texts), self.questions)
        sentences = [s for text in texts for s in re.split(r"(?<=[.!?…”])\s+", text) if s]
        draw = random.Random(_SEED)
        made = [" ".join(draw.sample(sentences, _SENTENCES)) for _ in range(least - len(texts))]
        return Material(f"sentences of {self.name}, drawn into paragraphs", _named(texts + made), self.questions)

    def first(self, count: int) -> Material:
        """Return the first few documents alone."""
        return Material(self.name, dict(list(self.texts.items())[:count]), self.questions)

    def write(self, folder: Path) -> Path:
        """Write the documents into a folder of their own below this one, unless they are there."""
        return write_documents(self.texts, folder / self.fingerprint)


def _corpus() -> dict[str, str]:
    from index.readers import read

    return {f"{file.stem}.txt": read(file, file.read_bytes()).text for file in sorted(CORPUS.iterdir())}


def _asked(questions: Sequence[Question]) -> tuple[Question, ...]:
    return tuple(q for q in questions if q.answerable and not q.history)


def _named(texts: Sequence[str]) -> dict[str, str]:
    return {f"p{number:06}.txt": text for number, text in enumerate(texts)}
