"""What was written on a page of a PDF after it was printed: filled fields of forms, comments, notes. Knows pdfium."""

from __future__ import annotations

import ctypes
import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.layout import NOTE, Box, Measure, Sides, clean, evenly
from index.printed import seen

if TYPE_CHECKING:
    import pypdfium2


@dataclass(frozen=True, slots=True)
class Notes:
    """The words written on a page, each with its box, as the page is seen; and the names of files fastened to it."""

    words: tuple[tuple[str, Box], ...] = ()
    files: tuple[str, ...] = ()

    def after(self, text: str, measure: Measure) -> tuple[str, Measure]:
        """Put the notes behind a page's text as it was printed, each on a line of its own that begins with NOTE.

        The function returned with it tells where characters stand, of notes too, as if they were equally wide; it
        takes offsets in ascending order.
        """
        if not self.words:
            return text, measure
        places: list[Box] = []
        for words, box in self.words:
            places += evenly(box, len(words), range(-1, len(words)))
        end = len(text)

        def measured(offsets: Sequence[int]) -> Sides:
            first = bisect_left(offsets, end)
            printed = measure(offsets[:first])
            written = [places[offset - end] for offset in offsets[first:]]
            left, bottom, right, top = (side + [box[n] for box in written] for n, side in enumerate(printed))
            return left, bottom, right, top

        return text + "".join(NOTE + words for words, _ in self.words), measured


def notes(page: pypdfium2.PdfPage) -> Notes:
    """Read what was written on a page. Values of forms only if the document's `init_forms` was called."""
    import pypdfium2

    raw: Any = pypdfium2.raw
    found: list[tuple[str, Box]] = []
    files = []
    for number in range(raw.FPDFPage_GetAnnotCount(page)):
        note = raw.FPDFPage_GetAnnot(page, number)
        kind = raw.FPDFAnnot_GetSubtype(note)
        if kind not in (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP):
            if words := clean(_words(raw, page, note, kind)):
                box = raw.FS_RECTF()
                raw.FPDFAnnot_GetRect(note, box)
                found.append((words, seen(page, (box.left, box.bottom, box.right, box.top))))
            if kind == raw.FPDF_ANNOT_FILEATTACHMENT:
                file = raw.FPDFAnnot_GetFileAttachment(note)
                files.append(clean(_string(raw.FPDFAttachment_GetName, file)))
        raw.FPDFPage_CloseAnnot(note)
    return Notes(tuple(found), tuple(files))


def _words(raw: Any, page: pypdfium2.PdfPage, note: Any, kind: int) -> str:  # noqa: ANN401
    if raw.FPDFAnnot_GetFlags(note) & (raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW):
        return ""
    if kind == raw.FPDF_ANNOT_WIDGET:
        return _field(raw, page.formenv, note) if page.formenv else ""
    words = _string(raw.FPDFAnnot_GetStringValue, note, b"Contents")
    return words if kind == raw.FPDF_ANNOT_FREETEXT or not words.strip() else f"Note: {words}"


def _field(raw: Any, form: Any, note: Any) -> str:  # noqa: ANN401
    """Write a field as "Name: Ada Lovelace", by what it calls itself for readers or else by its name."""
    kind = raw.FPDFAnnot_GetFormFieldType(form, note)
    if kind in (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON):
        value = _string(raw.FPDFAnnot_GetFormFieldExportValue, form, note)
        value = value if raw.FPDFAnnot_IsChecked(form, note) else ""
    elif kind in (raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX):
        secret = kind == raw.FPDF_FORMFIELD_TEXTFIELD and (
            raw.FPDFAnnot_GetFormFieldFlags(form, note) & raw.FPDF_FORMFLAG_TEXT_PASSWORD
        )
        value = "" if secret else _string(raw.FPDFAnnot_GetFormFieldValue, form, note)
    else:
        value = ""
    if not value.strip():
        return ""
    name = _string(raw.FPDFAnnot_GetFormFieldName, form, note)  # "form[0].page[1].name[0]"
    label = _string(raw.FPDFAnnot_GetFormFieldAlternateName, form, note) or re.sub(r"\[\d+\]|.*\.", "", name)
    return f"{label.strip().rstrip(':')}: {value}" if label.strip() else value


def _string(read: Callable[..., int], *of: object) -> str:
    size = read(*of, None, 0)
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    read(*of, buffer, size)
    return bytes(buffer)[:size].decode("utf-16-le", "replace").rstrip("\0")
