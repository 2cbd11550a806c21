"""What isn't installed unless it is asked for: the extra "ocr", which recognises the words on pictures of pages."""

from __future__ import annotations

import importlib.util
from functools import cache
from importlib.metadata import version

OCR = """to have its words recognised, install the extra "ocr": pip install 'chapterverse[ocr]'"""


@cache
def has_ocr() -> bool:
    """Tell whether the extra "ocr" is installed; it isn't loaded."""
    return importlib.util.find_spec("rapidocr") is not None


def ocr_version() -> str:
    """Return the version of what recognises words, "" where it isn't installed."""
    return version("rapidocr") if has_ocr() else ""
