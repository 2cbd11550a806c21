"""The ten thousand small files: the same each time, none like another, of the size that they are said to be."""

from __future__ import annotations

from pathlib import Path

from eval.many import write_files


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
