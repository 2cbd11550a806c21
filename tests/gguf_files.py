"""GGUF files made for tests: a model of 50 KB that llama.cpp runs (it says nonsense), whole or with anything wrong."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np

CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
WIDTH, HEADS, VOCABULARY = 64, 2, 256 + len(CONTROL)
TENSORS = {
    "token_embd": (WIDTH, VOCABULARY),
    "output_norm": (WIDTH,),
    **{f"blk.0.{name}_norm": (WIDTH,) for name in ("attn", "ffn")},
    **{f"blk.0.{name}": (WIDTH, WIDTH) for name in ("attn_q", "attn_k", "attn_v", "attn_output")},
    **{f"blk.0.ffn_{name}": (WIDTH, WIDTH) for name in ("gate", "up", "down")},
}
TEMPLATE = "tokenizer.chat_template"


class Typed:
    """A value with a type of its own, or bytes as they are."""

    def __init__(self, kind: int, data: bytes) -> None:
        self.kind = kind
        self.data = data


def metadata(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return what the small model says of itself; a change to None leaves an entry out, "__" stands for a dot."""
    letters = [*range(33, 127), *range(161, 173), *range(174, 256)]  # GPT-2's names of bytes
    rest = [byte for byte in range(256) if byte not in letters]
    names = {byte: chr(byte) for byte in letters} | {byte: chr(256 + number) for number, byte in enumerate(rest)}
    values = {
        "general.architecture": "llama",
        "llama.block_count": 1,
        "llama.context_length": 512,
        "llama.embedding_length": WIDTH,
        "llama.feed_forward_length": WIDTH,
        "llama.attention.head_count": HEADS,
        "llama.attention.head_count_kv": HEADS,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.ggml.tokens": [names[byte] for byte in range(256)] + CONTROL,
        "tokenizer.ggml.token_type": [1] * 256 + [3] * len(CONTROL),
        "tokenizer.ggml.merges": ["a b"],
        "tokenizer.ggml.bos_token_id": 256,
        "tokenizer.ggml.eos_token_id": 258,
    }
    values |= {name.replace("__", "."): value for name, value in changes.items()}
    return {name: value for name, value in values.items() if value is not None}


def write_gguf(
    path: Path,
    entries: dict[str, Any],
    tensors: dict[str, tuple[int, ...]] = TENSORS,
    **options: Any,  # noqa: ANN401
) -> Path:
    """Write a model, as `make_gguf` makes it."""
    path.write_bytes(make_gguf(entries, tensors, **options))
    return path


def make_gguf(
    entries: dict[str, Any],
    tensors: dict[str, tuple[int, ...]] = TENSORS,
    *,
    version: int = 3,
    magic: bytes = b"GGUF",
    counts: tuple[int | None, int | None] = (None, None),
    shift: int = 0,
) -> bytes:
    """Make a model; `counts` are those of tensors and entries, `shift` moves the tensors' offsets."""
    announced = [len(part) if count is None else count for count, part in zip(counts, (tensors, entries), strict=True)]
    header = magic + struct.pack("<IQQ", version, *announced)
    header += b"".join(_text(name) + _value(value) for name, value in entries.items())
    random, data = np.random.default_rng(0), b""
    for name, shape in tensors.items():
        header += _text(f"{name}.weight") + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
        header += struct.pack("<IQ", 0, len(data) + shift)
        if np.prod(shape, dtype=float) < 2**20:
            data += random.normal(0, 0.05, shape).astype("<f4").tobytes()
        data += bytes(-len(data) % 32)
    return header + bytes(-len(header) % 32) + data


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _value(value: Any) -> bytes:  # noqa: ANN401
    if isinstance(value, Typed):
        return struct.pack("<I", value.kind) + value.data
    if isinstance(value, list):
        kind = 8 if isinstance(value[0], str) else 5
        parts = [_text(one) if kind == 8 else struct.pack("<i", one) for one in value]
        return struct.pack("<IIQ", 9, kind, len(value)) + b"".join(parts)
    if isinstance(value, str):
        return struct.pack("<I", 8) + _text(value)
    if isinstance(value, bool):
        return struct.pack("<I?", 7, value)
    return struct.pack("<If", 6, value) if isinstance(value, float) else struct.pack("<II", 4, value)
