"""Find documents that are near copies of each other, and the passages of one whose words all stand in the other.

Texts are compared by their letters, digits and signs, which survive another layout, file format or hyphenation. Which
pairs are worth comparing is told by MinHash (Broder, "On the resemblance and containment of documents", 1997) with
locality-sensitive hashing: the 64 minima of a text fall into 16 buckets. Of texts that share half of their shingles
two in three share a bucket, of those that share four fifths practically all. What shares one is compared in full.
All that is found are facts on pairs of documents, so the order in which they are indexed makes no difference.

The hashes are kept with the library, so they are made here: those of the packages for it change with their versions.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import accumulate
from typing import TYPE_CHECKING

from index.analysis import is_heading, squeeze
from index.copies import Copies, Pair, Signature
from index.store import Store
from index.types import Chunk, Voice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

NEAR = 0.8  # share of their shingles (Jaccard) that near copies have in common
_FIGURES, _OF_FIGURES = 3, 0.2  # a near copy has no more figures changed than these, or no more than this share
_SHINGLE = 24  # characters without the spaces, about five words
_BANDS, _ROWS = 16, 4
_CROWD = 50  # documents of a bucket that each of its documents is compared with
_SHORTEST = 20  # characters; less is a page's number or a shout, and is not quoted
_BATCH = 1000  # documents compared and stored at a time
_AT_HAND = 128  # documents kept in memory for being compared again
_LONGEST = 1_000_000  # squeezed characters that are compared shingle by shingle: a long book
_LONG_SENTENCE = 1_000  # squeezed characters; what is longer is no sentence, and was not cut in two by a page
_FIGURE = re.compile(r"\d+(?:[^\w\s]\d+)*")


def find_copies(
    store: Store, on_step: Callable[[str], None] | None = None, on_stage: Callable[[str], None] | None = None
) -> None:
    """Compare the documents that have not been compared yet with all that are like them, and store what is found.

    `on_step` is told the path of each; what it raises ends the work, and the next call takes it up again. `on_stage`
    is told when it takes long.
    """
    import numpy as np

    copies = Copies(store)
    if not (pending := copies.pending()):
        return
    if on_stage and len(pending) > _BATCH:
        on_stage("Looking for near copies")
    ids, known = copies.buckets()
    for start in range(0, len(pending), _BATCH):
        signatures: list[Signature] = []
        for document_id in pending[start : start + _BATCH]:
            text = _Text.of(store, document_id)
            if on_step:
                on_step(text.path)
            signatures.append(Signature(document_id, text.length, buckets(text.shingles)))
        full = [signature for signature in signatures if len(signature.buckets)]
        ids += [signature.document_id for signature in full]
        known = np.concatenate([known, *(signature.buckets.reshape(1, -1) for signature in full)])
        at_hand = lru_cache(_AT_HAND)(partial(_Text.of, store))
        pairs: list[Pair] = []
        for one, other in _sharing(ids, known, len(full)):
            if on_step:
                on_step(at_hand(one).path)
            pairs.append(_compare(at_hand(one), at_hand(other)))
        copies.put(signatures, pairs)


def shingles(squeezed: str) -> Hashes:
    """Hash every run of 24 characters of a squeezed text, a shorter text as a whole: sorted, each once."""
    import numpy as np

    codes = np.frombuffer(squeezed.encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    size = min(_SHINGLE, len(codes))
    hashed = np.zeros(len(codes) - size + 1 if size else 0, dtype=np.uint64)
    for offset in range(size):
        hashed = hashed * np.uint64(0x100000001B3) + codes[offset : offset + len(hashed)]
    hashed = np.sort(_mixed(hashed))
    first = np.ones(len(hashed), dtype=bool)
    first[1:] = hashed[1:] != hashed[:-1]
    return hashed[first]


def buckets(hashed: Hashes) -> Hashes:
    """Put a text's shingles into its buckets, shape (16,); those of no shingles into none, shape (0,)."""
    import numpy as np

    if not len(hashed):
        return hashed
    factors = _mixed(np.arange(1, _BANDS * _ROWS + 1, dtype=np.uint64)) | np.uint64(1)  # odd: a permutation of 64 bits
    minima = np.array([(hashed * factor).min() for factor in factors]).reshape(_ROWS, _BANDS)
    found = np.arange(_BANDS, dtype=np.uint64)  # the same minima in another band are another bucket
    for row in minima:
        found = _mixed(found ^ row)
    return found


def _mixed(hashed: Hashes) -> Hashes:
    """Spread hashes evenly (the finaliser of SplitMix64: Steele, Lea and Flood, OOPSLA 2014)."""
    import numpy as np

    hashed = (hashed ^ (hashed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashed = (hashed ^ (hashed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return hashed ^ (hashed >> np.uint64(31))


def _sharing(ids: Sequence[str], known: Hashes, new: int) -> list[tuple[str, str]]:
    """Return the pairs of documents that share a bucket, at least one of them among the `new` last ones; each once."""
    import numpy as np

    pairs: set[tuple[str, str]] = set()
    for band in known.T:
        shared: dict[int, list[str]] = defaultdict(list)
        latest = band[len(band) - new :].tolist()
        for row in np.flatnonzero(np.isin(band, latest)).tolist():
            shared[int(band[row])].append(ids[row])
        for one, bucket in zip(ids[len(ids) - new :], latest, strict=True):
            others = sorted(shared[bucket])[:_CROWD]
            pairs |= {(min(one, other), max(one, other)) for other in others if other != one}
    return sorted(pairs)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a document says in one voice: its squeezed sentences, one after the other."""

    each: frozenset[str]
    joined: str
    ends: Sequence[int]
    shingles: Hashes

    @classmethod
    def of(cls, sentences: Sequence[str]) -> _Said:
        joined = "".join(sentences)
        return cls(frozenset(sentences), joined, list(accumulate(map(len, sentences))), shingles(joined[:_LONGEST]))

    def holds(self, sentence: str, beside: _Said) -> bool:
        """Whether a sentence stands here, whole or in two, or in a row with others, or as a part of another.

        A part counts only when the rest stands `beside` it in the other document, cut off at the end of a page: else
        "the minister resigned" would stand in "it is untrue that the minister resigned".
        """
        if sentence in self.each:
            return True
        if len(sentence) > _LONG_SENTENCE or len(self.joined) > _LONGEST:
            return False
        if (rest := self.around(sentence)) is not None:
            return all(not words or beside.around(words) == ("", "") for words in rest)
        return any(sentence[:at] in self.each and sentence[at:] in self.each for at in range(1, len(sentence)))

    def around(self, words: str) -> tuple[str, str] | None:
        """What else is in the sentences where some words stand, before and after them; None where they don't stand."""
        import numpy as np

        if len(words) >= _SHINGLE:  # to look for them in a whole book takes long
            wanted = shingles(words)
            places = np.searchsorted(self.shingles, wanted) % max(len(self.shingles), 1)
            if not len(self.shingles) or (self.shingles[places] != wanted).any():
                return None
        start = self.joined.find(words)
        if start < 0:
            return None
        end, first = start + len(words), bisect_right(self.ends, start)
        before = self.joined[self.ends[first - 1] if first else 0 : start]
        return before, self.joined[end : self.ends[bisect_right(self.ends, end - 1)]]


@dataclass(frozen=True, slots=True)
class _Text:
    """A document as it is compared; `chunks` holds the squeezed sentences of each that would be missed."""

    id: str
    path: str
    length: int
    said: Mapping[Voice, _Said]
    chunks: Mapping[Chunk, Sequence[str]]
    figures: Counter[str]

    @property
    def shingles(self) -> Hashes:
        """The shingles of the document's own text."""
        return self.said["report"].shingles

    @classmethod
    def of(cls, store: Store, document_id: str) -> _Text:
        document = store.documents([document_id])[document_id]
        chunks = Copies(store).chunks(document_id)
        starts = [chunk.start for chunk in chunks]
        said: dict[Voice, list[str]] = {"report": [], "comment": []}
        inside: dict[Chunk, list[tuple[str, bool]]] = {chunk: [] for chunk in chunks}
        figures: Counter[str] = Counter()
        for sentence in store.sentences(document_id):
            chunk = chunks[bisect_right(starts, (sentence.start + sentence.end) // 2) - 1]
            words = document.text[sentence.start : sentence.end]
            if squeezed := squeeze(words):
                said[chunk.voice].append(squeezed)
                inside[chunk].append((squeezed, len(words) >= _SHORTEST and not is_heading(words)))
            if chunk.voice == "report":
                figures.update(_FIGURE.findall(words))
        told = {voice: _Said.of(sentences) for voice, sentences in said.items()}
        missed = {chunk: [s for s, counts in held if counts] or [s for s, _ in held] for chunk, held in inside.items()}
        return cls(document_id, document.path, len(document.text), told, missed, figures)


def _compare(one: _Text, other: _Text) -> Pair:
    """Compare two documents in full."""
    import numpy as np

    common = len(np.intersect1d(one.shingles, other.shingles, assume_unique=True))
    same = common / (len(one.shingles) + len(other.shingles) - common)
    changed = min((one.figures - other.figures).total(), (other.figures - one.figures).total())
    allowed = max(_FIGURES, _OF_FIGURES * min(one.figures.total(), other.figures.total()))
    near = same >= NEAR and changed <= allowed
    return Pair(one.id, other.id, same if near else None, (*_repeats(one, other), *_repeats(other, one)))


def _repeats(one: _Text, other: _Text) -> list[tuple[int, str]]:
    """Find the chunks of one document of which every sentence stands in the other, in the same voice."""

    @cache  # a document may say the same ten thousand times
    def held(sentence: str, voice: Voice) -> bool:
        return other.said[voice].holds(sentence, one.said[voice])

    return [
        (chunk.id, other.id)
        for chunk, sentences in one.chunks.items()
        if sentences and all(held(sentence, chunk.voice) for sentence in sentences)
    ]
