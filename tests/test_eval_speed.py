"""The benchmark's figures: ratios by rounds, the table, the chart, the file."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest

from eval.chart import speed_chart
from eval.fields import GoldError
from eval.readme import README, replace_speed
from eval.speed import SPEED, Ratio, Result, document, notes, read_results, rows, shown, table, times, write_results

COLD = Result(
    case="cold-ask",
    date="2026-11-22",
    commit="abc",
    material="the example documents",
    documents="123",
    rounds=3,
    machine={"processor": "Z80", "cores": "1 cores"},
    versions={"this": {"chapterverse": "0.1.0"}, "txtai": {"txtai": "9.14.0"}},
    values={
        "wall": {"this": [2.0, 1.0, 4.0], "LangChain": [20.0, 12.0, 24.0], "txtai": [18.0, 10.0, 20.0]},
        "cpu": {"this": [1.0, 1.0, 1.0]},
        "memory": {"this": [300.0, 300.0, 300.0], "txtai": [450.0, 450.0, 450.0]},
    },
    failed={"LlamaIndex": "ImportError: <no & such>"},
)
INDEX = replace(COLD, case="index", values={"rate": {"this": [90.0, 110.0, 100.0], "txtai": [25.0, 20.0, 10.0]}})
RETRIEVAL = replace(COLD, case="retrieval", values={"p50": {"this": [11.0] * 3, "txtai": [33.0] * 3}})
RESULTS = {"cold-ask": COLD, "index": INDEX, "retrieval": RETRIEVAL}


def test_ratios_are_taken_round_by_round() -> None:
    assert Ratio.of([2.0, 1.0, 4.0], [18.0, 10.0, 20.0], better=-1) == Ratio(9.0, 5.0, 10.0)
    assert Ratio.of([90.0, 110.0, 100.0], [25.0, 20.0, 10.0], better=1) == Ratio(5.5, 3.6, 10.0)


def test_the_best_of_the_others_is_what_counts() -> None:
    found = {(row.result.case, row.measure.name): row for row in rows(RESULTS)}
    wall, cpu, rate = found["cold-ask", "wall"], found["cold-ask", "cpu"], found["index", "rate"]
    assert (wall.best, wall.ratio, wall.met) == ("txtai", Ratio(9.0, 5.0, 10.0), True)
    assert (cpu.best, cpu.ratio, cpu.met) == (None, None, None)
    assert (rate.best, rate.ratio, rate.met) == ("txtai", Ratio(5.5, 3.6, 10.0), True)
    assert found["cold-ask", "memory"].met is False
    assert found["retrieval", "p50"].met is False  # three times as fast, but above its limit of 10 ms


def test_a_contestant_that_failed_is_shown_as_failed() -> None:
    lines = table(RESULTS)
    assert lines[2] == (
        "| question, cold: to the last word | 2.00 s | 20.0 s | failed | 18.0 s |  | 9.0 (5.0 to 10.0) | 8 |"
    )
    assert "| 1.5 (1.5 to 1.5) | 2, not met |" in lines[4]
    assert "- cold-ask: LlamaIndex failed: ImportError: <no & such>" in notes(RESULTS)
    assert notes(RESULTS)[0] == ("3 rounds, everyone in turn; the example documents; Z80, 1 cores; 2026-11-22.")


def test_what_was_measured_elsewhere_is_told_apart() -> None:
    told = notes({"cold-ask": COLD, "index": replace(INDEX, rounds=5)})
    assert [line.split(":")[0] for line in told[:2]] == ["- cold-ask", "- index"]


def test_the_document_holds_every_contestant() -> None:
    text = document(RESULTS, "speed.svg")
    assert "| question, cold: to the last word | LangChain | 20.0 s (12.0 s to 24.0 s) | 10.0 (6.0 to 12.0) |" in text
    assert "| txtai | txtai 9.14.0 |" in text


def test_the_chart_is_an_image_by_itself() -> None:
    drawn = ElementTree.fromstring(speed_chart(list(rows(RESULTS))))
    space = {"svg": "http://www.w3.org/2000/svg"}
    labels = [text.text for text in drawn.findall("svg:text", space)]
    assert "question, cold: to the last word" in labels and "question, cold: processor time" not in labels
    dots = [float(dot.get("cx", "0")) for dot in drawn.findall("svg:circle", space)]
    ticks = {text.text: float(text.get("x", "0")) for text in drawn.findall("svg:text[@class='small']", space)}
    assert any(ticks["5×"] < dot < ticks["10×"] for dot in dots)
    assert all(ticks["1×"] <= dot <= ticks["20×"] for dot in dots[-5:])
    assert speed_chart([]).startswith("<svg")


def test_results_are_read_back(tmp_path: Path) -> None:
    file = tmp_path / "speed.json"
    assert read_results(file) == {}
    write_results(file, RESULTS)
    assert read_results(file) == RESULTS
    file.write_text('[{"case": "cold-ask"}]', encoding="utf-8")
    with pytest.raises(GoldError, match=r"speed\.json is not what"):
        read_results(file)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(0.7, "s", "0.70 s"), (18.44, "s", "18.4 s"), (1769.2, "MB", "1,769 MB"), (102.4, "/s", "102/s")],
)
def test_figures_have_three_digits(value: float, unit: str, text: str) -> None:
    assert shown(value, unit) == text
    assert times(None) == "-"


def test_the_readme_shows_the_figures_of_the_file() -> None:
    readme = README.read_text(encoding="utf-8")
    assert replace_speed(readme, SPEED) == readme, "run: python -m eval.readme eval/speed.json"
    assert "<!-- speed -->" in readme and "(eval/speed.svg)" in readme
