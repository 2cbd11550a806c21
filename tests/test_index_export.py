"""Questions are encoded by the exported model exactly as documents are by the whole one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.embedder import EmbeddingModel, _DocumentTransformer, _QuestionTransformer, runtime_of
from index.encoder import QuestionEncoder
from index.export import _compare, attempted, export, export_folder, exported
from index.places import cache_dir

TEXTS = [
    "What does Russia demand?",
    "Qu'exige Moscou de la part des alliés, et depuis quand ?",
    "Was fordert Moskau?",
    "Чего требует Россия?",
    "ロシアは何を要求していますか",
    "a",
    "?",
    "é",
    "   spaces   everywhere   ",
    "ALL IN CAPITALS",
    "1,000 prisoners for 1,000 prisoners on 2025-06-02",
    "« Nous partons », a-t-il dit ; « c'est fini… »",
    "An emoji 🙂 and a zero-width\u200bspace",
    "new\nlines\n\nand\ttabs",
    "supercalifragilisticexpialidocious" * 8,
    "The minister spoke of peace. " * 12,
    "La ligne de front n'a pas bougé depuis des mois. " * 20,
    "word " * 255,
    "The talks went on for hours and nothing came of them. " * 60,  # far beyond the model's 256 tokens
    "x" * 3000,
]


@pytest.fixture(scope="module")
def onnx(model: EmbeddingModel) -> QuestionEncoder:
    model.prepare_questions()
    folder = exported(model.fingerprint)
    assert folder is not None
    return QuestionEncoder(folder, threads=2)


@pytest.fixture
def copy(model: EmbeddingModel, tmp_path: Path) -> EmbeddingModel:
    """Return the packaged model under another fingerprint, for which nothing is exported."""
    for source in model.folder.rglob("*"):
        if source.is_file():
            target = tmp_path / "copy" / source.relative_to(model.folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(source)
    (tmp_path / "copy" / "extra.json").write_text(f'{{"made for": "{tmp_path.name}"}}')
    return EmbeddingModel.open(str(tmp_path / "copy"))


def test_both_ways_give_the_same_vectors(model: EmbeddingModel, onnx: QuestionEncoder) -> None:
    assert len(TEXTS) == 20 and model.count_tokens(TEXTS[18]) > 256
    ours, theirs = onnx.encode(TEXTS), _DocumentTransformer(model).encode(TEXTS)
    assert ours.shape == theirs.shape == (20, 384)
    assert ours.dtype == theirs.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)
    cosines = (ours * theirs).sum(axis=1)
    assert cosines.min() >= 0.999, dict(zip(TEXTS, cosines.tolist(), strict=True))
    assert (ours @ ours.T).min() < 0.5  # and they are not all one vector


def test_later_questions_are_encoded_as_the_first_is(model: EmbeddingModel, onnx: QuestionEncoder) -> None:
    folder = exported(model.fingerprint)
    assert folder is not None
    encoder = QuestionEncoder(folder, threads=2)
    first, later = encoder.encode(TEXTS[:1]), [encoder.encode(TEXTS[:1]) for _ in range(2)]
    for vectors in later:
        np.testing.assert_allclose(vectors, first, atol=1e-5)


def test_tokens_stand_for_the_characters_of_their_text(onnx: QuestionEncoder) -> None:
    vectors = onnx.encode(TEXTS)
    for text, vector, tokens in zip(TEXTS, vectors, onnx.encode_tokens(TEXTS), strict=True):
        assert tokens.vectors.shape == (len(tokens.spans), 384)
        np.testing.assert_allclose(np.linalg.norm(tokens.vectors, axis=1), 1, atol=1e-5)
        assert all(0 <= start < end <= len(text) for start, end in tokens.spans)  # nothing special, no padding
        assert list(tokens.spans) == sorted(tokens.spans)
        covered = {i for start, end in tokens.spans for i in range(start, end)}
        gaps = "".join(text[i] for i in range(tokens.spans[-1][1]) if i not in covered)
        assert not gaps.strip(" \n\t\u200b"), text
        mean = tokens.vectors.sum(axis=0)
        if len(tokens.spans) > 3:  # of fewer, the tokens at the ends weigh too much
            assert mean @ vector / np.linalg.norm(mean) > 0.95, text
    assert onnx.encode_tokens([]) == []
    assert onnx.encode_tokens([""])[0].spans == ()


def test_a_token_is_encoded_in_its_context(onnx: QuestionEncoder) -> None:
    river, money = onnx.encode_tokens(["The bank of the river.", "The bank lends money."])
    assert river.spans[1] == money.spans[1] == (4, 8)
    assert river.vectors[1] @ money.vectors[1] < 0.9


def test_both_ways_give_the_same_tokens(model: EmbeddingModel, onnx: QuestionEncoder) -> None:
    texts = [*TEXTS, ""]
    for text, ours, theirs in zip(
        texts, onnx.encode_tokens(texts), _QuestionTransformer(model).encode_tokens(texts), strict=True
    ):
        assert ours.spans == theirs.spans, text
        if ours.spans:
            assert (ours.vectors * theirs.vectors).sum(axis=1).min() >= 0.999, text


def test_batches_change_nothing(onnx: QuestionEncoder) -> None:
    texts = [text for text in TEXTS for _ in range(3)]
    together = onnx.encode(texts)
    alone = np.concatenate([onnx.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(together, np.repeat(alone, 3, axis=0), atol=2e-5)


def test_the_export_is_made_once(model: EmbeddingModel, onnx: QuestionEncoder) -> None:
    stages: list[str] = []
    model.prepare_questions(stages.append)
    assert stages == []
    assert exported(model.fingerprint) == export_folder(model.fingerprint)
    assert attempted(model.fingerprint)
    warnings: list[str] = []
    encoder = EmbeddingModel.open("packaged").question_encoder(warnings.append)
    assert isinstance(encoder, QuestionEncoder)
    assert warnings == []


def test_an_unfinished_export_is_none(tmp_path: Path) -> None:
    fingerprint = f"unfinished-{tmp_path.name}"
    export_folder(fingerprint).mkdir(parents=True)
    (export_folder(fingerprint) / "model.onnx").touch()
    assert exported(fingerprint) is None
    assert not attempted(fingerprint)


def test_a_model_that_cannot_be_exported(
    copy: EmbeddingModel, onnx: QuestionEncoder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not attempted(copy.fingerprint)
    before = set((cache_dir() / "onnx").iterdir())
    assert export(object(), copy.folder, copy.fingerprint) is None  # no model: whatever torch raises, in short
    (note,) = set((cache_dir() / "onnx").iterdir()) - before
    assert "'object' object has no attribute" in note.read_text()
    assert attempted(copy.fingerprint) and exported(copy.fingerprint) is None

    stages: list[str] = []
    copy.prepare_questions(stages.append)
    assert stages == []  # it is not tried again

    warnings: list[str] = []
    encoder = copy.question_encoder(warnings.append)
    vectors = np.concatenate([encoder.encode(TEXTS[:3]), encoder.encode(TEXTS[3:4])])
    assert warnings == ["copy could not be exported to ONNX: loading it whole, which takes some seconds"]
    assert capsys.readouterr().err == ""
    assert (vectors * onnx.encode(TEXTS[:4])).sum(axis=1).min() >= 0.999
    copy.question_encoder()
    assert capsys.readouterr().err == f"{warnings[0]}\n"

    numbers: list[int] = []
    documents = copy.encode_documents(TEXTS * 2, numbers.append)
    assert runtime_of(copy.fingerprint) == "sentence-transformers"
    assert numbers == [TEXTS.index(max(TEXTS, key=len)), numbers[1]]  # 32 at a time, the longest first
    assert (documents[:4] * vectors).sum(axis=1).min() >= 0.999


def test_an_export_that_differs_is_refused(onnx: QuestionEncoder, model: EmbeddingModel) -> None:
    class Turned:
        def encode_query(self, texts: list[str], **_: bool) -> np.ndarray:
            return -onnx.encode(texts)

        encode_document = encode_query

    with pytest.raises(ValueError, match=r"^the export differs from the model: cosine -1\.0000$"):
        _compare(Turned(), export_folder(model.fingerprint))


def test_tokens(model: EmbeddingModel) -> None:
    assert [model.count_tokens(text) for text in ("", "peace", "a b c", "word " * 300)] == [0, 1, 3, 300]
