"""Numbers of bytes as people read them: GB of 1e9 bytes, as disks and the hub of models count them."""

from __future__ import annotations


def amount(size: int) -> str:
    """Write a number of bytes; below 1 GB in MB, so that what is little isn't told as 0.0 GB."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB" if size < 1e7 else f"{size / 1e6:.0f} MB"
