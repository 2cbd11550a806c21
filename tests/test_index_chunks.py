"""Chunks are runs of whole sentences within the size, at exact offsets."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from index.chunks import Span, split_chunks
from index.embedder import EmbeddingModel
from index.language import detect_language
from index.readers import read
from index.segments import Segment, segments
from index.sentences import split_sentences
from index.sync import CHUNK_TOKENS
from index.types import Sentence
from tests.index_helpers import CORPUS, HashModel

COUNT = HashModel().count_tokens


def cut(text: str, size: int) -> tuple[list[Sentence], list[Span]]:
    segment = Segment(0, len(text), "report")
    sentences = split_sentences(text, segment, "en")
    return sentences, split_chunks(text, segment, sentences, COUNT, size)


@pytest.mark.parametrize("path", sorted(CORPUS.iterdir()), ids=lambda path: path.name)
def test_chunks_of_the_corpus(path: Path, model: EmbeddingModel) -> None:
    parsed = read(path, path.read_bytes())
    language = detect_language(parsed.text)
    for part in segments(parsed):
        sentences = split_sentences(parsed.text, part, language)
        spans = split_chunks(parsed.text, part, sentences, model.count_tokens, CHUNK_TOKENS)
        assert all(part.start <= span.start < span.end <= part.end and span.voice == part.voice for span in spans)
        assert all(a.end <= b.start for a, b in pairwise(spans))
        assert all(model.count_tokens(parsed.text[span.start : span.end]) <= CHUNK_TOKENS for span in spans)
        for sentence in sentences:  # whole in one chunk
            assert sum(span.start <= sentence.start and sentence.end <= span.end for span in spans) == 1


def test_sentences_are_merged_up_to_the_size() -> None:
    text = "One two three. Four five six. Seven eight nine. Ten."
    _, spans = cut(text, 8)  # four tokens a sentence
    assert [text[span.start : span.end] for span in spans] == [
        "One two three. Four five six.",
        "Seven eight nine. Ten.",
    ]
    assert len(cut(text, 100)[1]) == 1
    assert [(s.start, s.end) for s in cut(text, 4)[0]] == [(s.start, s.end) for s in cut(text, 4)[1]]


def test_a_sentence_longer_than_a_chunk_is_split_at_words() -> None:
    words = [f"word{number}" for number in range(100)]
    text = f"A short one. {' '.join(words)}. Another short one."
    sentences, spans = cut(text, 20)
    assert len(sentences) == 3
    pieces = [text[span.start : span.end] for span in spans]
    assert all(COUNT(piece) <= 20 for piece in pieces)
    assert " ".join(pieces) == text
    assert len(pieces) >= 5


def test_a_word_of_5000_characters() -> None:
    text = f"Before it. {'x' * 5000} After it."
    _, spans = cut(text, 50)
    pieces = [text[span.start : span.end] for span in spans]
    assert all(COUNT(piece) <= 50 for piece in pieces)
    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("length", [20_000, 80_000])
@pytest.mark.parametrize("unit", ["x", "ж", "船", "aB3/", "x" * 40 + " "])
def test_text_without_sentences_costs_in_proportion_to_its_length(unit: str, length: int) -> None:
    text = "".join(f"{unit}{number % 97}" for number in range(length // (len(unit) + 2)))
    counted: list[int] = []

    def count(piece: str) -> int:
        counted.append(len(piece))
        return COUNT(piece)

    spans = split_chunks(text, Segment(0, len(text), "report"), [Sentence(0, len(text))], count, 128)
    assert "".join(text[span.start : span.end] for span in spans).replace(" ", "") == text.replace(" ", "")
    assert all(COUNT(text[span.start : span.end]) <= 128 for span in spans)
    assert len(counted) <= len(text) / 16
    assert sum(counted) <= len(text)


def test_a_model_that_knows_no_long_words_is_not_given_one_as_a_chunk(model: EmbeddingModel) -> None:
    text = "x" * 20_000
    assert model.count_tokens(text) == 1
    spans = split_chunks(text, Segment(0, len(text), "report"), [Sentence(0, len(text))], model.count_tokens, 128)
    assert len(spans) > 20_000 / (32 * 128) and spans[-1].end == len(text)


def test_repeated_sentences_keep_their_places() -> None:
    text = " ".join(["The same again."] * 9)
    sentences, spans = cut(text, 8)
    assert len(sentences) == 9
    assert [(span.start, span.end) for span in spans] == [(0, 31), (32, 63), (64, 95), (96, 127), (128, 143)]


def test_a_heading_goes_with_what_stands_under_it() -> None:
    text = "One two three four. Five.\n\nThe costs\n\nRent\n\nNine ten eleven twelve.\n\nAs follows:\n\n- a\n- b\n"
    _, spans = cut(text, 11)
    assert [text[span.start : span.end] for span in spans] == [
        "One two three four. Five.",
        "The costs\n\nRent\n\nNine ten eleven twelve.",
        "As follows:\n\n- a\n- b",
    ]


def test_a_heading_that_does_not_fit_stands_alone() -> None:
    text = "One two three.\n\nThe costs\n\nNine ten eleven twelve thirteen.\n"
    assert [text[span.start : span.end] for span in cut(text, 7)[1]] == [
        "One two three.\n\nThe costs", "Nine ten eleven twelve thirteen.",
    ]  # fmt: skip


def test_voices_are_not_mixed() -> None:
    text = "The report.\n\nComments\n\nI agree!"
    parsed = read(Path("a.txt"), text.encode())
    found = [
        span
        for part in segments(parsed)
        for span in split_chunks(text, part, split_sentences(text, part, "en"), COUNT, 100)
    ]
    assert [(text[span.start : span.end], span.voice) for span in found] == [
        ("The report.", "report"),
        ("Comments\n\nI agree!", "comment"),
    ]


def test_nothing_to_cut() -> None:
    assert split_chunks("***", Segment(0, 3, "report"), [], COUNT, 10) == []
