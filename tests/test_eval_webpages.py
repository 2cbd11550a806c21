"""What is read of web pages is compared with what is true of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.fields import GoldError
from eval.webpages import main, measure, ours
from tests.web_pages import BODY

PAGE = f"""<title>Harbour closed</title><nav><a href='1'>Home</a></nav><h1>Harbour closed</h1><p>4 March 2025</p>
<p>{BODY[0]}</p>"""


def write(folder: Path, **gold: object) -> Path:
    (folder / "page.html").write_text(PAGE, encoding="utf-8")
    (folder / "page.json").write_text(json.dumps(gold), encoding="utf-8")
    return folder


def test_each_point_is_counted(tmp_path: Path) -> None:
    write(tmp_path, **{"with": [BODY[0].replace(" ", " \n"), "Nowhere"]}, without=["Home"], date="2025-03-05")
    points, seconds = measure(ours, tmp_path)
    assert points == {"with": "1/2", "without": "1/1", "date": "0/1", "no wrong date": "0/1"}
    assert seconds > 0


def test_what_was_not_found_is_not_wrong(tmp_path: Path) -> None:
    write(tmp_path, title=None, date="2025-03-05")
    assert measure(lambda _: ("", None, None), tmp_path)[0] == {
        "title": "1/1",
        "date": "0/1",
        "no wrong date": "1/1",
    }


def test_a_line_a_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(write(tmp_path, title="Harbour closed", date="2025-03-04"))
    assert capsys.readouterr().out.startswith("ours          title 1/1  date 1/1  no wrong date 1/1  ")


def test_what_is_no_gold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match=r"no PAGE\.html"):
        measure(ours, tmp_path)
    with pytest.raises(GoldError, match="unknown field 'witn'"):
        measure(ours, write(tmp_path, witn=["Home"]))
