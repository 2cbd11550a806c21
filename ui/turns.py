"""Questions and their answers as HTML. Pure: values in, markup out; every text goes through `escape`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.conversations import Turn
from rag.contract import scope_from_json
from ui.markup import ICONS, button, escape, problem
from ui.sources import Stored, cards, notes, passage
from ui.words import Words, long_date, searched_only


@dataclass(frozen=True, slots=True)
class Live:
    """An answer under way: what is being done, and the draft so far, of which nothing is checked yet."""

    question: str
    stage: str
    draft: str = ""


def conversation(kept: Iterable[Turn], words: Words, opened: str = "") -> str:
    """Settled turns of a conversation; `opened` is its id, where the page's address has to follow it."""
    shown = "".join(turn(one, words) for one in kept)
    return f'<div data-conversation="{escape(opened)}">{shown}</div>' if opened else shown


def turn(one: Turn, words: Words) -> str:
    """A question and its settled answer."""
    edit = button(ICONS["edit"], "quiet", title=words.edit, event="edit", value={"turn": one.id})
    return (
        f'<article class="turn" data-turn="{one.id}">{_question(one.question, words, edit)}'
        f'<div class="answer" aria-label="{escape(words.answer)}">{_answer(one, words)}{_tools(one, words)}</div>'
        "</article>"
    )


def live_turn(live: Live, words: Words, opened: str) -> str:
    """A question and what there is of its answer: nothing that is checked, and that shows."""
    draft = f'<p class="draft" dir="auto">{escape(live.draft)}</p>' if live.draft else ""
    stage = f'<p class="stage" role="status"><span class="pulse"></span>{escape(live.stage)}</p>'
    return (
        f'<div data-conversation="{escape(opened)}"><article class="turn live" aria-busy="true">'
        f'{_question(live.question, words)}<div class="answer">{stage}{draft}</div></article></div>'
    )


def notice(question: str, reason: str, words: Words) -> str:
    """A question that could not be asked, and why."""
    return f'<article class="turn">{_question(question, words)}<div class="answer">{problem(reason)}</div></article>'


def hint(words: Words, *, editing: bool, recipient: str | None = None) -> str:
    """What stands under the field for questions; whoever asks must see who receives them."""
    if not editing:
        sent = f'<p class="hint">{escape(words.sent.format(host=recipient))}</p>' if recipient else ""
        return f'{sent}<p class="hint keys">{escape(words.keys)}</p>'
    leave = button(escape(words.close), "plain", event="edit", value={"turn": 0})
    return f'<p class="hint" role="status">{escape(words.editing)} {leave}</p>'


def _question(text: str, words: Words, tools: str = "") -> str:
    return (
        f'<header class="question"><h2 dir="auto"><span class="unseen">{escape(words.you)}: </span>{escape(text)}</h2>'
        f"{tools}</header>"
    )


def _answer(one: Turn, words: Words) -> str:
    answer = one.answer
    outcome = str(answer["outcome"])
    searched = f'<p class="meta searched" dir="auto">{escape(said)}</p>' if (said := _searched(answer, words)) else ""
    parts = [_outcome(outcome, answer, words), searched]
    dates = {quote["date"] for quote in answer["quotes"]}
    shown: str | None = None
    for statement in answer["statements"]:
        quotes = [answer["quotes"][number - 1] for number in statement["quotes"]]
        date = quotes[0]["date"]
        if len(dates) > 1 and date != shown:  # positions change: each is given as of its date
            parts.append(f'<p class="as-of">{escape(long_date(date, words))}</p>')
            shown = date
        marks = "".join(
            button(str(quote["n"]), "mark", title=words.source.format(n=quote["n"]), event="select",
                   value={"turn": one.id, "quote": quote["n"]})
            for quote in quotes
        )  # fmt: skip
        comment = f'<span class="badge">{escape(words.comment)}</span> ' if quotes[0]["voice"] == "comment" else ""
        parts.append(
            f'<p class="statement {"quote" if _is_quotation(statement, quotes) else "written"}" dir="auto">{comment}'
            f'<span class="text">{escape(statement["text"])}</span> {marks}</p>'
        )
    parts += [f'<p class="outcome missing">{escape(words.missing.format(what=part))}</p>' for part in answer["missing"]]
    if outcome == "not_in_documents" and answer.get("closest"):
        parts.append(_closest(one.id, answer["closest"], words))
    if answer["quotes"]:  # beside the chat there is no room for them on a phone
        parts.append(f'<section class="below"><h3>{escape(words.sources)}</h3>{cards(one, words)}</section>')
    return "".join(parts)


def _is_quotation(statement: Stored, quotes: Sequence[Stored]) -> bool:
    """Whether a statement is the source's own words: quoted by us, or copied by the model."""
    return statement["origin"] == "quote" or [" ".join(quote["text"].split()) for quote in quotes] == [
        statement["text"]
    ]


def _outcome(outcome: str, answer: Stored, words: Words) -> str:
    heading = {
        "not_in_documents": words.not_in_documents,
        "weak_evidence": words.weak_evidence,
        "failed": words.failed,
        "stopped": words.stopped,
    }.get(outcome)
    if heading is None:
        return ""
    details = []
    if answer.get("reason"):
        details.append(words.reason.format(what=answer["reason"]))
    if answer.get("unknown"):
        unknown = words.unknown_there if answer.get("filters") else words.unknown
        details.append(unknown.format(what=", ".join(answer["unknown"])))
    more = "".join(f"<small>{escape(detail)}</small>" for detail in details)
    return f'<div class="outcome {outcome}"><p>{escape(heading)}</p>{more}</div>'


def _searched(answer: Stored, words: Words) -> str:
    """Which documents were searched, where it wasn't all of them."""
    return searched_only(scope_from_json(answer), answer.get("filters", {}).get("undated", 0), words)


def _closest(turn_id: int, passages: Sequence[Stored], words: Words) -> str:
    shown = "".join(
        passage(origin, origin["text"], {"turn": turn_id, "passage": number}, words)
        for number, origin in enumerate(passages)
    )
    return f'<section class="closest"><h3>{escape(words.closest)}</h3><ol class="cards">{shown}</ol></section>'


def _tools(one: Turn, words: Words) -> str:
    retry = button(ICONS["retry"], "quiet", title=words.retry, event="retry", value={"turn": one.id})
    if not one.answer["statements"]:
        return f'<footer class="tools">{retry}{_thumbs(one, words)}</footer>'
    copied = button(ICONS["copy"], "quiet", title=words.copy, act="copy", copy=as_text(one.answer, words),
                    done=words.copied)  # fmt: skip
    return f'<footer class="tools">{copied}{retry}{_thumbs(one, words)}</footer>'


def _thumbs(one: Turn, words: Words) -> str:
    def thumb(rating: str, title: str) -> str:
        chosen = one.rating == rating
        value = {"turn": one.id, "rating": None if chosen else rating, "expected": one.expected}
        return button(ICONS[rating], "quiet", title=title, pressed=chosen, event="like", value=value)

    expected = ""
    if one.rating == "down":
        field = (
            f'<label>{escape(words.expected)}<textarea name="expected" rows="2" maxlength="2000" dir="auto">'
            f"{escape(one.expected)}</textarea></label>"
        )
        said = f'<span class="thanks" role="status">{escape(words.thanks)}</span>' if one.expected else ""
        save = button(escape(words.save), "plain", act="expected", value={"turn": one.id, "rating": "down"})
        expected = f'<div class="expected">{field}{save}{said}</div>'
    return f"{thumb('up', words.good)}{thumb('down', words.bad)}{expected}"


def as_text(answer: Stored, words: Words) -> str:
    """An answer with its sources as plain text, for the clipboard; the source's own words in quotation marks."""
    lines = []
    for statement in answer["statements"]:
        quotes = [answer["quotes"][number - 1] for number in statement["quotes"]]
        text = f"“{statement['text']}”" if _is_quotation(statement, quotes) else statement["text"]
        lines.append(f"{text} {''.join(f'[{number}]' for number in statement['quotes'])}")
    lines += [said] if (said := _searched(answer, words)) else []
    lines += ["", words.sources]
    for quote in answer["quotes"]:
        place = [quote["title"] or quote["document"], long_date(quote["date"], words), quote["document"]]
        lines.append(f"[{quote['n']}] {' · '.join([*dict.fromkeys(place), *notes(quote, words)])}")
        lines.append(f"    “{' '.join(quote['text'].split())}”")
    return "\n".join(lines)
