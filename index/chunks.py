"""Cut a document into chunks of whole sentences, sized in the embedding model's own tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from index.analysis import is_heading
from index.segments import Segment
from index.types import Sentence, Voice

_WORD = re.compile(r"\S{1,32}\s*|\s+")  # what is longer (Chinese, base64) is cut; it may be a token a byte
_LETTERS = 16  # characters a token has at most, on average, in anything that people write
_LINE_END = re.compile(r"\s*\n\s*(?:[^\w\s]|\d{1,3}[.)])?\s*$")  # with the mark of the list item under it


@dataclass(frozen=True, slots=True)
class Span:
    """A chunk before it is stored: where it stands, and in whose voice."""

    start: int
    end: int
    voice: Voice


def split_chunks(
    text: str, segment: Segment, sentences: Sequence[Sentence], count_tokens: Callable[[str], int], size: int
) -> list[Span]:
    """Merge a segment's sentences into chunks of at most `size` tokens; a heading goes with what stands under it.

    A sentence that is longer than a chunk is split at its words, a word of more than 32 characters anywhere. So the
    tokens of the text are counted once, piece by piece. langchain-text-splitters does the merging. It returns texts;
    their places are searched from the last one on, and each must be found exactly.
    """
    if not sentences:
        return []
    from langchain_text_splitters import TextSplitter

    count = lru_cache(maxsize=4096)(count_tokens)  # merging asks again for each piece that it takes off
    starts = _with_headings(text, [segment.start, *(s.start for s in sentences[1:]), segment.end], count, size)

    class _Merger(TextSplitter):  # type: ignore[misc]  # the library is not type-checked
        def split_text(self, text: str) -> list[str]:
            fitting = [part for a, b in pairwise(starts) for part in _fit(text[a:b])]
            return list(self._merge_splits(fitting, ""))

    def _fit(sentence: str) -> list[str]:
        fits = len(sentence) <= _LETTERS * size and count(sentence) <= size
        return [sentence] if fits else _WORD.findall(sentence)

    splitter = _Merger(chunk_size=size, chunk_overlap=0, length_function=count)
    spans: list[Span] = []
    position = segment.start
    for chunk in splitter.split_text(text):
        start = text.find(chunk, position, segment.end)
        if start < 0:
            raise AssertionError(f"chunk not found in its document from {position}: {chunk[:60]!r}")
        position = start + len(chunk)
        spans.append(Span(start, position, segment.voice))
    return spans


def _with_headings(text: str, starts: Sequence[int], count_tokens: Callable[[str], int], size: int) -> list[int]:
    """Leave out the starts behind a heading, or a line that announces what follows, where both fit into a chunk."""
    kept = [starts[-1]]  # last first
    length = size  # tokens of the piece at the last one kept; nothing fits before the end
    for start, end in zip(reversed(starts[:-1]), reversed(starts[1:]), strict=True):
        piece = text[start:end]
        tokens = count_tokens(piece) if end - start <= _LETTERS * size else size
        if tokens + length <= size and _announces(piece):
            kept[-1] = start
            length += tokens
        else:
            kept.append(start)
            length = tokens
    return kept[::-1]


def _announces(piece: str) -> bool:
    """Whether a piece is a heading on a line of its own, or ends in a colon."""
    line, alone = _LINE_END.subn("", piece.lstrip())
    one = "\n" not in line and "\t" not in line
    return line.rstrip().endswith(":") or bool(alone and one and line and is_heading(line))
