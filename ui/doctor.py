"""`rag doctor`: makes every check of `ui.checks`, and tells what each found in one line."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import RagError
from rag.settings import FILE, Settings, load_settings, user_file
from ui.terminal import say

if TYPE_CHECKING:
    from ui.checks import Finding, Findings


def doctor(
    library: Annotated[
        str | None, typer.Option("--library", "-l", metavar="NAME_OR_PATH", help="Which library; default: “default”.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Check the installation, the models, the library and this machine: what is fine, and what to do about the rest.

    Exit status 1 when there is a problem.
    """
    found = list(examine(library))
    if as_json:
        say(json.dumps([{"check": name, **asdict(one)} for name, one in found], indent=2, ensure_ascii=False))
    else:
        for name, one in found:
            say(f"{one.state:7}  {name:10}  {one.found}{f'; {one.remedy}' if one.remedy else ''}")
    if any(one.state == "problem" for _, one in found):
        raise typer.Exit(1)


def examine(library: str | None = None) -> Iterator[tuple[str, Finding]]:
    """Make every check, and yield its name with each thing it found."""
    from ui.checks import CHECKS, Finding

    try:
        settings = load_settings({"library": library})
        yield "settings", Finding("ok", f"from {', '.join(_settings_files()) or 'nowhere: all are the defaults'}")
    except RagError as error:
        settings = Settings(library=library) if library else Settings()
        yield "settings", Finding("problem", str(error), "what follows looks at the defaults instead")
    for name, check in CHECKS.items():
        yield from ((name, finding) for finding in bounded(check, settings))


def _settings_files() -> list[str]:
    return [str(path) for path in (user_file(), Path(FILE)) if path.is_file()]


def bounded(check: Callable[[Settings], Findings], settings: Settings) -> list[Finding]:
    """Make a check, in a thread that is left behind when it takes too long."""
    from ui.checks import PATIENCE, Finding

    found: list[Finding] = []

    def run() -> None:
        try:
            for finding in check(settings):
                found.append(finding)  # one by one: what was found before an error is told, too
        except RagError as error:  # which names the remedy
            found.append(Finding("problem", str(error)))
        except Exception as error:  # what is broken is what this is for: the other checks are still made
            found.append(Finding("problem", f"the check itself failed: {type(error).__name__}: {error}"))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    late = Finding("problem", f"no answer within {PATIENCE:.0f} seconds", "is a network drive away?")
    return [*found, late] if thread.is_alive() else found
