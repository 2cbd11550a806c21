"""Cut a document into chunks of whole sentences, sized in the embedding model's own tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from index.segments import Segment
from index.types import Sentence, Voice

_WORD = re.compile(r"\S{1,32}\s*|\s+")  # what is longer (Chinese, base64) is cut; it may be a token a byte
_LETTERS = 16  # characters a token has at most, on average, in anything that people write


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

    A sentence that is longer than a chunk is split at its words, a word of more than 32 characters anywhere. So the
    tokens of the text are counted once, piece by piece. langchain-text-splitters does the merging. It returns texts;
    their places are searched from the last one on, and each must be found exactly.
    """
    if not sentences:
        return []
    from langchain_text_splitters import TextSplitter

    count = lru_cache(maxsize=4096)(count_tokens)  # merging asks again for each piece that it takes off
    starts = [segment.start, *(sentence.start for sentence in sentences[1:]), segment.end]

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
