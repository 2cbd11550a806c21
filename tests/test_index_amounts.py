"""Amounts of bytes are told in one unit everywhere, as disks and the hub tell them."""

from __future__ import annotations

import pytest

from index.amounts import amount


@pytest.mark.parametrize(
    ("size", "told"),
    [
        (0, "0.0 MB"),
        (50_000, "0.1 MB"),
        (9_940_000, "9.9 MB"),
        (38_400_000, "38 MB"),
        (999_000_000, "999 MB"),
        (10**9, "1.0 GB"),
        (2**30, "1.1 GB"),
        (18_556_686_752, "18.6 GB"),
    ],
)
def test_an_amount(size: int, told: str) -> None:
    assert amount(size) == told
