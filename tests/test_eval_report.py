"""The report is one page that fetches nothing, and what comes from outside is text in it, never markup."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from html.parser import HTMLParser

from rich.console import Console

from eval.cards import question_card
from eval.gold import Evidence, Question
from eval.measures import MEASURES
from eval.plots import interval_plot, latency_plot, risk_coverage_plot
from eval.record import BASELINE, PRODUCT, Record
from eval.report import render
from eval.results import Results, compare_runs, verdict, worst_first
from eval.run import RunInfo, ask_one
from eval.scripted import ScriptedAsker, answer, document, passage, quotation
from eval.statistics import Estimate
from eval.table import print_results
from eval.texts import Texts
from rag.generator import Message

EVIL = "<script>alert('x')</script>\"><img src=http://evil.example/x.png onerror=alert(1)> & </style></details>"
A = document(f"/in/{EVIL}.txt", f"Rubio met the envoys in Geneva. {EVIL}")
TEXTS = Texts({A.path: A.text})
INFO = RunInfo(EVIL, "f" * 16, 3, False, {"embedder": EVIL}, {"answer": "written"}, 1, 1, "2025-11-22 10:00", (EVIL,))


def record(
    name: str, system: str = PRODUCT, *, answerable: bool = True, said: str = EVIL, given: bool = True
) -> Record:
    """Ask a hostile question of a hostile document and get a hostile answer."""
    question = Question(
        name,
        f"{name} {EVIL}",
        "en",
        EVIL,
        answerable,
        (("Geneva", "<b>"),) if answerable else (),
        (Evidence(A.path, 0, 31, A.text[:31]),) if answerable else (),
        history=(Message("user", EVIL),),
        answers=(EVIL,) if answerable else (),
    )
    reply = answer(
        question.question,
        [(said, [quotation(A, A.text)])],
        [passage(A, A.text)],
        "answered" if given else "weak_evidence",
    )
    return ask_one(system, ScriptedAsker({question.question: reply}), question, TEXTS, {"embedder": EVIL})


RECORDS = [
    record("right", said=f"Geneva {EVIL}"),
    record("wrong"),
    record("refused", given=False),
    record("made up", answerable=False),
    ask_one(
        PRODUCT, ScriptedAsker({"x": ValueError(EVIL)}), Question("failed", "x", "en", "k", True, (("a",),)), TEXTS, {}
    ),
]


class Page(HTMLParser):
    """Collects tags, their attributes and the text outside them, and checks that tags are balanced."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "input", "br", "img"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that closes itself."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Check that what is closed is what was opened last."""
        assert self.open.pop() == tag


def page() -> str:
    """Render everything there is to render."""
    other = [record(name, BASELINE, said="Geneva") for name in ("right", "wrong", "refused")]
    return render(Results.of(INFO, {PRODUCT: RECORDS, BASELINE: other}, compare_runs(EVIL, INFO, RECORDS, other)))


def test_the_page_fetches_nothing() -> None:
    source = page()
    parsed = Page(source)
    assert not parsed.open
    for tag, attributes in parsed.tags:
        assert tag not in {"script", "img", "iframe", "object", "embed", "base", "form", "video", "audio", "source"}
        assert not {name for name in attributes if name.startswith("on")}
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            assert (attributes.get(name) or "data:").startswith("data:")
    policy = [a["content"] for t, a in parsed.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy and policy[0] and policy[0].startswith("default-src 'none'")
    style = source[source.index("<style>") : source.index("</style>")]
    assert "url(" not in style and "@import" not in style and "//" not in style


def test_hostile_words_are_text() -> None:
    source = page()
    body = source[source.index("<body>") :]
    for word in ("<script", "<img", "onerror=alert(1)>"):
        assert word not in body
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;" in body
    assert source.count("</style>") == 1 and source.count("<details") == source.count("</details>") == len(RECORDS) + 3


def test_questions_come_worst_first() -> None:
    ordered = worst_first(RECORDS)
    assert [verdict(r) for r in ordered] == ["failed", "false answer", "wrong", "refused", "right"]
    listed = page().split("Questions, worst first")[1]
    places = [listed.index(f">{r.question.question.split(' <')[0]} &lt;script") for r in ordered[1:]]
    assert places == sorted(places)


def test_a_card_shows_answer_gold_quotes_and_verdicts() -> None:
    card = question_card(RECORDS[0], record("right", BASELINE, said="Nothing."))
    for words in (
        "right",
        "[1]",
        "verbatim",
        "gold evidence",
        "found at rank 1",
        "✓",
        "<code>Geneva</code>",
        "Nothing.",
    ):
        assert words in card
    missed = question_card(replace(RECORDS[1], valid=(False,)))
    assert "✗" in missed and "not what the document says" in missed


def test_every_measure_has_its_row() -> None:
    source = page()
    assert all(f"<td>{measure.label}" in source for measure in MEASURES if measure.name != "contains_answer")
    assert "Risk over coverage" in source and "against" in source.lower()


def test_all_measures_stand_by_language_and_kind() -> None:
    full = page().split("All measures by language and kind: product")[1].split("</table>")[0]
    assert '<th class="num">kind: k</th>' in full and "<td>peak memory" in full and "<td>citation recall" in full


def test_kinds_and_names_are_no_markup_on_the_terminal() -> None:
    out = Console(file=io.StringIO(), width=300)
    odd = [
        replace(r, question=replace(r.question, kind=kind)) for r, kind in zip(RECORDS, ("[/b]", "[red]"), strict=False)
    ]
    info = replace(INFO, gold="news[/x]")
    print_results(Results.of(info, {PRODUCT: odd}, compare_runs("[/y]", info, odd, odd)), out)
    shown = out.file.getvalue()  # type: ignore[attr-defined]
    assert all(words in shown for words in ("news[/x]", "kind: [/b]", "kind: [red]", "against [/y]"))


def test_plots_stay_in_their_boxes() -> None:
    line = interval_plot({"product": Estimate(1.0, -0.5, 1.5, 3), "baseline": Estimate(0.0, 0.0, 0.0, 3)})
    assert all(0 <= float(x) <= 100 for x in re.findall(r'(?:x1|x2|cx)="([\d.-]+)%"', line))
    for plot in (
        risk_coverage_plot({"product": [(0.5, 0.0), (1.0, 1.0)]}),
        latency_plot({"product": [0.0, 40.0, 79_000.0], "baseline": []}),
        latency_plot({}),
    ):
        xs = [float(x) for x in re.findall(r' x\d?="([\d.-]+)"', plot)]
        ys = [float(y) for y in re.findall(r' y\d?="([\d.-]+)"', plot)]
        assert all(0 <= x <= 420 for x in xs) and all(0 <= y <= 250 for y in ys)
