"""`rag models`: which models there are, and which of them to fetch, use and remove."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import HubUnreachable, ModelError, UsageError
from ui.terminal import say

if TYPE_CHECKING:
    from index.catalogue import KnownModel
    from index.hub import Download

app = typer.Typer(
    help="List, fetch, use and remove models: for writing, for finding, for ranking, for checking.",
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
)
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A name that “rag models” shows.")]

_TITLES = {
    "generator": "Generators: write the answer",
    "embedder": "Embedders: find by meaning",
    "reranker": "Rerankers: rank what was found again",
    "entailment": "Entailment: check what was written",
}
_HEAD = "  GB  memory  languages             licence"
_MARKS = {"fits": "+", "slow": "~", "too big": "-"}


@app.callback(invoke_without_command=True)
def list_(context: typer.Context) -> None:
    """List the models that are known, those that are here, and what this machine can run."""
    if context.invoked_subcommand:
        return
    from index.catalogue import Machine, fetched, known_models
    from index.places import models_dir
    from rag.choice import KINDS, check
    from rag.settings import NONE, load_settings

    settings = load_settings()
    machine = Machine.this()
    known = known_models()
    chosen = {getattr(settings, kind) for kind in KINDS}
    states = {
        name: (("used" if name in chosen else "here") if fetched(name) else "not here" if name in chosen else "")
        for name in known
    }
    width = max(4, *map(len, states.values()))
    kind = ""
    for model in known.values():
        if model.kind != kind:
            kind = model.kind
            say(f"{_TITLES[kind]:{36 + width}}{_HEAD}")
        say(f"{_MARKS[model.fit(machine)]} {states[model.name]:{width}}  {_line(model)}")
    if others := sorted(path.name for path in models_dir().glob("[!.]*") if path.name not in known):
        say(f"Also here: {', '.join(others)}")
    uses = [f"{settings.generator} writes", f"{settings.embedder} finds"]
    if settings.reranker != NONE:
        uses.append(f"{settings.reranker} ranks again (off: rag models use no-reranker)")
    if settings.entailment != NONE:
        uses.append(f"{settings.entailment} checks (off: rag models use no-entailment)")
    say(f"\nUsed now: {', '.join(uses)}. Fetched models are in {models_dir()}")
    for kind in KINDS:
        try:
            check(kind, getattr(settings, kind))
        except ModelError as error:
            say(f"But {kind} = {getattr(settings, kind)}: {error}")
    say(
        f"This machine has {machine.memory / 1e9:.0f} GB and {machine.cores} cores: "
        "+ fits, ~ fits but makes you wait, - needs more memory"
    )
    say("rag models get NAME   rag models use NAME   rag models remove NAME")


def _line(model: KnownModel) -> str:
    size = f"{model.size / 1e9:.1f}" if model.size else "?"
    licence = f"{model.licence.split(' (')[0]}{', ask first' if model.gated else ''}"
    row = (f"{model.name:30}", f"{size:>4}", f"{model.memory / 1e9:>6.1f}", f"{model.languages:20}", f"{licence:20}")
    return "  ".join([*row, model.good_for])


@app.command()
def get(
    name: NameArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask whether to fetch it.")] = False,
) -> None:
    """Fetch a model from the Hugging Face hub, after telling its size and its licence.

    An interrupted download is gone on with by the same command. HF_TOKEN, HF_ENDPOINT (a mirror) and HF_HUB_OFFLINE
    are respected.
    """
    from index.catalogue import fetched, known_model
    from index.hub import ask, fetch

    model = known_model(name)
    if fetched(name):
        _tell(f"{name} is here already; rag models use {name}")
        return
    try:
        download = ask(model)
        _tell(*_terms(download))
        if not yes:
            _consent()
        with _progress(download) as on_bytes:
            fetch(download, on_bytes)
    except KeyboardInterrupt:
        _tell(f"Stopped. What has come is kept; go on with: rag models get {name}")
        raise typer.Exit(130) from None
    _tell(f"{name} is here. To use it: rag models use {name}")


def _terms(download: Download) -> Iterator[str]:
    from huggingface_hub import constants

    from index.places import models_dir

    model = download.model
    yield f"{model.name}: {model.good_for}"
    yield f"From     {constants.ENDPOINT}/{model.repository} at {model.revision[:7]}"
    present = f", of which {download.present / 1e9:.2f} GB are here" if download.present else ""
    yield f"Size     {download.size / 1e9:.2f} GB{present}; it takes about {model.memory / 1e9:.1f} GB of memory to run"
    other = model.other_licence(download.licence)
    yield f"Licence  {model.licence}{f' (the hub says: {other})' if other else ''}"
    yield f"Into     {models_dir() / model.name}"


def _consent() -> None:
    if not sys.stdin.isatty():
        raise UsageError("nobody is here to ask: say --yes to fetch it")
    if not typer.confirm("Fetch it?", err=True):
        raise typer.Exit(1)


@app.command()
def use(
    model: Annotated[
        str,
        typer.Argument(
            metavar="NAME|PATH|URL",
            help="A fetched model, a GGUF file, the folder of an embedding model or a cross-encoder, an address such "
            "as http://localhost:8080/v1 (or …/v1#MODEL), “none” (no model writes), “no-reranker”, “no-entailment”, or "
            "“packaged” (all as installed).",
        ),
    ],
) -> None:
    """Use a model from now on, in every folder. What it is for, it tells itself."""
    from rag.address import leaves_machine
    from rag.choice import settings_for
    from rag.settings import Settings, remember, sources

    changed = settings_for(model)
    path = remember(changed)
    for name, value in changed.items():
        _tell(f"{name} = {value or getattr(Settings(), name)}  ({path})")
        stronger = sources()[name]
        if stronger not in (str(path), "default"):
            _tell(f"But {name} is also set in {stronger}, which wins where it holds.")
    if "embedder" in changed:
        _tell(_what_becomes_of_the_library())
    if leaves_machine(model):
        _tell(f"Warning: questions and passages of your documents will be sent to {model}: they leave this machine.")


def _what_becomes_of_the_library() -> str:
    """Have the library answer with the chosen embedder, if it has all its vectors; tell what is left to do."""
    from contextlib import closing

    from index.embedder import EmbeddingModel
    from index.embedders import Embedders
    from index.errors import LibraryError, LibraryMissing
    from index.library import Library
    from index.switch import pending, switch
    from rag.settings import load_settings

    settings = load_settings()
    model = EmbeddingModel.open(settings.embedder, settings.threads)
    try:
        with closing(Library.open(settings.library_folder)) as library:
            former = library.store.embedder
            if former and pending(library, model):
                if lacking := Embedders(library.store).lacking(model.fingerprint):
                    return (
                        f"The next rag index, or rag web, embeds {lacking} passages with {model.name}; "
                        f"until that is done, {former.name} finds them."
                    )
                switch(library, model)
                return f"The passages are embedded with {model.name} already: it finds them from now on."
    except LibraryMissing:
        pass
    except LibraryError as error:  # it is busy, or can't be written
        return f"But {error}"
    return "Documents are embedded with it from now on; a library made with another model is, by its next rag index."


@app.command()
def remove(name: NameArgument) -> None:
    """Delete a fetched model, and what an interrupted download of it has left."""
    from index.hub import remove as remove_
    from rag.settings import load_settings

    settings = load_settings()
    if name in (settings.generator, settings.embedder):
        raise UsageError(f"{name} is in use; before: rag models use packaged")
    for kind in ("reranker", "entailment"):
        if name == getattr(settings, kind):
            raise UsageError(f"{name} is in use; before: rag models use no-{kind}")
    _tell(f"Removed {name}: {remove_(name) / 1e9:.2f} GB are free again.")


@app.command()
def check(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Check this one alone.")] = None,
) -> None:
    """Compare the list of models with the hub: revisions, files, sizes, sums. Exit status 1 where they differ.

    Without a network it tells which entries nobody has compared yet.
    """
    from index.catalogue import known_model, known_models
    from index.hub import differences

    wrong = False
    for model in [known_model(name)] if name else known_models().values():
        try:
            found = differences(model)
        except HubUnreachable as error:
            unverified = [entry.name for entry in known_models().values() if not entry.verified]
            _tell(f"Not compared with the hub so far: {', '.join(unverified) or 'none'}")
            raise error
        except ModelError as error:
            found = [str(error)]
        wrong = wrong or bool(found)
        say(f"{model.name:30}  {'; '.join(found) or 'as at the hub'}{'' if model.verified else '  (verified = false)'}")
    raise typer.Exit(1 if wrong else 0)


def _tell(*lines: str) -> None:
    for line in lines:
        say(line, file=sys.stderr)


@contextmanager
def _progress(download: Download) -> Iterator[Callable[[int], object]]:
    if not sys.stderr.isatty():
        yield lambda count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=download.size, completed=download.present)
        yield lambda count: bar.advance(task, count)
