"""Formats of gold questions: what is read, and what is said of a file that can't be."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from eval.fields import Fields, GoldError
from eval.formats import load_gold
from eval.gold import parse_question, question_to_json
from eval.library import write_documents
from eval.texts import Texts, find_quote

GOLD = Path(__file__).resolve().parents[1] / "eval" / "gold" / "peace-talks.jsonl"
ROW: dict[str, Any] = {
    "id": "1",
    "question": "Who?",
    "language": "en",
    "kind": "factoid",
    "answerable": True,
    "nuggets": [["Rubio"]],
    "evidence": [{"document": "a.txt", "start": 0, "end": 5, "quote": "Rubio"}],
}


def write(path: Path, *rows: object) -> Path:
    """Write JSON lines; a text goes in as it is."""
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows) + "\n", encoding="utf-8")
    return path


def test_the_projects_own_gold_reads_and_writes_back() -> None:
    gold = load_gold(GOLD)
    assert len(gold.questions) >= 86 and not gold.documents and not gold.ranking_only
    rows = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").split("\n") if line]
    assert [question_to_json(question) for question in gold.questions] == rows
    assert parse_question(Fields.of(rows[0], "row")) == gold.questions[0]
    assert any(question.history and question.standalone for question in gold.questions)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"question": ""}, "'question' must be a text; found the text ''"),
        ({"answerable": "yes"}, "'answerable' must be true or false; found the text 'yes'"),
        ({"nuggets": ["Rubio"]}, "'nuggets' must be a list of lists of alternatives"),
        ({"nuggets": [["(Rubio"]]}, "the nugget '(Rubio' is no regular expression"),
        ({"nuggets": [["Rubio|"]]}, "the nugget 'Rubio|' matches any text, even an empty one"),
        ({"nuggets": []}, "an answerable question needs nuggets"),
        ({"id": "1"}, "the id '1' comes twice; it was taken at"),
        ({"answerable": False}, "an unanswerable question can't have nuggets"),
        ({"nugget": []}, "unknown field 'nugget'; the fields are"),
        (
            {"evidence": [{"document": "a.txt", "start": 0, "end": 5}]},
            "evidence 1: 'quote' must be a text",
        ),
        ({"evidence": [{"document": "a", "start": 5, "end": 5, "quote": "x"}]}, "expected 0 <= start < end"),
        ({"history": [{"role": "robot", "content": "x"}]}, '\'role\' must be "user" or "assistant"'),
    ],
)
def test_a_wrong_field_is_named_with_its_line(tmp_path: Path, change: dict[str, Any], expected: str) -> None:
    file = write(tmp_path / "gold.jsonl", ROW, {**ROW, "id": "2", **change})
    with pytest.raises(GoldError) as error:
        load_gold(file)
    assert str(error.value).startswith(f"{file}, line 2") and expected in str(error.value)


def test_broken_files_are_named(tmp_path: Path) -> None:
    for rows, expected in (
        ((ROW, '{"id": '), "line 2: not JSON"),
        ((ROW, "[1]"), "line 2: expected a JSON object, found a list of 1"),
        (("",), "holds no questions"),
    ):
        with pytest.raises(GoldError, match=re.escape(expected)):
            load_gold(write(tmp_path / "gold.jsonl", *rows))
    (tmp_path / "set.json").write_text('{"data": [\n  {"title": "T",}]}')
    with pytest.raises(GoldError, match="not JSON: .* at line 2, character 1"):
        load_gold(tmp_path / "set.json")
    with pytest.raises(GoldError, match="no such file"):
        load_gold(tmp_path / "none.jsonl")
    with pytest.raises(GoldError, match="unknown format 'sqad'; known: beir"):
        load_gold(GOLD, "sqad")
    (tmp_path / "gold.csv").write_text("a;b")
    with pytest.raises(GoldError, match="can't tell the format"):
        load_gold(tmp_path / "gold.csv")


def test_what_is_to_be_completed_is_left_out_and_named(tmp_path: Path) -> None:
    todo = {**ROW, "id": "2", "nuggets": [], "todo": "say it; then delete this field"}
    file = write(tmp_path / "gold.jsonl", ROW, todo, {**ROW, "id": "3"}, {**todo, "todo": None})
    gold = load_gold(file)
    assert [question.id for question in gold.questions] == ["1", "3"]
    problem = '2 candidates are to be completed and then lose their field "todo": line 2, line 4'
    assert gold.notes == (f"{file}: {problem}",)
    write(file, todo)
    with pytest.raises(GoldError, match=f"^{file} holds no complete question: 1 candidates are to be completed"):
        load_gold(file)
    write(file, {key: value for key, value in todo.items() if key != "todo"})  # the mark is gone, the rest as it was
    with pytest.raises(GoldError, match="line 1: an answerable question needs nuggets"):
        load_gold(file)


def squad(tmp_path: Path, **qa: object) -> Path:
    """Write a SQuAD file of one paragraph and one question."""
    answer = {"text": "Geneva", "answer_start": 12}
    question = {"id": "q", "question": "Where did they meet on that day?", "answers": [answer], **qa}
    paragraph = {"context": "They met in Geneva on Sunday.", "qas": [question]}
    file = tmp_path / "set.json"
    file.write_text(json.dumps({"data": [{"title": "T", "paragraphs": [paragraph]}]}), encoding="utf-8")
    return file


def test_squad_paragraphs_become_documents(tmp_path: Path) -> None:
    gold = load_gold(squad(tmp_path))
    (question,) = gold.questions
    assert gold.documents == {"d0001.txt": "They met in Geneva on Sunday."}
    assert (question.answers, question.kind, question.language) == (("Geneva",), "factoid", "en")
    evidence = question.evidence[0]
    assert (evidence.document, evidence.start, evidence.end, evidence.quote) == ("d0001.txt", 12, 18, "Geneva")
    (impossible,) = load_gold(squad(tmp_path, answers=[], is_impossible=True)).questions
    assert not impossible.answerable and not impossible.nuggets and not impossible.evidence


def test_squad_with_a_wrong_offset_is_refused(tmp_path: Path) -> None:
    wrong = squad(tmp_path, answers=[{"text": "Geneva", "answer_start": 3}])
    with pytest.raises(GoldError, match=r"data 1, paragraphs 1, qas 1, answers 1: expected 'Geneva' at character 3"):
        load_gold(wrong)
    with pytest.raises(GoldError, match="is_impossible"):
        load_gold(squad(tmp_path, answers=[]))


def test_rgb_has_two_tasks(tmp_path: Path) -> None:
    row = {
        "id": 3,
        "query": "When did it happen?",
        "positive": ["It was in May 2020."],
        "negative": ["It was not here."],
    }
    file = write(
        tmp_path / "rgb.jsonl", {**row, "answer": [["May 2020", "05/2020"], "here"]}, {**row, "id": 4, "answer": "May"}
    )
    both, negative = load_gold(file), load_gold(file, "rgb-negatives")
    assert len(both.documents) == 2 and len(negative.documents) == 1
    assert both.questions[0].id == "3" and len(both.questions[0].nuggets) == 2 and both.questions[0].answers == ()
    assert both.questions[1].answers == ("May",) and both.questions[1].evidence[0].quote == "It was in May 2020."
    assert not any(question.answerable or question.nuggets for question in negative.questions)
    with pytest.raises(GoldError, match="line 1: 'answer' must be a text or a list of texts"):
        load_gold(write(tmp_path / "bad.jsonl", {**row, "answer": []}), "rgb")


def test_beir_folder(tmp_path: Path) -> None:
    write(
        tmp_path / "corpus.jsonl", {"_id": "D/1", "title": "T", "text": "words"}, {"_id": "d2", "title": "", "text": ""}
    )
    write(tmp_path / "queries.jsonl", {"_id": "q1", "text": "what is it about?"}, {"_id": "q2", "text": "nothing"})
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tD/1\t2\nq1\td2\t1\nq2\tD/1\t0\n")
    gold = load_gold(tmp_path)
    (question,) = gold.questions
    name = next(name for name, original in gold.ids.items() if original == "D/1")
    assert gold.ranking_only and dict(question.judged) == {name: 2, "d2.txt": 1} and name.endswith(".txt")
    assert list(gold.documents.values()) == ["T\n\nwords"]
    assert gold.notes == ("1 documents have no text: d2", "1 topics have no relevant document and are not asked")
    (tmp_path / "qrels" / "test.tsv").write_text("query1\tD/1\t1\n")  # an id, not the head of a column
    with pytest.raises(GoldError, match="the judgements name the query 'query1'"):
        load_gold(tmp_path)
    (tmp_path / "qrels" / "test.tsv").write_text("q1\tD/1\t1\nq1\tD/1\t2\n")
    with pytest.raises(GoldError, match=r"test.tsv, line 2: the grade of 'D/1' for 'q1' was 1 before"):
        load_gold(tmp_path)
    (tmp_path / "qrels" / "test.tsv").write_text("q1\tD/1\n")
    with pytest.raises(GoldError, match=r"test.tsv, line 1: expected query, document, grade; found 'q1\\tD/1'"):
        load_gold(tmp_path)
    write(tmp_path / "queries.jsonl", {"_id": "q1", "text": "a"}, {"_id": "q1", "text": "b"})
    with pytest.raises(GoldError, match="queries.jsonl, line 2: the id 'q1' comes twice"):
        load_gold(tmp_path)


def test_trec_topics_are_counted_when_the_judgements_count_them(tmp_path: Path) -> None:
    doc = "<doc>\n<docno>{0}</docno>\n<text>\n{1} &amp; more\n</text>\n</doc>\n"
    (tmp_path / "docs.xml").write_text(doc.format(7, "wings") + doc.format(8, "flow"))
    topic = "<top>\n<num> {0}</num>\n<title>\nabout {1} .\n</title>\n</top>\n"
    (tmp_path / "topics.xml").write_text("<xml>" + topic.format(1, "wings") + topic.format(4, "flow") + "</xml>")
    (tmp_path / "qrels.txt").write_text("1 0 7 1\r\n2 0 8 3\r\n2 0 7 0\r\n")
    gold = load_gold(tmp_path)
    assert [(q.id, q.question, q.judged) for q in gold.questions] == [
        ("1", "about wings .", (("7.txt", 1),)),
        ("2", "about flow .", (("8.txt", 3),)),
    ]
    assert gold.documents["7.txt"] == "wings & more"
    (tmp_path / "qrels.txt").write_text("1 0 7 1\n4 0 8 1\n")
    assert [question.id for question in load_gold(tmp_path).questions] == ["1", "4"]
    (tmp_path / "qrels.txt").write_text("1 0 7 1\n9 0 8 1\n")
    with pytest.raises(GoldError, match="the judgements name the query '9'"):
        load_gold(tmp_path)
    (tmp_path / "qrels.txt").write_text("1 0 7 1\n")
    (tmp_path / "more-qrels.txt").write_text("1 0 8 2\n")
    (tmp_path / "README").write_text("About this collection")
    gold = load_gold(tmp_path)
    assert dict(gold.questions[0].judged) == {"7.txt": 1, "8.txt": 2}
    assert "README holds no documents, topics or judgements" in gold.notes
    (tmp_path / "more-qrels.txt").unlink()
    (tmp_path / "more.xml").write_text(doc.format(9, "x") + doc.format(7, "again"))
    with pytest.raises(GoldError, match=r"more.xml, line 7: the id '7' comes twice"):
        load_gold(tmp_path)
    (tmp_path / "more.xml").write_text("\n<doc>\n<text>\nx\n</text>\n</doc>\n")
    with pytest.raises(GoldError, match=r"more.xml, line 2: expected a <docno>"):
        load_gold(tmp_path)
    (tmp_path / "more.xml").unlink()
    (tmp_path / "qrels.txt").unlink()
    with pytest.raises(GoldError, match=r"found no judgements \(four columns\); README holds no"):
        load_gold(tmp_path)


def test_a_quote_is_found_whatever_the_white_space() -> None:
    text = "He said:\n  “Peace\u00a0, now”."
    assert find_quote(text, "said: “Peace, now”") == (3, len(text) - 1)
    assert find_quote(text, "war") is None


def test_evidence_is_located_and_checked(tmp_path: Path) -> None:
    texts = Texts({"/in/a.txt": "Rubio met them.", "/in/page.html": "They  met\nRubio."})
    question = parse_question(Fields.of(ROW, "row"))
    notes: list[str] = []
    assert texts.resolve(question, notes).evidence[0].document == "/in/a.txt" and not notes
    page = {**ROW, "evidence": [{"document": "page.html", "start": None, "end": None, "quote": "met Rubio"}]}
    found = texts.resolve(parse_question(Fields.of(page, "row")), notes).evidence[0]
    assert (found.start, found.end) == (6, 15) and not notes
    page["evidence"][0]["quote"] = "met Putin"
    assert texts.resolve(parse_question(Fields.of(page, "row")), notes).evidence[0].start is None
    assert "doesn't say 'met Putin'" in notes[0]
    for evidence, expected in (
        ({"document": "b.txt", "start": 0, "end": 5, "quote": "Rubio"}, "the library has no document 'b.txt'"),
        ({"document": "a.txt", "start": 1, "end": 5, "quote": "Rubio"}, "says 'ubio' at 1-5"),
    ):
        with pytest.raises(GoldError, match=expected):
            texts.resolve(parse_question(Fields.of({**ROW, "evidence": [evidence]}, "row")), notes)
    twice = Texts({"/in/a.txt": "Rubio", "/out/a.txt": "Rubio"})
    with pytest.raises(GoldError, match="the name of 2 documents"):
        twice.resolve(question, notes)


def test_documents_are_written_whole_also_where_one_was_cut_off(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"They met in Gen")
    write_documents({"a.txt": "They met in Genève.\r\n", "b.txt": "x"}, tmp_path)
    assert (tmp_path / "a.txt").read_bytes().decode() == "They met in Genève.\r\n"
    assert (tmp_path / "b.txt").read_bytes() == b"x"
