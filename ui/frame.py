"""What stands around a conversation, as HTML: the bar at the top, settings, the list of conversations, the welcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from index.conversations import Conversation
from index.scope import Scope
from ui.markup import ICONS, button, escape, problem
from ui.words import Words, language_name, scope_texts


def top(words: Words, own: bool = False) -> str:
    """The bar at the top: what page this is, and the way to the others, to that of the settings if it is one's own."""
    menu = button(ICONS["menu"], "quiet menu", title=words.conversations, act="menu")
    settings = button(ICONS["settings"], "quiet", title=words.settings, act="settings")
    return (
        f'<header class="bar" data-language="{escape(words.language)}">'
        f'<div>{menu}<span class="brand">{escape(words.brand)}</span></div>'
        f"<nav>{button(escape(words.chat), 'tab', act='view', view='chat')}"
        f"{button(escape(words.documents), 'tab', act='view', view='documents')}</nav>{settings}</header>"
        f"{_settings(words, own)}"
    )


def _settings(words: Words, own: bool) -> str:
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
        + (f"<p>{button(escape(words.setup), 'plain', event='expand', act='setup')}</p>" if own else "")
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


def filters(scope: Scope, words: Words) -> str:
    """The way to narrow the search, and what it is narrowed to, each to be taken away by itself."""
    begin = button(f"{ICONS['filter']} {escape(words.only)}", "quiet", event="expand")
    chips = "".join(
        f'<li class="chip"><bdi>{escape(text)}</bdi>'
        + button(ICONS["close"], "quiet", title=words.not_only.format(what=text), event="clear", value={"field": name})
        + "</li>"
        for name, text in scope_texts(scope, words).items()
    )
    return f'<div class="filters">{begin}{f"<ul>{chips}</ul>" if chips else ""}</div>'


def filter_form(given: Mapping[str, Any], languages: Sequence[str], wrong: str, words: Words) -> str:
    """The fields that narrow the search; `given` is what stands in them, `languages` are those to choose from."""

    def field(name: str, label: str, hint: str) -> str:
        return (
            f'<label>{escape(label)}<input type="text" name="{name}" value="{escape(given[name])}" '
            f'placeholder="{escape(hint)}" maxlength="1000" autocomplete="off" spellcheck="false"></label>'
        )

    boxes = "".join(
        f'<label><input type="checkbox" name="languages" value="{escape(code)}"'
        f"{' checked' if code in given['languages'] else ''}>{escape(language_name(code))}</label>"
        for code in languages
    )
    chosen = f"<fieldset><legend>{escape(words.only_languages)}</legend>{boxes}</fieldset>" if boxes else ""
    return (
        f'<section class="filter-form" aria-label="{escape(words.only)}"><h2>{escape(words.only)}</h2>'
        f"{field('since', words.only_from, words.dates_hint)}{field('until', words.only_until, words.dates_hint)}"
        f"{field('paths', words.only_path, words.paths_hint)}{chosen}{problem(wrong) if wrong else ''}"
        f"<p>{button(escape(words.apply), 'primary', act='narrow')}"
        f"{button(escape(words.cancel), 'plain', event='collapse')}</p></section>"
    )


def labels(words: Words, own: bool = False) -> dict[str, object]:
    """What Gradio's own fields and buttons say."""
    return {
        "top": top(words, own),
        "box": {"placeholder": words.ask, "label": words.ask_label},
        "send": {"value": words.send},
        "stop": {"value": words.stop},
        "files": {"label": words.drop},
        "path": {"placeholder": f"{words.path}: {words.path_hint}", "label": words.path},
        "add": {"value": words.add},
        "words": {"placeholder": f"{words.find}: {words.find_hint}", "label": words.find},
    }
