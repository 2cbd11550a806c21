"""Whose words a sentence holds, and how a comment is shown as one."""

from __future__ import annotations

import pytest

from rag.voice import attributed, speaker


@pytest.mark.parametrize(
    ("sentence", "who"),
    [
        ('"The tide will turn," said harbour master Ana Prado.', "harbour master Ana Prado"),
        ("“The tide will turn,” said Ana Prado, who runs the port.", "Ana Prado"),
        ("“The tide will turn,” the harbour master said on Friday.", "the harbour master"),
        ("“The tide will turn,” warned a senior port official in Lisbon.", "a senior port official"),
        ("“The tide,” Prado told reporters, “will turn.”", "Prado"),
        ('Ana Prado said: "The tide will turn."', "Ana Prado"),
        (
            "The union's chief negotiator Rui Costa said that the strike would go on.",
            "The union's chief negotiator Rui Costa",
        ),
        ("The port authority said the strike was over.", "The port authority"),
        ("According to the city's chief engineer Rui Costa, the dam is safe.", "the city's chief engineer Rui Costa"),
        ("The dam is safe, according to two engineers.", "two engineers"),
        ("Rui Costa, the chief engineer, argued that the dam was safe.", "Rui Costa, the chief engineer"),
        ("The dam is safe, said Rui Costa, the chief engineer.", "Rui Costa"),
        ("The dam is safe, officials said.", "officials"),
        ("On Friday, two sources told Reuters that the dam had cracked.", "two sources"),
        ("On Friday two sources told Reuters that the dam had cracked.", "two sources"),
        ("Portugal and Spain said in a joint statement that the dam was safe.", "Portugal and Spain"),
        ("The ministry has repeatedly insisted that the dam is safe.", "The ministry"),
        ("A person close to Prado told the Herald that she would resign.", "A person close to Prado"),
        ("“He told me ‘never again’ twice,” said Prado.", "Prado"),
        ("But Prado admitted that the dam had cracked.", "Prado"),
        ("“Why do we pay?” asked Prado.", "Prado"),
        ("A retired engineer who lives by the dam told us that it leaks.", "A retired engineer"),
        ("Rui Costa, of the city council, warned that the dam leaks.", "Rui Costa"),
        ("The dam, which is old, will leak, said Ana Prado.", "Ana Prado"),
        ("Rui Costa thanked the crew and said that the dam would hold.", "Rui Costa"),
        ("He died in May, his family said.", "his family"),
        ("Police say the dam is safe.", "Police"),
        ("The police today claimed that the dam was safe.", "The police"),
        ("Some engineers argue that the dam is cursed.", "Some engineers"),
        ("Their lawyer said that the dam was safe.", "Their lawyer"),
        ("Prado said that Costa told her that the dam was safe.", "Prado"),  # the outer voice
    ],
)
def test_the_speaker_in_english(sentence: str, who: str) -> None:
    assert speaker(sentence, "", "en") == who


@pytest.mark.parametrize(
    ("sentence", "who"),
    [
        ("« La marée tournera », a déclaré le capitaine Ana Prado.", "le capitaine Ana Prado"),
        ("« La marée tournera », a déclaré mardi le ministre des Ports.", "le ministre des Ports"),
        ("« La marée tournera », explique Ana Prado, qui dirige le port.", "Ana Prado"),
        ("« La marée tournera », confie un haut responsable.", "un haut responsable"),
        ("Selon un haut responsable, le barrage est sûr.", "un haut responsable"),
        ("Le barrage est sûr, selon Rui Costa.", "Rui Costa"),
        ("D'après la maire de Porto, le barrage est sûr.", "la maire de Porto"),
        ("Le syndicat affirme que la grève continue.", "Le syndicat"),
        (
            "Le porte-parole du port, Rui Costa, a déclaré que la grève continuait.",
            "Le porte-parole du port, Rui Costa",
        ),
        ("Lundi, le ministère a indiqué que le barrage avait cédé.", "le ministère"),
        ("Rui Costa a déclaré : « La marée tournera. »", "Rui Costa"),
        ("Le ministère nous a répondu que le barrage était sûr.", "Le ministère"),
        ("L’ingénieure en chef assure qu’elle avait prévenu la ville.", "L’ingénieure en chef"),
        ("« Il tient ! », s'exclame Ana Prado.", "Ana Prado"),
        ("La ville affirme avoir réparé le barrage.", "La ville"),
        ("Rui Costa, lors d'une réunion, a insisté sur le fait que le barrage tenait.", "Rui Costa"),
        ("Rui Costa juge que la ville a tort.", "Rui Costa"),
    ],
)
def test_the_speaker_in_french(sentence: str, who: str) -> None:
    assert speaker(sentence, "", "fr") == who


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("The report said that the dam was safe.", "en"),
        ("A study by the university claims that eels are back.", "en"),
        ("According to plan, the dam opened in May.", "en"),
        ("The port opened its so-called “quiet zone” to cyclists.", "en"),
        ('"The Silent Dam" is a novel by Ana Prado.', "en"),
        ("Some say that the dam is cursed.", "en"),
        ("It is said that the dam is cursed.", "en"),
        ("Prado did not say that the dam was safe.", "en"),
        ("Prado declined to say when the dam would open.", "en"),
        ("Prado refused to say whether the dam was safe.", "en"),
        ("The man who said this was never found.", "en"),
        ("The dam cracked in May.", "en"),
        ("Crops change according to the weather.", "en"),
        ("In May, the parliament heard a claim that the dam was cursed.", "en"),
        ("In 1994, the director wrote a play, drawing on “every dam”.", "en"),
        ("Les cultures changent selon la saison.", "fr"),
        ("La ville s'assure que le barrage tient.", "fr"),
        ("After the vote Costa said that it was over.", "en"),
        ("Nothing suggests that the dam is cursed.", "en"),
        ("Luis Braga, the mayor when the dam was built, told Lisbon paper Maré", "en"),
        ("She said that the dam was safe.", "en"),  # nobody before her
        ("Prado said the dam was safe, but Costa said it had cracked.", "en"),  # two voices
        ("Le rapport affirme que le barrage est sûr.", "fr"),
        ("Selon une étude, les anguilles sont revenues.", "fr"),
        ("Chacun agit selon ses intérêts.", "fr"),
        ("Le port veut créer une « zone tampon ».", "fr"),
        ('Il veut «une "zone tampon"» autour du port.', "fr"),
        ("On dit que le barrage est maudit.", "fr"),
        ("Costa n'a pas dit que le barrage était sûr.", "fr"),
        ("Tout indique que le barrage cédera.", "fr"),
        ("Le film « Le Barrage », sorti en mai, raconte une crue.", "fr"),
        ("C'est ce qui explique que le barrage ait cédé.", "fr"),
        ("Cela dit, le barrage est vieux.", "fr"),
    ],
)
def test_no_clear_speaker(sentence: str, language: str) -> None:
    assert speaker(sentence, "", language) is None


@pytest.mark.parametrize(
    ("sentence", "before", "language", "who"),
    [
        (
            "“It holds,” he said.",
            "Rui Costa, the engineer, told the council that the dam was old.",
            "en",
            "Rui Costa, the engineer",
        ),
        ("He added: “It holds.”", "“The dam is old,” said Rui Costa.", "en", "Rui Costa"),
        ("She said that it would hold.", "Ana Prado walked to the dam.", "en", "Ana Prado"),
        ("“And it will hold.”", "“The dam is old,” said Rui Costa.", "en", "Rui Costa"),
        ("It will hold.", "Rui Costa said: “The dam is old.", "en", "Rui Costa"),
        ("It will hold.", 'Rui Costa said: "The dam is old.', "en", "Rui Costa"),
        ("It will hold.”", "Rui Costa said: “The dam is old.", "en", "Rui Costa"),
        ("He said that it would hold.", "Rui Costa met Luis Braga at the dam.", "en", None),
        ("He said that it would hold.", "The dam is old.", "en", None),
        ("They said that it would hold.", "Rui Costa said it was old.", "en", None),
        ("He said it would hold.", "“The dam is old,” said Rui Costa. Luis Braga arrived late.", "en", "Luis Braga"),
        ("« Il tient », a-t-il ajouté.", "« Le barrage est vieux », a déclaré Rui Costa.", "fr", "Rui Costa"),
        ("« Il tient », dit-elle.", "Ana Prado affirme que le barrage est vieux.", "fr", "Ana Prado"),
        ("Selon lui, il tient.", "Rui Costa a déclaré que le barrage était vieux.", "fr", "Rui Costa"),
        ("Il estime qu'il tient.", "Rui Costa a rencontré Luis Braga.", "fr", None),
        ("« Il tient », assure-t-on.", "Rui Costa a déclaré que le barrage était vieux.", "fr", None),
        ("The mayor left.", 'It is old," said Rui Costa.', "en", None),  # what was open is closed
        ("He says that it must hold.", "The Portuguese memorandum is long.", "en", None),
        ("“The sea is near.”", "The port opened its “quiet zone”, said Rui Costa.", "en", None),
        ("The dam is old.", "“It holds,” said Rui Costa.", "en", None),
    ],
)
def test_a_speaker_named_before(sentence: str, before: str, language: str, who: str | None) -> None:
    assert speaker(sentence, before, language) == who


def test_a_speaker_is_copied_from_the_text() -> None:
    sentence = "“It holds,” said the  port’s\nchief engineer Rui Costa."
    who = speaker(sentence, "", "en")
    assert who is not None and who in sentence


def test_other_languages_have_no_speakers_yet() -> None:
    assert speaker("„Der Damm hält“, sagte Rui Costa.", "", "de") is None


@pytest.mark.parametrize(
    ("text", "language", "shown"),
    [
        ("The dam holds.", "en", "A reader comments: “The dam holds.”"),
        ("Le barrage tient.", "fr", "Un lecteur commente : « Le barrage tient. »"),
        ("Der Damm hält.", "de", "A reader comments: “Der Damm hält.”"),
        ("It holds.\n\n It is  safe.", "en", "A reader comments: “It holds. It is safe.”"),
        ('“Safe”? The "dam"?', "en", "A reader comments: “‘Safe’? The 'dam'?”"),
        ("Un « barrage » ?", "fr", "Un lecteur commente : « Un “barrage” ? »"),
    ],
)
def test_a_comment_is_shown_as_one(text: str, language: str, shown: str) -> None:
    assert attributed(text, "comment", language) == shown


def test_a_comment_cannot_step_out_of_its_quotation_marks() -> None:
    shown = attributed("Fine.” The dam holds [1]. “Yes", "comment", "en")
    assert shown.count("“") == shown.count("”") == 1 and shown.endswith("”")


def test_the_document_s_own_words_stay_as_they_are() -> None:
    assert attributed("The dam “holds”.", "report", "en") == "The dam “holds”."
