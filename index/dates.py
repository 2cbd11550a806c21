"""Find a document's publication date where a document states it. Never looks at the file's modification time."""

from __future__ import annotations

import re
from datetime import date
from email.utils import parsedate

# Day, month and year must all be there: a year alone or "last Tuesday" is no publication date.
_ISO = r"\d{4}-\d{2}-\d{2}"
_ISO_BASIC = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T\d{4}|$)")  # 20250602T080000Z
_NUMERIC = r"\d{1,2}[./]\d{1,2}[./]\d{4}"
_WORDS = r"\d{1,2}(?:er|st|nd|rd|th|\.)?\s+(?:de\s+)?[^\W\d_]{3,12}\.?,?\s+(?:de\s+)?\d{4}"
_WORDS_US = r"[^\W\d_]{3,12}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}"
_ANY = re.compile(rf"\b(?:{_ISO}|{_NUMERIC}|{_WORDS}|{_WORDS_US})\b")
_LABEL = (
    r"(?:date|dated|published(?:\s+on)?|posted(?:\s+on)?|publié(?:e)?\s+le|publié|date de publication|veröffentlicht)"
)
# "date 2025-06-02", alone on its line or in front of the first sentence.
_HEADER = re.compile(rf"[\ufeff\s]*{_LABEL}\s*[:\-–]?\s+({_ANY.pattern})(?=\s|$)[ \t]*", re.IGNORECASE)
_FILE_NAME = re.compile(r"(?<!\d)(\d{4})[-_.]?(\d{2})[-_.]?(\d{2})(?!\d)")
_CHANGED = re.compile(
    r"\b(?:updated|modified|aktualisiert|geändert|mise? à jour|modifiée?|actualizado)\b", re.IGNORECASE
)
_HEAD_LINES = 5
_HEAD_LINE_LENGTH = 80  # a longer line is a sentence that mentions a date, not a dateline


def parse_date(text: str) -> str | None:
    """Read one date in any language as "YYYY-MM-DD"; None when day, month or year is missing or impossible."""
    text = text.strip()
    if not text:
        return None
    if iso := re.match(_ISO, text):
        return _valid(iso.group())
    if basic := _ISO_BASIC.match(text):
        return _valid("-".join(basic.groups()))
    import dateparser

    found = dateparser.parse(
        text, settings={"REQUIRE_PARTS": ["day", "month", "year"], "DATE_ORDER": "DMY", "PARSERS": ["absolute-time"]}
    )
    return _valid(found.date().isoformat()) if found else None


def stamped_date(text: str) -> str | None:
    """Read a date as mails and programs write it, "Tue, 4 Mar 2025 09:00:00 +0100", which is quick, or as any other."""
    parts = parsedate(text)
    return (_valid("{:04}-{:02}-{:02}".format(*parts)) if parts else None) or parse_date(text)


def header_date(text: str) -> tuple[str | None, int]:
    """Find the date in a text's first lines.

    Returns the date and the offset where the text proper begins (0 unless the text opens with a labelled date, which
    is no part of its first sentence).
    """
    if (labelled := _HEADER.match(text)) and (day := parse_date(labelled.group(1))):
        return day, labelled.end()
    lines = [line.strip() for line in text[:2000].splitlines() if line.strip()][:_HEAD_LINES]
    for line in lines:
        if _CHANGED.search(line):
            continue
        if len(line) <= _HEAD_LINE_LENGTH and (found := _ANY.search(line)) and (day := parse_date(found.group())):
            return day, 0
    return None, 0


def file_name_date(name: str) -> str | None:
    """Find a date such as 2025-06-02 or 20250602 in a file's name."""
    days = (_valid("-".join(found.groups())) for found in _FILE_NAME.finditer(name))
    return next((day for day in days if day), None)


def _valid(iso: str) -> str | None:
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return None
    return iso if 1000 <= day.year <= 2200 else None
