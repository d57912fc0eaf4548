"""From an exported weights file to one that ships: checked, described, listed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import get_args

import torch
from card import card
from figures import Figures, worse

from inpaint_core.contract.errors import BadRequest, FileUnreadable, WeightsUnavailable
from inpaint_core.generators.engine_choice import Situation
from inpaint_core.networks.blocks.counts import parameters
from inpaint_core.networks.blocks.spectral_normalisation import fold
from inpaint_core.networks.store.manifest import WeightsEntry, entries
from inpaint_core.networks.store.weights_file import load
from inpaint_core.networks.tsgl.config import CONFIGS, Config
from inpaint_core.networks.tsgl.cost import cost
from inpaint_core.networks.tsgl.network import build
from inpaint_core.photo.atomic_file import replacing

LIMIT = 25_000_000
"""Bytes of one file at most: everything tracked stays under 30 MiB."""


@dataclass(frozen=True)
class Facts:
    """What no file says; None: as the entry says that is there now.

    ``better_for``: greatest depth of a hole by situation, and ``better_up_to`` longest side of a
    view, see `engine_choice`. They are not taken over: they were measured with the weights that are
    there now.
    """

    measured: str | None = None
    training_data: str | None = None
    licence: str | None = None
    paper: str | None = None
    remarks: str = ""
    better_for: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    better_up_to: int = 0


def release(
    source: Path,
    figures: Figures,
    facts: Facts,
    folder: Path,
    *,
    weights_id: str | None = None,
    allow_worse: bool = False,
    configs: Mapping[str, Config] = CONFIGS,
) -> WeightsEntry:
    """Put the file ``source`` into ``folder`` with its card and its entry in ``manifest.json``.

    Raises `BadRequest` when a fact is missing, the figures are another checkpoint's, the file is
    not fit to ship, or the present weights measure better; nothing is written then.
    """
    about = _about(source)
    config = configs.get(about.get("network", ""))
    if config is None or not about.get("images", "").isdigit():
        raise BadRequest(
            f"“{source.name}” does not say its network and the images it has seen.",
            "Give the file that “inpaint train CONFIG --export FILE” writes.",
        )
    images = int(about["images"])
    if figures.images not in (None, images):
        raise BadRequest(
            f"The weights have seen {images} images, the figures are those after {figures.images}.",
            "Validate the checkpoint that was exported.",
        )
    name = weights_id or config.id
    present = entries(folder)
    old = present.get(name)
    size = cost(config)
    new = WeightsEntry(
        id=name,
        file=source.name,
        sha256=hashlib.sha256(source.read_bytes()).hexdigest(),
        network=config.id,
        configuration=MappingProxyType(json.loads(json.dumps(asdict(config)))),
        parameters=size.parameters,
        macs=size.macs,
        licence=_fact("licence", facts.licence, old.licence if old else None),
        training_data=_fact(
            "training-data", facts.training_data, old.training_data if old else None
        ),
        images=images,
        validation=MappingProxyType(dict(figures.values)),
        measured=_fact("measured", facts.measured, old.measured if old else None),
        paper=_fact("paper", facts.paper, old.paper if old else None),
        card=f"{name}.md",
        folder=source.parent,
        better_for=facts.better_for,
        better_up_to=facts.better_up_to,
    )
    found = problems(new, configs)
    if found:
        raise BadRequest(f"“{source.name}” is not fit to ship: {'; '.join(found)}.", "Export anew.")
    if old is not None and not allow_worse:
        _compare(new, old)
    new = replace(new, file=f"{name}.safetensors", folder=folder)
    rows = [each.plain() for each in {**present, name: new}.values()]
    listed = json.dumps({"weights": rows}, indent=2, ensure_ascii=False) + "\n"
    for path, content in (
        (new.path, source.read_bytes()),
        (folder / new.card, card(new, facts.remarks).encode()),
        (folder / "manifest.json", listed.encode()),
    ):
        with replacing(path, True) as stream:
            stream.write(content)
    return new


def problems(entry: WeightsEntry, configs: Mapping[str, Config] = CONFIGS) -> list[str]:
    """What keeps the file of an entry from being shipped: nothing when the list is empty."""
    found = []
    config = configs.get(entry.network)
    if config is None:
        return [f"there is no network “{entry.network}”"]
    unknown = set(entry.better_for) - set(get_args(Situation))
    if unknown:
        found.append(f"there is no situation {', '.join(sorted(unknown))}")
    if json.loads(json.dumps(asdict(config))) != dict(entry.configuration):
        found.append(f"the configuration of “{entry.network}” has changed since")
    net = build(config)
    fold(net)
    try:
        load(net, entry.path, entry.sha256)
    except WeightsUnavailable as error:
        return [*found, error.message]
    size = cost(config)
    if (entry.parameters, entry.macs) != (size.parameters, size.macs):
        found.append(f"the network has {size.parameters} parameters and {size.macs} MACs")
    if parameters(net) != entry.parameters:
        found.append(f"the file holds {parameters(net)} parameters")
    return found + _numbers(entry.path, {name for name, _ in net.named_parameters()})


def _numbers(path: Path, learned: set[str]) -> list[str]:
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


def _about(source: Path) -> dict[str, str]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(source, "pt") as file:
            return file.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise FileUnreadable(f"“{source}” is no safetensors file.", "Check the path.") from error


def _fact(option: str, given: str | None, old: str | None) -> str:
    if given or old:
        return given or old or ""
    raise BadRequest(
        f"Nothing says what “{option}” is.", f"Give --{option} with the first weights of an id."
    )


def _compare(new: WeightsEntry, old: WeightsEntry) -> None:
    why = worse(new.validation, old.validation)
    if not why and new.measured != old.measured:
        why = "their figures were measured otherwise"
    if why:
        raise BadRequest(
            f"The new weights are not known to be better than the present “{old.id}”: {why}.",
            "Train further, or say --allow-worse.",
        )
