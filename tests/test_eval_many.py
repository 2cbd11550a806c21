"""Made-up documents: the same each time, none like another, of the size and the number that they are said to be."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from eval.many import PER_FILE, write_files, write_passages
from index.embedder import EmbeddingModel
from index.library import Library
from index.sync import sync


def texts(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*.*")}


def test_the_files_are_the_same_each_time_and_none_is_like_another(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        write_files(tmp_path / name, 400, seed)
    one, again, other = (texts(tmp_path / name) for name in ("one", "again", "other"))
    assert one == again
    assert set(one.values()).isdisjoint(other.values())
    assert len(one) == len(set(one.values())) == 400
    assert {len(Path(name).parts) for name in one} == {3}  # month/day/name
    assert {Path(name).suffix for name in one} == {".txt", ".md"}
    sizes = sorted(len(text.encode()) for text in one.values())
    assert 600 < sizes[0] <= sizes[-1] <= 1025
    assert sum(sizes) / 400 > 900


def test_each_made_up_passage_becomes_one_chunk(tmp_path: Path, model: EmbeddingModel) -> None:
    write_passages(tmp_path / "one", PER_FILE + 5)
    write_passages(tmp_path / "again", PER_FILE + 5)
    assert texts(tmp_path / "one") == texts(tmp_path / "again")
    assert sorted(texts(tmp_path / "one")) == ["00000.txt", "00001.txt"]
    with closing(Library.create(tmp_path / "library")) as library:
        assert not sync(library, [tmp_path / "one"], model).failed
        assert library.store.last_chunk == len(library.store.vectors()[0]) == PER_FILE + 5
