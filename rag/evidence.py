"""Choose, from the sentences of the best passages, those that answer the question. Writes nothing, judges nothing.

Passages first, sentences inside them second: a sentence that answers often shares no word with the question ("must
accept strict limits on its armed forces"), but the passage around it does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from index.analysis import analyse, squeeze
from index.scope import EVERYTHING, Scope
from index.types import Passage
from rag.answer import Quote
from rag.signals import Candidate, SignalReader, Signals, z
from rag.timing import asks_change, asks_contrast, chronological
from rag.voice import speaker
from rag.words import FUNCTION_WORDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

# A narrow question (one fact): log-odds for each standard deviation of a signal. `python -m eval.calibrate` fits them;
# these stand between its fits to several sets (news snippets want more agreement, encyclopedias none). `typed`, `asks`
# and `timely` count as they are, from 0 to 1; the last two are too rare in the sets to be fitted.
SIGNALS = {
    "lexical": 0.4,
    "maxsim": 0.25,
    "late": 0.25,
    "passage_maxsim": 0.55,
    "weakest": 0.4,
    "agreement": 0.65,
    "typed": 2.0,
    "asks": -1.0,
    "timely": 1.0,
}
BEFORE = 0.25  # of `lexical` in the sentence in front: the subject is often named there, and what is told of it follows

Amount = Literal["short", "usual", "more"]


@dataclass(frozen=True, slots=True)
class Portion:
    """How much evidence is quoted.

    For one fact, sentences are taken until one of them holds the answer with the probability `sure`, but at most
    `words` words in `narrow` sentences; a broad question gets `broad` sentences.
    """

    sure: float
    words: int
    narrow: int
    broad: int


AMOUNTS: dict[Amount, Portion] = {
    "short": Portion(sure=0.6, words=60, narrow=3, broad=4),
    "usual": Portion(sure=0.88, words=110, narrow=7, broad=9),
    "more": Portion(sure=0.97, words=220, narrow=12, broad=16),
}
SURER = 0.97  # the least that is enough where it was guessed what a follow-up means
_JOINED = 2  # sentences that stand side by side are one quotation; in more, a reader would look for the answer

# A broad question (a list, a reason, a contrast): the passage counts for more, and neighbours lift each other.
_BROAD = {"lexical": 0.5, "late": 0.5, "passage_maxsim": 0.5, "place": 1.0, "asks": -1.0, "timely": 1.0}
_NEIGHBOUR_WEIGHT = 0.5
_RUN_BONUS = 0.7  # standard deviations, for the sentences beside one that was taken: lists run on
_THIN = 4  # new words; a sentence with fewer only talks about what the question names ("None of these demands is new.")
_THIN_PENALTY = 3.0  # standard deviations
_BROAD_WORDS = 2  # an open question of so few content words asks for a whole field

_BEFORE = 400  # characters in front of a sentence, where "he said" finds who he is
_VOICE_PENALTY = 2.0  # standard deviations; readers' comments are no source unless they are asked for
_SAME = 0.95  # cosine above which two sentences say the same, unless their words tell them apart

_LIST_CUE = re.compile(
    r"\b(?:list|name (?:all|the|three|two)|what (?:are|were) the|all the|every|each|quels|quelles|énumère\w*|tous les|"
    r"toutes les)\b|^\W*(?:\w+ )?which (?:\w+ ){0,2}(?!does|was|is|has)\w+s "
    r"(?!the\b|that\b|an?\b|in\b|of\b|to\b|its\b|his\b|her\b)",
    re.IGNORECASE,
)
_OPEN = re.compile(  # "what does", "que": not "what goal", which asks for one
    r"^\W*(?:and |but |et |mais )?(?:what (?:do|does|did|is|are|was|were|has|have|had|will|would|can|should)\b|que\b|"
    r"qu['’]|was\b|qué\b)",
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
    """Sentences chosen for a question: for one fact best first, else oldest first, each document's in their order.

    `passages` are the search's, those that answer best first. `signals` are what the gate judges by, None when the
    passages held no sentence.
    """

    quotes: tuple[Quote, ...]
    passages: tuple[Passage, ...]
    signals: Signals | None


def is_broad(signals: Signals) -> bool:
    """Tell whether a question asks for more than one fact: by a cue, or because it names a whole field."""
    question = signals.question
    if asks_change(question) or asks_contrast(question):
        return True
    if signals.kind is not None:
        return False
    if len(signals.words) <= _BROAD_WORDS and _OPEN.search(question):
        return True
    return _LIST_CUE.search(question) is not None


class EvidenceSelector:
    """Chooses the evidence for a question among the passages that a search found."""

    def __init__(self, reader: SignalReader) -> None:
        self._reader = reader

    def select(
        self,
        question: str,
        passages: Sequence[Passage],
        portion: Portion = AMOUNTS["usual"],
        scope: Scope = EVERYTHING,
    ) -> Evidence:
        """Choose the evidence for `question` among `passages`, which are ranked best first and of one scope."""
        signals = self._reader.read(question, passages, scope)
        if signals is None:
            return Evidence((), tuple(passages), None)
        if is_broad(signals):  # positions change: each is given as of its date, the newest last
            quotes = chronological([_quote(signals.candidates, run) for run in broad(signals, portion)])
        else:
            quotes = [_quote(signals.candidates, run) for run in narrow(signals, portion)]
        return Evidence(tuple(quotes), signals.passages, signals)


def narrow_scores(signals: Signals) -> Floats:
    """Score sentences for a question that asks for one fact: log-odds, comparable within the question."""
    before = _before(signals.candidates, standard(signals, "lexical"))
    return _weighted(signals, SIGNALS) + BEFORE * before - _other_voice(signals)


def narrow(signals: Signals, portion: Portion = AMOUNTS["usual"]) -> list[tuple[int, ...]]:
    """Take sentences until one of them probably holds the answer: one when it is clear, else more.

    Each comes with the sentence before it where it leans on that, and with one beside it that was taken too. Where the
    answer may be anything, a sentence that says little but what the question says is no answer.
    """
    import numpy as np

    score = narrow_scores(signals)
    probability = np.exp(score - score.max())
    probability /= probability.sum()
    at = _places(signals.candidates)
    chosen: list[tuple[int, ...]] = []
    taken: list[int] = []
    words, reached = 0, 0.0
    for i in map(int, np.argsort(-score, kind="stable")):
        candidate = signals.candidates[i]
        if i in taken or _said(signals, i, taken):
            continue
        before = at.get((candidate.passage.document.id, candidate.number - 1))
        run: tuple[int, ...] = (i,)
        if before is not None and before not in taken and _leans(candidate, signals.candidates[before]):
            run = (before, i)
        length = sum(len(signals.candidates[j].text.split()) for j in run)
        if chosen and words + length > portion.words:
            continue
        chosen.append(run)
        taken.extend(run)
        words += length
        if signals.kind is not None or not _is_thin(signals, candidate) or _names(signals, candidate):
            reached += sum(float(probability[j]) for j in run)
        if reached >= portion.sure or len(taken) >= portion.narrow:
            break
    return _joined(signals.candidates, chosen)


def _joined(candidates: Sequence[Candidate], chosen: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Put single sentences that stand side by side together, at the place of the better one."""
    runs: list[tuple[int, ...]] = []
    for run in chosen:
        for place, other in enumerate(runs):
            pair = sorted((*other, *run), key=lambda i: candidates[i].number)
            if len(pair) == _JOINED and _adjoin(candidates[pair[0]], candidates[pair[1]]):
                runs[place] = tuple(pair)
                break
        else:
            runs.append(run)
    return runs


def _adjoin(first: Candidate, second: Candidate) -> bool:
    """Whether a sentence stands right before another in a document, in one voice."""
    one, other = first.passage, second.passage
    together = one.document.id == other.document.id and first.number + 1 == second.number
    return together and one.chunk.voice == other.chunk.voice


def _leans(candidate: Candidate, before: Candidate) -> bool:
    """Whether a sentence needs the one before it to be understood, and both are in one voice."""
    return before.passage.chunk.voice == candidate.passage.chunk.voice and bool(_ANAPHOR.match(candidate.text))


def broad(signals: Signals, portion: Portion = AMOUNTS["usual"]) -> list[tuple[int, ...]]:
    """Take the best sentences one by one; each one lifts its neighbours, because lists run on.

    A thin sentence is put back once, but what stands beside it is lifted at once: it often introduces the list.
    """
    import numpy as np

    score = _weighted(signals, _BROAD)
    score = score + _NEIGHBOUR_WEIGHT * _neighbours(signals.candidates, score) - _other_voice(signals)
    at = _places(signals.candidates)
    thin = {i for i, candidate in enumerate(signals.candidates) if _is_thin(signals, candidate)}
    chosen: list[int] = []
    while len(chosen) < portion.broad and np.isfinite(score.max()):
        i = int(score.argmax())
        reached = float(score[i])
        score[i] = -np.inf
        if _said(signals, i, chosen):
            continue
        if i in thin:
            thin.remove(i)
            score[i] = reached - _THIN_PENALTY
        else:
            chosen.append(i)
        for step in (-1, 1):
            beside = at.get((signals.candidates[i].passage.document.id, signals.candidates[i].number + step))
            if beside is not None:
                score[beside] += _RUN_BONUS
    return [(i,) for i in _in_runs(signals.candidates, chosen)]


def _is_thin(signals: Signals, candidate: Candidate) -> bool:
    """Whether a sentence adds hardly a word to those of the question. An item of a list is short, but little else."""
    new = len(set(analyse(candidate.text, candidate.passage.document.language)) - set(signals.words))
    return new < min(_THIN, len(candidate.text.split()) / 2)


def _names(signals: Signals, candidate: Candidate) -> bool:
    """Whether a sentence has a name or a number that the question hasn't: it may be short because it is the answer."""
    words = candidate.text.split()[1:]
    asked = signals.question.lower()
    return any((word[0].isupper() or word[0].isdigit()) and word.strip(".,;:!?").lower() not in asked for word in words)


def _weighted(signals: Signals, weights: dict[str, float]) -> Floats:
    import numpy as np

    total: Floats = np.zeros(len(signals.candidates))
    for name, weight in weights.items():
        total += weight * standard(signals, name)
    return total


def standard(signals: Signals, name: str) -> Floats:
    """Return a signal's standard scores; yes and no count as they are."""
    values: Floats = getattr(signals, name)
    return values if name in ("typed", "asks", "timely") else z(values)


def _before(candidates: Sequence[Candidate], score: Floats) -> Floats:
    """Score of the sentence before each in its document; the lowest where it is none of the candidates."""
    import numpy as np

    at = _places(candidates)
    places = [at.get((c.passage.document.id, c.number - 1)) for c in candidates]
    return np.array([score.min() if i is None else score[i] for i in places])


def _other_voice(signals: Signals) -> Floats:
    """The penalty of each candidate for not being in the voice that is asked for: readers', or else the documents'."""
    import numpy as np

    voice = "comment" if _COMMENT_CUE.search(signals.question) else "report"
    return _VOICE_PENALTY * np.array([c.passage.chunk.voice != voice for c in signals.candidates], dtype=float)


def _said(signals: Signals, i: int, chosen: Sequence[int]) -> bool:
    """Whether one of the chosen sentences says the same already; another figure or a "not" makes it another one."""
    ours, vector = signals.candidates[i], signals.vectors[i]
    for j in chosen:
        theirs = signals.candidates[j]
        if squeeze(ours.text) == squeeze(theirs.text):
            return True
        if float(vector @ signals.vectors[j]) > _SAME and not _adds(ours, theirs):
            return True
    return False


def _adds(one: Candidate, other: Candidate) -> bool:
    """Whether a sentence has a content word that another lacks, or is denied or qualified otherwise."""
    (words, clausal), (others, clausal_others) = _content(one), _content(other)
    return not words <= others or clausal != clausal_others


def _content(candidate: Candidate) -> tuple[set[str], list[str]]:
    from rag.tokens import read_words

    language = candidate.passage.document.language
    read = read_words(candidate.text, language) if language in FUNCTION_WORDS else ()
    return set(analyse(candidate.text, language)), sorted(word.key for word in read if word.kind == "!")


def _places(candidates: Sequence[Candidate]) -> dict[tuple[str, int], int]:
    return {(c.passage.document.id, c.number): i for i, c in enumerate(candidates)}


def _neighbours(candidates: Sequence[Candidate], score: Floats) -> Floats:
    """Mean score of the sentences right before and after each, within its document."""
    import numpy as np

    at = _places(candidates)
    beside = [
        [at[key] for n in (c.number - 1, c.number + 1) if (key := (c.passage.document.id, n)) in at] for c in candidates
    ]
    return np.array([float(np.mean([score[i] for i in ids])) if ids else 0.0 for ids in beside])


def _in_runs(candidates: Sequence[Candidate], chosen: Sequence[int]) -> list[int]:
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


def _quote(candidates: Sequence[Candidate], run: Sequence[int]) -> Quote:
    first, last = candidates[run[0]], candidates[run[-1]]
    document, chunk = last.passage.document, last.passage.chunk
    start, end = first.sentence.start, last.sentence.end
    before = document.text[max(last.sentence.start - _BEFORE, 0) : last.sentence.start]
    who = speaker(last.text, before, document.language)
    also = [name for name in last.passage.also_in if name in first.passage.also_in]
    return Quote(document, start, end, chunk.voice, who, tuple(also))
