"""Inflates a single gzipped file, never to more than a limit."""

from __future__ import annotations

import gzip
import io
import zlib

from index.errors import ReadError


def inflate(data: bytes, limit: int) -> bytes:
    """Return the file's content. Raises ReadError when it is damaged, or larger than `limit` bytes."""
    try:
        with gzip.open(io.BytesIO(data)) as stream:
            content = stream.read(limit + 1)
    except (EOFError, zlib.error, OSError) as error:
        raise ReadError(f"damaged gzip file: {error}") from None
    if len(content) > limit:
        raise ReadError(f"too large: it inflates to more than {limit // 2**20} MB; split it")
    return content
