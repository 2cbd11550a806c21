"""Check one drafted sentence against the words it cites. Pure functions; knows nothing of models or of ranking.

A statement is supported when a reader of the quotes would say so without thinking. Each of its clauses is walked word
by word through one sentence of the quotes: every content word has to be there (or a synonym of it), and each step from
one word to the next has to be one that the quote allows. Forwards, past whole phrases that may be left out; to a
phrase that may stand elsewhere, such as a date; or from an object to its verb, when the one is passive and the other
active. So words may be chosen and put otherwise, but none may change its role, its number or its speaker. The check is
severe on purpose: what fails is not lost, the source's own sentence is shown instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from index.analysis import fold, question_language
from rag.clauses import Clause, Sentence, read_sentences
from rag.tokens import Word, phrase_start
from rag.words import FUNCTION_WORDS

MIN_WORDS = 3  # a statement of fewer content words says nothing
MAX_WORDS = 80  # of one sentence; no model writes more, but for repeating itself
MAX_WALKS = 64  # readings of a clause that are looked at; real ones have a few
# Cases that tell agent from object; a phrase in another may stand elsewhere.
_CORE = frozenset(("of", "by", "to", "than", ""))
_PLACES = frozenset("town citi villag region provinc state district vill commun".split())
_CONDITIONS = frozenset(("if", "unless"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the quotes carry a statement, and the `reason` when they do not.

    `support` is the share of the statement's content words that the quotes hold. `retold` is the share of the quotes'
    that the statement holds; 0 when it leaves out a number or a name, which may be what was asked for.
    """

    support: float
    retold: float = 0.0
    reason: str | None = None

    @property
    def supported(self) -> bool:
        """Whether the statement may be shown."""
        return self.reason is None


def check(statement: str, quotes: str | Sequence[str], language: str) -> Verdict:
    """Check a statement against the texts it cites; they may carry it together, each clause by one of them."""
    texts = (quotes,) if isinstance(quotes, str) else tuple(quotes)
    if language not in FUNCTION_WORDS:
        return _copied(statement, texts)
    said = read_sentences(statement, language)
    sources = [sentence for text in texts for sentence in read_sentences(text, language)]
    readings = [sentence for text in texts for sentence in read_sentences(text, language, apart=True)]
    readings = [other for one, other in zip(sources, readings, strict=True) if len(one.clauses) != len(other.clauses)]
    ours = [word for sentence in said for word in sentence.words]
    theirs = [word for sentence in sources for word in sentence.words]
    missing = [word for word in ours if not any(word.equals(other) for other in theirs)]
    support = 1 - len(missing) / len(ours) if ours else 0.0
    left_out = [word for word in theirs if not any(word.equals(other) for other in ours)]
    whole = theirs and all(word.kind == "content" for word in left_out)
    retold = 1 - len(left_out) / len(theirs) if whole else 0.0
    return Verdict(support, retold, _problem(statement, language, ours, missing, said, [*sources, *readings]))


def _copied(statement: str, texts: Sequence[str]) -> Verdict:
    """Of a language without word tables, only a quote's own words pass."""
    ours, *theirs = (" ".join(re.findall(r"\w+", fold(text))) for text in (statement, *texts))
    if ours.count(" ") >= MIN_WORDS - 1 and ours in theirs:
        return Verdict(1.0, 1.0)
    return Verdict(0.0, 0.0, "only a copy can be checked in this language")


def _problem(
    statement: str,
    language: str,
    ours: Sequence[Word],
    missing: Sequence[Word],
    said: Sequence[Sentence],
    sources: Sequence[Sentence],
) -> str | None:
    if len({word.key for word in ours}) < MIN_WORDS:
        return "says too little"
    if any(len(sentence.words) > MAX_WORDS for sentence in said):
        return "it is too long"
    if question_language(statement, FUNCTION_WORDS) not in (None, language):
        return "it is in another language"
    if missing:
        worst = min(missing, key=lambda word: ("number", "name", "content").index(word.kind))
        return f"the {'word' if worst.kind == 'content' else worst.kind} {worst.key} is missing"
    apart = read_sentences(statement, language, apart=True)
    return _uncarried(said, sources) and _uncarried(apart, sources)


def _uncarried(said: Sequence[Sentence], sources: Sequence[Sentence]) -> str | None:
    for sentence in said:
        if sentence.speaker and all(clause.attributed is False for clause in sentence.clauses):
            return _SPEAKER
        if not sentence.clauses:
            return _ROLE
        for clause in sentence.clauses:
            problems = [_unsupported(clause, sentence, source) for source in sources]
            if None not in problems:
                return min((p for p in problems if p), key=_ORDER.index)
    return None


_ROLE, _CLAIM, _CONDITION, _SPEAKER = (
    "its words do not belong together like this",
    "a negation, what may, must or will be, or an amount was changed",
    "a condition was added or dropped",
    "it changes whose words these are",
)
_ORDER = (_SPEAKER, _CONDITION, _CLAIM, _ROLE)


def _unsupported(clause: Clause, sentence: Sentence, source: Sentence) -> str | None:
    """Say why a sentence of the quotes does not carry a clause; None if it does."""
    problem = _ROLE
    for used in islice(_walks(clause, source), MAX_WALKS):
        problem = _CLAIM
        claims = clause.claims()
        through = [source.clauses[number] for number in used]
        links = {other.link for other in through}
        if not any(other.claims() == claims for other in through) or any(
            other.claims() != claims and (other.claims() or not other.relative) for other in through
        ):
            continue
        if not _same_denied(clause, through):
            continue
        if ("otherwise" in links) != (clause.link == "otherwise"):
            continue
        if clause.link not in ("", "when", "otherwise") and clause.link not in links:
            problem = _CONDITION
            continue
        needed = {other.link for other in source.clauses} & (_CONDITIONS | {"until"} if claims else _CONDITIONS)
        if claims and any(
            (word.case == "without" or (word.case == "until" and claims & {"not", "mustnot", "can"}))
            and not any(word.equals(our) for our in sentence.words)
            for other in through
            for word in other.words
        ):
            needed = needed | {"without"}
        if not needed <= {other.link for other in sentence.clauses}:
            problem = _CONDITION
            continue
        attributed = {other.attributed for other in through}
        ours = clause.attributed is not False
        owned = True in attributed or (None in attributed and ours)
        if owned != ours or (owned and not _same_speaker(sentence, source)):
            problem = _SPEAKER
            continue
        return None
    return problem


def _same_denied(clause: Clause, through: Sequence[Clause]) -> bool:
    """A "not" stays with the word that it stood before, or one beside it, as far as that word is told."""
    told = [w for other in through for w in other.negated if any(w.equals(our) for our in clause.words)]
    near = [
        word
        for other in through
        for i, word in enumerate(other.words)
        if any(beside is denied for beside in other.words[max(i - 1, 0) : i + 2] for denied in other.negated)
    ]
    return len(told) == len(clause.negated) and all(any(w.equals(other) for other in near) for w in clause.negated)


def _same_speaker(sentence: Sentence, source: Sentence) -> bool:
    """An opinion keeps its owner: what the source says somebody said is said by the same here, or not at all."""
    if sentence.said != source.said or not source.speaker:
        return False
    first = next((i for i, word in enumerate(source.speaker) if i and (word.case or word.edge)), len(source.speaker))
    heads = [next((w for w in reversed(source.speaker[:first]) if not w.word.endswith("en")), source.speaker[0])]
    heads += [w for w in source.speaker[-1:] if w.kind == "name" and any(v.comma for v in source.speaker[1:])]
    return (
        all(any(w.equals(other) and w.marks == other.marks for other in source.speaker) for w in sentence.speaker)
        and any(word.equals(head) for word in sentence.speaker for head in heads)
        and all(any(word.equals(other) for other in source.listener) for word in sentence.listener)
    )


def _walks(clause: Clause, source: Sentence) -> Iterator[frozenset[int]]:
    """Yield, for each way to read a clause in a sentence of the quotes, the clauses of it that are used."""
    ours, chains = [word for word in clause.words if word.kind != "*"], [other.words for other in source.clauses]
    places: dict[int, dict[int, int]] = {}  # where a word stands: its position in the sentence -> clause -> index
    for number, chain in enumerate(chains):
        for index, word in enumerate(chain):
            places.setdefault(word.at, {})[number] = index
    spots = [
        [word.at for word in source.words if word.at in places and word.equals(our) and word.marks == our.marks]
        + [
            pronoun.at
            for chain in source.clauses
            for pronoun in chain.words[chain.own :]
            if pronoun.kind == "*"
            and any(w.at < pronoun.at and w.equals(our) for w in source.words)
            and not any(w.equals(our) for w in chain.words)
        ]
        for our in ours
    ]
    if not all(spots):
        return
    failed: set[tuple[object, ...]] = set()

    def go(i: int, last: int, main: int | None, at: Sequence[int], used: frozenset[int]) -> Iterator[frozenset[int]]:
        """Place the words from `i` on; `last` is the one before it, `main` the last one outside of phrases."""
        if i == len(ours):
            yield used
            return
        state = (i, main, at[-1] if at else None, at[main] if main is not None and at else None, used)
        if state in failed:
            return
        found = False
        movable = _movable(ours[i])
        for spot in spots[i]:
            if spot in at:
                continue
            here = places[spot]
            options: list[tuple[int, int | None]] = []  # the clause used, and the main word from now on
            if main is None and not (movable and i):
                for number, index in here.items():
                    if i and not any(number in places[other] for other in at):
                        continue
                    if movable and _same_case(ours[i], _case(chains[number], index), near=False):
                        options.append((number, None))
                    elif not movable and _may_begin(ours, i, chains[number], index, source.clauses[number].own):
                        options.append((number, i))
            for origin in dict.fromkeys(o for o in (last, main) if o is not None and i):
                for number in _steps(ours, origin, i, places, at, spot, source.clauses):
                    stays = (
                        bool(ours[i].case)
                        or (main is not None and ours[i].dated)
                        or (not ours[i].edge and last != main and origin == last)
                    )
                    options.append((number, main if stays else i))
            if movable and i:
                base = at[main] if main is not None else at[-1]
                for number, index in here.items():
                    if number in places[base] and _may_move(ours, i, chains[number], index):
                        options.append((number, main))
            for number, main_now in dict.fromkeys(options):
                for result in go(i + 1, i, main_now, (*at, spot), used | {number}):
                    found = True
                    yield result
        if not found:
            failed.add(state)

    yield from go(0, -1, None, (), frozenset())


def _movable(word: Word) -> bool:
    return word.case not in _CORE or (word.dated and word.edge)


def _same_case(our: Word, case: str, near: bool) -> bool:
    pair = {our.case, case}
    return (
        len(pair) == 1
        or (our.dated and pair <= {"in", "", "of", "during", "from"})
        or (near and pair <= {"of", "", "for"})
        or (our.kind == "number" and pair == {"by", "with"})
    )


def _may_move(ours: Sequence[Word], i: int, chain: Sequence[Word], index: int) -> bool:
    """A phrase may stand elsewhere in its clause, if it couldn't be taken for another of its kind."""
    our, their, start = ours[i], chain[index], phrase_start(chain, index)
    case = _case(chain, index)
    if start and chain[start].case == "of" and any(w.equals(chain[start - 1]) for w in _phrase(ours, i)[1:]):
        case = chain[phrase_start(chain, start - 1)].case  # without Ann's consent: without the consent of Ann
    return _same_case(our, case, near=False) and (bool(case) or their.dated) and not _twins(chain, index)


def _twins(chain: Sequence[Word], index: int) -> bool:
    """Whether a figure or date could be taken for another of its clause."""
    word = chain[index]
    return (word.kind == "number" or word.dated) and any(
        other is not word and other.case == word.case and other.kind == word.kind and other.dated == word.dated
        for other in chain
    )


def _case(chain: Sequence[Word], index: int, after: int = -1) -> str:
    """Return the preposition before the phrase of a word, if the whole phrase comes after another word."""
    start = phrase_start(chain, index)
    if chain[start].case == "of" and start and chain[start - 1].key in _PLACES:  # near the town of Ulm: near Ulm
        start = phrase_start(chain, start - 1)
    return chain[start].case if start > after and chain[index].kind == "name" else chain[index].case


def _may_begin(ours: Sequence[Word], i: int, chain: Sequence[Word], index: int, own: int) -> bool:
    start = phrase_start(chain, index)
    head = chain[start - 1] if start and chain[start].case == "of" else None
    if head and any(word.equals(head) for word in _phrase(ours, i)):  # car sales: sales of cars
        return True
    if chain[start].case == "by" and any(word.passive for word in chain[:start]):
        return not ours[i].case and not any(word.passive for word in ours)
    if not _same_case(ours[i], chain[start].case, near=False):
        return False
    return (
        (chain[start].comma and chain[start].kind == "name")
        or all(word.case or not word.edge or word.dated for word in chain[own:start])
        or chain[index].passive
        or any(word.passive for word in ours)
    )


def _phrase(words: Sequence[Word], i: int) -> Sequence[Word]:
    end = next((j for j in range(i + 1, len(words)) if words[j].edge), len(words))
    return words[i:end]


def _may_skip(chain: Sequence[Word], begin: int, end: int, own: int, told: Sequence[int]) -> bool:
    """Whether what stands between two words of a quote may be left out without joining what doesn't belong together."""
    while begin + 1 < end and chain[begin + 1].at in told:
        begin += 1
    if begin < own <= end:
        return begin + 1 == end or end == own
    skipped = chain[begin + 1 : end]
    if not skipped or (skipped[0].comma and chain[end].comma):
        return True
    if chain[end].joined and (end + 1 == len(chain) or chain[end + 1].case):
        return True
    if chain[end].joined and chain[end].case and chain[end].case == skipped[0].case:
        return True
    start = max(phrase_start(chain, end), begin + 1)
    if start == begin + 1:
        return chain[start].edge or all(w.kind == "name" for w in chain[begin:end])
    between = chain[begin + 1 : start]
    return bool(between[0].case or between[0].comma or between[0].dated) and all(
        w.case or not w.edge or w.dated or (w.comma and w.kind == "name" and chain[end].comma) for w in between
    )


def _steps(
    ours: Sequence[Word],
    a: int,
    b: int,
    places: dict[int, dict[int, int]],
    at: Sequence[int],
    spot: int,
    clauses: Sequence[Clause],
) -> Iterator[int]:
    """Yield the clauses of a quote in which one may go from our word `a` to our word `b`."""
    first, second, origin, here = ours[a], ours[b], places[at[a]], places[spot]
    after = ours[b + 1] if b + 1 < len(ours) else None
    phrase = _phrase(ours, b)[1:]
    for number in origin.keys() & here.keys():
        chain, own, p, q = clauses[number].words, clauses[number].own, origin[number], here[number]
        x, y = chain[p], chain[q]
        told = [*at, *(w.at for w in chain if w.kind == "*" or any(w.equals(our) for our in phrase))]
        if p < q:
            follows = chain[q + 1] if q + 1 < len(chain) else None
            turned = (second.passive and not y.passive and follows and not follows.case and not follows.comma) or (
                y.passive and not second.passive and after and not after.case and not after.comma
            )
            if (a != b - 1 or any(w.at not in at for w in chain[p + 1 : q])) and _twins(chain, q):
                continue
            head = phrase_start(chain, q) - 1
            if y.case in ("of", "for") and any(our.equals(chain[head]) for our in phrase):
                case = chain[phrase_start(chain, head)].case
                if _same_case(second, case, near=False) and (p == head or _may_skip(chain, p, head, own, told)):
                    yield number  # cut the stroke risk: cut the risk of stroke
            elif after and after.case in ("of", "for") and q - p == 2 and after.equals(chain[p + 1]) and not y.edge:
                yield number  # a new terminal for containers: a new container terminal
            elif (
                not turned
                and _same_case(second, _case(chain, q, p), near=q - p == 1)
                and _may_skip(chain, p, q, own, told)
            ):
                yield number
            continue
        if not _may_skip(chain, q, p, own, told):
            continue
        start = phrase_start(chain, p)
        head = phrase_start(chain, start - 1) if start else 0
        bare_x, bare_y = not chain[start].case, not chain[phrase_start(chain, q)].case
        if (
            (second.passive and not y.passive and bare_x)  # the object comes first
            or (first.passive and not x.passive and second.case == "by" and bare_y)  # the agent comes last
            or (y.passive and not second.passive and not second.case and chain[start].case == "by")
            or (x.passive and not first.passive and not second.case and bare_y)
            or (second.case in ("of", "for") and q >= start and p - q <= 3)  # risk of stroke: stroke risk
            or (first.dated and not second.edge and _movable(x))  # the 1987 treaty
            or (not second.edge and start > q >= head and chain[start].case in ("of", "for", "in"))  # Oslo's mayor
        ):
            yield number
