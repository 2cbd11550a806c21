"""Documents -> a searchable library. Knows documents, not questions."""

from index.embedder import Embedder, EmbeddingModel
from index.errors import RagError
from index.library import Library
from index.sync import Progress, SyncReport, rebuild, remove, sync
from index.types import Chunk, Document, Passage, Sentence

__all__ = [
    "Chunk",
    "Document",
    "Embedder",
    "EmbeddingModel",
    "Library",
    "Passage",
    "Progress",
    "RagError",
    "Sentence",
    "SyncReport",
    "rebuild",
    "remove",
    "sync",
]
