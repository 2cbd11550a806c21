"""The README's figures: written from a run, and true of the assistant as it is now."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from eval.command import EvalOptions, evaluate
from eval.measures import BY_NAME
from eval.readme import README, SHOWN, read_figures, replace_figures, results_of
from rag.settings import Settings

GOLD = Path(__file__).resolve().parents[1] / "eval" / "gold" / "peace-talks.jsonl"
BEFORE = "# Title\n<!-- figures -->\nold\n<!-- end of figures -->\nafter\n"


@pytest.fixture(scope="module")
def run(corpus_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "run"
    silent = Console(file=io.StringIO())
    options = EvalOptions(gold=GOLD, settings=Settings(library=str(corpus_library)), out=folder)
    assert evaluate(options, silent, silent) == 0
    return folder


def test_the_readme_states_what_the_assistant_does_now(run: Path) -> None:
    stated, now = read_figures(README.read_text(encoding="utf-8")), results_of(run).product
    assert set(stated) == {name for name in SHOWN if BY_NAME[name].unit == "share"}
    for name, value in stated.items():
        assert now[name].low <= value <= now[name].high, f"{name}: make eval, then python -m eval.readme RUN"


def test_figures_are_written_and_read_back(run: Path) -> None:
    results = results_of(run)
    text = replace_figures(BEFORE, results)
    assert text.startswith("# Title\n<!-- figures -->\n| 120 questions on 16 documents | this | naive pipeline |")
    assert text.endswith("<!-- end of figures -->\nafter\n")
    assert read_figures(text) == {
        name: pytest.approx(results.product[name].value, abs=0.0005) for name in SHOWN if name in read_figures(text)
    }
    assert replace_figures(text, results) == text


def test_a_stale_figure_is_noticed(run: Path) -> None:
    results = results_of(run)
    high = results.product["nugget_recall"].high
    flattered = {**results.product, "nugget_recall": replace(results.product["nugget_recall"], value=high + 0.01)}
    text = replace_figures(BEFORE, replace(results, overall={"product": flattered}))
    assert read_figures(text)["nugget_recall"] > high
