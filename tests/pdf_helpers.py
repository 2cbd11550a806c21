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


def by_hand(*objects: bytes) -> bytes:
    """Write a file of these objects, the first of which is its catalog."""
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, one) for number, one in enumerate(objects, start=1))
    return b"%PDF-1.7\n" + body + b"trailer<</Root 1 0 R>>\n%%EOF\n"


def form_pdf(field: bytes = b"/FT/Tx/F 4/AP<</N 5 0 R>>", words: bytes = b"", appearance: bytes = b"") -> bytes:
    """Write a page with these words and one field of a form, which looks as the appearance says."""
    printed = b"BT /F1 12 Tf 10 200 Td (%s) Tj ET" % words
    font = b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
    return by_hand(
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Annots[4 0 R]/Contents 6 0 R" + font + b">>",
        b"<</Type/Annot/Subtype/Widget/T(name)/Rect[10 100 290 160]/P 3 0 R" + field + b">>",
        b"<</Type/XObject/Subtype/Form/BBox[0 0 280 60]"
        + font
        + b"/Length %d>>stream\n%s\nendstream" % (len(appearance), appearance),
        b"<</Length %d>>stream\n%s\nendstream" % (len(printed), printed),
    )
