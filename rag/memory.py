"""How much memory there is for a model."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

_ROOT = Path("/")


def available(root: Path = _ROOT) -> int | None:
    """Return the bytes that this process can still take: the system's, or less where its container has a limit.

    None where the system doesn't tell (it has no /proc). `root` is where the system's files are.
    """
    free: list[int] = []
    with suppress(OSError, ValueError, KeyError):
        lines = (root / "proc/meminfo").read_text().splitlines()
        free.append(1024 * int(dict(line.split(":", 1) for line in lines)["MemAvailable"].split()[0]))
    with suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            _, controllers, group = line.split(":", 2)
            if not controllers:
                free += _room(root / "sys/fs/cgroup", group, "memory.max", "memory.current", "inactive_file")
            elif "memory" in controllers.split(","):
                names = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
                free += _room(root / "sys/fs/cgroup/memory", group, *names)
    return max(0, min(free)) if free else None


def _room(mounted: Path, group: str, limit: str, usage: str, cached: str) -> list[int]:
    """Return what each limit from a control group up to the mounted root leaves.

    In a container the path is often that of the host, and the group's own files are at the root. Files that were read
    count as used, and are given up when memory is needed.
    """
    room = []
    names = [name for name in group.split("/") if name]
    for depth in range(len(names) + 1):
        place = mounted.joinpath(*names[:depth])
        with suppress(OSError, ValueError):  # "max": no limit
            most, used = (int((place / name).read_text()) for name in (limit, usage))
            stat = dict(line.split() for line in (place / "memory.stat").read_text().splitlines())
            room.append(most - used + int(stat.get(cached, 0)))
    return room
