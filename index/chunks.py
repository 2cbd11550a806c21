"""Cut a document into chunks of whole sentences, sized in the embedding model's own tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.segments import Segment
from index.types import Sentence, Voice


@dataclass(frozen=True, slots=True)
class Span:
    """A chunk before it is stored: where it stands, and in whose voice."""

    start: int
    end: int
    voice: Voice


def split_chunks(
    text: str, segment: Segment, sentences: Sequence[Sentence], count_tokens: Callable[[str], int], size: int
) -> list[Span]:
    """Merge a segment's sentences into chunks of at most `size` tokens.

    langchain-text-splitters does the merging, and splits a sentence that is longer than a chunk by itself. It returns
    texts; their places are searched from the last one on, and each must be found exactly.
    """
    if not sentences:
        return []
    from langchain_text_splitters import RecursiveCharacterTextSplitter, TextSplitter

    inner = RecursiveCharacterTextSplitter(
        chunk_size=size, chunk_overlap=0, length_function=count_tokens, keep_separator="end", strip_whitespace=False
    )
    starts = [segment.start, *(sentence.start for sentence in sentences[1:]), segment.end]
    pieces = [text[a:b] for a, b in pairwise(starts)]

    class _SentenceSplitter(TextSplitter):  # type: ignore[misc]  # the library is not type-checked
        def split_text(self, _: str) -> list[str]:
            fitting = [part for piece in pieces for part in _fit(piece)]
            return list(self._merge_splits(fitting, ""))

    def _fit(piece: str) -> list[str]:
        return [piece] if count_tokens(piece) <= size else list(inner.split_text(piece))

    splitter = _SentenceSplitter(chunk_size=size, chunk_overlap=0, length_function=count_tokens)
    spans: list[Span] = []
    position = segment.start
    for chunk in splitter.split_text(""):
        start = text.find(chunk, position, segment.end)
        if start < 0:
            raise AssertionError(f"chunk not found in its document from {position}: {chunk[:60]!r}")
        position = start + len(chunk)
        spans.append(Span(start, position, segment.voice))
    return spans
