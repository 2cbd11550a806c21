"""The analyser gives documents and questions the same terms."""

from __future__ import annotations

import pytest

from index.analysis import STEMMERS, analyse, fold, is_heading, query_terms, question_language, search_terms, squeeze
from index.language import detect_language
from index.stopwords import STOP_WORDS

BOTH = ["en", "fr"]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Négociations", "negociations"),
        ("ne\u0301gociations", "negociations"),
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
        ("ﬁn", "fin"),
        ("ΑΘΉΝΑ", "αθηνα"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "language", "terms"),
    [
        ("What does Russia demand? Its demands!", "en", ["russia", "demand", "demand"]),
        ("L'armée qu’exige Moscou : les négociations", "fr", ["arme", "exig", "moscou", "negoci"]),
        ("U.S. troops' 28-point_plan", "en", ["u", "troop", "28", "point", "plan"]),
        ("Die Verhandlungen der Länder", "de", ["verhandl", "land"]),
        ("the of and", "en", []),
        ("?! — …", "en", []),
        ("Xyz the", "zz", ["xyz", "the"]),  # an unknown language is split and folded, no more
    ],
)
def test_analyse(text: str, language: str, terms: list[str]) -> None:
    assert analyse(text, language) == terms


@pytest.mark.parametrize("language", sorted(STEMMERS))
def test_every_stemmer_runs(language: str) -> None:
    assert len(analyse("Istanbul 2025", language)) == 2


@pytest.mark.parametrize("language", sorted(STOP_WORDS))
def test_stop_words_are_folded_and_known(language: str) -> None:
    assert language in STEMMERS

    assert {word for word in STOP_WORDS[language] if word != fold(word) or not word.isalpha()} == set()


def test_words_that_questions_turn_on_are_no_stop_words() -> None:
    assert not {"us", "million", "states", "against", "war"} & STOP_WORDS["en"]


def test_terms_carry_their_language() -> None:
    assert search_terms("The demands", "en") == ["en_demand"]
    assert search_terms("Les demandes", "fr") == ["fr_demand"]


@pytest.mark.parametrize("text", ["Négociations à Genève", "NEGOCIATIONS A GENEVE", "négociation, Genève"])
def test_documents_and_questions_meet(text: str) -> None:
    assert set(query_terms("Quelles négociations à Genève ?", ["fr"])) == set(search_terms(text, "fr"))


@pytest.mark.parametrize(
    ("question", "languages", "language"),
    [
        ("What does Russia demand?", BOTH, "en"),
        ("Qu'exige Moscou de la part des alliés ?", BOTH, "fr"),
        ("Was fordert Moskau und warum?", ["en", "de"], "de"),
        ("Russia sanctions", BOTH, None),  # no function word
        ("on a", BOTH, None),  # "on" is English and French, so is "a": a tie
        ("What does Russia demand?", ["fr"], None),
        ("What does Russia demand?", [], None),
        ("", BOTH, None),
    ],
)
def test_question_language(question: str, languages: list[str], language: str | None) -> None:
    assert question_language(question, languages) == language


def test_other_languages_are_asked_for_names_and_numbers_only() -> None:
    terms = query_terms("does Russia demand the 28 points?", BOTH)
    assert terms == ["en_russia", "en_demand", "en_28", "en_point", "fr_russi", "fr_28"]


def test_without_a_known_language_everything_is_asked_for() -> None:
    assert query_terms("demand", BOTH) == ["en_demand", "fr_demand"]


def test_a_year_that_is_part_of_a_word_is_looked_for_by_itself() -> None:
    assert query_terms("Sales in FY2023 and 2024Q1?", ["en"]) == [
        "en_sale",
        "en_fy2023",
        "en_2024q1",
        "en_2023",
        "en_2024",
    ]
    assert query_terms("Call 020231", ["en"]) == ["en_call", "en_020231"]


def test_query_terms_are_unique_and_take_any_iterable() -> None:
    assert query_terms("Russia, russia, RUSSIA", iter(["en"])) == ["en_russia"]
    assert query_terms("?", BOTH) == query_terms("Russia", []) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The nego-\ntiations “ended”.", "THE NEGOTIATIONS 'ended' …"),
        ("Né à Paris,\u00a0 dit-il", "Ne\u0301 à\n\nParis dit il"),
        ("the first (1) of 12,5", "The ﬁrst 1 of\t12,5"),
    ],
)
def test_layout_makes_no_difference_to_a_squeezed_text(one: str, other: str) -> None:
    assert squeeze(one) == squeeze(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It cost 15 euros", "It cost 1.5 euros"),
        ("It cost 15 euros", "It cost 1 5 euros"),
        ("from 1-5 to 10", "from 1.5 to 10"),
        ("It fell to -5 degrees", "It fell to 5 degrees"),
        ("5 % of it", "5 of it"),
        ("$5 million", "€5 million"),
        ("Did they sign?", "Did they sign."),
        ("It is so", "It is not so"),
    ],
)
def test_what_makes_another_statement_is_kept_in_a_squeezed_text(one: str, other: str) -> None:
    assert squeeze(one) != squeeze(other)


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("The Evening Paper", True),
        ("# A heading, however long it may be, is one by its mark.", True),
        ("He left.", False),
        ("It was said on the quay that nobody knew of it", False),
    ],
)
def test_headings(text: str, heading: bool) -> None:
    assert is_heading(text) == heading


def test_what_is_written_without_spaces_is_found_by_its_pairs() -> None:
    assert analyse("部长谈到了医院", "zh") == ["部长", "长谈", "谈到", "到了", "了医", "医院"]
    assert analyse("2024年5月 GDP增长", "zh") == ["2024", "年", "5", "月", "gdp", "增长"]
    assert set(query_terms("医院", ["zh", "en"])) == {"zh_医院", "en_医院"}


def test_languages_without_a_stemmer_are_told_apart() -> None:
    samples = {
        "pl": "Posiedzenie rady odbyło się w poniedziałek w Łodzi. Burmistrz obiecał nową szkołę.",
        "uk": "Засідання відбулося в понеділок. Міністр пообіцяв побудувати нову школу до осені.",
        "ru": "Заседание состоялось в понедельник. Министр пообещал построить новую школу до осени.",
        "zh": "会议于星期一在北京举行。部长承诺在秋天之前建一所新学校。",
        "ja": "東京の会議は月曜日に開かれた。大臣は新しい学校を建てると約束した。",
        "ko": "회의는 월요일 서울에서 열렸다. 장관은 새 학교를 짓겠다고 약속했다.",
    }
    assert {language: detect_language(text) for language, text in samples.items()} == {one: one for one in samples}
