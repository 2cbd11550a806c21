"""What the header of a GGUF file says, read with bounds: llama.cpp kills its process over some damaged files.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Loads no model.
"""

from __future__ import annotations

import mmap
import re
import stat
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import ModelError

_VERSIONS = (2, 3)
_HEADER_BYTES = 256 * 2**20  # of a header with a vocabulary of 260,000 tokens, 16 MB are used
_MOST_ELEMENTS = 4_000_000  # of an array; merges of a large vocabulary are some 600,000
_MOST_TENSORS = 1_000_000
_KEPT_ELEMENTS = 1024  # of an array of numbers: some architectures have a number for each layer
_UINT32, _UINT64 = struct.Struct("<I"), struct.Struct("<Q")
_SCALARS = {number: struct.Struct(f"<{letter}") for number, letter in enumerate("BbHhIif?") if letter != "?"} | {
    7: struct.Struct("<?"),
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}
_STRING, _ARRAY = 8, 9
_PART = re.compile(r"(.+)-(\d{5})-of-(\d{5})\.gguf")
_FOREIGN = {
    b"version https://git-lfs": "is a Git LFS pointer, not the model itself; fetch it with: git lfs pull",
    b"<!DOCTYPE": "is a web page, not a model; download the file itself",
    b"<!doctype": "is a web page, not a model; download the file itself",
    b"<html": "is a web page, not a model; download the file itself",
}


@dataclass(frozen=True, slots=True)
class Header:
    """What a model says of itself; `files` are its parts in order, mostly one, of `size` bytes together."""

    files: tuple[Path, ...]
    size: int
    metadata: Mapping[str, Any]

    @property
    def architecture(self) -> str:
        """Name of the architecture, such as "llama"; "" where it isn't told."""
        return str(self.metadata.get("general.architecture", ""))

    def parameter(self, name: str) -> Any:  # noqa: ANN401 - whatever the file has there
        """Return a value of the architecture, such as "context_length"; None where there is none."""
        return self.metadata.get(f"{self.architecture}.{name}")

    def context(self, most: int) -> int:
        """Return how many tokens of context to use: what the model was trained with, at most `most`."""
        trained = self.parameter("context_length")
        return min(most, trained) if isinstance(trained, int) and trained > 0 else most

    def cache_bytes(self, context: int) -> int:
        """Estimate the size of the cache of keys and values (16 bits each) for a context; 0 where nothing is told."""
        layers, width, heads = (self._count(n) for n in ("block_count", "embedding_length", "attention.head_count"))
        of_head = width // heads if heads else 0
        pair = sum(self._count(f"attention.{kind}_length") or of_head for kind in ("key", "value"))
        kept = self.parameter("attention.head_count_kv") or heads
        in_all = sum(kept) if isinstance(kept, tuple) else layers * kept
        return 2 * context * in_all * pair

    def _count(self, name: str) -> int:
        value = self.parameter(name)
        return max(value) if isinstance(value, tuple) and value else value if isinstance(value, int) else 0


def read_header(path: Path) -> Header:
    """Read and check the header of a model that is to write text, in all its files.

    Raises ModelError, naming the file, when it can't be opened, isn't a GGUF file, is damaged, incomplete, or is
    another kind of model.
    """
    metadata, size = _read(path)
    files = _parts(path, metadata)
    header = Header(files, size + sum(_read(part)[1] for part in files[1:]), metadata)
    _check_kind(path, header)
    return header


def _parts(path: Path, metadata: Mapping[str, Any]) -> tuple[Path, ...]:
    count, number = metadata.get("split.count", 1), metadata.get("split.no", 0)
    if not isinstance(count, int) or count < 2:
        return (path,)
    named = _PART.fullmatch(path.name)
    if named is None or int(named[3]) != count:
        raise ModelError(f"{path} is one of {count} files of a model; they must be named NAME-00001-of-{count:05}.gguf")
    files = tuple(path.with_name(f"{named[1]}-{part:05}-of-{named[3]}.gguf") for part in range(1, count + 1))
    if number != 0:
        raise ModelError(f"{path} is part {number + 1} of {count} of a model; give the first: {files[0]}")
    if missing := [file for file in files if not file.is_file()]:
        raise ModelError(f"{path} is the first of {count} files of a model, and there is no {missing[0]}")
    return files


def _check_kind(path: Path, header: Header) -> None:
    kind = header.metadata.get("general.type", "model")
    if kind == "mmproj" or header.architecture == "clip":
        raise ModelError(
            f"{path} is the part of a model that sees pictures (mmproj); give the file of its language model"
        )
    if kind == "adapter":
        raise ModelError(f"{path} is a LoRA adapter, no model by itself; give the file of a whole model")
    if not header.architecture:
        raise ModelError(f"{path} is damaged: it doesn't tell its architecture; fetch it again")
    if header.parameter("attention.causal") is False or header.parameter("pooling_type"):
        raise ModelError(f"{path} is an embedding model, which can't write; give the file of a chat model")
    if not isinstance(header.metadata.get("tokenizer.chat_template", ""), str):
        raise ModelError(f"{path} is damaged: its chat template is no text; fetch it again")


def _read(path: Path) -> tuple[dict[str, Any], int]:
    """Read the metadata of one file, and its size; check where its tensors are."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ModelError(f"{path} is not a file; give the path of a GGUF file")
        with path.open("rb") as file:
            start = file.read(32)
            if not start.startswith(b"GGUF"):
                told = next((what for mark, what in _FOREIGN.items() if start.startswith(mark)), None)
                raise ModelError(f"{path} {told or 'is not a GGUF model file'}")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _Reader(data).metadata(), len(data)
    except OSError as error:
        raise ModelError(f"can't open the model file {path}: {error.strerror}; see: generator in rag.toml") from None
    except _Damaged as error:
        raise ModelError(f"{path} is damaged or incomplete: {error}; fetch it again") from None


class _Damaged(Exception):
    """What is wrong with a header."""


class _Reader:
    """Reads a header from its beginning; nothing in it is believed before it is compared with the file's size."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._end = min(len(data), _HEADER_BYTES)
        self._at = 4

    def metadata(self) -> dict[str, Any]:
        version = self._number(_UINT32)
        if version not in _VERSIONS:
            raise _Damaged(f"GGUF version {version} (known: {', '.join(map(str, _VERSIONS))})")
        tensors, entries = self._number(_UINT64), self._number(_UINT64)
        if tensors > _MOST_TENSORS or entries > self._end // 12:
            raise _Damaged(f"it announces {tensors} tensors and {entries} entries")
        metadata: dict[str, Any] = {}
        for _ in range(entries):
            name = self._text()
            if name in metadata:
                raise _Damaged(f"the entry {name[:60]!r} comes twice")
            metadata[name] = self._value(name)
        if tensors == 0 and "split.count" not in metadata:
            raise _Damaged("it holds no tensors")
        self._check_tensors(tensors, metadata.get("general.alignment", 32))
        return metadata

    def _check_tensors(self, count: int, alignment: object) -> None:
        if not isinstance(alignment, int) or alignment < 8 or alignment & (alignment - 1):
            raise _Damaged(f"an alignment of {str(alignment)[:60]}")
        last, elements, name = 0, 0, ""
        for _ in range(count):
            name, dimensions = self._text(), self._number(_UINT32)
            if not 1 <= dimensions <= 4:
                raise _Damaged(f"the tensor {name[:60]!r} has {dimensions} dimensions")
            elements = 1
            for _ in range(dimensions):
                elements *= self._number(_UINT64)
            self._number(_UINT32)  # its type, which llama.cpp knows better
            offset = self._number(_UINT64)
            if offset % alignment:
                raise _Damaged(f"the tensor {name[:60]!r} isn't aligned")
            last = max(last, offset + elements // 8)  # no type takes less than a bit
        start = -(-self._at // alignment) * alignment
        if count and start + last > len(self._data):
            raise _Damaged(f"its tensors reach beyond its {len(self._data)} bytes")

    def _value(self, name: str) -> Any:  # noqa: ANN401
        kind = self._number(_UINT32)
        if kind in _SCALARS:
            return self._number(_SCALARS[kind])
        if kind == _STRING:
            return self._text()
        if kind != _ARRAY:
            raise _Damaged(f"the entry {name[:60]!r} is of the unknown type {kind}")
        kind, count = self._number(_UINT32), self._number(_UINT64)
        if kind not in _SCALARS and kind != _STRING:
            raise _Damaged(f"the entry {name[:60]!r} is an array of the unknown type {kind}")
        if count > _MOST_ELEMENTS:
            raise _Damaged(f"the entry {name[:60]!r} announces {count} elements")
        if kind == _STRING:
            self._skip_texts(count)
            return None
        form = _SCALARS[kind]
        at = self._advance(count * form.size)
        return (
            tuple(value for (value,) in form.iter_unpack(self._data[at : self._at]))
            if count <= _KEPT_ELEMENTS
            else None
        )

    def _number(self, form: struct.Struct) -> Any:  # noqa: ANN401
        return form.unpack_from(self._data, self._advance(form.size))[0]

    def _text(self) -> str:
        at = self._advance(self._number(_UINT64))
        try:
            return self._data[at : self._at].decode()
        except UnicodeDecodeError:
            raise _Damaged("a text in it isn't UTF-8") from None

    def _skip_texts(self, count: int) -> None:
        data, at, end, length_at = self._data, self._at, self._end - 8, _UINT64.unpack_from
        for _ in range(count):
            if at > end:
                raise _Damaged("it ends within its header")
            at += 8 + length_at(data, at)[0]
        self._advance(at - self._at)

    def _advance(self, count: int) -> int:
        """Step over some bytes; return where they begin."""
        at = self._at
        if count > self._end - at:
            raise _Damaged("it ends within its header")
        self._at = at + count
        return at
