"""What becomes of a draft: it holds, or it stands in where it retells, or the source speaks for itself."""

from __future__ import annotations

import pytest

from rag.answer import Quote, Statement
from rag.reading import DraftSentence, read_draft
from rag.settle import hopeless, settle
from tests.rag_helpers import quote

DONBAS = quote("Moscow wants the whole Donbas region.")
TRUCE = quote("Kyiv wants a ceasefire of thirty days.", "b.txt")
DELIVERIES = quote("Deliveries of weapons to Kyiv were frozen on 3 March after a long quarrel.", "c.txt")
DEMANDS = quote("Moscow wants the whole Donbas region, a neutral Ukraine, a smaller army and an end to all sanctions.")
COMMENT = quote("Moscow has won the whole war already.", "d.txt", voice="comment")
BROAD = "what do they want?"


def told(draft: str, *quotes: Quote, question: str = BROAD) -> list[tuple[str, str, str]]:
    """Settle a draft; for each statement its text, the names of its quotes' documents and its origin."""
    statements = settle(read_draft(draft, "en", len(quotes)), quotes, question)
    return [(s.text, " ".join(q.document.name for q in s.quotes), s.origin) for s in statements]


def source(*quotes: Quote) -> list[tuple[str, str, str]]:
    return [(one.text, one.document.name, "quote") for one in quotes]


def test_a_draft_that_holds_is_the_answer() -> None:
    draft = "Moscow wants the whole Donbas region [1]. Kyiv wants a ceasefire of 30 days [2]."
    assert told(draft, DONBAS, TRUCE) == [
        ("Moscow wants the whole Donbas region.", "a.txt", "model"),
        ("Kyiv wants a ceasefire of 30 days.", "b.txt", "model"),
    ]


def test_a_draft_that_holds_may_leave_out_quotes_that_it_does_not_need() -> None:
    assert told("Moscow wants the whole Donbas region [1].", DONBAS, TRUCE) == [
        ("Moscow wants the whole Donbas region.", "a.txt", "model")
    ]


def test_of_a_draft_that_does_not_hold_only_what_retells_its_quote_stands_in_for_it() -> None:
    draft = "Kyiv wants a ceasefire of 30 days [2]. Moscow wants the whole Crimea region [1]. Paris wants war [2]."
    assert told(draft, DONBAS, TRUCE) == [
        *source(DONBAS),
        ("Kyiv wants a ceasefire of 30 days.", "b.txt", "model"),
    ]
    assert told(f"Moscow wants the whole Donbas region [1]. {draft[39:]}", DEMANDS, TRUCE) == source(DEMANDS, TRUCE)


@pytest.mark.parametrize(
    ("draft", "given_up"),
    [
        ("Moscow wants the whole Donbas region [1].", False),
        ("Two things are wanted. Moscow wants the whole Donbas region [1].", False),  # a lead-in
        ("Paris wants war [1].", False),
        ("Paris wants war [1]. Berlin wants the Crimea [2].", True),
        ("Paris wants war [1]. Moscow wants the whole Donbas region [1]. Berlin wants the Crimea [2].", True),
    ],
)
def test_a_draft_is_given_up_at_its_second_unsupported_sentence(draft: str, given_up: bool) -> None:
    quotes = (DONBAS, TRUCE, DELIVERIES)
    assert hopeless(read_draft(draft, "en", len(quotes)), quotes) is given_up


def test_a_draft_on_one_quote_is_given_up_at_its_first_unsupported_sentence() -> None:
    assert hopeless(read_draft("Paris wants war [1].", "en", 1), (DONBAS,))
    assert not hopeless(read_draft("Moscow wants the whole Donbas region.", "en", 1), (DONBAS,))
    assert not hopeless([], (DONBAS,))


@pytest.mark.parametrize("draft", ["", "The excerpts do not say.", "Sure! Here is the answer:", "[1][2][9]"])
def test_without_a_draft_the_quotes_are_the_answer(draft: str) -> None:
    assert told(draft, DONBAS, TRUCE) == source(DONBAS, TRUCE)
    assert settle(read_draft(draft, "en", 0), (), BROAD) == []


@pytest.mark.parametrize("mark", [(), (2,), (9,), (0,), (2, 9)])
def test_a_wrong_mark_is_moved_to_the_quote_that_carries_the_sentence(mark: tuple[int, ...]) -> None:
    drafted = [DraftSentence("Moscow wants the whole Donbas region.", mark)]
    assert settle(drafted, [DONBAS, TRUCE], BROAD) == [
        Statement("Moscow wants the whole Donbas region.", (DONBAS,), 1.0, "model")
    ]


def test_quotes_may_carry_a_sentence_together_but_only_if_it_cites_them_all() -> None:
    harbour = quote("The mayor will close the old harbour in May.")
    market = quote("The council will open the new market in June.", "b.txt")
    both = "The mayor will close the old harbour in May, and the council will open the new market in June"
    assert told(f"{both} [1][2].", harbour, market) == [(f"{both}.", "a.txt b.txt", "model")]
    assert told(f"{both} [1].", harbour, market) == source(harbour, market)
    swapped = "The mayor will close the old harbour in June, and the council will open the new market in May"
    assert told(f"{swapped} [1][2].", harbour, market) == source(harbour, market)
    one = "The mayor will close the old harbour in May"
    assert told(f"{one} [1][2].", harbour, market) == [(f"{one}.", "a.txt", "model")]  # one is enough for this


def test_joined_quotes_must_be_of_one_language() -> None:
    french = quote("Kiev veut une trêve de trente jours.", "f.txt", "fr")
    both = "Moscow wants the whole Donbas region, and Kiev veut une trêve de trente jours"
    assert told(f"{both} [1][2].", DONBAS, french) == source(DONBAS, french)


def test_a_comment_is_quoted_as_one_and_never_told_as_a_fact() -> None:
    attributed = ("A reader comments: “Moscow has won the whole war already.”", "d.txt", "quote")
    assert told("Moscow has won the whole war already [1].", COMMENT) == [attributed]
    assert told("Moscow has won the whole war already [2].", DONBAS, COMMENT) == [*source(DONBAS), attributed]
    both = "Moscow wants the whole Donbas region, and Moscow has won the whole war already [1][2]."
    assert told(both, DONBAS, COMMENT) == [*source(DONBAS), attributed]


@pytest.mark.parametrize(
    ("question", "draft"),
    [
        ("When were the deliveries frozen?", "Deliveries of weapons to Kyiv were frozen after a long quarrel [1]."),
        ("On what date did they stop?", "Deliveries of weapons to Kyiv were frozen [1]."),
    ],
)
def test_a_draft_without_the_date_that_is_asked_for_does_not_replace_the_quote(question: str, draft: str) -> None:
    assert told(draft, DELIVERIES, question=question) == source(DELIVERIES)
    whole = "Deliveries of weapons to Kyiv were frozen on 3 March [1]."
    assert told(whole, DELIVERIES, question=question)[0][2] == "model"


def test_a_draft_that_leaves_out_half_of_a_list_or_most_quotes_does_not_replace_them() -> None:
    assert told("Moscow wants the whole Donbas region [1].", DEMANDS) == source(DEMANDS)
    others = [quote(f"The {name} minister wants a new {name} bridge.", f"{name}.txt") for name in "Dutch Irish".split()]
    assert told("Moscow wants the whole Donbas region [1].", DONBAS, TRUCE, *others)[1:] == source(TRUCE, *others)


def test_white_space_of_the_source_is_not_shown() -> None:
    (statement,) = settle([], [quote("Moscow wants\n  the whole\tDonbas.")], BROAD)
    assert (statement.text, statement.support) == ("Moscow wants the whole Donbas.", 1.0)
