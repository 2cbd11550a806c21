"""Memory that is free, as the system and its containers tell it."""

from __future__ import annotations

from pathlib import Path

from rag.memory import available
from tests.index_helpers import write_files

MEMINFO = {"proc/meminfo": "MemTotal:       16000 kB\nMemFree:         1000 kB\nMemAvailable:    8000 kB\n"}


def test_without_a_container_it_is_what_the_system_can_spare(tmp_path: Path) -> None:
    assert available(write_files(tmp_path, MEMINFO | {"proc/self/cgroup": "0::/user.slice\n"})) == 8000 * 1024
    (tmp_path / "proc/self/cgroup").unlink()
    assert available(tmp_path) == 8000 * 1024


def test_a_container_has_what_its_limit_leaves_and_files_that_were_read_count_as_free(tmp_path: Path) -> None:
    group = {"memory.max": "4000000\n", "memory.current": "3000000\n", "memory.stat": "anon 1\ninactive_file 500000\n"}
    inside = {f"sys/fs/cgroup/{name}": text for name, text in group.items()}
    root = write_files(tmp_path, MEMINFO | inside | {"proc/self/cgroup": "0::/\n"})
    assert available(root) == 1_500_000
    (root / "proc/self/cgroup").write_text("0::/the/path/of/the/host\n")
    assert available(root) == 1_500_000
    (root / "sys/fs/cgroup/memory.max").write_text("max\n")
    assert available(root) == 8000 * 1024


def test_the_tightest_limit_on_the_way_up_counts(tmp_path: Path) -> None:
    files = MEMINFO | {"proc/self/cgroup": "0::/user/me\n"}
    for group, most in (("user", 3_000_000), ("user/me", 5_000_000)):
        texts = {"memory.max": str(most), "memory.current": "1000000", "memory.stat": "inactive_file 0"}
        files |= {f"sys/fs/cgroup/{group}/{name}": text for name, text in texts.items()}
    assert available(write_files(tmp_path, files)) == 2_000_000


def test_older_control_groups_have_other_names(tmp_path: Path) -> None:
    group = {
        "memory.limit_in_bytes": "4000000",
        "memory.usage_in_bytes": "5000000",
        "memory.stat": "total_inactive_file 0",
    }
    files = {f"sys/fs/cgroup/memory/job/{name}": text for name, text in group.items()}
    files |= MEMINFO | {"proc/self/cgroup": "9:name=systemd:/\n4:cpu,memory:/job\n0::/\n"}
    assert available(write_files(tmp_path, files)) == 0


def test_a_system_without_proc_tells_nothing(tmp_path: Path) -> None:
    assert available(tmp_path) is None
