"""Turns an exported weights file into one that ships: checked, described, listed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

import torch
from card import format_card
from figures import Figures, explain_worse

from inpaint_core.contract.errors import BadRequest, FileUnreadable, WeightsUnavailable
from inpaint_core.contract.specs import FirstLook
from inpaint_core.generators.auto import Situation
from inpaint_core.networks.blocks.convolution_weights import fold
from inpaint_core.networks.blocks.cost import count_parameters
from inpaint_core.networks.registry import configurations, find_network, find_network_of
from inpaint_core.networks.store.manifest import WeightsEntry, read_helpers, read_manifest
from inpaint_core.networks.store.weights_file import load_weights
from inpaint_core.photo.atomic_file import write_atomically

LIMIT = 20_000_000
"""Most bytes of one file."""
LIMIT_OF_ALL = 40_000_000
"""Most bytes of all files together: everything tracked stays under 45 MiB."""


@dataclass(frozen=True)
class ReleaseFacts:
    """What no file says; None: taken from the present entry.

    ``better``: fields `inpaint_core.networks.store.manifest.BETTER`, where they are better and how
    their fills are followed; never taken from the present entry, whose weights they were measured
    with. ``first_look``: which engine looks first at wide holes, never taken from there either.
    """

    measured: str | None = None
    training_data: str | None = None
    licence: str | None = None
    paper: str | None = None
    remarks: str = ""
    better: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    first_look: FirstLook | None = None


def release_weights(
    source: Path,
    figures: Figures,
    facts: ReleaseFacts,
    folder: Path,
    *,
    weights_id: str | None = None,
    allow_worse: bool = False,
) -> WeightsEntry:
    """Put the file ``source`` into ``folder`` with its card and its entry in ``manifest.json``.

    Raises `BadRequest`, before anything is written, when a fact is missing, the figures belong to
    another checkpoint, the file is not fit to ship, or the present weights measure better.
    """
    about = _read_metadata(source)
    if about.get("network") not in configurations() or not about.get("images", "").isdigit():
        raise BadRequest("lab.not_an_export", name=source.name)
    spec, config = find_network(about["network"], json.loads(about.get("configuration", "{}")))
    images = int(about["images"])
    if figures.images not in (None, images):
        raise BadRequest("lab.figures_of_other_step", images=images, figures=figures.images)
    name = weights_id or config.id
    present = read_manifest(folder)
    old = present.get(name)
    size = spec.measure_cost(config, 512)
    new = WeightsEntry(
        id=name,
        file=source.name,
        sha256=hashlib.sha256(source.read_bytes()).hexdigest(),
        network=config.id,
        configuration=MappingProxyType(json.loads(json.dumps(asdict(config)))),
        parameters=size.parameters,
        macs=size.macs,
        licence=_choose_fact("licence", facts.licence, old.licence if old else None),
        training_data=_choose_fact(
            "training-data", facts.training_data, old.training_data if old else None
        ),
        images=images,
        validation=MappingProxyType(dict(figures.values)),
        measured=_choose_fact("measured", facts.measured, old.measured if old else None),
        paper=_choose_fact("paper", facts.paper, old.paper if old else None),
        card=f"{name}.md",
        folder=source.parent,
        **facts.better,
        first_look=facts.first_look,
    )
    found = find_problems(new)
    if found:
        raise BadRequest("lab.not_fit_to_ship", name=source.name, problems="; ".join(found))
    if old is not None and not allow_worse:
        _refuse_if_worse(new, old)
    new = replace(new, file=f"{name}.safetensors", folder=folder)
    rows = [each.plain() for each in {**present, name: new}.values()]
    helpers = [each.plain() for each in read_helpers(folder).values()]
    kept = {"helpers": helpers} if helpers else {}
    listed = json.dumps({"weights": rows, **kept}, indent=2, ensure_ascii=False) + "\n"
    for path, content in (
        (new.path, source.read_bytes()),
        (folder / new.card, format_card(new, facts.remarks).encode()),
        (folder / "manifest.json", listed.encode()),
    ):
        with write_atomically(path, True) as stream:
            stream.write(content)
    return new


def find_problems(entry: WeightsEntry) -> list[str]:
    """What keeps the file of an entry from being shipped; an empty list if nothing does."""
    found = []
    try:
        spec, config = find_network_of(entry)
    except WeightsUnavailable as error:
        return [str(error.message)]
    named = {*entry.better_for, *(gain.situation for gain in entry.gains)}
    unknown = named - set(get_args(Situation))
    if unknown:
        found.append(f"there is no situation {', '.join(sorted(unknown))}")
    if json.loads(json.dumps(asdict(config))) != dict(entry.configuration):
        found.append(f"the configuration of “{entry.network}” lacks values that it has now")
    net = spec.build(config)
    fold(net)
    try:
        load_weights(net, entry.path, entry.sha256)
    except WeightsUnavailable as error:
        return [*found, str(error.message)]
    size = spec.measure_cost(config, 512)
    if (entry.parameters, entry.macs) != (size.parameters, size.macs):
        found.append(f"the network has {size.parameters} parameters and {size.macs} MACs")
    if count_parameters(net) != entry.parameters:
        found.append(f"the file holds {count_parameters(net)} parameters")
    return found + _check_tensors(entry.path, {name for name, _ in net.named_parameters()})


def _check_tensors(path: Path, learned: set[str]) -> list[str]:
    from safetensors.torch import load_file

    held = load_file(path)
    found = []
    if any(held[name].dtype != torch.float16 for name in learned):
        found.append("learned values are not in half precision")
    if not all(bool(torch.isfinite(tensor).all()) for tensor in held.values()):
        found.append("some values are not finite")
    if path.stat().st_size > LIMIT:
        found.append(f"{path.stat().st_size:,} bytes are more than {LIMIT:,}")
    return found


def _read_metadata(source: Path) -> dict[str, str]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(source, "pt") as file:
            return file.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise FileUnreadable("lab.not_safetensors", path=source) from error


def _choose_fact(option: str, given: str | None, old: str | None) -> str:
    if given or old:
        return given or old or ""
    raise BadRequest("lab.fact_missing", option=option)


def _refuse_if_worse(new: WeightsEntry, old: WeightsEntry) -> None:
    why = explain_worse(new.validation, old.validation)
    if not why and new.measured != old.measured:
        why = "their figures were measured otherwise"
    if why:
        raise BadRequest("lab.not_better", name=old.id, reason=why)
