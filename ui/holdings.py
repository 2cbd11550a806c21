"""What a library holds, as HTML: its documents, those being read, and passages that a search found. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from index.kinds import file_name
from index.types import Passage
from rag.contract import place_to_json
from ui.markup import ICONS, button, escape, problem
from ui.render import excerpt, is_no_document, unread
from ui.sources import passage
from ui.words import Words, long_date

if TYPE_CHECKING:
    from index.copies import NearCopy
    from index.store import Listed
    from ui.intake import IntakeState
    from ui.uploads import Refused

MOST_ROWS = 300


def found(passages: Sequence[Passage], words: Words, searched: str = "") -> str:
    """Passages that a search found, each opening its document; `searched` says where, if not everywhere."""
    shown = f'<p class="hint" dir="auto">{escape(searched)}</p>' if searched else ""
    if not passages:
        return f'{shown}<p class="hint">{escape(words.nothing_found)}</p>'
    shown += '<ol class="cards">'
    for one in passages:
        document, chunk = one.document, one.chunk
        origin = {"title": document.title, "document": document.name, "date": document.date, "voice": chunk.voice,
                  "also_in": one.also_in, **place_to_json(one.place, one.last_place)}  # fmt: skip
        value = {"document": document.id, "start": chunk.start, "end": chunk.end}
        shown += passage(origin, excerpt(one.text), value, words)
    return f"{shown}</ol>"


def progress(state: IntakeState, words: Words) -> str:
    """What is being read, file by file, or what the last reading did."""
    if state.running:
        what = words.indexing.format(done=state.done, total=state.total) if state.total else words.searching
        bar = f'<progress max="{max(state.total, 1)}" value="{state.done}"></progress>'
        stop = button(escape(words.stop), "plain", event="stop")
        now = f'<bdi class="hint">{escape(state.stage or state.file or "")}</bdi>'
        return f'<div class="progress" role="status"><span>{escape(what)}</span>{bar}{now}{stop}</div>'
    return ""


def status(documents: int, passages: int, words: Words) -> str:
    """How much the library holds."""
    again = button(f"{ICONS['retry']} {escape(words.read_all_again)}", "plain", event="retry", value={})
    held = words.library.format(documents=documents, passages=passages)
    return (
        f'<div class="bar"><div><h1>{escape(words.documents)}</h1><p class="hint">{escape(held)}</p></div>'
        f"{again if documents else ''}</div>"
    )


def outcome(state: IntakeState, refused: Sequence[Refused], words: Words) -> str:
    """What the last reading did, and what was not taken or not read, and why."""
    parts = []
    if state.error:
        parts.append(problem(state.error))
    if refused:
        parts.append(_reasons(words.refused, [(one.name, one.reason) for one in refused]))
    if state.summary and not state.running:
        done = ", ".join(
            f"{getattr(state.summary, kind)} {word}"
            for kind, word in words.outcomes.items()
            if getattr(state.summary, kind)
        )
        parts.append(f'<p class="hint" role="status">{escape(words.indexed.format(what=done or "0"))}</p>')
        if state.summary.failed:
            title = words.not_read.format(n=len(state.summary.failed))
            named = [(file_name(path), reason) for path, reason in state.summary.failed]
            parts.append(_reasons(title, unread(named)[:20]))
    return "".join(parts)


def table(listed: Sequence[Listed], copies: Mapping[str, NearCopy], wanted: str, words: Words) -> str:
    """The library's files, those that failed first and what is no document last.

    `wanted` narrows them to titles and names that contain it. `copies` tells by id which of the documents are near
    copies of another.
    """
    if not listed:
        return f'<p class="hint">{escape(words.none_yet)}</p>'
    wanted = wanted.casefold().strip()
    kept = [one for one in listed if wanted in f"{one.title} {one.path}".casefold()] or list(listed)
    shown = sorted(kept, key=_rank)[:MOST_ROWS]
    rows = "".join(_row(one, copies.get(one.document_id or ""), words) for one in shown)
    names = (words.column_title, words.column_date, words.column_language, words.column_size, words.column_sentences,
             words.column_state)  # fmt: skip
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    more = words.many_more.format(n=len(kept) - MOST_ROWS) if len(kept) > MOST_ROWS else ""
    return (
        f'<table class="files"><thead><tr>{head}<th></th></tr></thead><tbody>{rows}</tbody></table>'
        f'<p class="hint">{escape(more)}</p>'
    )


def _rank(one: Listed) -> int:
    return 1 if not one.problem else 2 if is_no_document(one.path, one.problem) else 0


def _row(one: Listed, copy: NearCopy | None, words: Words) -> str:
    name = file_name(one.path)
    title = f'<bdi class="title">{escape(one.title or name)}</bdi>'
    if one.document_id:
        title = button(title, "open", event="select", value={"document": one.document_id, "start": 0, "end": 0})
    file = f'<bdi class="file" title="{escape(one.path)}">{escape(name)}</bdi>' if one.title != name else ""
    state = words.state_ready
    if copy:
        state = words.state_copy.format(name=file_name(copy.of), percent=copy.percent)
    state = f'<td class="problem">{escape(one.problem)}</td>' if one.problem else f"<td>{escape(state)}</td>"
    date = long_date(one.date, words) if one.document_id else "–"
    value = {"file": one.path}
    again = button(ICONS["retry"], "quiet", title=words.read_again, event="retry", value=value)
    remove = button(ICONS["delete"], "quiet", title=words.remove, act="sure", sure=words.really_delete,
                    event="delete", value=value)  # fmt: skip
    return (
        f"<tr><th scope='row'>{title}{file}</th><td>{escape(date)}</td>"
        f"<td>{escape(one.language or '–')}</td><td>{_size(one.size)}</td><td>{one.sentences or '–'}</td>{state}"
        f"<td class='tools'>{again}{remove}</td></tr>"
    )


def _reasons(title: str, named: Sequence[tuple[str, str]]) -> str:
    items = "".join(f"<li><bdi>{escape(name)}</bdi>: {escape(reason)}</li>" for name, reason in named)
    return f'<div class="outcome weak_evidence"><p>{escape(title)}</p><ul>{items}</ul></div>'


def _size(size: int) -> str:
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(size / 1024, 0.1):.1f} KB"
