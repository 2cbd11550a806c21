"""Choose, from the passages a search found, the sentences that bear on the question. Writes nothing, judges nothing.

Passages first, sentences inside them second: a sentence that answers often shares no word with the question ("must
accept strict limits on its armed forces"), but the passage around it does.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.analysis import analyse, query_terms, question_language, search_terms
from index.embedder import Embedder
from index.library import Library
from index.types import Passage, Sentence
from rag.answer import Quote

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

PASSAGES = 6  # read for evidence; more brings in noise, fewer loses the items of a list
NARROW, BROAD = 3, 9  # sentences: the answer to "when", and to "what does Russia demand?"
_BROAD_WORDS = 3  # a question of so few content words asks for a whole field
_NEIGHBOUR_WEIGHT = 0.5
_RUN_BONUS = 0.7  # standard deviations, for the sentences beside one that was taken
_COMMENT_PENALTY = 2.0  # standard deviations; readers' comments are no source unless they are asked for
_SAME = 0.92  # cosine above which two sentences say the same
_SHORTEST = 20  # characters; less is a heading or a shout
_HEADING_WORDS = 8  # up to so many without a full stop are a heading
_WIDENED = 2  # of the best passages, whose neighbours are read too for a broad question
_FEEDBACK = 4  # best sentences, whose mean a broad question is compared with too (pseudo-relevance feedback)
_FEEDBACK_WEIGHT = 0.5

_NARROW_CUE = re.compile(
    r"^\W*(?:(?:in|on|by|since|at|to|from|until)\s+)?(?:who|whom|whose|when|where|how (?:many|much|long|old|far|often)|"
    r"what (?:year|date|day|time|number|name)|which (?:year|date|day)|"
    r"qui|quand|où|combien|(?:à|en|de) (?:quelle|quel) (?:date|année|jour|heure)|wer|wann|wo|wie viele?|quién|cuándo|"
    r"dónde|cuánt\w+)\b",
    re.IGNORECASE,
)
_LIST_CUE = re.compile(
    r"\b(?:list|name (?:all|the|three|two)|what (?:are|were) the|which (?:\w+ ){0,2}\w+s\b|quels|quelles|énumère\w*|"
    r"all the|every|each|tous les|toutes les)\b",
    re.IGNORECASE,
)
_COMMENT_CUE = re.compile(
    r"\b(?:readers?|comments?|commenters?|lecteurs?|lectrices?|commentaires?|internautes?|leser|kommentare?|lectores)\b",
    re.IGNORECASE,
)
# A sentence that opens with one of these needs the one before it to be understood.
_ANAPHOR = re.compile(
    r"\W*(?:he|she|they|it|this|these|those|such|his|her|their|its|il|elle|ils|elles|cela|ceci|celui-ci|celle-ci|"
    r"cette|ces|ce|er|sie|dies\w*)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Sentences chosen for a question, best first, those that stand together in their order; and how good they are.

    `coverage` is the share of the question's words, weighted by rarity, that the best passage holds. `similarity` is
    the best cosine of a sentence with the question. `words` counts the question's content words.
    """

    quotes: tuple[Quote, ...]
    coverage: float
    similarity: float
    words: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    passage: Passage
    number: int  # position among the document's sentences
    sentence: Sentence
    text: str


def sentences_wanted(question: str, words: int) -> int:
    """How many sentences an answer needs: few for who, when and how many, more for a list or a broad question."""
    if _NARROW_CUE.search(question):
        return NARROW
    return BROAD if words <= _BROAD_WORDS or _LIST_CUE.search(question) else NARROW


class EvidenceSelector:
    """Ranks the sentences of the best passages by the same two signals as the search, and takes the best."""

    def __init__(self, library: Library, embedder: Embedder) -> None:
        self._library = library
        self._embedder = embedder

    def select(self, question: str, passages: Sequence[Passage]) -> Evidence:
        """Choose the evidence for `question` among `passages`, which are ranked best first."""
        languages = self._library.store.languages()
        own = question_language(question, languages) or next(iter(languages), "en")
        words = list(dict.fromkeys(analyse(question, own)))
        wanted = sentences_wanted(question, len(words))
        best = list(passages[:PASSAGES])
        candidates = self._candidates(best + (self._beside(best[:_WIDENED], best) if wanted == BROAD else []))
        if not candidates:
            return Evidence((), 0.0, 0.0, len(words))

        import numpy as np

        terms = query_terms(question, languages)
        weights = self._weights(dict.fromkeys([*terms, *(f"{own}_{word}" for word in words)]))
        vectors = self._embedder.encode([question, *(candidate.text for candidate in candidates)])
        asked, vectors = vectors[0], vectors[1:]
        held = [set(search_terms(c.text, c.passage.document.language)) for c in candidates]
        lexical = np.array([sum(weights[term] for term in terms if term in found) for found in held])
        place = _z(np.array([candidate.passage.score for candidate in candidates]))
        score = _z(vectors @ asked) + _z(lexical)
        if wanted == BROAD:
            leaders = np.argsort(-(score + place), kind="stable")[:_FEEDBACK]
            score = score + _FEEDBACK_WEIGHT * _z(vectors @ vectors[leaders].mean(axis=0))
        score = score + place + _NEIGHBOUR_WEIGHT * _neighbours(candidates, score)
        if not _COMMENT_CUE.search(question):
            score = score - _COMMENT_PENALTY * np.array([c.passage.chunk.voice == "comment" for c in candidates])
        chosen = _choose(candidates, score, vectors, wanted)
        return Evidence(
            quotes=tuple(_quote(candidates[i]) for i in _in_runs(candidates, chosen)),
            coverage=_coverage([f"{own}_{word}" for word in words], weights, candidates, held),
            similarity=float((vectors @ asked).max()),
            words=len(words),
        )

    def _beside(self, passages: Sequence[Passage], known: Sequence[Passage]) -> list[Passage]:
        """The chunks right before and after some passages, scored like the last known passage."""
        have = {passage.chunk.id for passage in known}
        wanted = [p.chunk.id + step for p in passages for step in (-1, 1) if p.chunk.id + step not in have]
        documents = {passage.document.id: passage.document for passage in passages}
        chunks = self._library.store.chunks(wanted).values()
        return [Passage(c, documents[c.document_id], known[-1].score) for c in chunks if c.document_id in documents]

    def _candidates(self, passages: Sequence[Passage]) -> list[_Candidate]:
        found: dict[tuple[str, int], _Candidate] = {}
        sentences = {i: self._library.store.sentences(i) for i in dict.fromkeys(p.document.id for p in passages)}
        for passage in passages:
            document, chunk = passage.document, passage.chunk
            for number, sentence in enumerate(sentences[document.id]):
                inside = chunk.start <= (sentence.start + sentence.end) / 2 <= chunk.end
                text = document.text[sentence.start : sentence.end]
                if inside and len(text) >= _SHORTEST and not _is_heading(text):
                    found.setdefault((document.id, number), _Candidate(passage, number, sentence, text))
        return list(found.values())

    def _weights(self, terms: Mapping[str, object]) -> dict[str, float]:
        """Inverse document frequency as in BM25 (Robertson and Spärck Jones, smoothed): log(1 + (N-n+.5)/(n+.5))."""
        total = self._library.store.counts()[1]
        frequency = self._library.store.document_frequency(list(terms))
        return {term: math.log(1 + (total - n + 0.5) / (n + 0.5)) for term, n in frequency.items()}


def _coverage(
    words: Sequence[str], weights: Mapping[str, float], candidates: Sequence[_Candidate], held: Sequence[set[str]]
) -> float:
    """Share of the question's words, by weight, in the passage that holds most of them.

    A word is looked for as it is analysed in the question's language, whatever language the passage is in.
    """
    total = sum(weights[word] for word in words)
    passages: dict[int, set[str]] = {}
    for candidate, found in zip(candidates, held, strict=True):
        passages.setdefault(candidate.passage.chunk.id, set()).update(found)
    best = max((sum(weights[word] for word in words if word in found) for found in passages.values()), default=0.0)
    return best / total if total else 0.0


def _z(values: Floats) -> Floats:
    deviation = values.std()
    return (values - values.mean()) / deviation if deviation > 0 else values * 0.0


def _neighbours(candidates: Sequence[_Candidate], score: Floats) -> Floats:
    """Mean score of the sentences right before and after each, within its document."""
    import numpy as np

    at = {(c.passage.document.id, c.number): i for i, c in enumerate(candidates)}
    beside = [
        [at[key] for n in (c.number - 1, c.number + 1) if (key := (c.passage.document.id, n)) in at] for c in candidates
    ]
    return np.array([float(np.mean([score[i] for i in ids])) if ids else 0.0 for ids in beside])


def _choose(candidates: Sequence[_Candidate], score: Floats, vectors: Floats, wanted: int) -> list[int]:
    """Take the best sentences one by one, none twice.

    For a broad question each one taken lifts its neighbours, because lists run on; for a narrow one, a sentence that
    leans on the sentence before it brings that along.
    """
    import numpy as np

    at = {(c.passage.document.id, c.number): i for i, c in enumerate(candidates)}
    left = score.copy()
    chosen: list[int] = []
    while len(chosen) < wanted and np.isfinite(left.max()):
        i = int(left.argmax())
        left[i] = -np.inf
        if any(float(vectors[i] @ vectors[j]) > _SAME for j in chosen):
            continue
        chosen.append(i)
        document, number = candidates[i].passage.document.id, candidates[i].number
        before, after = at.get((document, number - 1)), at.get((document, number + 1))
        if wanted == BROAD:
            for beside in (before, after):
                if beside is not None:
                    left[beside] += _RUN_BONUS
        elif before is not None and before not in chosen and _ANAPHOR.match(candidates[i].text):
            chosen.append(before)
            left[before] = -np.inf
    return chosen


def _in_runs(candidates: Sequence[_Candidate], chosen: Sequence[int]) -> list[int]:
    """Put chosen sentences that follow each other in a document side by side, at the place of the best of them."""
    at = {(candidates[i].passage.document.id, candidates[i].number): i for i in chosen}
    ordered: list[int] = []
    for i in chosen:
        if i in ordered:
            continue
        document, number = candidates[i].passage.document.id, candidates[i].number
        while (document, number - 1) in at:
            number -= 1
        while (document, number) in at:
            ordered.append(at[document, number])
            number += 1
    return ordered


def _quote(candidate: _Candidate) -> Quote:
    chunk, sentence = candidate.passage.chunk, candidate.sentence
    return Quote(candidate.passage.document, sentence.start, sentence.end, chunk.page, chunk.voice)


def _is_heading(text: str) -> bool:
    return text.startswith("#") or (len(text.split()) <= _HEADING_WORDS and text[-1] not in '.!?…:;"”»)')
