"""How well each sentence of the best passages fits a question: a row of numbers per sentence. Chooses nothing.

Passages are encoded once, token by token, and a sentence is a stretch of its passage's tokens: so "he" still carries
who he is. Question and sentence meet token by token (late interaction: Khattab and Zaharia, "ColBERT", SIGIR 2020).
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from index.analysis import (
    WORD,
    analyse,
    cognates,
    fold,
    is_heading,
    query_terms,
    question_language,
    search_terms,
    squeeze,
)
from index.copies import Copies
from index.embedder import Embedder, Tokens
from index.library import Library
from index.scope import EVERYTHING, Scope
from index.types import Passage, Sentence
from rag.answertype import AnswerType, expected_type, fillers
from rag.events import anchor_date, event_anchor
from rag.timing import NEWEST, Period, asked_period, asks_newest, mentions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

PASSAGES = 8  # read for evidence
_SHORTEST = 20  # characters; less is a heading or a shout
_FUNCTION_WORD = 0.3  # weight of a question's function words; of the others, their inverse document frequency
_COGNATE = 0.5  # what a word counts that only looks like one in another language
_SPELT = 6  # letters from which a word may be another one misspelt
_CHANCE = 0.2  # MaxSim that any two texts reach
_QUESTION = re.compile(
    r"^\W*(?:who|whom|what|when|where|why|how|which|is|are|did|does|do|can|was|were|qui|que|quand|où|pourquoi|comment|"
    r"combien|quel|quelle)\b.*\?|\?\W*$",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may become evidence, and its place among its document's sentences."""

    passage: Passage
    number: int
    sentence: Sentence
    text: str


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of a question and of the sentences of its best passages; one entry per candidate in each array.

    words        the question's content words, as they are searched for
    unknown      those that no document searched holds, as they are written
    passages     the passages read, those that answer best by their tokens first, then the rest of the search's
    rank         place of the candidate's passage in the search, from 0
    place        score of that passage in the search
    lexical      weight of the question's terms in the sentence (inverse document frequency)
    coverage     the same for its content words alone, as a share, 0 to 1
    passage_coverage  the largest such share in one passage
    maxsim       mean over the question's tokens, by weight, of the best cosine with one of the sentence's tokens
    weakest      the lowest of these best cosines among the question's content words
    late         cosine of the question with the mean of the sentence's tokens
    passage_maxsim  `maxsim` of the whole passage
    typed        1 where the sentence holds something new, of the type that is asked for where that is known; of a date,
                 a third for each of day, month and year
    agreement    how much of the relevant passages names the same answer as this sentence (redundancy: Dumais et al.,
                 "Web question answering: is more always better?", SIGIR 2002); near copies count as one passage
    asks         1 where the sentence is itself a question
    timely       1 where the sentence speaks of the time that the question names, or was published in it; asked for the
                 newest, from 0 for the oldest document to 1
    named        the share of the question's names and numbers that any of the sentences holds; 1 when it has none
    relevance    the sum over documents of their best sentence's MaxSim above chance: how much there is on the subject
    consensus    how much of it names the same answer, at most, by its rarity; 0 when no two documents do
    """

    question: str
    words: tuple[str, ...]
    unknown: tuple[str, ...]
    kind: AnswerType | None
    passages: tuple[Passage, ...]
    candidates: tuple[Candidate, ...]
    rank: Floats
    place: Floats
    lexical: Floats
    coverage: Floats
    maxsim: Floats
    weakest: Floats
    late: Floats
    passage_maxsim: Floats
    typed: Floats
    agreement: Floats
    asks: Floats
    timely: Floats
    vectors: Floats
    passage_coverage: float
    named: float
    relevance: float
    consensus: float


class SignalReader:
    """Reads the signals of a question from the passages that a search found."""

    def __init__(self, library: Library, embedder: Embedder) -> None:
        self._library = library
        self._embedder = embedder

    def read(self, question: str, passages: Sequence[Passage], scope: Scope = EVERYTHING) -> Signals | None:
        """Read the signals of the best of `passages`, which are ranked best first; None when they hold no sentence.

        How rare a word is, is reckoned over the whole library; which words are unknown, over the scope.
        """
        import numpy as np

        best = list(passages[:PASSAGES])
        candidates = self._candidates(best)
        if not candidates:
            return None
        languages = self._library.store.languages()
        own = question_language(question, languages) or next(iter(languages), "en")
        topic = NEWEST.sub(" ", question)  # "latest" is no topic
        written = {f"{own}_{stems[0]}": word for word in WORD.findall(topic) if (stems := analyse(word, own))}
        terms = query_terms(question, languages)
        frequency = self._library.store.document_frequency(list(dict.fromkeys([*terms, *written])))
        weights = self._weights(frequency)
        held = [set(search_terms(c.text, c.passage.document.language)) for c in candidates]
        known = self._known(frequency, scope)
        lacking = [term for term in written if term not in known]
        met = [_met(written, found, c, own, lacking) for found, c in zip(held, candidates, strict=True)]
        place = {passage.chunk.id: i for i, passage in enumerate(best)}
        rank = np.array([place[c.passage.chunk.id] for c in candidates])

        def coverage(sentences: Sequence[Mapping[str, float]]) -> float:
            best = (weights[term] * max(sentence.get(term, 0.0) for sentence in sentences) for term in written)
            return sum(best) / (sum(weights[term] for term in written) or 1.0)

        tokens, *texts = self._embedder.encode_tokens([question, *(passage.text for passage in best)])
        emphasis = _emphasis(question, tokens, own, weights)
        content = emphasis >= min(1.0, emphasis.max())
        emphasis /= emphasis.sum() or 1.0
        spoken = [_stretch(texts[i], c) for i, c in zip(rank, candidates, strict=True)]
        matches = np.array([_best_matches(tokens, vectors) for vectors in spoken])
        whole = np.array([_best_matches(tokens, text.vectors) @ emphasis for text in texts])
        meaning = np.array([_mean(vectors) for vectors in spoken])
        maxsim = matches @ emphasis

        kind = expected_type(question)
        words = tuple(term.removeprefix(f"{own}_") for term in written)
        said = fillers(question, kind, own) | set(words)
        new = [fillers(c.text, kind, c.passage.document.language) - said for c in candidates]
        asks = np.array([bool(_QUESTION.search(c.text)) for c in candidates], dtype=float)
        mute = [a or b for a, b in zip(asks.tolist(), _repeated(candidates), strict=True)]
        answering = [found if not silent else frozenset[str]() for found, silent in zip(new, mute, strict=True)]
        near = np.clip(maxsim - _CHANCE, 0, 1)
        families = Copies(self._library.store).families({passage.document.id for passage in best})
        family = [families[c.passage.document.id] for c in candidates]
        agreement = self._agreement(answering, _voters(candidates, family), near)
        relevance, consensus = self._consensus(answering, family, near)
        order = np.argsort(-(z(np.array([p.score for p in best])) + z(whole)), kind="stable")
        return Signals(
            question=question,
            words=words,
            unknown=tuple(w for term, w in written.items() if term not in known and not _alike(w, candidates)),
            kind=kind,
            passages=(*(best[i] for i in order), *passages[PASSAGES:]),
            candidates=tuple(candidates),
            rank=rank,
            place=np.array([c.passage.score for c in candidates]),
            lexical=np.array([sum(weights[term] for term in terms if term in found) for found in held]),
            coverage=np.array([coverage([sentence]) for sentence in met]),
            maxsim=maxsim,
            weakest=matches[:, content].min(axis=1),
            late=meaning @ _mean(tokens.vectors),
            passage_maxsim=whole[rank],
            typed=np.array([min(len(found), 3) / 3 if kind == "date" else bool(found) for found in new], dtype=float),
            agreement=agreement,
            asks=asks,
            timely=self._timely(question, candidates, scope),
            vectors=meaning,
            passage_coverage=max(
                coverage([sentence for sentence, other in zip(met, rank, strict=True) if other == i])
                for i in set(rank.tolist())
            ),
            named=_named(written, met),
            relevance=relevance,
            consensus=consensus,
        )

    def _candidates(self, passages: Sequence[Passage]) -> list[Candidate]:
        found: dict[tuple[str, int], Candidate] = {}
        sentences = {i: self._library.store.sentences(i) for i in dict.fromkeys(p.document.id for p in passages)}
        for passage in passages:
            document, chunk = passage.document, passage.chunk
            for number, sentence in enumerate(sentences[document.id]):
                inside = chunk.start <= (sentence.start + sentence.end) / 2 <= chunk.end
                text = document.text[sentence.start : sentence.end]
                if inside and len(text) >= _SHORTEST and not is_heading(text):
                    found.setdefault((document.id, number), Candidate(passage, number, sentence, text))
        return list(found.values())

    def _timely(self, question: str, candidates: Sequence[Candidate], scope: Scope) -> Floats:
        import numpy as np

        published = [c.passage.document.date for c in candidates]
        if asks_newest(question):
            days = sorted({day for day in published if day})
            return np.array([days.index(day) / max(len(days) - 1, 1) if day else 0.0 for day in published])
        oldest, newest = self._library.dates(scope)
        period = asked_period(question, newest, oldest) or self._event_period(question, candidates)
        if period is None:
            return np.zeros(len(candidates))
        near = [
            mentions(c.text, period, day) or (period.about == "publication" and period.covers(day))
            for c, day in zip(candidates, published, strict=True)
        ]
        return np.array(near, dtype=float)

    @staticmethod
    def _event_period(question: str, candidates: Sequence[Candidate]) -> Period | None:
        """Work out from the sentences at hand what "before the Geneva meeting" means."""
        if (anchor := event_anchor(question)) is None:
            return None
        relation, event = anchor
        day = anchor_date(event, [(c.text, c.passage.document.date) for c in candidates])
        if day is None:
            return None
        return Period(None, day) if relation in ("before", "until") else Period(day, None)

    def _known(self, frequency: Mapping[str, int], scope: Scope) -> set[str]:
        """Tell which terms the documents within a scope hold."""
        held = {term for term, n in frequency.items() if n}
        extent = self._library.within(scope)
        return self._library.store.terms_in(held, extent.chunks) if extent else held

    def _weights(self, frequency: Mapping[str, int]) -> dict[str, float]:
        """Inverse document frequency as in BM25 (Robertson and Spärck Jones, smoothed): log(1 + (N-n+.5)/(n+.5))."""
        total = self._library.store.counts()[1]
        return {term: math.log(1 + (total - n + 0.5) / (n + 0.5)) for term, n in frequency.items()}

    def _agreement(self, new: Sequence[frozenset[str]], voters: Sequence[Hashable], near: Floats) -> Floats:
        """Let passages vote for what could be the answer, each as near as it comes to the question."""
        import numpy as np

        support, rarity = self._support(new, voters, near)
        others = [
            max((support[word] - rarity[word] * own for word in found if word in support), default=0.0)
            for found, own in zip(new, near, strict=True)
        ]
        agreement: Floats = near + np.array(others)
        return agreement

    def _consensus(self, new: Sequence[frozenset[str]], families: Sequence[str], near: Floats) -> tuple[float, float]:
        """Return the `relevance` and the `consensus` of the Signals: passages of a document, or its copies, are one."""
        most: dict[str, float] = {}
        for family, weight in zip(families, near, strict=True):
            most[family] = max(most.get(family, 0.0), weight)
        support, _ = self._support(new, families, near)
        return float(sum(most.values())), max(support.values(), default=0.0)

    def _support(
        self, new: Sequence[frozenset[str]], voters: Sequence[Hashable], near: Floats
    ) -> tuple[dict[str, float], dict[str, float]]:
        """Add up, for each word that several voters name, how near each comes to the question, by the word's rarity."""
        votes: dict[str, dict[Hashable, float]] = {}
        for found, voter, weight in zip(new, voters, near, strict=True):
            for word in found:
                given = votes.setdefault(word, {})
                given[voter] = max(given.get(voter, 0.0), float(weight))
        shared = {word: given for word, given in votes.items() if len(given) > 1}
        rarity = self._rarity(list(shared))
        return {word: rarity[word] * sum(given.values()) for word, given in shared.items()}, rarity

    def _rarity(self, words: Sequence[str]) -> dict[str, float]:
        """Weigh words from 0 (everywhere) to 1: log(1 + N/(1+n)) / log(1 + N) for one in n of N chunks."""
        languages = self._library.store.languages()
        total = self._library.store.counts()[1]
        held = self._library.store.document_frequency([f"{lang}_{word}" for word in words for lang in languages])
        count = {word: sum(held[f"{lang}_{word}"] for lang in languages) for word in words}
        return {word: math.log(1 + total / (1 + n)) / math.log(1 + total) for word, n in count.items()}


def _repeated(candidates: Sequence[Candidate]) -> list[bool]:
    """Which sentences were already read, word for word, in a better passage: what was copied is no second witness."""
    first: dict[str, int] = {}
    places = [first.setdefault(squeeze(candidate.text), i) for i, candidate in enumerate(candidates)]
    return [place < i for i, place in enumerate(places)]


def _voters(candidates: Sequence[Candidate], families: Sequence[str]) -> list[Hashable]:
    """Who speaks in each sentence: its passage, but passages of near copies speak with one voice."""
    members: dict[str, set[str]] = {}
    for candidate, family in zip(candidates, families, strict=True):
        members.setdefault(family, set()).add(candidate.passage.document.id)
    return [
        family if len(members[family]) > 1 else candidate.passage.chunk.id
        for candidate, family in zip(candidates, families, strict=True)
    ]


def _met(
    written: Mapping[str, str], held: set[str], candidate: Candidate, language: str, lacking: Sequence[str]
) -> dict[str, float]:
    """How well a sentence holds each of a question's terms: names as names ("War and Peace" isn't war and peace).

    A sentence in another language may hold a cognate; of a name that is the same, of another word half as much. Of the
    terms `lacking` in all documents, a sentence may hold another spelling.
    """
    found = {term: 1.0 for term in written if term in held}
    words = WORD.findall(candidate.text)
    if candidate.passage.document.language != language:
        others = {fold(word) for word in words}
        alike = [term for term in written if any(cognates(fold(written[term]), other) for other in others)]
        return {term: 1.0 if written[term][0].isupper() else _COGNATE for term in alike} | found
    if names := [term for term in list(written)[1:] if written[term][0].isupper() and term in found]:
        capitalised = set(search_terms(" ".join(word for word in words if word[0].isupper()), language))
        found = {term: 1.0 for term in found if term not in names or term in capitalised}
    plain = [fold(word) for word in words] if lacking else []
    return found | {term: 1.0 for term in lacking if _spelt(fold(written[term]), plain)}


def _alike(word: str, candidates: Sequence[Candidate]) -> bool:
    """Whether a word stands in some sentence in another spelling."""
    texts = [[fold(other) for other in WORD.findall(c.text)] for c in candidates]
    return any(_spelt(fold(word), others) or any(cognates(fold(word), other) for other in others) for others in texts)


def _spelt(word: str, others: Sequence[str]) -> bool:
    """Whether a word is another spelling of one of the others, or of two in a row: "Superbowl", "Super Bowl"."""
    return any(_near(word, other) for other in (*others, *(one + two for one, two in pairwise(others))))


def _near(word: str, other: str) -> bool:
    """Whether two words are one but for a letter that is wrong, lacking or in another place; never the first."""
    if word == other:
        return True
    if min(len(word), len(other)) < _SPELT or word[0] != other[0] or not (word + other).isalpha():
        return False
    if len(word) == len(other):
        return sorted(word) == sorted(other) or sum(a != b for a, b in zip(word, other, strict=True)) == 1
    short, long = sorted((word, other), key=len)
    return len(long) - len(short) == 1 and any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


def _named(written: Mapping[str, str], met: Sequence[Mapping[str, float]]) -> float:
    """Share of a question's names and numbers that the sentences hold; its first word has a capital in any case."""
    names = [term for i, (term, word) in enumerate(written.items()) if word[0].isdigit() or (i and word[0].isupper())]
    held = [max(sentence.get(term, 0.0) for sentence in met) for term in names]
    return sum(held) / len(held) if held else 1.0


def z(values: Floats) -> Floats:
    """Standard scores: (x - mean) / standard deviation; zeros when all are equal."""
    deviation = values.std()
    return (values - values.mean()) / deviation if deviation > 0 else values * 0.0


def _emphasis(question: str, tokens: Tokens, language: str, weights: Mapping[str, float]) -> Floats:
    """Weigh each token of a question by the rarity of the word it is part of; punctuation weighs nothing."""
    import numpy as np

    emphasis = np.zeros(len(tokens.spans))
    for word in WORD.finditer(question):
        stems = analyse(word.group(), language)
        weight = weights.get(f"{language}_{stems[0]}", 1.0) if stems else _FUNCTION_WORD
        for i, (start, end) in enumerate(tokens.spans):
            if start < word.end() and end > word.start():
                emphasis[i] = weight
    return emphasis


def _stretch(text: Tokens, candidate: Candidate) -> Floats:
    """Cut a candidate's tokens out of its passage's."""
    offset = candidate.passage.chunk.start
    start, end = candidate.sentence.start - offset, candidate.sentence.end - offset
    return text.vectors[[i for i, (a, b) in enumerate(text.spans) if a >= start and b <= end]]


def _best_matches(question: Tokens, vectors: Floats) -> Floats:
    """For each token of the question the best cosine with any of the vectors; 0 when there are none."""
    import numpy as np

    if not len(vectors):  # behind the last token that the model reads
        return np.zeros(len(question.spans))
    best: Floats = (question.vectors @ vectors.T).max(axis=1)
    return best


def _mean(vectors: Floats) -> Floats:
    import numpy as np

    mean: Floats = vectors.sum(axis=0)
    mean /= float(np.linalg.norm(mean)) or 1.0
    return mean
