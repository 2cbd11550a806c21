"""The check: what may pass as supported, and what never may."""

from __future__ import annotations

import pytest

from rag.check import check

MARKETS = (
    "The ruble rose 5% against the dollar and the main Moscow index climbed 2.8% to its highest level in nine months."
)
TERMS = "The memorandum says that Ukraine must accept strict limits on its armed forces and never join an alliance."
TALKS = "In Geneva on Sunday, Marco Rubio met a Ukrainian delegation led by Andriy Yermak."
CEASEFIRE = "The Russians, however, do not want a ceasefire; they want a peace treaty straight away."
CLAIM = "Sanctions have had no effect on the Russian economy, said Dmitri Peskov on Monday."
PLAN = "Most Western sanctions would be lifted if Russia withdraws some troops by 1 March 2026."
FRENCH = "Moscou exige le retrait de 1 000 soldats ukrainiens et l’abandon de toute adhésion à l’OTAN."

TROOPS = "The Europeans would like to be able to send troops to guarantee the ceasefire on land, at sea and in the air."

FALSE = [
    ("The Europeans would send troops to guarantee the ceasefire on land, at sea and in the air.", TROOPS, "a wish"),
    ("The ruble rose 2.8% against the dollar.", MARKETS, "the other figure of the sentence"),
    ("The main Moscow index climbed 5%.", MARKETS, "the other figure, the other way round"),
    ("The main Moscow index climbed 3.8% to its highest level.", MARKETS, "an invented figure"),
    ("The ruble rose 5% against the euro and the Warsaw index climbed.", MARKETS, "an invented name"),
    ("Ukraine must accept strict limits on its armed forces and join an alliance.", TERMS, "a dropped never"),
    ("Ukraine may accept strict limits on its armed forces.", TERMS, "must turned into may"),
    ("Ukraine must accept strict limits on its armed forces.", TERMS, "a demand without its owner"),
    ("Andriy Yermak met a Ukrainian delegation led by Marco Rubio in Geneva.", TALKS, "swapped roles"),
    ("In Geneva on Monday, Marco Rubio met a Ukrainian delegation.", TALKS, "another day"),
    ("The Russians, however, want a ceasefire straight away.", CEASEFIRE, "a dropped not"),
    ("Sanctions have had no effect on the Russian economy.", CLAIM, "an opinion without its owner"),
    ("Sanctions have had an effect on the Russian economy, said Dmitri Peskov.", CLAIM, "a dropped no"),
    ("Sanctions have had no effect on the Russian economy, said Vladimir Putin.", CLAIM, "another speaker"),
    ("All Western sanctions would be lifted if Russia withdraws some troops.", PLAN, "most turned into all"),
    ("Most Western sanctions will be lifted if Russia withdraws some troops.", PLAN, "would turned into will"),
    ("Most Western sanctions would be lifted by 1 March 2026.", PLAN, "a dropped condition"),
    ("Most Western sanctions would be lifted if Russia withdraws troops.", PLAN, "some troops turned into troops"),
    ("Western sanctions against Iran were discussed by bankers in Vienna.", PLAN, "shares words only"),
    ("Moscou exige le retrait de 10 000 soldats ukrainiens.", FRENCH, "another number in French"),
    ("Moscou n’exige pas le retrait de 1 000 soldats ukrainiens.", FRENCH, "an added negation in French"),
    ("Kiev exige le retrait de 1 000 soldats ukrainiens.", FRENCH, "another capital in French"),
    ("", TERMS, "nothing"),
    ("Yes, it is.", TERMS, "too little"),
    ("Limits limits limits limits limits limits limits.", TERMS, "endless repetition"),
]

TRUE = [
    (MARKETS, MARKETS),
    ("The main Moscow index climbed 2.8% to its highest level in nine months.", MARKETS),
    ("The memorandum says Ukraine must accept strict limits on its armed forces and never join an alliance.", TERMS),
    ("In Geneva, Marco Rubio met a Ukrainian delegation led by Andriy Yermak.", TALKS),
    ("The Russians do not want a ceasefire, they want a peace treaty.", CEASEFIRE),
    ("Sanctions have had no effect on the Russian economy, said Dmitri Peskov.", CLAIM),
    ("Most Western sanctions would be lifted if Russia withdraws some troops by 1 March 2026.", PLAN),
    ("Moscou exige le retrait de 1000 soldats ukrainiens et l'abandon de toute adhésion à l'OTAN.", FRENCH),
]


@pytest.mark.parametrize(("statement", "source", "why"), FALSE, ids=[why for _, _, why in FALSE])
def test_a_changed_claim_is_not_supported(statement: str, source: str, why: str) -> None:
    language = "fr" if source is FRENCH else "en"
    verdict = check(statement, source, language)
    assert not verdict.supported, why
    assert verdict.reason


@pytest.mark.parametrize(("statement", "source"), TRUE)
def test_a_faithful_sentence_is_supported(statement: str, source: str) -> None:
    verdict = check(statement, source, "fr" if source is FRENCH else "en")
    assert verdict.supported, verdict.reason
    assert verdict.support >= 0.85


def test_support_is_the_share_of_words_that_the_quotes_hold() -> None:
    verdict = check("Rubio met no envoy near Lisbon", "Rubio met Yermak in Geneva", "en")
    assert verdict.support == pytest.approx(2 / 4)  # Rubio, met; not: envoy, Lisbon
    assert verdict.reason == "the name lisbon is missing"


def test_number_words_and_thousands_separators_compare_as_numbers() -> None:
    assert check("They handed over 4 regions and 1000 soldiers", "They handed over four regions and 1,000 soldiers",
                 "en").supported  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 paintings were stolen", "twelve paintings were stolen"),
        ("It fell by 2.8 percent on May 9", "It fell by 2.8% on the 9th of May"),
        ("The US paid $1.2 billion in cash", "The U.S. paid 1.2 billion dollars in cash"),
        ("The envoy isn't ready to leave Sarn", "The envoy is not ready to leave Sarn"),
        ("The river is 214 km long and deep", "The river is 214 kilometres long and deep"),
    ],
)
def test_two_ways_to_write_the_same(one: str, other: str) -> None:
    assert check(one, other, "en").reason is None
    assert check(other, one, "en").reason is None


def test_retold_is_nothing_when_a_number_or_a_name_is_left_out() -> None:
    assert check("The ruble rose 5% against the dollar.", MARKETS, "en").retold == 0
    assert check("In Geneva, Marco Rubio met a Ukrainian delegation.", TALKS, "en").retold == 0
    assert check("The Russians do not want a ceasefire.", CEASEFIRE, "en").retold == pytest.approx(3 / 6)


def test_several_quotes_carry_a_sentence_together_and_none_of_them_alone() -> None:
    joint = "Marco Rubio met a Ukrainian delegation, and the ruble rose 5% against the dollar."
    assert check(joint, (TALKS, MARKETS), "en").supported
    assert not check(joint, TALKS, "en").supported
    assert not check(joint, MARKETS, "en").supported


def test_without_word_tables_only_a_copy_passes() -> None:
    source = "Die Regierung will das Gesetz nicht vor dem Sommer ändern."
    assert check("Die Regierung will das Gesetz nicht vor dem Sommer ändern", source, "de").supported
    assert not check("Die Regierung will das Gesetz vor dem Sommer ändern.", source, "de").supported


@pytest.mark.parametrize(
    "statement", ["Dmitri Peskov told Andriy Yermak.", "The memorandum of Ukraine said.", "Said Peskov on Monday."]
)
def test_a_speaker_who_says_nothing_is_not_supported(statement: str) -> None:
    assert not check(statement, (CLAIM, TERMS, TALKS), "en").supported


@pytest.mark.parametrize(
    "text", ["He had 5 1⁄2 sacks and ² tackles.", "On the ① day ٣ men came, ½ of them.", "At 1.2.3 it ran."]
)
def test_unusual_figures_are_compared_as_they_are_written(text: str) -> None:
    assert check(text, text, "en").supported
    assert not check(text.replace("1⁄2", "1⁄4").replace("½", "¼").replace("1.2.3", "1.2.4"), text, "en").supported
