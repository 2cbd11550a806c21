"""Reading a draft back: sentences and marks as models write them."""

from __future__ import annotations

import pytest

from rag.draft import CANNOT_ANSWER, SYSTEM, DraftSentence, prompt, read_draft
from tests.rag_helpers import quote


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("Moscow wants land [1].", (1,)),
        ("Moscow wants land. [1]", (1,)),
        ("Moscow wants land.[2]", (2,)),
        ("Moscow wants land [1][3].", (1, 3)),
        ("Moscow wants land [1, 3].", (1, 3)),
        ("Moscow wants land [1-3].", (1, 2, 3)),
        ("- Moscow wants land [2].", (2,)),
        ("1. **Moscow** wants land [2].", (2,)),
        ("Moscow wants land.", ()),
        ("Moscow wants land [999].", (999,)),
    ],
)
def test_marks_are_read_and_taken_out(text: str, marks: tuple[int, ...]) -> None:
    assert read_draft(text, "en") == [DraftSentence("Moscow wants land.", marks)]


def test_each_sentence_keeps_its_own_marks() -> None:
    draft = "Moscow wants land. [1] Kyiv wants a truce [2]. The U.S. waits."
    assert read_draft(draft, "en") == [
        DraftSentence("Moscow wants land.", (1,)),
        DraftSentence("Kyiv wants a truce.", (2,)),
        DraftSentence("The U.S. waits.", ()),
    ]


def test_a_sentence_cut_off_by_the_token_limit_is_dropped() -> None:
    draft = "Moscow wants land [1]. Kyiv wants a tr"
    assert [s.text for s in read_draft(draft, "en", finished=False)] == ["Moscow wants land."]
    assert [s.text for s in read_draft(draft, "en", finished=True)] == ["Moscow wants land.", "Kyiv wants a tr"]


def test_an_empty_draft_has_no_sentences() -> None:
    assert read_draft(" \n\n ... \n", "en") == []


def test_the_prompt_numbers_the_evidence_and_begins_with_what_never_changes() -> None:
    system, user = prompt("What now?", [quote("First.\nLine."), quote("Second.", "b.txt")])
    assert (system.role, system.content) == ("system", SYSTEM)
    assert CANNOT_ANSWER in SYSTEM
    assert user.content == "[1] First. Line.\n[2] Second.\n\nQuestion: What now?"
