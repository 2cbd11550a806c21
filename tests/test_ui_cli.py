"""The command line as people and programs use it: real processes, exit statuses, the JSON contract."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.copy_files import ARTICLE, COPIES
from tests.index_helpers import write_files

SHARED = Path(__file__).resolve().parents[2] / "shared"
DEMAND = "what does Russia demand?"
ANSWER_KEYS = {
    "question", "outcome", "reason", "missing", "unknown", "confidence", "answer", "statements", "quotes", "passages",
    "models", "timings_ms", "tokens",
}  # fmt: skip
QUOTE_KEYS = {
    "n", "document", "document_id", "path", "title", "date", "start", "end", "text", "page",
    "page_label", "page_end", "page_end_label", "section", "section_end", "ocr", "voice", "speaker", "also_in",
}  # fmt: skip


def rag(*args: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", *map(str, args)],
        input=stdin, capture_output=True, text=True, timeout=300, check=False,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[1])},
    )  # fmt: skip


def assert_contract(answer: dict[str, Any]) -> None:
    assert answer.keys() >= ANSWER_KEYS
    assert answer["outcome"] in {"answered", "partly", "not_in_documents", "weak_evidence", "failed"}
    numbers = [quote["n"] for quote in answer["quotes"]]
    assert numbers == list(range(1, len(numbers) + 1))
    for statement in answer["statements"]:
        assert statement["quotes"]
        assert set(statement["quotes"]) <= set(numbers)
        assert statement["origin"] in {"model", "quote"}
        assert 0 < statement["support"] <= 1
    for quote in answer["quotes"]:
        assert quote.keys() == QUOTE_KEYS
        if quote["path"].endswith((".txt", ".md")):
            text = Path(quote["path"]).read_bytes().decode()
            assert text[quote["start"] : quote["end"]] == quote["text"]
    for passage in answer["passages"]:
        assert passage.keys() >= {"document", "document_id", "start", "end", "page", "score"}
    assert answer["timings_ms"].keys() == {"search", "first_token", "total"}


def test_ask_prints_statements_and_numbered_dated_quoted_sources(corpus_library: Path) -> None:
    ran = rag("ask", DEMAND, "--library", corpus_library)
    assert (ran.returncode, ran.stderr) == (0, "")
    answer, sources = ran.stdout.split("\nSources\n")
    assert "[1]" in answer
    assert "Russia" in answer
    assert "2025-06-02 · istanbul-second-round.txt" in sources
    assert "“" in sources


def test_ask_json_is_the_contract(corpus_library: Path) -> None:
    ran = rag("ask", DEMAND, "--library", corpus_library, "--json")
    assert ran.returncode == 0
    answer = json.loads(ran.stdout)
    assert_contract(answer)
    assert answer["outcome"] == "answered"
    assert len(answer["passages"]) >= 10
    assert answer["models"] == {"embedder": "all-MiniLM-L6-v2", "generator": "SmolLM2-135M-Instruct"}


def test_ask_json_from_standard_input_answers_line_by_line_in_order(corpus_library: Path) -> None:
    questions = [DEMAND, "Who wrote Don Quixote?", "", "Qui est le porte-parole du Kremlin ?"]
    ran = rag("ask", "-", "--json", "--answer", "quotes", "-l", corpus_library, stdin="\n".join(questions))
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [answer["question"] for answer in answers] == questions
    assert [answer["outcome"] for answer in answers[:3]] == ["answered", "not_in_documents", "failed"]
    assert ran.returncode == 1
    for answer in answers:
        assert_contract(answer)


def test_json_dash_is_the_same_as_dash_json(corpus_library: Path) -> None:
    ran = rag("ask", "--json", "-", "--answer", "quotes", "-l", corpus_library, stdin=f"{DEMAND}\n")
    assert json.loads(ran.stdout)["question"] == DEMAND
    assert ran.returncode == 0


def test_not_in_the_documents_says_so_and_shows_the_closest(corpus_library: Path) -> None:
    ran = rag("ask", "Who wrote Don Quixote?", "-l", corpus_library)
    assert ran.returncode == 1
    assert ran.stdout.startswith("The documents don't say.\n")
    assert "Closest I found:\n 1. " in ran.stdout
    assert "Sources" not in ran.stdout


def test_a_question_loads_no_more_than_it_needs(corpus_library: Path) -> None:
    code = (
        "import sys; from ui.cli import app\n"
        "try: app(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print(*sorted(sys.modules), file=sys.stderr)"
    )
    foreign = {"torch", "sentence_transformers", "transformers", "gradio", "langchain_text_splitters", "pydantic"}
    foreign |= {"huggingface_hub", "httpx", "httpx2", "index.hub", "index.refusals", "rag.choice"}
    foreign |= {"rag.crossencoder", "rag.rerank", "rag.entailment"}
    indexing = {"index.readers", "index.isolation", "rag.server", "index.sync", "openvino"}
    for command, needless in ((["ask", DEMAND], indexing), (["search", DEMAND], indexing | {"llama_cpp", "rag.check"})):
        ran = subprocess.run(
            [sys.executable, "-c", code, *command, "--library", str(corpus_library)],
            capture_output=True, text=True, check=True,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[1])},
        )  # fmt: skip
        assert DEMAND.split()[2] in ran.stdout
        loaded = set(ran.stderr.split())
        assert "onnxruntime" in loaded
        assert not loaded & (foreign | needless)


def test_filters_keep_search_and_answers_to_some_documents(corpus_library: Path) -> None:
    ran = rag("search", "Russia", "--from", "2025-10", "--until", "2025-10", "--json", "-l", corpus_library)
    names = {"column-paper-tiger.md", "oil-sanctions-budapest-off.txt"}
    assert {passage["document"] for passage in json.loads(ran.stdout)} == names
    assert (ran.returncode, ran.stderr) == (0, "1 undated document is left out\n")

    several = ["--language", "FR", "--path", "*.txt", "--path", "enfants*", "-l", corpus_library]
    ran = rag("ask", "Que veut la Russie ?", "--json", "--answer", "quotes", *several)
    assert ran.stderr == ""
    answer = json.loads(ran.stdout)
    assert_contract(answer)
    given = {"from": None, "until": None, "languages": ["fr"], "paths": ["*.txt", "enfants*"], "undated": 0}
    assert answer["filters"] == given
    names = {"appel-trump-poutine.txt", "moscou-campe-sur-ses-positions.txt", "enfants-deportes-339-noms.md"}
    assert {passage["document"] for passage in answer["passages"]} == names

    ran = rag("ask", "-", "--json", "--answer", "quotes", *several, stdin=f"{DEMAND}\n\n")
    assert [json.loads(line)["filters"] for line in ran.stdout.splitlines()] == [given, given]
    ran = rag("chat", "--answer", "quotes", *several, stdin="Que veut la Russie ?\n")
    assert ran.stderr.startswith("3 of 16 documents (in fr, at *.txt or enfants*). Ctrl-C")
    assert "Sources" in ran.stdout


def test_what_is_not_within_the_filters_is_said_to_have_been_looked_for_there(corpus_library: Path) -> None:
    ran = rag("ask", "Who leads the Carnegie centre in Berlin?", "--from", "2025-10", "-l", corpus_library)
    assert ran.returncode == 1
    assert ran.stdout.startswith("The documents don't say.\nLooked for only in documents from 2025-10-01.\n")
    assert "No document from 2025-10-01 mentions: " in ran.stdout
    assert ran.stderr == "1 undated document is left out\n"


@pytest.mark.parametrize("command", [["search", "x"], ["ask", "x"], ["ask", "-"], ["chat"]])
def test_a_filter_that_holds_nothing_is_one_line(corpus_library: Path, command: list[str]) -> None:
    for given, said in (
        (["--until", "2025-02-30"], "'2025-02-30' is no date; write YYYY, YYYY-MM or YYYY-MM-DD"),
        (["--language", "de"], "no document is in the language 'de'; the library has en, fr"),
        (["--path", "*.pdf"], "no document is at '*.pdf'; there is, for example, /"),
    ):
        ran = rag(*command, *given, "-l", corpus_library)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert ran.stderr.startswith(f"rag: {said}")
        assert len(ran.stderr.splitlines()) == 1


def test_search_prints_ranked_passages(corpus_library: Path) -> None:
    ran = rag("search", "Rosneft Lukoil", "-k", "3", "--library", corpus_library)
    lines = [line for line in ran.stdout.splitlines() if not line.startswith("    ")]
    assert ran.returncode == 0
    assert len(lines) == 3
    assert "2025-10-23 · oil-sanctions-budapest-off.txt" in lines[0]
    found = json.loads(rag("search", "Rosneft Lukoil", "-k", "3", "--json", "--library", corpus_library).stdout)
    assert found[0]["document"] == "oil-sanctions-budapest-off.txt"
    assert found[0]["text"]


def test_index_status_remove(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "one.txt").write_text("date 2025-03-04\n\nThe ferry to Odesa leaves at noon on Fridays.\n")
    (docs / "two.md").write_text("# Second\n\nThe bakery in Lviv opens at six.\n")
    (docs / "bad.bin").write_bytes(b"\0\1")
    ran = rag("index", docs, "--library", tmp_path / "lib")
    assert ran.returncode == 0
    assert ran.stdout == ""
    assert "2 added, 0 updated, 0 moved, 0 removed, 0 unchanged, 1 not read." in ran.stderr
    assert "not read: 1 .bin: not documents\n" in ran.stderr
    shown = rag("status", "--verbose", "--library", tmp_path / "lib").stdout
    assert "Documents  2, in 2 passages" in shown
    assert "2025-03-04 · one.txt" in shown
    assert f"{docs / 'bad.bin'}: unknown file type .bin; known: " in shown
    assert "Not read   1\n  1 .bin: not documents\n" in rag("status", "--library", tmp_path / "lib").stdout
    assert "noon" in rag("ask", "When does the ferry to Odesa leave?", "-l", tmp_path / "lib").stdout
    assert rag("remove", docs / "one.txt", "--library", tmp_path / "lib").returncode == 0
    assert "Documents  1" in rag("status", "--library", tmp_path / "lib").stdout
    assert rag("remove", docs / "one.txt", "--library", tmp_path / "lib").returncode == 2


def test_what_is_left_out_of_a_folder_is_told_and_what_is_named_is_named(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    for name in ("a.txt", "b.log.txt", "old/c.txt", ".git/d.txt", "node_modules/e.txt", "f.mp3", "g.mp3", "h.doc"):
        (docs / name).parent.mkdir(parents=True, exist_ok=True)
        (docs / name).write_text(f"The ferry {name} leaves at noon.")
    (docs / ".ragignore").write_text("old/\n")
    with zipfile.ZipFile(docs / "more.zip", "w") as archive:
        archive.writestr("deep/i.txt", "The tram to Lviv leaves at six.")
        archive.writestr("j.mp3", b"")
    lib = ("--library", tmp_path / "lib")
    ran = rag("index", docs, docs / "g.mp3", "--exclude", "*.log.*", *lib)
    named, *lines = ran.stderr.splitlines()[-5:]
    assert named.startswith(f"not read: {docs / 'g.mp3'}: unknown file type .mp3; known: ")
    assert lines == [
        f"not read: {docs / 'h.doc'}: an old Word file: save it as .docx",
        "not read: 2 .mp3: not documents",
        "left out: 3 hidden or of other programs, 1 by .ragignore, 1 by --exclude",
        "2 added, 0 updated, 0 moved, 0 removed, 0 unchanged, 4 not read. "
        f"{tmp_path / 'lib'}: 2 documents, 2 passages.",
    ]
    assert "more.zip/deep/i.txt" in rag("search", "tram Lviv", *lib).stdout
    assert "undated · more.zip/deep/i.txt" in rag("status", "--verbose", *lib).stdout
    assert rag("remove", docs / "more.zip", *lib).stderr == "Removed 2 files from the library.\n"
    wrong = rag("index", docs, "--exclude", "[z-a]", *lib)
    assert wrong.stderr == "rag: --exclude '[z-a]': not a pattern; write it as in a .gitignore file\n"


def test_index_watch_follows_the_files_until_ctrl_c(tmp_path: Path) -> None:
    docs, library = tmp_path / "docs", tmp_path / "lib"
    docs.mkdir()
    (docs / "one.txt").write_text("The ferry to Odesa leaves at noon on Fridays.\n")
    with subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "index", docs, "--watch", "--library", library],
        stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[1])},
    ) as process:  # fmt: skip
        assert process.stderr
        told = iter(process.stderr)
        try:
            assert any(line.startswith("1 added, 0 updated, 0 moved, 0 removed, 0 unchanged.") for line in told)
            assert next(told) == f"Watching {docs}. Ctrl-C stops.\n"
            (docs / "two.md").write_text("# Second\n\nThe bakery in Lviv opens at six.\n")
            assert re.fullmatch(r"\d\d:\d\d:\d\d  added two\.md \(\d+\.\d s\)\n", next(told))
            assert "bakery" in rag("search", "When does the bakery open?", "-k", "1", "-l", library).stdout
            (docs / "one.txt").unlink()
            assert "removed one.txt" in next(told)
            (docs / "bad.txt").write_bytes(b"\0")
            assert "not read: bad.txt: not a text file: it holds binary data" in next(told)
            process.send_signal(signal.SIGINT)
            assert [*told][-1] == "Stopped watching. What was done is kept; the same command goes on from there.\n"
            assert process.wait(60) == 0
        finally:
            process.kill()
    shown = rag("status", "--verbose", "--library", library).stdout
    assert "two.md" in shown
    assert "one.txt" not in shown


def test_near_copies_are_named_and_what_is_left_out_of_texts_is_told(tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", {"article.txt": ARTICLE, "page.html": COPIES["page.html"]})
    (docs / "tagged.md").write_text("date 2025-06-02\n\nThe bakery in Lviv opens at six.\n\n#bread #Lviv\n")
    assert rag("index", docs, "--library", tmp_path / "lib").returncode == 0
    shown = rag("status", "--verbose", "--library", tmp_path / "lib").stdout
    assert re.search(rf"Near copy  {docs}/page.html: of {docs}/article.txt \(9\d% the same\)\n", shown)
    aside = "in front of the text: date 2025-06-02; line of keywords: #bread #Lviv"
    assert f"Set aside  {docs}/tagged.md: {aside}\n" in shown
    asked = rag(
        "ask", "What does the dredging of the harbour cost?", "--answer", "quotes", "-l", tmp_path / "lib"
    ).stdout
    assert "48 million euros" in asked
    assert "    also in: page.html\n" in asked
    searched = rag("search", "dredging of the harbour", "--json", "-l", tmp_path / "lib").stdout
    assert {tuple(found["also_in"]) for found in json.loads(searched) if found["document"] == "article.txt"} == {
        ("page.html",)
    }
    assert rag("remove", docs / "article.txt", "--library", tmp_path / "lib").returncode == 0
    assert "Near copy" not in rag("status", "--verbose", "--library", tmp_path / "lib").stdout
    assert "page.html" in rag("search", "dredging of the harbour", "-l", tmp_path / "lib").stdout


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["ask", "x"], "there is no library at {data}/libraries/default yet; make one with: rag index FOLDER"),
        (["ask", "  "], 'the question is empty; ask, for example: rag ask "what does Russia demand?"'),
        (["search", ""], 'the question is empty; ask, for example: rag ask "what does Russia demand?"'),
        (["status"], "there is no library at {data}/libraries/default yet; make one with: rag index FOLDER"),
        (["index"], "name what to read, for example: rag index ~/Documents"),
        (["index", "--watch", "--rebuild"], "name what to watch, for example: rag index ~/Documents --watch"),
        (["index", "nowhere"], "no such file or folder: nowhere"),
        (["index", "empty"], "nothing to read in empty"),
        (["index", "picture.png"], "nothing to read in picture.png"),
        (["index", "text.txt", "-l", "/proc/none/x"], "can't write to the library folder /proc/none/x: "),
        (
            ["ask", "x", "--answer", "long"],
            'answer must be "auto", "written" or "quotes", not \'long\' (in the command line)',
        ),
        (["ask", "x", "--embedder", "empty"], "empty is not an embedding model"),
    ],
)
def test_each_mistake_is_one_line_with_a_remedy(args: list[str], message: str) -> None:
    Path("empty").mkdir()
    Path("picture.png").write_bytes(b"\x89PNG")
    Path("text.txt").write_text("Some text to read.")
    ran = rag(*args)
    assert ran.returncode == 2
    assert ran.stdout == ""
    last = ran.stderr.splitlines()[-1]
    assert last.startswith("rag: " + message.format(data=os.environ["RAG_DATA_DIR"]))
    assert "Traceback" not in ran.stderr


def test_a_library_of_another_embedder_names_the_command(corpus_library: Path, tmp_path: Path) -> None:
    from index.store import Store, StoredEmbedder

    store = Store.create(tmp_path / "lib")
    store.embedder = StoredEmbedder("0123", "older-model", str(tmp_path / "gone"))
    store.close()
    ran = rag("ask", DEMAND, "--library", tmp_path / "lib")
    assert ran.returncode == 2
    assert f"rag index --rebuild --library {tmp_path / 'lib'}" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_a_missing_model_file_is_named(corpus_library: Path) -> None:
    ran = rag("ask", DEMAND, "--library", corpus_library, "--generator", "none.gguf")
    assert ran.returncode == 2
    assert ran.stderr.startswith("rag: can't open the model file none.gguf: No such file or directory")


def test_a_server_on_another_machine_is_named_before_it_is_asked(corpus_library: Path) -> None:
    away = ["--generator", "http://model.invalid:9/v1#small", "-l", corpus_library]
    ran = rag("ask", DEMAND, "--json", *away)
    assert ran.stderr == "Questions and quoted passages are sent to model.invalid: they leave this machine.\n"
    answer = json.loads(ran.stdout)
    assert_contract(answer)
    assert (ran.returncode, answer["outcome"], answer["models"]["generator"]) == (1, "failed", "small")
    assert answer["reason"].startswith("can't reach the language model at http://model.invalid:9/v1: ")
    assert len(answer["quotes"]) > 1
    assert rag("ask", DEMAND, "--answer", "quotes", *away).stderr == ""


def test_version_and_help() -> None:
    assert rag("--version").stdout.startswith("rag 0.")
    shown = rag("--help").stdout
    for command in ("index", "ask", "search", "chat", "status", "remove"):
        assert command in shown


def test_chat_survives_ctrl_c_during_an_answer_and_ends_with_ctrl_d(corpus_library: Path) -> None:
    main, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "chat", "--answer", "written", "--library", str(corpus_library)],
        stdin=side, stdout=side, stderr=side, start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[1]), "TERM": "xterm"},
    )  # fmt: skip
    os.close(side)
    seen = ""

    def read_until(text: str, seconds: float = 120) -> None:
        nonlocal seen
        end = time.monotonic() + seconds
        while text not in seen:
            assert time.monotonic() < end, seen
            if select.select([main], [], [], 0.1)[0]:
                seen += os.read(main, 4096).decode(errors="replace")

    try:
        read_until("\n> ")
        os.write(main, f"{DEMAND}\n".encode())
        read_until("Checking")  # the model is writing
        process.send_signal(signal.SIGINT)
        read_until("Stopped.")
        seen = seen[seen.index("Stopped.") :]
        read_until("\n> ")
        os.write(main, b"Which oil companies did Trump put under sanctions?\n")
        read_until("Sources")
        seen = seen[seen.index("Sources") :]
        read_until("\n> ")
        os.write(main, b"\x04")
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(main)


@pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="the seed articles are not part of the repository")
def test_the_seed_articles_answer_with_every_demand(tmp_path: Path) -> None:
    assert rag("index", SHARED / "seeds", "--library", tmp_path / "trial").returncode == 0
    answer = json.loads(rag("ask", DEMAND, "--library", tmp_path / "trial", "--json").stdout)
    assert_contract(answer)
    assert answer["outcome"] == "answered"
    assert len({quote["document"] for quote in answer["quotes"]}) >= 2
    words = answer["answer"].lower()
    for demand in (["regions", "territory"], ["armed forces", "army", "military"], ["nato", "alliance"], ["sanctions"]):
        assert any(word in words for word in demand), demand
    french = json.loads(rag("ask", "Qu'exige Moscou ?", "--library", tmp_path / "trial", "--json").stdout)
    assert french["outcome"] == "answered"
    assert {quote["document"][:3] for quote in french["quotes"]} <= {"002", "003"}
    assert "retrait ukrainien" in french["answer"]
    unknown = rag("ask", "Who wrote War and Peace?", "--library", tmp_path / "trial", "--json")
    assert unknown.returncode == 1
    assert json.loads(unknown.stdout)["outcome"] == "not_in_documents"
