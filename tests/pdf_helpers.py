"""PDF files made for the tests by fpdf2, which shares no code with what reads them."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from fpdf import FPDF

Text = tuple[float, float, str]  # millimetres from the left and from the top, and the words


def make_pdf(pages: Sequence[Sequence[Text]], *, size: float = 11, **metadata: str) -> bytes:
    """Write each page's texts at their places."""
    pdf = blank_pdf(size)
    for page in pages:
        pdf.add_page()
        for x, y, text in page:
            pdf.text(x, y, text)
    for name, value in metadata.items():
        getattr(pdf, f"set_{name}")(value)
    return finished(pdf)


def blank_pdf(size: float = 11) -> FPDF:
    """Begin a file in Helvetica, without a date."""
    pdf = FPDF()
    pdf.set_font("helvetica", size=size)
    return pdf


def finished(pdf: FPDF) -> bytes:
    """Return the file's bytes."""
    return bytes(pdf.output())


def turned(data: bytes, angle: int) -> bytes:
    """Return a file whose pages are shown turned by 90, 180 or 270 degrees clockwise."""
    import pypdfium2

    saved = BytesIO()
    with pypdfium2.PdfDocument(data) as pdf:
        for page in pdf:
            page.set_rotation(angle)
        pdf.save(saved)
    return saved.getvalue()


def column(x: float, y: float, lines: Sequence[str], step: float = 5) -> list[Text]:
    """Place lines under each other."""
    return [(x, y + step * number, line) for number, line in enumerate(lines)]
