"""One question of the report: the answer, its quotes and passages, and the gold beside them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import PurePath

from eval.fields import Json
from eval.measures import rank_quality, scores
from eval.metrics import agrees, covers, states
from eval.record import Record, span
from eval.results import Verdict, verdict

_TONE: dict[Verdict, str] = {"right": "good", "rightly refused": "good", "in part": "meh", "not judged": "soft"}
_SHOWN = ("nugget_recall", "nugget_recall_quotes", "contains_answer", "f1", "first_contains", "citation_recall",
          "citation_precision", "evidence_recall", "evidence_precision", "span_recall_5", "ndcg_10")  # fmt: skip


def question_card(record: Record, baseline: Record | None = None) -> str:
    """Write one question as a <details>, with the baseline's answer to it when there is one."""
    question, judged = record.question, verdict(record)
    ranked = rank_quality(record) if judged == "not judged" else None
    label = judged if ranked is None else f"nDCG {ranked:.2f}"
    about = f"{safe(question.id)}, {safe(question.kind)}, {safe(question.language)}"
    return (
        f'<details class="q {_classes(judged)}"><summary><span class="verdict {_tone(judged)}">{label}</span>'
        f'<span class="ask">{safe(question.question)}</span><small>{about}</small></summary><div class="body">'
        f'{_turns(record)}<div class="columns"><div>{_answer(record)}{_quotes(record)}{_beside(baseline)}</div>'
        f"<div>{_gold(record)}{_passages(record)}{_figures(record)}</div></div></div></details>"
    )


def safe(text: object) -> str:
    """Escape what comes from outside for HTML, in text and in attributes."""
    return escape(str(text), quote=True)


def _tone(judged: Verdict) -> str:
    return _TONE.get(judged, "bad")


def _classes(judged: Verdict) -> str:
    right = judged in ("right", "rightly refused")
    refusal = " is-refusal" if judged in ("refused", "rightly refused") else ""
    return ("is-good" if right else "is-bad" if judged != "not judged" else "") + refusal


def _turns(record: Record) -> str:
    return "".join(
        f'<p class="turn"><b>{safe(turn.role)}:</b> {safe(turn.content)}</p>' for turn in record.question.history
    )


def _answer(record: Record) -> str:
    error = f'<p class="bad">{safe(record.error)}</p>' if record.error else ""
    kind = f"Answer ({safe(record.outcome.replace('_', ' '))}"
    kind += f", confidence {record.answer['confidence']:.2f})" if record.answer else ")"
    if not record.statements:
        return f'<h3>{kind}</h3>{error}<p class="answer empty">Nothing is stated.</p>'
    lines = "".join(f"<p>{safe(s['text'])}{_marks(s)}</p>" for s in record.statements)
    return f'<h3>{kind}</h3>{error}<div class="answer">{lines}</div>'


def _marks(statement: Json) -> str:
    return "".join(f"<sup>[{int(n)}]</sup>" for n in statement["quotes"])


def _quotes(record: Record) -> str:
    parts = []
    for quote, valid in zip(record.quotes.values(), record.valid, strict=True):
        hit = any(agrees(span(quote), evidence) for evidence in record.evidence)
        marks = "verbatim" if valid else '<b class="bad">not what the document says</b>'
        marks += ', <b class="good">gold evidence</b>' if hit else ""
        place = (
            f"{safe(quote['document'])}, {safe(quote['date'] or 'undated')}, characters {quote['start']}–{quote['end']}"
        )
        place += f", page {quote['page']}" if quote["page"] else ""
        parts.append(f"<blockquote>[{quote['n']}] {safe(quote['text'])}<small>{place}: {marks}</small></blockquote>")
    return f"<h3>Quotes</h3>{''.join(parts)}" if parts else ""


def _beside(baseline: Record | None) -> str:
    if baseline is None:
        return ""
    judged = verdict(baseline)
    text = safe(baseline.text or baseline.error or "Nothing is stated.")
    return f'<h3>Baseline: <span class="{_tone(judged)}">{judged}</span></h3><div class="answer"><p>{text}</p></div>'


def _gold(record: Record) -> str:
    question = record.question
    if not question.answerable:
        return "<h3>Gold</h3><p>The documents don’t answer this.</p>"
    nuggets = "".join(_nugget(nugget, record.text) for nugget in question.nuggets)
    answers = f"<p>{safe(' / '.join(question.answers))}</p>" if question.answers else ""
    quotes = "".join(
        f"<blockquote>{safe(item.quote[:600])}<small>{safe(PurePath(item.document).name)}, {_rank(record, n)}</small>"
        "</blockquote>"
        for n, item in enumerate(question.evidence)
    )
    judged = f"<p>{len(question.judged)} documents are judged relevant.</p>" if question.judged else ""
    listed = f'<h3>Nuggets asked for</h3><ul class="plain">{nuggets}</ul>' if nuggets else "<h3>Gold</h3>"
    return listed + answers + judged + (f"<h3>Gold evidence</h3>{quotes}" if quotes else "")


def _nugget(nugget: Sequence[str], text: str) -> str:
    mark = '<b class="good">✓</b>' if states(text, nugget) else '<b class="bad">✗</b>'
    return f"<li>{mark} {' or '.join(f'<code>{safe(a)}</code>' for a in nugget)}</li>"


def _rank(record: Record, number: int) -> str:
    ranks = (r for r, p in enumerate(record.passages, start=1) if covers(p, record.evidence[number]))
    rank = next(ranks, None)
    return f'<b class="good">found at rank {rank}</b>' if rank else '<b class="bad">not found by the search</b>'


def _passages(record: Record) -> str:
    if not record.answer:
        return ""
    judged = dict(record.question.judged)
    items = []
    for passage, place in list(zip(record.answer["passages"], record.passages, strict=True))[:10]:
        hit = judged.get(place.document, 0) > 0 or any(covers(place, e) for e in record.evidence)
        label = f"{safe(passage['document'])} {passage['start']}–{passage['end']} ({passage['score']:.2f})"
        items.append(f"<li{' class=hit' if hit else ''}>{label}</li>")
    return f'<h3>Passages</h3><ol class="passages">{"".join(items)}</ol>' if items else ""


def _figures(record: Record) -> str:
    found = scores(record)
    parts = [f"{name.replace('_', ' ')} {found[name]:.2f}" for name in _SHOWN if name in found]
    spent = f"{record.wall_ms / 1000:.2f} s"
    if record.answer:
        tokens = record.answer["tokens"]
        spent += f", {tokens['in']} tokens in, {tokens['out']} out"
    return f'<h3>Figures</h3><p class="soft num">{safe("; ".join(parts))}{"; " if parts else ""}{spent}</p>'
