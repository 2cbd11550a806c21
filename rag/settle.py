"""Make the answer of a draft and of the evidence behind it. Pure functions; knows nothing of models.

A draft that holds is the answer. Of one that doesn't, only the sentences that tell what their quote tells stand in for
it, and everything else is quoted. So a weak model can only lose its say, never the reader's evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from index.analysis import analyse
from rag.answer import Quote, Statement
from rag.answertype import expected_type, fillers
from rag.voice import attributed

if TYPE_CHECKING:
    from rag.check import Verdict
    from rag.reading import DraftSentence

HOLDS = 2 / 3  # share of a draft's sentences that must be supported for the draft to be the answer
COVERS = 1 / 2  # and of the quotes that it must cite: a small model settles for the first thing it sees
TELLS = 1 / 2  # and of what the quotes it cites hold that the question doesn't
MIN_RETOLD = 0.75  # share of a quote's words, for one sentence to stand in for it
Entails = Callable[[Sequence[str], str], bool]  # whether texts entail a statement
_FAILED = 2  # unsupported sentences after which a draft is given up; one may be a lead-in ("Three things changed:")


def settle(
    drafted: Sequence[DraftSentence], quotes: Sequence[Quote], question: str, entails: Entails | None = None
) -> list[Statement]:
    """Make the statements of an answer.

    A drafted sentence is checked against the quotes it cites, together and one by one, then against the others: a
    wrong mark is moved to the quote that carries the sentence. What nothing carries is dropped. Where `entails` is
    given, it must say so too.
    """
    checked = [found for sentence in drafted if (found := _supported(sentence, quotes, entails))]
    written = [statement for statement, _ in checked]
    if written and len(written) >= HOLDS * len(drafted) and _answers(written, quotes, question):
        return written
    retold = {
        statement.quotes[0]: statement
        for statement, verdict in checked
        if len(statement.quotes) == 1 and verdict.retold >= MIN_RETOLD
    }
    return [retold.get(quote) or quoted(quote) for quote in quotes]


def hopeless(drafted: Sequence[DraftSentence], quotes: Sequence[Quote], entails: Entails | None = None) -> bool:
    """Tell whether a draft under way is not worth waiting for, with the sentences that it has so far."""
    failed = sum(_supported(sentence, quotes, entails) is None for sentence in drafted)
    return failed >= _FAILED or failed > (1 - HOLDS) * max(len(drafted), len(quotes))


def quoted(quote: Quote) -> Statement:
    """Make a statement of the source's own words; a reader's comment says that it is one."""
    text = attributed(" ".join(quote.text.split()), quote.voice, quote.document.language)
    return Statement(text, (quote,), 1.0, "quote")


def _supported(
    sentence: DraftSentence, quotes: Sequence[Quote], entails: Entails | None
) -> tuple[Statement, Verdict] | None:
    """Find what carries a sentence: one quote if one does, else those that it cites together."""
    from rag.check import check  # quotations alone can do without it, and it takes long

    cited = [quotes[n - 1] for n in sentence.marks if 0 < n <= len(quotes)]
    for carriers in _carriers(cited, quotes):
        language = carriers[0].document.language
        texts = [quote.text for quote in carriers]
        verdict = check(sentence.text, texts, language)
        if verdict.supported and (entails is None or entails(texts, sentence.text)):
            return Statement(sentence.text, tuple(carriers), verdict.support, "model"), verdict
    return None


def _carriers(cited: Sequence[Quote], quotes: Sequence[Quote]) -> Iterator[Sequence[Quote]]:
    """What a sentence may stand on, best first. A reader's comment carries nothing: it would be told as a fact."""
    usable = [quote for quote in cited if quote.voice == "report"]
    yield from ([quote] for quote in usable)
    if len(usable) > 1 and len({quote.document.language for quote in usable}) == 1:
        yield usable
    yield from ([quote] for quote in quotes if quote.voice == "report" and quote not in usable)


def _answers(written: Sequence[Statement], quotes: Sequence[Quote], question: str) -> bool:
    """Tell whether statements say enough: small models leave out just what was asked for."""
    cited = list(dict.fromkeys(quote for statement in written for quote in statement.quotes))
    if len(cited) < COVERS * len(quotes):
        return False
    kind = expected_type(question)
    new: set[str] = set()
    told: set[str] = set()
    for quote in cited:
        language = quote.document.language
        known = fillers(question, kind, language) | set(analyse(question, language))
        new |= fillers(quote.text, kind, language) - known
        told |= {word for statement in written for word in fillers(statement.text, kind, language)}
    return len(new & told) >= (1 if kind else TELLS * len(new)) if new else kind is None
