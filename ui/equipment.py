"""What the chat runs with, as HTML: the settings, the known models, and one that is being fetched. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from index.amounts import amount
from ui.markup import button, escape, problem
from ui.words import Words

if TYPE_CHECKING:
    from index.catalogue import KnownModel, Machine
    from index.hub import Download
    from rag.settings import Told
    from ui.fetching import FetchState


def values(settings: Sequence[Told], words: Words) -> str:
    """Each setting, its value and where it comes from."""
    rows = "".join(
        f'<tr><th scope="row"><code>{escape(one.name)}</code></th><td><bdi>{escape(one.value)}</bdi></td>'
        f"<td><bdi>{escape(words.origins.get(one.origin, one.origin))}</bdi></td></tr>"
        for one in settings
    )
    head = "".join(
        f'<th scope="col">{escape(name)}</th>'
        for name in (words.column_setting, words.column_value, words.column_origin)
    )
    return (
        f'<h1>{escape(words.setup)}</h1><p class="hint">{escape(words.setup_text)}</p>'
        f'<table class="files"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    )


def models(
    known: Sequence[KnownModel], here: Collection[str], used: Collection[str], machine: Machine, words: Words
) -> str:
    """The models that can be used, each with its size, its licence and whether it fits this machine.

    `here` are the names of those that were fetched, and of what else is in their folder.
    """
    parts = [f'<h2>{escape(words.models)}</h2><p class="hint">{escape(words.fetch_hint)}</p>']
    for kind, title in words.model_kinds.items():
        items = "".join(_model(one, here, used, machine, words) for one in known if one.kind == kind)
        parts.append(f'<h3>{escape(title)}</h3><ul class="models">{items}</ul>')
    if besides := sorted(set(here) - {one.name for one in known}):
        names = escape(words.models_besides.format(names=", ".join(besides)))
        parts.append(f'<p class="hint"><bdi>{names}</bdi></p>')
    return "".join(parts)


def _model(one: KnownModel, here: Collection[str], used: Collection[str], machine: Machine, words: Words) -> str:
    licence = f"{one.licence}, {words.gated}" if one.gated else one.licence
    size = amount(one.size) if one.size else words.size_unknown
    facts = [size, words.takes_memory.format(amount=amount(one.memory)),
             f"{words.only_languages}: {one.languages}", licence]  # fmt: skip
    if one.name in used and one.kind in ("reranker", "entailment"):
        facts.append(words.model_off.format(kind=one.kind))
    fit = one.fit(machine)
    if one.name in used or one.name in here:
        state = f'<span class="hint">{escape(words.model_used if one.name in used else words.model_here)}</span>'
    else:
        label = f'{escape(words.fetch)} <span class="unseen">{escape(one.name)}</span>'
        state = button(label, "plain", event="select", value={"model": one.name})
    return (
        f'<li><div><strong>{escape(one.name)}</strong> <span class="fit {fit.replace(" ", "-")}">'
        f"{escape(words.fits[fit])}</span><p>{escape(one.good_for)}</p>"
        f'<p class="hint">{escape(" · ".join(facts))}</p></div>{state}</li>'
    )


def fetch(state: FetchState, words: Words) -> str:
    """The terms that are to be agreed to, how far the fetching is, or how it ended."""
    if state.error:
        return refusal(state.error)
    if state.stage == "asking":
        return _under_way(words.asking.format(name=state.name), "<progress></progress>", words.cancel)
    if state.stage == "terms" and state.download:
        return _terms(state.download, words)
    if state.stage == "fetching" and state.download:
        total = max(state.download.size, 1)
        done = min(state.done, total)
        what = words.fetching.format(name=state.name, done=amount(done), total=amount(total))
        return _under_way(what, f'<progress max="{total}" value="{done}"></progress>', words.stop)
    if state.stage in ("done", "stopped"):
        said = words.fetched if state.stage == "done" else words.fetch_stopped
        return f'<p class="outcome" role="status">{escape(said.format(name=state.name))}</p>'
    return ""


def refusal(reason: str) -> str:
    """Why a model was not fetched, in one line."""
    return problem(reason)


def _terms(download: Download, words: Words) -> str:
    from huggingface_hub import constants

    from index.places import models_dir

    model = download.model
    other = model.other_licence(download.licence)
    licence = f"{model.licence} ({words.hub_says.format(licence=other)})" if other else model.licence
    size = amount(download.size)
    if download.present:
        size += f" ({words.present.format(amount=amount(download.present))})"
    facts = {
        words.column_size: size,
        words.licence: licence,
        words.column_origin: f"{constants.ENDPOINT}/{model.repository}",
        words.into: str(models_dir() / model.name),
        words.memory: amount(model.memory),
    }
    rows = "".join(f"<dt>{escape(name)}</dt><dd><bdi>{escape(fact)}</bdi></dd>" for name, fact in facts.items())
    value = {"model": model.name, "size": download.size}
    title = escape(words.really_fetch.format(name=model.name))
    return (
        f'<section class="terms" tabindex="-1" aria-label="{title}"><h2>{title}</h2><dl>{rows}</dl>'
        f"<p>{button(escape(words.agree), 'primary', event='apply', value=value)}"
        f"{button(escape(words.cancel), 'plain', event='stop')}</p></section>"
    )


def _under_way(what: str, bar: str, stop: str) -> str:
    return (
        f'<div class="progress" role="status"><span>{escape(what)}</span>{bar}'
        f"{button(escape(stop), 'plain', event='stop')}</div>"
    )
