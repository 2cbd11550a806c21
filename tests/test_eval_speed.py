"""The benchmark's figures: ratios by rounds, the table, the chart, the file."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest

from eval.cases import CASES
from eval.chart import speed_chart
from eval.curves import growth_chart
from eval.fields import GoldError
from eval.readme import README, replace_speed
from eval.speed import (
    SPEED,
    Ratio,
    Result,
    by_size,
    document,
    notes,
    read_results,
    rows,
    shown,
    size_tables,
    table,
    times,
    write_results,
)

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
ANSWERS = replace(
    COLD,
    case="answers",
    values={
        "last": {"this": [2.0] * 3, "naive pipeline": [5.0] * 3, "txtai": [3.0] * 3},
        "gold": {"this": [0.5] * 3, "naive pipeline": [0.0] * 3, "txtai": [0.625] * 3},
    },
    failed={},
)
GROWTH = replace(
    COLD,
    case="growth",
    rounds=2,
    material="made-up passages",
    values={
        "dense p50@1000": {"this": [0.1]},
        "dense p99@1000": {"this": [0.3]},
        "dense p50@1000000": {"this": [2.0]},
        "dense p99@1000000": {"this": [5.1]},
        "recall@1000": {"this": [1.0]},
        "recall@1000000": {"this": [0.951]},
        "memory@1000": {"this": [90.0]},
        "memory@1000000": {"this": [400.0]},
    },
    failed={},
)
RESULTS = {"cold-ask": COLD, "index": INDEX, "retrieval": RETRIEVAL}


def test_ratios_are_taken_round_by_round() -> None:
    assert Ratio.of([2.0, 1.0, 4.0], [18.0, 10.0, 20.0], better=-1) == Ratio(9.0, 5.0, 10.0)
    assert Ratio.of([90.0, 110.0, 100.0], [25.0, 20.0, 10.0], better=1) == Ratio(5.5, 3.6, 10.0)


def test_the_best_of_the_others_is_what_counts() -> None:
    found = {(row.result.case, row.measure.name): row for row in rows(RESULTS)}
    wall, cpu, rate = found["cold-ask", "wall"], found["cold-ask", "cpu"], found["index", "rate"]
    assert (wall.rival, wall.ratio, wall.met) == ("txtai", Ratio(9.0, 5.0, 10.0), True)
    assert (cpu.rival, cpu.ratio, cpu.met) == (None, None, None)
    assert (rate.rival, rate.ratio, rate.met) == ("txtai", Ratio(5.5, 3.6, 10.0), True)
    assert found["cold-ask", "memory"].met is False
    assert found["retrieval", "p50"].met is False  # three times as fast, but above its limit of 10 ms


def test_the_aim_may_name_whom_to_compare_with_and_shares_are_not_divided() -> None:
    last, gold = rows({"answers": ANSWERS})
    assert (last.rival, last.ratio, last.met) == ("naive pipeline", Ratio(2.5, 2.5, 2.5), True)
    assert (gold.rival, gold.ratio, gold.met) == ("txtai", None, None)
    assert "| 0.500 |  |  | 0.625 | 0.000, naive pipeline |  |  |" in table({"answers": ANSWERS})[-1]
    alone = {"last": {"this": [2.0] * 3, "txtai": [9.0] * 3}}
    (row,) = rows({"answers": replace(ANSWERS, values=alone)})
    assert (row.rival, row.met, row.aim) == (None, None, "2×")


def test_a_limit_needs_nobody_to_compare_with() -> None:
    found = {row.measure.name: (row.met, row.aim) for row in rows({"growth": GROWTH})}
    assert found == {
        "dense p99@1000000": (False, "at most 5.00 ms: **not met**"),
        "recall@1000000": (True, "at least 0.950: met"),
        "memory@1000000": (True, "at most 1,024 MB: met"),
    }
    assert table({"growth": GROWTH})[2] == (
        "| 1,000,000 passages: nearest vectors, p99 | 5.10 ms |  |  |  |  |  | at most 5.00 ms: **not met** |"
    )
    assert notes({"growth": GROWTH}) == ["once; made-up passages; Z80, 1 cores; 2026-11-22."]


def test_growth_is_told_by_size_and_drawn() -> None:
    lines = size_tables({"growth": GROWTH})
    assert lines[1] == "| passages | 1,000 | 1,000,000 |"
    assert "| nearest vectors, p99 | 0.30 ms | 5.10 ms |" in lines
    case = next(case for case in CASES if case.name == "growth")
    drawn = ElementTree.fromstring(growth_chart(by_size(case, GROWTH)))
    space = {"svg": "http://www.w3.org/2000/svg"}
    assert len(drawn.findall("svg:circle", space)) == 6
    ticks = {text.text for text in drawn.findall("svg:text[@class='small']", space)}
    assert {"0.1", "10", "1,000", "1,000,000", "ms", "MB"} <= ticks
    first, last = (float(dot.get("cy", "0")) for dot in drawn.findall("svg:circle", space)[:2])
    assert first > last  # less is further down
    assert growth_chart({}).startswith("<svg")


def test_a_contestant_that_failed_is_shown_as_failed() -> None:
    lines = table(RESULTS)
    assert lines[2] == (
        "| question, cold: to the last word | 2.00 s | 20.0 s | failed | 18.0 s |  "
        "| 9.0 (5.0 to 10.0) than txtai | 8×: met |"
    )
    assert "| 1.50 (1.50 to 1.50) than txtai | 2×: **not met** |" in lines[4]
    assert "- cold-ask: LlamaIndex failed: ImportError: <no & such>" in notes(RESULTS)
    assert notes(RESULTS)[0] == ("3 rounds, everyone in turn; the example documents; Z80, 1 cores; 2026-11-22.")


def test_what_was_measured_elsewhere_is_told_apart() -> None:
    told = notes({"cold-ask": COLD, "index": replace(INDEX, rounds=5)})
    assert [line.split(":")[0] for line in told[:2]] == ["- cold-ask", "- index"]


def test_the_document_holds_every_contestant() -> None:
    text = document(RESULTS, "speed.svg", "growth.svg")
    assert "| question, cold: to the last word | LangChain | 20.0 s (12.0 s to 24.0 s) | 10.0 (6.0 to 12.0) |" in text
    assert "| txtai | txtai 9.14.0 |" in text
    assert "(speed.svg)" in text and "(growth.svg)" not in text
    assert "(growth.svg)" in document(RESULTS | {"growth": GROWTH}, "speed.svg", "growth.svg")


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
    [
        (0.7, "s", "0.70 s"),
        (18.44, "s", "18.4 s"),
        (1769.2, "MB", "1,769 MB"),
        (102.4, "/s", "102/s"),
        (0.98, "share", "0.980"),
    ],
)
def test_figures_have_three_digits(value: float, unit: str, text: str) -> None:
    assert shown(value, unit) == text
    assert times(None) == ""


def test_the_readme_shows_the_figures_of_the_file() -> None:
    readme = README.read_text(encoding="utf-8")
    assert replace_speed(readme, SPEED) == readme, "run: python -m eval.readme eval/speed.json"
    assert "<!-- speed -->" in readme and "(eval/speed.svg)" in readme
