"""Which documents a filter holds: dates, languages and globs as people write them; searches kept to them exactly."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index.errors import UsageError
from index.library import Library
from index.scope import EVERYTHING, Scope, matches
from index.sync import remove, sync
from tests.index_helpers import HashModel, as_model, write_files

MODEL = HashModel()
QUESTION = "the harbour treaty of day 7"


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        ("2025", "2025", ("2025-01-01", "2025-12-31")),
        ("2025-06", "2025-06", ("2025-06-01", "2025-06-30")),
        ("2024-02", "2024-02", ("2024-02-01", "2024-02-29")),
        (" 2025-06-02 ", "2025-06-02", ("2025-06-02", "2025-06-02")),
        ("", None, (None, None)),
        (None, "2025-12", (None, "2025-12-31")),
    ],
)
def test_a_month_begins_and_ends_on_its_days(since: str, until: str | None, days: tuple[str | None, ...]) -> None:
    scope = Scope.of(since, until)
    assert (scope.since, scope.until) == days


@pytest.mark.parametrize(
    "written", ["2025-13", "2025-06-31", "2025-6", "25", "0000", "June 2025", "٢٠٢٥", "2025-06-02x"]
)
def test_a_wrong_date_is_named_with_the_forms_there_are(written: str) -> None:
    for given in ((written, None), (None, written)):
        with pytest.raises(UsageError, match=f"{written}.* YYYY, YYYY-MM or YYYY-MM-DD"):
            Scope.of(*given)


def test_what_is_given_is_tidied() -> None:
    assert Scope.of(" ", "", [" EN", "en", ""], ["*.pdf", " ", "*.pdf"]) == Scope(None, None, ("en",), ("*.pdf",))
    assert Scope.of() == EVERYTHING
    assert str(Scope.of("2025", "2025-06", ["en", "fr"], ["a", "b"])) == (
        "from 2025-01-01, until 2025-06-30, in en or fr, at a or b"
    )
    with pytest.raises(UsageError, match="both from 2025-07-01 on and until 2025-06-30"):
        Scope.of("2025-07", "2025-06")
    with pytest.raises(UsageError, match="has 1001 characters, the limit is 1000"):
        Scope.of(paths=["x" * 1001])


@pytest.mark.parametrize(
    ("glob", "path", "fits"),
    [
        ("*.pdf", "/docs/a.pdf", True),
        ("*.pdf", "/docs/deep/er/A.PDF", True),
        ("*.pdf", "/docs/a.pdfx", False),
        ("a.txt", "/docs/a.txt", True),
        ("a.txt", "/docs/aa.txt", False),
        ("reports", "/docs/reports/2025/a.txt", True),
        ("reports", "/docs/reports.txt", False),
        ("reports/", "/docs/reports/a.txt", True),
        ("reports/", "/docs/reports", False),
        ("reports/**", "/docs/reports/2025/a.txt", True),
        ("reports/*.txt", "/docs/reports/a.txt", True),
        ("reports/*.txt", "/docs/reports/2025/a.txt", False),
        ("reports/**/*.txt", "/docs/reports/a.txt", True),
        ("reports/**/*.txt", "/docs/reports/2025/06/a.txt", True),
        ("docs/a.txt", "/home/docs/a.txt", True),
        ("ocs/a.txt", "/home/docs/a.txt", False),
        ("**", "/home/docs/a.txt", True),
        ("/docs", "/docs/a.txt", True),
        ("/docs", "/home/docs/a.txt", False),
        ("a?.txt", "/docs/ab.txt", True),
        ("a?.txt", "/docs/a/.txt", False),
        ("[ab].txt", "/docs/b.txt", True),
        ("[draft].txt", "/docs/[draft].txt", True),
        ("[draft.txt", "/docs/[draft.txt", True),
        ("!a.txt", "/docs/!a.txt", True),
        ("#a.txt", "/docs/#a.txt", True),
        ("e\u0301te\u0301.txt", "/docs/\u00e9t\u00c9.txt", True),  # as macOS writes it, and as people type it
        ("docs\\a.txt", "C:\\docs\\a.txt", True),
    ],
)
def test_globs_match_as_people_expect(glob: str, path: str, fits: bool) -> None:
    assert matches(path, glob) is fits


def test_a_malicious_glob_is_answered_like_any_other() -> None:
    assert not matches("/" + "/".join("a" * 60), "/".join(["**", "a*"] * 120) + "/b")
    assert not matches("/" + "a" * 250, "*a" * 400 + "b")


def test_what_begins_here_or_at_home_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert Scope.of(paths=["./a/", "..", "~/b", "~draft.txt"]).paths == (
        f"{tmp_path}/a/", str(tmp_path.parent), f"{tmp_path}/b", "~draft.txt",
    )  # fmt: skip


# --- in a library ----------------------------------------------------------------------------------------------------

TEXTS = {
    f"{folder}/{n}.{kind}": f"{date}Harbour {n} of {folder} is closed. The treaty of day {n} holds for {n} years."
    for n, (folder, kind, date) in enumerate(
        (folder, kind, date)
        for folder in ("reports", "reports/old", "notes")
        for kind in ("txt", "md")
        for date in ("date 2025-05-31\n\n", "date 2025-06-30\n\n", "date 2025-07-01\n\n", "")
    )
}
FRENCH = "Le port est fermé depuis le traité du septième jour, et personne ne sait combien de temps cela va durer."


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library.create(tmp_path / "library")
    sync(made, [write_files(tmp_path / "in", TEXTS | {"notes/fr.txt": FRENCH})], as_model(MODEL))
    yield made
    made.close()


SCOPES = [
    Scope.of(until="2025-06"),
    Scope.of("2025-06-30", "2025-06"),
    Scope.of("2025-06", paths=["reports/*.md"]),
    Scope.of(languages=["fr"]),
    Scope.of(paths=["*.txt"]),
    Scope.of(paths=["old", "fr.txt"]),
    Scope.of("2025", languages=["en"], paths=["notes"]),
]


def within(library: Library, scope: Scope) -> list[str]:
    """The names of the documents in a scope, worked out one by one."""
    return sorted(
        document.path
        for document in library.store.documents().values()
        if (not scope.dated or (document.date and (scope.since or "") <= document.date <= (scope.until or "9")))
        and (not scope.languages or document.language in scope.languages)
        and (not scope.paths or any(matches(document.path, glob) for glob in scope.paths))
    )


@pytest.mark.parametrize("scope", SCOPES, ids=str)
@pytest.mark.parametrize("k", [3, 1000])
def test_a_filtered_search_is_the_whole_ranking_filtered(library: Library, scope: Scope, k: int) -> None:
    vector = MODEL.encode([QUESTION])[0]
    everything = library.store.counts()[1]
    inside = within(library, scope)
    for whole, found in (
        (library.dense(vector, everything), library.dense(vector, k, scope)),
        (library.bm25(QUESTION, everything), library.bm25(QUESTION, k, scope)),
    ):
        kept = [p for p in library.passages(whole) if p.document.path in inside][:k]
        assert {p.document.path for p in library.passages(found, scope)} <= set(inside)
        assert len(found) == len(kept)
        np.testing.assert_allclose([score for _, score in found], [p.score for p in kept], atol=1e-6)
    assert (
        sorted({p.document.path for p in library.passages(library.dense(vector, everything, scope), scope)}) == inside
    )


def test_undated_documents_are_counted_where_dates_leave_them_out(library: Library) -> None:
    counted = {str(scope): extent.undated for scope in SCOPES if (extent := library.within(scope))}
    assert counted == {
        "until 2025-06-30": 7,
        "from 2025-06-30, until 2025-06-30": 7,
        "from 2025-06-01, at reports/*.md": 1,
        "in fr": 0,
        "at *.txt": 0,
        "at old or fr.txt": 0,
        "from 2025-01-01, in en, at notes": 2,
    }
    assert library.within(EVERYTHING) is None


def test_dates_are_those_within_the_scope(library: Library) -> None:
    assert library.dates() == ("2025-05-31", "2025-07-01")
    assert library.dates(Scope.of(until="2025-06")) == ("2025-05-31", "2025-06-30")
    assert library.dates(Scope.of(languages=["fr"])) == (None, None)


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        (Scope.of(languages=["en", "xx"]), "no document is in the language 'xx'; the library has en, fr"),
        (Scope.of(paths=["*.txt", "*.pdf"]), r"no document is at '\*.pdf'; there is, for example, /.*/in/notes/16.txt"),
        (
            Scope.of("2026", paths=["old"]),
            r"no document is within the filter \(from 2026-01-01, at old\); their dates go from 2025-05-31 to "
            "2025-07-01; without a date: 2",
        ),
        (Scope.of(languages=["fr"], paths=["*.md"]), r"no document is within the filter \(in fr, at \*.md\)$"),
    ],
)
def test_what_holds_nothing_says_what_there_is(library: Library, scope: Scope, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        library.bm25(QUESTION, 5, scope)


def test_an_empty_library_has_nothing_to_choose_from(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    for scope in (Scope.of("2025"), Scope.of(languages=["en"]), Scope.of(paths=["*"])):
        with pytest.raises(UsageError, match="no document is"):
            library.within(scope)
    library.close()


def test_what_a_scope_holds_follows_the_files(library: Library, tmp_path: Path) -> None:
    """Also where no chunk changes: a file that is moved, copied, or forgotten beside its copy."""
    here, scope = tmp_path / "in", Scope.of(paths=["moved"])

    def paths() -> list[str]:
        return sorted(p.document.path for p in library.passages(library.bm25("harbour", 9, scope), scope))

    old = Scope.of(paths=["old"])
    before = library.within(old)
    assert before and len(before.paths) == 8
    (here / "moved").mkdir()
    (here / "reports/old/8.txt").rename(here / "moved/8.txt")
    sync(library, [here], as_model(MODEL))
    assert paths() == [str(here / "moved/8.txt")]
    assert (after := library.within(old)) and len(after.paths) == 7

    (here / "moved/copy.txt").write_bytes((here / "reports/old/9.txt").read_bytes())
    sync(library, [here], as_model(MODEL))
    assert paths() == [str(here / "moved/8.txt"), str(here / "moved/copy.txt")]  # by the path that was asked for
    assert str(here / "reports/old/9.txt") in within(library, old)

    remove(library, [here / "moved/copy.txt"])
    assert paths() == [str(here / "moved/8.txt")]
    (here / "moved/copy.txt").unlink()
    write_files(here, {"moved/new.txt": "Harbour 99 is new."})
    sync(library, [here], as_model(MODEL))
    assert paths() == [str(here / "moved/8.txt"), str(here / "moved/new.txt")]


def test_a_terms_home_is_the_scope(library: Library) -> None:
    extent = library.within(Scope.of(languages=["fr"]))
    assert extent
    terms = ["en_harbour", "fr_trait", 'a"b', "en_nowher"]
    assert library.store.terms_in(terms, extent.chunks) == {"fr_trait"}
    assert library.store.terms_in(terms, range(1, 1000)) == {"en_harbour", "fr_trait"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_names_of_every_kind_are_found_as_they_are_written(tmp_path: Path) -> None:
    odd = ["a b.txt", "[1].txt", "-x.txt", "what?.txt", "50%.txt", "été.txt", "*.txt"]
    library = Library.create(tmp_path / "library")
    sync(library, [write_files(tmp_path / "in", {name: f"Harbour {name} is closed." for name in odd})], as_model(MODEL))
    for name in odd[:-1]:
        extent = library.within(Scope.of(paths=[name]))
        assert extent and [Path(path).name for paths in extent.paths.values() for path in paths] == [name]
    library.close()
