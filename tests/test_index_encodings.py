"""Texts in the encodings that people have come out letter by letter; what is no text is refused."""

from __future__ import annotations

import struct

import pytest

from index.errors import ReadError
from index.parsed import decode

TEXTS = {
    "pl": "Posiedzenie rady odbyło się w poniedziałek w Łodzi. Burmistrz obiecał, że nowa szkoła zostanie otwarta.",
    "cs": "Schůze se konala v pondělí. Ministr slíbil, že nová škola bude otevřena před podzimem, a byli spokojeni.",
    "hu": "Az ülést hétfőn tartották. A miniszter megígérte, hogy az új iskola őszig megnyílik, az első tűz után.",
    "ro": "Şedinţa a avut loc luni. Ministrul a promis că noua şcoală va fi deschisă înainte de toamnă.",
    "tr": "Toplantı pazartesi günü yapıldı. Bakan, yeni okulun sonbahardan önce açılacağına söz verdi. İstanbul.",
    "lt": "Posėdis įvyko pirmadienį. Ministras pažadėjo, kad nauja mokykla bus atidaryta iki rudens šiuo žodžiu.",
    "fr": "La réunion a eu lieu à l’hôtel de ville : « où ça ? » Le ministre a promis une école de 300 m².",
    "de": "Die Sitzung fand in Köln statt. Der Minister versprach, daß die neue Schule eröffnet würde – für 3 €.",
    "fr and de": "À Köln, le ministre a vu la Universität für Künste, la Straße, et le château où il est né.",
    "pt": "A reunião realizou-se ontem. As crianças não estão na escola, que será aberta antes do próximo outono.",
    "sv": "Mötet ägde rum på måndag. Ministern lovade att den nya skolan skulle öppnas före hösten på gården.",
    "is": "Fundurinn var haldinn á mánudag. Ráðherrann lofaði því að nýi skólinn yrði opnaður fyrir haustið.",
    "ru": "Заседание состоялось в понедельник. Министр пообещал построить новую школу до осени. Жители рады.",
    "el": "Η συνεδρίαση πραγματοποιήθηκε τη Δευτέρα. Ο υπουργός υποσχέθηκε νέο σχολείο πριν από το φθινόπωρο.",
    "ja": "東京の会議は月曜日に開かれた。大臣は新しい学校を建てると約束した。住民はとても喜んだ。",
    "zh": "会议于星期一在北京举行。部长承诺在秋天之前建一所新学校。居民们很满意。",
}  # fmt: skip
CENTRAL = [(language, encoding) for language in ("pl", "cs", "hu") for encoding in ("cp1250", "iso8859-2")]
OTHERS = [
    ("ro", "cp1250"), ("tr", "cp1254"), ("lt", "cp1257"), ("fr", "cp1252"), ("de", "cp1252"), ("fr and de", "cp1252"),
    ("pt", "cp1252"), ("sv", "latin-1"), ("is", "latin-1"), ("ru", "cp1251"), ("el", "cp1253"), ("ja", "shift_jis"),
    ("zh", "gb18030"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "encoding"), [*CENTRAL, *OTHERS])
def test_a_text_in_its_languages_encoding(language: str, encoding: str) -> None:
    assert decode(TEXTS[language].encode(encoding)) == TEXTS[language]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32"])
@pytest.mark.parametrize("language", ["fr", "ru", "zh"])
def test_two_bytes_a_letter_with_and_without_a_mark(language: str, encoding: str) -> None:
    text = f"{TEXTS[language]}\r\nJune 2025\r\n"
    assert decode(text.encode(encoding)) == text


def test_a_damaged_byte_costs_one_letter() -> None:
    data = bytearray((TEXTS["fr"] * 3).encode())
    data[100] = 0xFF
    text = decode(bytes(data))
    assert text.count("\ufffd") == 1
    assert text[:90] + text[110:] == (TEXTS["fr"] * 3)[:90] + (TEXTS["fr"] * 3)[110:]


@pytest.mark.parametrize("data", [bytes(range(256)), struct.pack("<40I", *range(40)), b"a \x00 zero", b"\x00\x01"])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(ReadError, match="it holds binary data"):
        decode(data)
