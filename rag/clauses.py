"""Read the sentences of a text: their clauses, each with its subject, and who says them. Knows nothing of checking.

No parser: conjunctions, relative pronouns, auxiliaries and commas tell clauses apart. Where they mislead, the check
takes the sentence for unsupported, never for supported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

from rag.tokens import PARTICIPLES, Word, phrase_start, read_words, stem
from rag.words import SAYING, WEAK_SAYING

_REVERSED = {"morethan": "atmost", "lessthan": "atleast"}
_TIMES = frozenset(("before", "after", "since", "until"))
_PASTS = frozenset("met told rose fell began left held won lost cut hit made took gave said went came kept".split())
_ARTICLES = frozenset("the a an this these his her its their le la les l un une ce cette ces son sa ses leur".split())
_ANNOUNCING = frozenset(("announc", "annonc"))  # what was announced was done, or at least decided
_TELLING = frozenset(("tell", "told", "inform", "warn", "avert"))


@dataclass(slots=True)
class Clause:
    """A clause in its own order, after the subject it shares with another."""

    words: list[Word] = field(default_factory=list)
    own: int = 0  # where its own words begin; the subject before them is another clause's
    marks: set[str] = field(default_factory=set)  # what changes it: not, may
    negated: list[Word] = field(default_factory=list)  # the word after each "not": of a list, each item has its own
    link: str = ""  # how it hangs on its sentence: cause, if, when
    relative: bool = False
    aside: bool = False  # whether commas set it off
    attributed: bool | None = False  # whether somebody says it; None: they announced it, so it may be said without

    def claims(self) -> frozenset[str]:
        """The marks, with all the ways to forbid made one."""
        if "not" in self.marks and self.marks & {"must", "shall", "can"}:
            return frozenset(self.marks - {"not", "must", "shall", "can"} | {"mustnot"})
        return frozenset(self.marks - ({"not"} if "mustnot" in self.marks else set()))


@dataclass(slots=True)
class Sentence:
    """A sentence: all its content words, its clauses, and who says it to whom."""

    clauses: list[Clause]
    words: list[Word]
    speaker: list[Word]
    listener: list[Word]
    said: frozenset[str]  # marks of the saying: "did not say"


@lru_cache(maxsize=1024)
def read_sentences(text: str, language: str, apart: bool = False) -> tuple[Sentence, ...]:
    """Read a text: its sentences, what each says, and who says it; every "and" joins two clauses if `apart`."""
    return tuple(_parse(items, language, apart) for items in _split(text, language))


@lru_cache(maxsize=1024)
def _split(text: str, language: str) -> tuple[list[Word], ...]:
    found: list[list[Word]] = [[]]
    for item in read_words(text, language):
        if item.kind == "stop":
            found.append([])
        else:
            found[-1].append(replace(item, at=len(found[-1])))
    return tuple(items for items in found if any(word.content for word in items))


def _parse(items: list[Word], language: str, apart: bool) -> Sentence:
    verb, speaker, listener, said, scope, gone = _attribution(items, language)
    rest = [replace(w, kind=";") if w.at == verb else w for w in items if w.at not in gone or w.at == verb]
    announced = ""
    if verb >= 0 and items[verb].key in _ANNOUNCING:
        final = all(w.at in gone or not w.content for w in items[verb:])
        announced = "all" if final and scope.start == 0 else "asides"
    if speaker and speaker[0].case == "by":
        rest = [w for w in rest if w.at != verb]
    return Sentence(
        _clauses(rest, scope, language, announced, apart),
        [w for w in items if w.content and w.at != verb],
        speaker,
        listener,
        said,
    )


def _attribution(
    items: Sequence[Word], language: str
) -> tuple[int, list[Word], list[Word], frozenset[str], range, set[int]]:
    """Find who says it: the verb, the speaker, whom they tell, what limits it, where it reaches, and all its words."""
    ends = [item.at for item in items if item.kind in (",", ";", "stop")] + [len(items)]
    for item in items:
        if item.kind == "@":
            end = _apposed(items, next(e for e in ends if e > item.at), ends)
            region = range(item.at, end)
            return (
                item.at,
                [w for w in items[item.at : end] if w.content],
                [],
                frozenset(),
                range(len(items)) if item.at == 0 else _side(items, item.at),
                set(region),
            )
    for item in items:
        if not _says(items, item.at, language):
            continue
        begin = item.at
        while begin and items[begin - 1].kind not in (",", ";", "?", "+"):
            begin -= 1
        end = next(e for e in ends if e > item.at)
        that = next((w.at for w in items[item.at + 1 : item.at + 9] if w.kind == "?" and w.at < end), None)
        left, after = [w for w in items[begin : item.at] if w.content], items[item.at + 1 : end]
        said = frozenset(w.key for w in items[begin : item.at] if w.kind == "!")
        told = _finite(after) or any(w.kind in "=!" for w in after)
        if begin and not left and that is None and told:  # Ann Field, the mayor, said the dam was safe
            while begin and items[begin - 1].kind not in (";", "?", "+"):
                begin -= 1
            left = [w for w in items[begin : item.at] if w.content]
        final = end >= len(items) - 1 and begin > 0 and items[begin - 1].kind == ","
        if that is not None:
            after, region, scope = items[item.at + 1 : that], range(begin, that + 1), range(that, len(items))
        elif final or (begin > 0 and not left):
            named = end if left else _apposed(items, end, ends)
            after, region, scope = items[item.at + 1 : named], range(begin, named), range(begin)
        else:
            after, region, scope = [], range(begin, item.at + 1), range(item.at, len(items))
        right = [w for w in after if w.content]
        agents = _agents(items[item.at + 1 : end if that is None else that])
        if item.passive and agents:
            told = item.key in _TELLING
            gone = {item.at, *range(agents[0].at - 1, agents[-1].at + 1)} | (set(region) if told else set())
            return item.at, agents, left if told else [], said, range(len(items)), gone
        if not left and that is not None:
            left = _subject([w for w in items[:begin] if w.content])
        elif not left:
            left, right = right, []
        if begin and all(not w.content or w.dated for w in items[:begin]):
            region = range(region.stop)
        left, right = [w for w in left if not w.dated], [w for w in right if not w.dated]
        return item.at, left, right, said, scope, set(region)
    return -1, [], [], frozenset(), range(0), set()


def _side(items: Sequence[Word], at: int) -> range:
    """Return the side of "but" or "while" that a word is on."""
    turns = [w.at for w in items if w.kind == ";" or (w.kind, w.key) == ("+", "but")]
    return range(max((t for t in turns if t < at), default=0), min((t for t in turns if t > at), default=len(items)))


def _apposed(items: Sequence[Word], end: int, ends: Sequence[int]) -> int:
    """Return where a speaker ends whose name may follow what they are: the foreign minister, Ann Field."""
    following = next((e for e in ends if e > end), end)
    words = list(items[end + 1 : following])
    if len(words) > 1 and words[0].key in ("a", "an") and following < len(items):  # Ann Field, an economist
        words = words[1:]
        return following if len(words) < 4 and all(w.content and not w.case for w in words) else end
    return following if words and all(w.kind == "name" for w in words) else end


def _agents(after: Sequence[Word]) -> list[Word]:
    run: list[Word] = []
    for word in after:
        if word.content and (word.case == "by" or (run and word.case in ("", "of"))):
            run.append(word)
        elif run and word.kind in ("?", ",", "+", "=", "!"):
            break
    return run


def _says(items: Sequence[Word], at: int, language: str) -> bool:
    item, before = items[at], items[at - 1] if at else None
    if (
        not item.content
        or item.case
        or (before and (before.kind == "'" or (before.kind == "." and before.key in _ARTICLES)))
    ):
        return False
    if at > 1 and items[at - 2].key in ("s", "se"):  # "s'est déclaré" is no saying
        return False
    strong, weak = _sayings(language)
    if item.word.endswith("ment"):
        return False
    if item.key in strong:
        return True
    last = at + 1 == len(items) and any(w.kind == "," for w in items)
    return item.key in weak and (last or any(w.kind == "?" for w in items[at + 1 : at + 2]))


def _subject(words: Sequence[Word]) -> list[Word]:
    """Return the first phrase without preposition, up to what looks like its verb."""
    start = next((i for i, word in enumerate(words) if not word.case and word.edge), len(words))
    found: list[Word] = []
    for word in words[start:]:
        if found and (
            (word.edge and word.kind != "number")
            or (found[-1].kind == "name" != word.kind)
            or _acts(words, start + len(found))
        ):
            break
        found.append(word)
    return found


def _acts(words: Sequence[Word], at: int) -> bool:
    """Whether a word looks like a verb in the past, not like a participle before its noun."""
    return words[at].word.endswith("ed") and (at + 1 == len(words) or words[at + 1].edge)


def _clauses(items: Sequence[Word], scope: range, language: str, announced: str, apart: bool) -> list[Clause]:
    """Split a sentence at conjunctions and relative pronouns; a clause without subject gets the one it goes on with."""
    clauses = [Clause()]
    main = now = clauses[0]
    also: Clause | None = None
    resume: Clause | None = None
    parent: Clause | None = None
    participles: set[int] = set()
    hung = False  # whether the sentence begins with a participle, its subject still to come

    def open_clause(subject: Sequence[Word] = (), link: str = "") -> Clause:
        words = [replace(w, case="", edge=i == 0) for i, w in enumerate(subject)]
        clauses.append(Clause(words, len(words), link=link))
        return clauses[-1]

    denied = 0
    for number, item in enumerate(items):
        denied += (item.kind, item.key) == ("!", "not")
        following = items[number + 1] if number + 1 < len(items) else None
        previous = items[number - 1] if number else None
        bare = following is not None and (
            (following.kind == "content" and not following.case and item.kind == "+")
            or following.kind in ("!", "=", "*")
        )
        link = item.key if item.kind == "+" and item.key not in ("and", "but") else ""
        if item.content:
            item = replace(item, passive=True) if item.at in participles else item
            item = item if now.words else replace(item, edge=True)
            if "not" in now.marks and item.marks & _REVERSED.keys():  # not more than: at most
                now.marks.discard("not")
                now.negated, denied = now.negated[:-1], 0
                item = replace(item, marks=frozenset(_REVERSED.get(mark, mark) for mark in item.marks))
            now.words.append(item)
            now.negated += [item] * denied
            denied = 0
            if also is not None:
                also.words.append(replace(item, case="") if len(also.words) == also.own else item)
        elif item.kind in ("!", "=") and parent is not None and len(now.words) > now.own:
            now, parent = parent, None
            now.marks |= {item.key} if item.kind == "!" else set()
        elif item.kind == "!":
            now.marks.add(item.key)
        elif item.kind == ";" or (item.kind == "+" and now.words):
            if item.key == "and" and not bare and not (apart or (previous and previous.kind == ",")):
                continue
            if item.key == "and" and not bare and not _finite(items[number + 1 :]):
                continue
            resume = also = parent = None
            if bare and following and any(w.passive for w in now.words) and _participle(following, language):
                participles.add(following.at)
            now = open_clause(_subject(main.words) if bare else (), link)
            main = main if bare or now.link else now
        elif item.kind == "+":
            now.link = link
        elif item.kind == "?" and now.words:
            own_subject = following is not None and following.kind in ("*", ".", "name")
            resume = now if previous is not None and previous.kind == "," else None
            parent = now if resume is None and not own_subject else None
            now = open_clause(() if own_subject else _antecedent(now.words))
            now.relative, now.aside = True, resume is not None
        elif item.kind == ",":
            if resume is not None:
                now, resume = resume, None
            elif now is clauses[0] and (
                now.link or (items[0].content and _participle(items[0], language) and items[1].kind == ">")
            ):
                hung = not now.link
                now = main = open_clause()
            elif following is not None and following.kind == "*" and now.words:
                now = open_clause(_subject(main.words))
            elif following is not None and now.words and _participle(following, language):
                participles |= set() if following.word.endswith("ing") else {following.at}
                resume = now
                now = open_clause(_antecedent(now.words))
                now.relative = True
        elif (item.kind, item.key) == (">", "without") and [w.kind in ".*" for w in items[number + 1 :]] == [True]:
            now.marks.add("without")  # "without them": there is no word that could carry it
        elif item.kind == ">" and item.key in _TIMES and now.words and _clausal(items[number + 1 :]):
            resume = also = None
            now = open_clause((), item.key)
        elif item.kind == "*" and previous is not None and previous.kind == ">":
            also = open_clause(_subject(main.words))
        elif item.kind == "*" and previous is not None and previous.content:
            now.words.append(item)
    if hung:
        clauses[0].words = [*_subject(main.words), replace(clauses[0].words[0], passive=True), *clauses[0].words[1:]]
    for clause in clauses:
        clause.attributed = any(word.at in scope for word in clause.words[clause.own :])
        if clause.attributed and announced and (announced == "all" or (clause.relative and clause.aside)):
            clause.attributed = None
    return [clause for clause in clauses if len(clause.words) > clause.own]


def _finite(items: Sequence[Word]) -> bool:
    """Whether there is a verb, as far as can be told, with something before it and something after."""
    content = [w for w in items if w.content]
    return len(content) > 2 and any(w.kind in "=!" or w.word.endswith("ed") or w.word in _PASTS for w in items)


def _clausal(items: Sequence[Word]) -> bool:
    """Whether a verb comes before the next pause."""
    for number, item in enumerate(items):
        if item.kind in (",", ";", "+", "?", "*", ">"):
            return False
        if number and item.kind in ("!", "="):
            return True
    return False


def _antecedent(words: Sequence[Word]) -> Sequence[Word]:
    start = phrase_start(words, len(words) - 1)
    if start and words[start].case == "of" and words[start].kind == "name":
        start = phrase_start(words, start - 1)
    return words[start:]


def _participle(word: Word, language: str) -> bool:
    lower = word.word.lower()
    return word.content and not word.case and bool(PARTICIPLES[language].fullmatch(lower) or lower.endswith("ing"))


@cache
def _sayings(language: str) -> tuple[frozenset[str], frozenset[str]]:
    strong, weak = (frozenset(stem(w, language) for w in t[language].split()) for t in (SAYING, WEAK_SAYING))
    return strong, weak
