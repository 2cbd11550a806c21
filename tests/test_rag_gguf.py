"""Damaged and unsuitable GGUF files: each is an error that names it, and this process lives on."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from index.errors import ModelError
from index.models import GENERATOR
from rag.generator import LlamaGenerator, Message, open_generator
from rag.gguf import Header, read_header
from rag.probe import check_memory
from tests.gguf_files import TEMPLATE, TENSORS, Typed, metadata, write_gguf

QUESTION = [Message("system", "Be brief."), Message("user", "Hello.")]
Damage = Callable[[Path], object]


def whole(path: Path) -> bytes:
    return write_gguf(path, metadata()).read_bytes()


def cut(share: float) -> Damage:
    def damage(path: Path) -> None:
        data = whole(path)
        path.write_bytes(data[: int(share * len(data))])

    return damage


def made(change: dict[str, Any] | None = None, **options: Any) -> Damage:  # noqa: ANN401
    return lambda path: write_gguf(path, metadata() | (change or {}), **options)


def patched(old: bytes, new: bytes) -> Damage:
    def damage(path: Path) -> None:
        data = whole(path)
        assert old in data
        path.write_bytes(data.replace(old, new, 1))

    return damage


def zeroed(start: int, end: int) -> Damage:
    def damage(path: Path) -> None:
        data = whole(path)
        path.write_bytes(data[:start] + bytes(end - start) + data[end:])

    return damage


def noise(path: Path) -> None:
    path.write_bytes(b"GGUF" + random.Random(8).randbytes(5000))


ARCHITECTURE = struct.pack("<Q", 20) + b"general.architecture"
DAMAGES: dict[str, Damage] = {
    "empty": lambda path: path.write_bytes(b""),
    "magic alone": lambda path: path.write_bytes(b"GGUF"),
    "wrong magic": made(magic=b"GGML"),
    "magic of a big-endian file": made(magic=b"FUGG"),
    "version 0": made(version=0),
    "version 1": made(version=1),
    "version of another byte order": made(version=3 << 24),
    "noise": noise,
    "zeros": lambda path: path.write_bytes(bytes(5000)),
    "zeros after the counts": zeroed(24, 400),
    "cut within the counts": lambda path: path.write_bytes(whole(path)[:15]),
    "cut within the metadata": cut(0.01),
    "cut within the tensor descriptions": lambda path: path.write_bytes(whole(path).split(b"blk.0.ffn_up")[0]),
    "cut within the weights": cut(0.5),
    "cut at the end": cut(0.98),
    "2**62 tensors": made(counts=(2**62, None)),
    "2**63 entries": made(counts=(None, 2**63)),
    "an entry too many": made(counts=(None, len(metadata()) + 1)),
    "an entry too few": made(counts=(None, len(metadata()) - 1)),
    "no tensors": made(tensors={}),
    "a name of 2**60 bytes": patched(ARCHITECTURE, struct.pack("<Q", 2**60) + ARCHITECTURE[8:]),
    "a text of 2**64 - 1 bytes": made({"general.name": Typed(8, b"\xff" * 8)}),
    "a name that isn't UTF-8": patched(b"general.architecture", b"general\xff\xfe\xfd\xfc\xfb\xfa\xf9ecture"),
    "an entry twice": patched(b"llama.context_length", b"general.architecture"),
    "an unknown type": made({"general.name": Typed(77, b"")}),
    "an array of arrays": made({"general.name": Typed(9, struct.pack("<IQ", 9, 2**40))}),
    "an array of 2**61 numbers": made({"general.name": Typed(9, struct.pack("<IQ", 12, 2**61))}),
    "an array of 2**31 texts": made({"general.name": Typed(9, struct.pack("<IQ", 8, 2**31))}),
    "an alignment of 7": made({"general.alignment": 7}),
    "an alignment that is a text": made({"general.alignment": "32"}),
    "tensors beyond the file": made(shift=2**40),
    "tensors off their alignment": made(shift=4),
    "a tensor of 2**80 elements": made(tensors=TENSORS | {"blk.0.attn_q": (2**40, 2**40)}),
    "a tensor of nine dimensions": made(tensors=TENSORS | {"blk.0.attn_q": (2,) * 9}),
    "a tensor of another shape": made(tensors=TENSORS | {"blk.0.attn_q": (32, 32)}),
    "a tensor missing": made(tensors={name: shape for name, shape in TENSORS.items() if name != "blk.0.attn_k"}),
    "no architecture": lambda path: write_gguf(path, metadata(general__architecture=None)),
    "an architecture of its own": made({"general.architecture": "mindreader"}),
    "an architecture that is a number": made({"general.architecture": 7}),
    "a number that is a text": made({"llama.embedding_length": "wide"}),
    "no heads": made({"llama.attention.head_count": 0}),
    "2**32 - 1 layers": made({"llama.block_count": 2**32 - 1}),
    "no vocabulary": lambda path: write_gguf(path, metadata(tokenizer__ggml__tokens=None)),
    "a vocabulary of numbers": made({"tokenizer.ggml.tokens": [1, 2, 3]}),
    "a template that is a number": made({TEMPLATE: 5}),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_named(tmp_path: Path, damage: Damage) -> None:
    file = tmp_path / "odd model.gguf"
    damage(file)
    with pytest.raises(ModelError) as caught:
        "".join(open_generator(str(file)).stream(QUESTION, 2))
    assert str(file) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_the_model_that_the_damages_are_of_runs(tmp_path: Path) -> None:
    model = open_generator(str(write_gguf(tmp_path / "whole.gguf", metadata())))
    assert "".join(model.stream(QUESTION, 5))
    with pytest.raises(ModelError, match="doesn't fit the model's context of 512"):
        next(model.stream([Message("user", "x" * 600)], 5))


@pytest.mark.parametrize("announced", [2_000_000_000, 4_000_000_000])
def test_a_context_that_nobody_has_room_for_is_not_asked_for(tmp_path: Path, announced: int) -> None:
    file = write_gguf(tmp_path / "endless.gguf", metadata() | {"llama.context_length": announced})
    model = open_generator(str(file))
    assert "".join(model.stream(QUESTION, 5))
    assert model.count_tokens("x" * 10_000) > 4096, "a text may be longer than the context"


def test_a_file_that_could_not_be_run_is_known_and_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "odd.gguf"
    model = LlamaGenerator.open(str(write_gguf(file, metadata() | {"general.architecture": "mindreader"})))
    assert not model.is_probed
    with pytest.raises(ModelError, match="unknown model architecture: 'mindreader'"):
        next(model.stream(QUESTION, 2))
    with monkeypatch.context() as patch, pytest.raises(ModelError) as caught:
        patch.setattr("rag.probe.subprocess.run", lambda *_: pytest.fail("it is tried again"))
        next(LlamaGenerator.open(str(file)).stream(QUESTION, 2))
    assert f"llama.cpp can't run {file}: " in str(caught.value)
    with pytest.raises(ModelError, match="unknown model architecture"):
        assert model.is_probed
    write_gguf(file, metadata())
    other = LlamaGenerator.open(str(file))
    assert not other.is_probed, "another file of this name is another file"
    assert "".join(other.stream(QUESTION, 2))
    assert other.is_probed


@pytest.mark.parametrize("said", ["error loading model: unable to allocate CPU buffer", "Killed"])
def test_what_may_go_better_another_time_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    file = write_gguf(tmp_path / "whole.gguf", metadata())
    with monkeypatch.context() as patch, pytest.raises(ModelError, match="can't run"):
        patch.setattr("rag.probe.subprocess.run", lambda *_, **__: SimpleNamespace(returncode=1, stderr=said.encode()))
        next(open_generator(str(file)).stream(QUESTION, 2))
    assert "".join(open_generator(str(file)).stream(QUESTION, 2))


def test_no_byte_of_a_header_makes_it_read_wildly(tmp_path: Path) -> None:
    file, chance = tmp_path / "flipped.gguf", random.Random(9)
    data = whole(file)
    refused = 0
    for _ in range(300):
        flipped = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            flipped[chance.randrange(4, 6000)] = chance.choice([0, 1, 127, 128, 255, chance.randrange(256)])
        file.write_bytes(flipped)
        try:
            assert isinstance(read_header(file), Header)
        except ModelError as error:
            refused += 1
            assert str(file) in str(error)
    assert 50 < refused < 300


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"general.architecture": "clip"}, "is the part of a model that sees pictures (mmproj); give the file of its"),
        ({"general.type": "mmproj"}, "is the part of a model that sees pictures (mmproj)"),
        ({"general.type": "adapter"}, "is a LoRA adapter, no model by itself"),
        ({"llama.attention.causal": False}, "is an embedding model, which can't write; give the file of a chat model"),
        ({"llama.pooling_type": 3}, "is an embedding model"),
    ],
)
def test_other_kinds_of_models_are_told(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    file = write_gguf(tmp_path / "kind.gguf", metadata() | change)
    with pytest.raises(ModelError) as caught:
        open_generator(str(file))
    assert str(caught.value).startswith(f"{file} {message}")


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer, not the model itself"),
        (b"<!doctype html><html>", "is a web page, not a model"),
        (b"PK\x03\x04", "is not a GGUF model file"),
    ],
)
def test_what_is_no_model_at_all_is_told(tmp_path: Path, start: bytes, message: str) -> None:
    file = tmp_path / "download.gguf"
    file.write_bytes(start)
    with pytest.raises(ModelError, match=f"download.gguf {message}"):
        open_generator(str(file))
    with pytest.raises(ModelError, match="is not a file; give the path of a GGUF file"):
        open_generator(str(tmp_path))


def part(path: Path, number: int, of: int = 2) -> Path:
    return write_gguf(path, metadata() | {"split.count": of, "split.no": number})


def test_a_model_in_several_files_is_given_by_its_first(tmp_path: Path) -> None:
    first = part(tmp_path / "big-00001-of-00002.gguf", 0)
    second = tmp_path / "big-00002-of-00002.gguf"
    with pytest.raises(ModelError, match="first of 2 files of a model, and there is no .*big-00002-of-00002.gguf"):
        read_header(first)
    part(second, 1)
    header = read_header(first)
    assert header.files == (first, second)
    assert header.size == first.stat().st_size + second.stat().st_size
    with pytest.raises(ModelError, match=f"is part 2 of 2 of a model; give the first: {first}"):
        read_header(second)
    second.write_bytes(second.read_bytes()[:9000])
    with pytest.raises(ModelError, match=f"{second} is damaged or incomplete"):
        read_header(first)
    renamed = first.rename(tmp_path / "renamed.gguf")
    with pytest.raises(ModelError, match="renamed.gguf is one of 2 files .* must be named NAME-00001-of-00002.gguf"):
        read_header(renamed)


def test_what_the_packaged_model_says_of_itself() -> None:
    path = GENERATOR.path() / GENERATOR.weights
    header = read_header(path)
    assert (header.architecture, header.size, header.files) == ("llama", path.stat().st_size, (path,))
    assert (header.context(4096), header.context(100_000)) == (4096, 8192)
    assert header.cache_bytes(4096) == 4096 * 30 * 3 * 64 * 2 * 2  # layers, heads, their width, keys and values, bytes
    assert "<|im_start|>" in header.metadata[TEMPLATE]


def test_heads_may_be_told_for_each_layer(tmp_path: Path) -> None:
    file = write_gguf(tmp_path / "m.gguf", metadata() | {"llama.attention.head_count_kv": [2, 1, 1]})
    assert read_header(file).cache_bytes(10) == 10 * (2 + 1 + 1) * 32 * 2 * 2


def test_a_model_that_does_not_fit_into_memory_says_what_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    header = Header((tmp_path / "huge.gguf",), 40 * 10**9, metadata())
    monkeypatch.setattr("rag.probe.available", lambda: 8 * 10**9)
    with pytest.raises(ModelError) as caught:
        check_memory(header, 512)
    assert str(caught.value) == (
        f"{tmp_path}/huge.gguf doesn't fit into memory: it takes about 40.3 GB, 8.0 GB are free; "
        "a file of up to 7.7 GB would, such as a smaller quantisation"
    )
    monkeypatch.setattr("rag.probe.available", lambda: 256_000_000)
    with pytest.raises(ModelError, match="256 MB are free; close other programs"):
        check_memory(header, 512)
    for enough in (41 * 10**9, None):
        monkeypatch.setattr("rag.probe.available", lambda free=enough: free)
        check_memory(header, 512)
