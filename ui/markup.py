"""The pieces that all markup is made of: escaped text, buttons, icons. Pure: values in, HTML out.

What a button does is written on it: `data-event` names the event that the page sends to Python, `data-value` what goes
with it, and `data-act` what the browser does by itself (see `page.js`).
"""

from __future__ import annotations

import html
import json


def escape(text: object) -> str:
    """Make any text safe inside HTML, in element and attribute alike; control characters are shown as �."""
    shown = "".join(c if c >= " " or c in "\t\n\r" else "\ufffd" for c in str(text))
    return html.escape(shown).replace("\r", "&#13;").replace("\x7f", "\ufffd")


def button(label: str, css: str = "", **data: object) -> str:
    """A button; `event`, `value` and `act` say what it does, `title` names it where its label is but a sign."""
    title = data.pop("title", None)
    named = f' title="{escape(title)}" aria-label="{escape(title)}"' if title else ""
    pressed = data.pop("pressed", None)
    state = "" if pressed is None else f' aria-pressed="{"true" if pressed else "false"}"'
    state += " disabled" if data.pop("disabled", False) else ""
    if "value" in data:
        data["value"] = json.dumps(data["value"])
    attributes = "".join(f' data-{name}="{escape(value)}"' for name, value in data.items())
    return f'<button type="button" class="{css}"{named}{state}{attributes}>{label}</button>'


def problem(text: str) -> str:
    """What could not be done, and why."""
    return f'<p class="outcome failed" role="alert">{escape(text)}</p>'


def _icon(path: str) -> str:
    return (
        '<svg aria-hidden="true" viewBox="0 0 24 24" width="18" height="18" fill="none" stroke="currentColor" '
        f'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">{path}</svg>'
    )


ICONS = {
    "menu": _icon('<path d="M4 7h16M4 12h16M4 17h10"/>'),
    "new": _icon('<path d="M12 5v14M5 12h14"/>'),
    "close": _icon('<path d="M6 6l12 12M18 6L6 18"/>'),
    "next": _icon('<path d="M9 5l7 7-7 7"/>'),
    "zoom": _icon('<circle cx="11" cy="11" r="6"/><path d="M20 20l-4.500-4.500M11 8.500v5M8.500 11h5"/>'),
    "fit": _icon('<path d="M4 5v14M20 5v14M7 12h10M10 9l-3 3 3 3M14 9l3 3-3 3"/>'),
    "back": _icon('<path d="M15 5l-7 7 7 7"/>'),
    "edit": _icon('<path d="M4 20l1-4L16 5l3 3L8 19l-4 1z"/>'),
    "delete": _icon('<path d="M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13"/>'),
    "retry": _icon('<path d="M20 12a8 8 0 1 1-2.5-5.8M20 3v4h-4"/>'),
    "copy": _icon('<path d="M9 9h11v11H9zM5 15H4V4h11v1"/>'),
    "up": _icon('<path d="M7 11v9H4v-9zM7 11l4-8c2 0 3 1 2.5 3L13 9h6l-1.5 9.5c-.2 1-1 1.500-2 1.500H7"/>'),
    "down": _icon(
        '<path d="M17 13V4h3v9zM17 13l-4 8c-2 0-3-1-2.500-3l.5-3H5l1.500-9.500C6.700 4.500 7.500 4 8.500 4H17"/>'
    ),
    "filter": _icon('<path d="M4 5h16l-6 7.500v6l-4-2v-4z"/>'),
    "settings": _icon(
        '<path d="M4 7h10M18 7h2M4 17h2M10 17h10"/><circle cx="16" cy="7" r="2"/><circle cx="8" cy="17" r="2"/>'
    ),
}
