"""Kinds of files that people keep documents in and that no reader takes, by suffix, with what to do about each."""

from __future__ import annotations

import os
from pathlib import PurePath

from index import extras
from index.pictures import SUFFIXES

ARCHIVES = (".zip",)

_PDF = "convert it to PDF"
_UNPACK = "unpack it, or pack it as .zip"
REMEDIES = {
    ".doc": "an old Word file: save it as .docx",
    ".dot": "an old Word file: save it as .docx",
    ".xls": "an old Excel file: save it as .xlsx",
    ".xlsb": "a binary Excel file: save it as .xlsx",
    ".ppt": "an old PowerPoint file: save it as .pptx",
    ".pps": "an old PowerPoint file: save it as .pptx",
    ".pages": "a Pages file: export it as .docx",
    ".numbers": "a Numbers file: export it as .xlsx",
    ".key": "a Keynote file: export it as .pptx",
    ".odg": f"an OpenDocument drawing: {_PDF}",
    ".wpd": "a WordPerfect file: save it as .docx",
    ".wps": "a Works file: save it as .docx",
    ".pub": f"a Publisher file: {_PDF}",
    ".vsd": f"a Visio file: {_PDF}",
    ".vsdx": f"a Visio file: {_PDF}",
    ".one": f"a OneNote file: {_PDF}",
    ".msg": "an Outlook mail: save it as .eml",
    ".pst": "an Outlook mailbox: export its mails as .eml or .mbox",
    ".ost": "an Outlook mailbox: export its mails as .eml or .mbox",
    ".mobi": "a Kindle book: convert it to .epub (for example with Calibre)",
    ".azw": "a Kindle book: convert it to .epub (for example with Calibre)",
    ".azw3": "a Kindle book: convert it to .epub (for example with Calibre)",
    ".fb2": "a FictionBook: convert it to .epub (for example with Calibre)",
    ".djvu": f"a DjVu file: {_PDF}, with OCR",
    ".ps": f"a PostScript file: {_PDF} (for example with ps2pdf)",
    ".eps": f"a PostScript file: {_PDF} (for example with ps2pdf)",
    ".xps": f"an XPS file: {_PDF}",
    ".oxps": f"an XPS file: {_PDF}",
    ".heic": "a photo of an iPhone: if it is of a text, save it as .jpg",
    ".heif": "a photo of an iPhone: if it is of a text, save it as .jpg",
    ".rar": f"a RAR archive: {_UNPACK}",
    ".7z": f"a 7z archive: {_UNPACK}",
    ".tar": f"a tar archive: {_UNPACK}",
    ".tgz": f"a tar archive: {_UNPACK}",
    ".tbz2": f"a tar archive: {_UNPACK}",
    ".txz": f"a tar archive: {_UNPACK}",
    ".bz2": f"a bzip2 archive: {_UNPACK}",
    ".xz": f"an xz archive: {_UNPACK}",
    ".zst": f"a Zstandard archive: {_UNPACK}",
}


def remedy(name: str) -> str | None:
    """Tell what to do with a file of a kind that is known and not read; None for any other."""
    path = PurePath(name.lower())
    if path.suffix == ".gz":  # what it holds is known by the suffix within
        path = path.with_suffix("")
    if path.suffix in SUFFIXES and not extras.has_ocr():
        return f"a picture; {extras.OCR}"
    return REMEDIES.get(path.suffix)


def is_archive(name: str) -> bool:
    """Tell whether a file of this name holds documents that are read each by itself."""
    return name.lower().endswith(ARCHIVES)


def file_name(path: str) -> str:
    """Return a file's name without its folders; that of an archive's member begins with the archive's."""
    parts = path.replace(os.sep, "/").split("/")
    first = next((number for number, part in enumerate(parts[:-1]) if is_archive(part)), len(parts) - 1)
    return "/".join(parts[first:])
