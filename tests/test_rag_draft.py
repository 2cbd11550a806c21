"""The prompt, and reading a draft back: sentences and marks as models write them."""

from __future__ import annotations

import random
import time

import pytest

from rag.draft import SYSTEM, prompt
from rag.reading import DraftSentence, read_draft
from tests.rag_helpers import quote


def read(
    text: str, language: str = "en", excerpts: int = 6, finished: bool = True
) -> list[tuple[str, tuple[int, ...]]]:
    return [(sentence.text, sentence.marks) for sentence in read_draft(text, language, excerpts, finished)]


def test_the_prompt_numbers_the_evidence_and_begins_with_what_never_changes() -> None:
    system, user = prompt("What now?", [quote("First.\nLine."), quote("Second.", "b.txt")])
    assert (system.role, system.content) == ("system", SYSTEM)
    assert user.content == "[1] First. Line.\n[2] Second.\n\nQuestion: What now?"


@pytest.mark.parametrize(
    ("mark", "marks"),
    [
        ("[1]", (1,)),
        ("[1][3]", (1, 3)),
        ("[1], [2] and [3]", (1, 2, 3)),
        ("[1, 3]", (1, 3)),
        ("[1 and 3]", (1, 3)),
        ("[1-3]", (1, 2, 3)),
        ("[[1]]", (1,)),
        ("\\[1\\]", (1,)),
        ("[^1]", (1,)),
        ("^[1]^", (1,)),
        ("[1](#ref-1)", (1,)),
        ("**[1]**", (1,)),
        ("([1])", (1,)),
        ("(1)", (1,)),
        ("(1, 2)", (1, 2)),
        ("【1】", (1,)),
        ("【1†source】", (1,)),
        ("【1†L3-L5】【2†L1】", (1, 2)),
        ("[Source 1]", (1,)),
        ("[Excerpt 1, Excerpt 3]", (1, 3)),
        ("[doc2]", (2,)),
        ("[ID:2]", (2,)),
        ("[1, p. 3]", (1,)),
        ("(Excerpt 2)", (2,)),
        ("(excerpts 1-3)", (1, 2, 3)),
        ("(see excerpts 1 and 2)", (1, 2)),
        ("(source: [1])", (1,)),
        ("(extrait 2)", (2,)),
        ("¹", (1,)),
        ("¹ ²", (1, 2)),
        ("¹²", (1, 2)),
        ("<sup>1</sup>", (1,)),
        ("<sup>[1,2]</sup>", (1, 2)),
        ("$^{1,2}$", (1, 2)),
        (", according to excerpt 3", (3,)),
        (", as stated in [2]", (2,)),
        ("[999]", ()),
        ("[9]", ()),
        ("[2][9]", (2,)),
        ("[Excerpt 9]", ()),
    ],
)
def test_marks_are_read_and_taken_out_before_and_after_the_full_stop(mark: str, marks: tuple[int, ...]) -> None:
    assert read(f"Moscow wants land {mark}.") == [("Moscow wants land.", marks)]
    if mark[0] != ",":
        assert read(f"Moscow wants land. {mark}") == [("Moscow wants land.", marks)]


@pytest.mark.parametrize(
    "text",
    [
        "[2] Moscow wants land.",
        "[2]: Moscow wants land.",
        "- Moscow wants land [2].",
        "1. **Moscow** wants land [2].",
        "> *Moscow wants land* [2].",
        "According to excerpt 2, Moscow wants land.",
        "According to [2], Moscow wants land.",
        "Excerpt 2 states that Moscow wants land.",
        "As noted in excerpt 2, Moscow wants land.",
        "Moscow, according to excerpt 2, wants land.",
        "Based on the provided excerpts, Moscow wants land [2].",
        "Sure! Here is the answer: Moscow wants land [2].",
        "**Answer:** Moscow wants land [2].",
        "Moscow wants land. Source: [2]",
        "Moscow wants land.\n\nSources: [2]",
        "- **Aims:** Moscow wants land [2].\n- x",
        "Note: Moscow wants land [2].",
    ],
)
def test_a_mark_is_read_wherever_it_stands(text: str) -> None:
    assert read(text)[0] == ("Moscow wants land.", (2,))


@pytest.mark.parametrize(
    "text",
    [
        "It has (1) a roof, (2) a floor and (3) a wall.",
        "It paid (1) billion in 2 of 3 cases.",
        "It ended under Article 5 (1).",
        "Section 12(3) and § 4 (2) hold.",
        "It must be paid within three (3) days of March.",
        "He won the match (2-1).",
        "It was built (2024) by Roth.",
        "The mayor [sic] spoke of [1917] and [...] of it.",
        "COVID-19 closed the F-16 line 24/7 and cost 3.5 %, or 3 500 €.",
        "It covers 12 m² and 40 km³.",
        "He drew on water sources 3 km away.",
        "The function main() returns snake_case names.",
        "If you have a permit, you may fish.",
        "iPhone sales rose.",
        "A dose is 5 * 3 mg.",
    ],
)
def test_numbers_and_signs_of_the_text_itself_stay(text: str) -> None:
    assert read(f"{text[:-1]} [2].") == [(text, (2,))]
    assert read(text) == [(text, ())]


# One whole answer in the manner of each family: (family, language, draft, what is read).
ANSWERS = [
    (
        "Llama 3: preamble, bullets, closing, its end token",
        "en",
        "Based on the provided excerpts, here are the main points about the Velden dam:\n\n"
        "* The dam was finished in 1931 (Excerpt 1).\n* It holds 3.5 million m³ of water (Excerpts 2 and 4).\n\n"
        "I hope this helps! Let me know if you have any other questions.<|eot_id|>",
        [("The dam was finished in 1931.", (1,)), ("It holds 3.5 million m³ of water.", (2, 4))],
    ),
    (
        "Qwen3: thinking, then the answer",
        "en",
        "<think>\nOkay, the user asks about the dam. Excerpt [1] says 1931. So the answer is [1].\n</think>\n\n"
        "The dam was finished in 1931 [1]. Its architect was Anna Roth [3].<|im_end|>",
        [("The dam was finished in 1931.", (1,)), ("Its architect was Anna Roth.", (3,))],
    ),
    (
        "Gemma 3: headings, bold labels, marks after the stop",
        "en",
        "Okay, here's a breakdown based on the passages:\n\n## Building\n\n*   **Opening:** The Velden dam "
        "opened in May 1931. [1]\n"
        "*   **Cost:** It cost 12 million crowns, twice the plan. [2, 3]\n\n**Sources:**\n*   [1] Annals\n*   "
        "[2] Ledger\n"
        "<end_of_turn>",
        [("The Velden dam opened in May 1931.", (1,)), ("It cost 12 million crowns, twice the plan.", (2, 3))],
    ),
    (
        "Mistral: French, guillemets, its end token",
        "fr",
        "D'après les extraits fournis, le barrage fut achevé en 1931 [1]. L'architecte a dit : « Il tiendra. » [2]\n\n"
        "N'hésitez pas si vous avez d'autres questions !</s>",
        [("Le barrage fut achevé en 1931.", (1,)), ("L'architecte a dit : « Il tiendra. »", (2,))],
    ),
    (
        "Magistral: [THINK] tokens",
        "fr",
        "[THINK]Voyons. L'extrait 1 donne la date.[/THINK]Selon l'extrait 1, le barrage fut achevé en 1931. "
        "L'extrait 3 précise que son coût fut doublé.",
        [("Le barrage fut achevé en 1931.", (1,)), ("Son coût fut doublé.", (3,))],
    ),
    (
        "Phi-4: numbered list, bold answer label, a note",
        "en",
        "**Answer:**\n\n1. The dam was finished in 1931 [1].\n2. It was closed for repairs in 1954 [2].\n\n"
        "**Note:** This answer is based solely on the excerpts provided.<|im_end|><|endoftext|>",
        [("The dam was finished in 1931.", (1,)), ("It was closed for repairs in 1954.", (2,))],
    ),
    (
        "SmolLM2: the answer, then it goes on as the user",
        "en",
        "The dam was finished in 1931. [1]\n<|im_end|>\n<|im_start|>user\nWho built it?<|im_end|>\n"
        "<|im_start|>assistant\nAnna Roth built it [2].",
        [("The dam was finished in 1931.", (1,))],
    ),
    (
        "SmolLM3: an empty thinking block, sources in a line of their own",
        "en",
        "<think>\n\n</think>\nThe dam, which stands near Velden, was finished in 1931.\nSource: [1]",
        [("The dam, which stands near Velden, was finished in 1931.", (1,))],
    ),
    (
        "Granite 3.3: its own citation tokens and lists",
        "en",
        'The dam was finished in 1931.<|start_of_cite|>{"document_id": "1"}<|end_of_cite|> Anna Roth drew it.'
        '<|start_of_cite|>{"document_id": "2"}<|end_of_cite|>\n\n# Citations:\n\n1: "Finished in 1931."\n2: "Roth."\n\n'
        "# Hallucinations:\n\n1. Risk low: The dam was finished in 1931.<|end_of_text|>",
        [("The dam was finished in 1931.", (1,)), ("Anna Roth drew it.", (2,))],
    ),
    (
        "Granite 3.2: thoughts in words",
        "en",
        "Here is my thought process:\nThe user wants the year. [2]\n\nHere is my response:\nThe dam was "
        "finished in 1931 [1].",
        [("The dam was finished in 1931.", (1,))],
    ),
    (
        "DeepSeek-R1 distill: the opening tag stood in the prompt",
        "en",
        "Alright, excerpt 2 mentions Roth. Therefore the architect is Roth.\n</think>\n\n**Anna Roth** drew the "
        "dam [2]. "
        "\\boxed{She was born in Velden [3].}<｜end▁of▁sentence｜>",
        [("Anna Roth drew the dam.", (2,)), ("She was born in Velden.", (3,))],
    ),
    (
        "gpt-oss: channels and lenticular brackets",
        "en",
        "<|channel|>analysis<|message|>Need the year. 【1】 says "
        "1931.<|end|><|start|>assistant<|channel|>final<|message|>"
        "The dam was finished in **1931**【1†L1-L2】.\n\n| Part | What is known | Where |\n|---|---|---|\n"
        "| Wall | The wall is 40 m high | 【2】 |\n<|return|>",
        [("The dam was finished in 1931.", (1,)), ("The wall is 40 m high", (2,))],
    ),
    (
        "gpt-oss: the same with its special tokens stripped",
        "en",
        "analysisWe need the year. Use [1].assistantfinalThe dam was finished in 1931【1】【3†L2】.",
        [("The dam was finished in 1931.", (1, 3))],
    ),
    (
        "Command R: two answers, grounded spans",
        "en",
        "Relevant Documents: 1,2\nCited Documents: 1,2\nAnswer: The dam was finished in 1931.\n"
        "Grounded answer: The dam was <co: 1>finished in 1931</co: 1> by <co: 1,2>Anna Roth.</co: 1,2>",
        [("The dam was finished in 1931 by Anna Roth.", (1, 2))],
    ),
    (
        "Command A: response tokens, spans with lists",
        "en",
        "<|START_THINKING|>I will look at <co>this</co: 0:[1]>.<|END_THINKING|><|START_RESPONSE|>The dam was "
        "<co>finished in 1931</co: 0:[1,3]>.<|END_RESPONSE|><|END_OF_TURN_TOKEN|>",
        [("The dam was finished in 1931.", (1, 3))],
    ),
    (
        "LFM2: parentheses",
        "en",
        "The dam was finished in 1931 (1), and it was closed in 1954 (2). It has (1) a wall and (2) a lock "
        "(3).<|im_end|>",
        [
            ("The dam was finished in 1931, and it was closed in 1954.", (1, 2)),
            ("It has (1) a wall and (2) a lock.", (3,)),
        ],
    ),
    (
        "ChatGPT: footnotes that say which excerpt they are",
        "en",
        "Great question! The dam was finished in 1931.[^1] Its cost doubled.[^2]\n\n---\n\n[^1]: Excerpt 3, “Annals”.\n"
        "[^2]: Excerpt 1.",
        [("The dam was finished in 1931.", (3,)), ("Its cost doubled.", (1,))],
    ),
    (
        "Claude: thinking and answer tags, superscripts",
        "en",
        "<thinking>\nThe year is in excerpt 1.\n</thinking>\n\n<answer>\nThe dam was finished in 1931.¹ Its "
        "wall is 40 m "
        "high and 2 km long.² ³\n</answer>",
        [("The dam was finished in 1931.", (1,)), ("Its wall is 40 m high and 2 km long.", (2, 3))],
    ),
    (
        "OLMo 2: references at the end, which the limit cut",
        "en",
        "According to Excerpt [1], the dam was finished in 1931. Excerpt 2 adds that Anna Roth drew "
        "it.\n\nReferences:\n"
        "- [1] The Velden dam was fini",
        [("The dam was finished in 1931.", (1,)), ("Anna Roth drew it.", (2,))],
    ),
    (
        "Kimi: its thinking signs, marks in front",
        "en",
        "◁think▷Two facts.◁/think▷[1] The dam was finished in 1931. [2] Anna Roth drew it.",
        [("The dam was finished in 1931.", (1,)), ("Anna Roth drew it.", (2,))],
    ),
    (
        "JSON in a fence, as small models answer that were tuned for tools",
        "en",
        'Here is the JSON:\n```json\n{"answer": [{"sentence": "The dam was finished in 1931.", "citations": [1]},\n'
        '{"sentence": "Anna Roth drew it.", "citations": ["2", "Excerpt 3"]}]}\n```\nDone.',
        [("The dam was finished in 1931.", (1,)), ("Anna Roth drew it.", (2, 3))],
    ),
    (
        "A tiny model: it repeats itself, then asks itself more",
        "en",
        "The dam was finished in 1931 [1]. " * 12
        + "\nThe dam was finished in 1931.\nQuestion: Who drew it?\nAnswer: Roth [2].",
        [("The dam was finished in 1931.", (1,))],
    ),
    (
        "A tiny model: part of an answer is a refusal",
        "fr",
        "Le barrage fut achevé en 1931 [1]. Les extraits ne précisent pas qui l'a dessiné.",
        [("Le barrage fut achevé en 1931.", (1,))],
    ),
]


@pytest.mark.parametrize(("family", "language", "draft", "expected"), ANSWERS, ids=[answer[0] for answer in ANSWERS])
def test_whole_answers_of_model_families(
    family: str, language: str, draft: str, expected: list[tuple[str, tuple[int, ...]]]
) -> None:
    assert read(draft, language) == expected


def test_each_sentence_keeps_its_own_marks() -> None:
    assert read("Moscow wants land. [1] Kyiv wants a truce [2]. The U.S. waits.[3] All met.[1]They left.") == [
        ("Moscow wants land.", (1,)),
        ("Kyiv wants a truce.", (2,)),
        ("The U.S. waits.", (3,)),
        ("All met.", (1,)),
        ("They left.", ()),
    ]


def test_a_sentence_said_twice_is_kept_once_with_the_marks_of_both() -> None:
    assert read("Moscow wants land [1]. Kyiv waits [2]. Moscow wants land. [3]") == [
        ("Moscow wants land.", (1, 3)),
        ("Kyiv waits.", (2,)),
    ]


@pytest.mark.parametrize(
    ("draft", "kept"),
    [
        ("Moscow wants land [1]. Kyiv wants a tr", True),
        ("Moscow wants land [1]. Kyiv wants land [", True),
        ("Moscow wants land [1]. Kyiv wants land [2", True),
        ("Moscow wants land [1]. It cost 3.", True),  # perhaps 3.5
        ("Moscow wants land [1].\n- **Cos", True),
        ("Moscow wants land [1].\n\nSources:\n[1] Exc", True),
        ("Moscow wants land [1]. <|im_en", True),
        ("Moscow wants land", False),
        ("Moscow wants land [1", False),
        ("<think>Moscow wants land [1].", False),
        ("<|channel|>analysis<|message|>Moscow wants land [1].", False),
        ('{"answer": "Moscow wants land [1]. Kyiv', False),
    ],
)
def test_what_the_token_limit_cut_off_is_dropped(draft: str, kept: bool) -> None:
    assert read(draft, finished=False) == ([("Moscow wants land.", (1,))] if kept else [])


def test_a_cut_mark_leaves_its_whole_sentence() -> None:
    assert read("Moscow wants land. [1", finished=False) == [("Moscow wants land.", ())]
    assert read("It opened in 1931.", finished=False) == [("It opened in 1931.", ())]
    assert read("Kyiv wants a tr", finished=True) == [("Kyiv wants a tr", ())]


@pytest.mark.parametrize(
    "draft", ["", " \n\n ... \n", "[1]", "<|im_end|>", "Sure!", "# Answer", "|---|", "{}", "<think>"]
)
def test_a_draft_without_statement_has_no_sentences(draft: str) -> None:
    assert read(draft) == []


@pytest.mark.parametrize(
    "text",
    [
        "The excerpts do not say.",
        "**Answer:** The excerpts do not say. [1]",
        "<think>Nothing here.</think>\n\nThe excerpts do not say.<|im_end|>",
        '{"answer": "The excerpts do not say."}',
        "I cannot answer this question based on the provided excerpts.",
        "I'm sorry, but the provided context does not contain any information about the price.",
        "There is no information in the excerpts about the price.",
        "Based on the excerpts, there is no information about the price.",
        "The price is not mentioned in the passages.",
        "None of the excerpts mention it.",
        "Excerpt 2 does not mention the price.",
        "Unfortunately, the documents provided do not specify the price.",
        "It is not possible to determine the price from the given context.",
        "I don't know.",
        "Not enough information.",
        "Les extraits ne le disent pas.",
        "Je ne peux pas répondre à cette question à partir des extraits.",
        "Les extraits fournis ne permettent pas de répondre à la question.",
        "Aucun des extraits ne mentionne le prix.",
        "Il n'y a aucune information sur le prix dans les extraits.",
        "Le prix n'est pas mentionné dans les extraits.",
        "Désolé, mais je ne trouve pas la réponse dans les extraits.",
    ],
)
def test_a_refusal_is_no_statement(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "The dam was finished in 1931 [1]. The excerpts do not say who drew it.",
        "Moscow does not say what it wants [1].",
        "The report does not mention the price [1].",
        "There is no evidence of fraud, the court said [2].",
        'The minister said: "I cannot answer that" [1].',
        "The sources of the river do not provide enough water [1].",
        "Il n'y a pas eu de victimes [1].",
    ],
)
def test_what_only_looks_like_a_refusal_is_none(text: str) -> None:
    assert len(read(text)) == 1


def test_wrappings_marks_and_stops_go_together() -> None:
    rng = random.Random(7)
    before = [
        "", "- ", "1. ", "> ", "Sure! ", "**Answer:** ", "<think>Hm [4].</think>\n", "Based on the excerpts, ", "* ",
    ]  # fmt: skip
    marks = [
        "[{}]", " [{}]", "【{}†L1】", " (Excerpt {})", "[^{}]", "<sup>{}</sup>", " [Source {}]", " (see [{}])", " ({})",
    ]  # fmt: skip
    after = [
        "", "\n", "<|im_end|>", "</s>", "\n\nLet me know if you need more details!", "\n\nReferences:\n- [1] A b c.",
    ]  # fmt: skip
    known = [
        "The dam was finished in 1931.",
        "Anna Roth, aged 41, drew it in 2 of 3 years.",
        "It cost 3.5 % of Article 5 (1) money.",
    ]
    for _ in range(600):
        sentence, number, inside = rng.choice(known), rng.randint(1, 6), rng.random() < 0.5
        mark = rng.choice(marks).format(number)
        marked = sentence[:-1] + mark + "." if inside else sentence + mark
        draft = rng.choice(before) + marked + rng.choice(after)
        assert read(draft) == [(sentence, (number,))], draft


def test_any_text_is_read_without_error_and_leaves_no_plain_mark() -> None:
    rng = random.Random(11)
    bits = "[ ] ( ) 【 】 † ^ < > </ <| |> | * ** _ # ` ``` { } \" ' : , . ! ? … » - 1 2 9 12 1917 ¹ ² \\ \n \t".split(
        " "
    )
    bits += [
        "<think>", "</think>", "excerpt ", "Source ", "according to ", "[1]", "(2)", "Word ", "mot ", "the ", " ",
        "<sup>", "<co: 1>", "</co: 1>", '{"answer": "', "References:", "<|im_end|>", "\ue000", "\u2028", "\x00", "é",
        "中", "٣", "\ud800",
    ]  # fmt: skip
    for _ in range(1500):
        draft = "".join(rng.choices(bits, k=rng.randint(1, 40)))
        for sentence in read_draft(draft, rng.choice(["en", "fr", "xx"]), rng.randint(0, 6), rng.random() < 0.5):
            assert isinstance(sentence, DraftSentence)
            assert "[1]" not in sentence.text


@pytest.mark.parametrize(
    "unit",
    [
        "[", "(", "<think>", "</think>", "[1", "[1]", "(1", "...", "*", "**a", "# ", "|", " ", "\n", "¹", '{"a":',
        "<", "excerpt ", "« ",
    ],
)  # fmt: skip
def test_a_hundred_thousand_characters_are_read_within_seconds(unit: str) -> None:
    began = time.process_time()
    for start in ("", "A word "):
        draft = (start + unit * 100_000)[:100_000]
        read_draft(draft, "en", 6)
    assert time.process_time() - began < 2  # two readings
