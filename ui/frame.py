"""What stands around a conversation, as HTML: the bar at the top, settings, the list of conversations, the welcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.conversations import Conversation
from ui.markup import ICONS, button, escape
from ui.words import Words


def top(words: Words) -> str:
    """The bar at the top: what page this is, and the way to the others."""
    menu = button(ICONS["menu"], "quiet menu", title=words.conversations, act="menu")
    settings = button(ICONS["settings"], "quiet", title=words.settings, act="settings")
    return (
        f'<header class="bar" data-language="{escape(words.language)}">'
        f'<div>{menu}<span class="brand">{escape(words.brand)}</span></div>'
        f"<nav>{button(escape(words.chat), 'tab', act='view', view='chat')}"
        f"{button(escape(words.documents), 'tab', act='view', view='documents')}</nav>{settings}</header>"
        f"{_settings(words)}"
    )


def _settings(words: Words) -> str:
    def choice(name: str, legend: str, options: Mapping[str, str]) -> str:
        radios = "".join(
            f'<label><input type="radio" name="{name}" value="{value}" data-act="set">{escape(label)}</label>'
            for value, label in options.items()
        )
        return f"<fieldset><legend>{escape(legend)}</legend>{radios}</fieldset>"

    close = button(ICONS["close"], "quiet", title=words.close, act="settings")
    return (
        f'<dialog id="settings" aria-label="{escape(words.settings)}">'
        f'<div class="bar"><h2>{escape(words.settings)}</h2>{close}</div>'
        + choice("style", words.style, {"written": words.style_written, "quotes": words.style_quotes})
        + choice(
            "amount",
            words.amount,
            {"short": words.amount_short, "usual": words.amount_usual, "more": words.amount_more},
        )
        + choice("language", words.interface, {"auto": words.automatic, "en": "English", "fr": "Français"})
        + choice("theme", words.theme, {"system": words.system, "light": words.light, "dark": words.dark})
        + "</dialog>"
    )


def welcome(examples: Sequence[str], has_documents: bool, words: Words) -> str:
    """The page before the first question: examples from the library, or how to begin one."""
    title, text = (words.empty_title, words.empty_text) if has_documents else (words.first_title, words.first_text)
    if has_documents:
        offers = [
            button(f"<bdi>{escape(question)}</bdi>", "example", event="example_select", value={"question": question})
            for question in examples
        ]
        offered = f'<h2>{escape(words.try_asking)}</h2><div class="examples">{"".join(offers)}</div>' if offers else ""
    else:
        add = button(escape(words.add_documents), "primary", act="view", view="documents")
        try_it = button(escape(words.try_examples), "plain", event="apply")
        offered = f'<p class="choices">{add}{try_it}</p>'
    shown = f"<h1>{escape(title)}</h1><p>{escape(text)}</p>{offered}"
    return f'<section class="welcome" data-conversation="">{shown}</section>'


def conversations(listed: Sequence[Conversation], current: str, searched: str, words: Words) -> str:
    """The list of a person's conversations, with a field to search them."""
    items = "".join(
        f'<li class="{"current" if one.id == current else ""}">'
        + button(f"<bdi>{escape(one.title)}</bdi>", "open", event="select", value={"conversation": one.id})
        + button(ICONS["edit"], "quiet", title=words.rename, act="rename", value={"conversation": one.id})
        + button(ICONS["delete"], "quiet", title=words.delete, act="sure", sure=words.really_delete,
                 event="delete", value={"conversation": one.id})
        + "</li>"
        for one in listed
    )  # fmt: skip
    none = words.none_found if searched else words.no_chats
    return (
        f'<div class="bar"><h2>{escape(words.conversations)}</h2>'
        f"{button(ICONS['close'], 'quiet drawer-close', title=words.close, act='menu')}</div>"
        f"{button(ICONS['new'] + ' ' + escape(words.new_chat), 'plain new', event='clear')}"
        f'<input type="search" name="words" data-event="input" placeholder="{escape(words.find_chats)}" '
        f'aria-label="{escape(words.find_chats)}" value="{escape(searched)}">'
        f'<ul class="chats">{items}</ul>{"" if items else f"<p class=hint>{escape(none)}</p>"}'
    )


def labels(words: Words) -> dict[str, object]:
    """What Gradio's own fields and buttons say."""
    return {
        "top": top(words),
        "box": {"placeholder": words.ask, "label": words.ask_label},
        "send": {"value": words.send},
        "stop": {"value": words.stop},
        "files": {"label": words.drop},
        "path": {"placeholder": f"{words.path}: {words.path_hint}", "label": words.path},
        "add": {"value": words.add},
        "words": {"placeholder": f"{words.find}: {words.find_hint}", "label": words.find},
    }
