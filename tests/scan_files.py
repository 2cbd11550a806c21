"""Pages as a scanner makes them: printed, then photographed a little askew and with noise."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import numpy as np
import pypdfium2
from fpdf import FPDF
from PIL import Image

from tests.format_files import SECTIONS

DPI = 200


def printed(sections: Sequence[str] = tuple(SECTIONS), *, size: float = 12) -> bytes:
    """Print a section of the twenty sentences on each page, its name above it."""
    pdf = FPDF()
    for section in sections:
        pdf.add_page()
        pdf.set_font("times", size=1.5 * size)
        pdf.text(20, 30, section)
        pdf.set_font("times", size=size)
        pdf.set_xy(20, 40)
        pdf.multi_cell(150, 6, " ".join(SECTIONS[section]))
    return bytes(pdf.output())


def photographed(pdf: bytes) -> Iterator[Image.Image]:
    """Turn each page into a grey picture of 200 dots an inch."""
    noise = np.random.default_rng(0)
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            clean = page.render(scale=DPI / 72).to_pil().convert("L").rotate(0.3, fillcolor=255)
            dirty = np.asarray(clean) + noise.normal(0, 8, (clean.height, clean.width))
            yield Image.fromarray(dirty.clip(0, 255).astype(np.uint8))


def saved(pictures: Sequence[Image.Image], kind: str) -> bytes:
    """Save pictures as one file: PDF or TIFF with a page each, or any format for one."""
    file = io.BytesIO()
    first, *others = pictures
    if others:
        first.save(file, kind, save_all=True, append_images=others, resolution=DPI)
    else:
        first.save(file, kind)
    return file.getvalue()
