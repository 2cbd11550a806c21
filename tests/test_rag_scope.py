"""Answers kept to some documents: nothing comes from outside them, and a refusal speaks of them alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.embedder import Embedder
from index.errors import UsageError
from index.library import Library
from index.scope import EVERYTHING, Scope, matches
from index.sync import sync
from index.types import Document
from rag.answer import Answer, Found
from rag.search import HybridSearcher
from tests.index_helpers import HashModel, as_model, write_files
from tests.rag_helpers import ScriptedGenerator, assistant

DEMAND = "what does Russia demand?"
QUESTIONS = [
    DEMAND,
    "Which oil companies did Trump put under sanctions, and who wrote Don Quixote?",
    "What was said before the Geneva meeting?",
    "Que veut la Russie ?",
    "What is the latest on the talks?",
]


def meets(document: Document, scope: Scope) -> bool:
    """Tell whether a document is in a scope, as the options promise it."""
    return (
        (not scope.since or (document.date is not None and document.date >= scope.since))
        and (not scope.until or (document.date is not None and document.date <= scope.until))
        and (not scope.languages or document.language in scope.languages)
        and (not scope.paths or any(matches(document.path, glob) for glob in scope.paths))
    )


def some_scopes(library: Library, count: int) -> list[Scope]:
    """Make scopes that hold some document of a library."""
    chance = random.Random(7)
    documents = list(library.store.documents().values())
    days = [None, *(document.date for document in documents if document.date)]
    found: list[Scope] = []
    while len(found) < count:
        one = chance.choice(documents)
        since, until = chance.choice(days), chance.choice(days)
        scope = Scope(
            since if not until or (since or "") <= until else None,
            until,
            chance.choice([(), (one.language,)]),
            chance.choice([(), (one.name,), ("*" + Path(one.name).suffix,)]),
        )
        found += [scope] if scope != EVERYTHING and any(meets(d, scope) for d in documents) else []
    return found


def test_no_passage_and_no_quote_is_from_outside(corpus: Library, encoder: Embedder) -> None:
    asked = assistant(corpus, encoder, None)
    for number, scope in enumerate(some_scopes(corpus, 25)):
        question = QUESTIONS[number % len(QUESTIONS)]
        events = list(asked.stream(question, scope=scope))
        found, answer = events[0], events[-1]
        assert isinstance(found, Found) and isinstance(answer, Answer)
        sources = [p.document for p in (*found.passages, *answer.passages)] + [q.document for q in answer.quotes]
        assert sources
        assert [d.path for d in sources if not meets(d, scope)] == [], (question, scope)
        assert answer.scope == scope
        assert all(meets(passage.document, scope) for passage in asked.rank(question, scope))


def test_with_nothing_left_out_the_answer_is_the_same(corpus: Library, encoder: Embedder) -> None:
    asked = assistant(corpus, encoder, None)
    for question in QUESTIONS:
        everywhere, narrowed = asked.ask(question), asked.ask(question, scope=Scope.of(paths=["*"]))
        assert narrowed.passages == everywhere.passages
        assert narrowed.statements == everywhere.statements
        assert (narrowed.outcome, narrowed.unknown) == (everywhere.outcome, everywhere.unknown)
    ranked = HybridSearcher(corpus, encoder)
    assert ranked.search(DEMAND, 50, Scope.of(paths=["*"])) == ranked.search(DEMAND, 50)


def test_what_is_said_elsewhere_is_not_in_these_documents(corpus: Library, encoder: Embedder) -> None:
    asked = assistant(corpus, encoder, None)
    question, elsewhere = "Which oil companies did Trump put under sanctions?", Scope.of(until="2025-03")
    assert asked.ask(question).outcome == "answered"
    refused = asked.ask("Who leads the Carnegie centre in Berlin?", scope=Scope.of("2025-10"))
    assert refused.outcome == "not_in_documents"
    assert {"Carnegie", "Berlin"} <= set(refused.unknown)  # which documents before October do mention
    assert (refused.undated, asked.ask(question, scope=elsewhere).undated) == (1, 1)


def test_the_model_is_given_nothing_from_outside(corpus: Library, encoder: Embedder) -> None:
    generator = ScriptedGenerator("It wants land.")
    scope = Scope.of(until="2025-06", languages=["en"])
    answer = assistant(corpus, encoder, generator).ask(DEMAND, scope=scope)
    told = "\n".join(message.content for message in generator.history[0])
    outside = [d.text for d in corpus.store.documents().values() if not meets(d, scope)]
    assert answer.quotes and all(quote.text in told for quote in answer.quotes[:1])
    shown = [line for line in told.splitlines() if len(line) > 80]
    assert shown and not any(line.split("] ", 1)[-1] in text for line in shown for text in outside)


@pytest.fixture
def diary(tmp_path: Path) -> Iterator[Library]:
    """A library of a year's diary, a day a month."""
    days = {f"{m:02}.txt": f"date 2025-{m:02}-20\n\nThe harbour master counted the ships." for m in range(1, 13)}
    library = Library.create(tmp_path / "library")
    sync(library, [write_files(tmp_path / "in", days)], as_model(HashModel()))
    yield library
    library.close()


def test_last_month_counts_from_the_newest_document_searched(diary: Library) -> None:
    searcher, asked = HybridSearcher(diary, HashModel()), "What did the harbour master count last month?"
    assert searcher.search(asked, 1)[0].document.name == "11.txt"
    assert searcher.search(asked, 1, Scope.of(until="2025-06"))[0].document.name == "05.txt"


def test_a_scope_that_holds_nothing_is_refused_before_anything_is_searched(diary: Library) -> None:
    asked = assistant(diary, HashModel(), None)
    for scope in (Scope.of("2026"), Scope.of(languages=["fr"]), Scope.of(paths=["*.pdf"])):
        with pytest.raises(UsageError, match="no document is"):
            asked.ask("How many ships?", scope=scope)
