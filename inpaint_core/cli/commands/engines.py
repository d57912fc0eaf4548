"""``inpaint engines``: what can fill a hole."""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from inpaint_core.contract.choices import DEVICES
from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.contract.specs import GeneratorSpec
from inpaint_core.generators.registry import (
    fit_to_weights,
    generators,
    list_configurations,
    list_imported,
)
from inpaint_core.local.optional_libraries import has_torch
from inpaint_core.networks.registry import configurations, find_network
from inpaint_core.networks.store.entries import find_entry
from inpaint_core.networks.store.manifest import WeightsEntry
from inpaint_core.networks.store.user_weights import find_incomplete

HELP = "List the engines that can fill a hole."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inpaint engines``."""
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")


def run(args: argparse.Namespace) -> int:
    """Print the table or the JSON. Returns 0."""
    held = map(fit_to_weights, generators().values())
    specs = [*held, *list_imported(), *list_configurations()]
    if args.json:
        print(json.dumps([describe(spec) for spec in specs], indent=2, ensure_ascii=False))
        return 0
    width = max(len(spec.id) for spec in specs)
    for spec in specs:
        print(f"{spec.id:<{width}}  {spec.title}")
        side = spec.size.max_side
        size = "any size" if side is None else f"sees {side} px at once"
        traits = "; ".join((" or ".join(_devices(spec)), size, _weights_line(spec)))
        for line in filter(None, (spec.summary, spec.paper, traits)):
            print(f"{'':<{width}}  {line}")
    return 0


def describe(spec: GeneratorSpec) -> dict[str, Any]:
    """The generator as JSON values.

    ``network`` and ``weights`` are None for a generator that has none. A network's parameters and
    multiply-accumulates at 512x512 are counted here where no weights say them. ``chooses``: it
    takes another engine for each hole.
    """
    held = _entry(spec.weights)
    return {
        "id": spec.id,
        "title": spec.title,
        "summary": spec.summary,
        "paper": spec.paper,
        "devices": _devices(spec),
        "max_side": spec.size.max_side,
        "first_side": spec.size.first_side,
        "first_look": None if spec.first_look is None else asdict(spec.first_look),
        "multiple": spec.size.multiple,
        "native_stage": spec.native_stage,
        "chooses": spec.choose is not None,
        "products": list(spec.products),
        "priors": list(spec.priors),
        "taps": [asdict(tap) for tap in spec.taps],
        "network": _network(spec.weights, held),
        "weights": None if spec.weights is None else _weights(spec.weights, held),
    }


def _devices(spec: GeneratorSpec) -> list[str]:
    return [name for name in DEVICES if name != "auto"] if spec.uses_torch else ["cpu"]


def _entry(weights_id: str | None) -> WeightsEntry | None:
    try:
        return None if weights_id is None else find_entry(weights_id)
    except WeightsUnavailable:
        return None  # a list that cannot be read must not hide the other engines


def _network(weights_id: str | None, held: WeightsEntry | None) -> dict[str, Any] | None:
    """Id, configuration, parameters and MACs; from the configuration of the weights' name where
    the manifest does not know them.
    """
    if held is not None:
        return {
            "id": held.network,
            "configuration": dict(held.configuration),
            "parameters": held.parameters,
            "macs_at_512": held.macs,
        }
    if weights_id is None or weights_id not in configurations():
        return None
    spec, config = find_network(weights_id)
    size = spec.measure_cost(config, 512)
    return {
        "id": config.id,
        "configuration": asdict(config),
        "parameters": size.parameters,
        "macs_at_512": size.macs,
    }


def _weights(weights_id: str, held: WeightsEntry | None) -> dict[str, Any]:
    """``present``: the file is there; ``intact``: and it is the one that the manifest names."""
    if held is None:
        return {"id": weights_id, "present": False, "intact": False}
    return {
        "id": held.id,
        "file": held.file,
        "present": held.is_present,
        "intact": held.is_present and _sha256(held.path) == held.sha256,
        "sha256": held.sha256,
        "images_seen": held.images,
        "training_data": held.training_data,
        "licence": held.licence,
        "validation": dict(held.validation),
        "measured": held.measured,
        "better_for": dict(held.better_for),
        "better_up_to": held.better_up_to,
        "gains": [asdict(gain) for gain in held.gains],
        "trust": held.trust,
        "shown": list(held.shown),
        "worst_ratio": held.worst_ratio,
        "card": held.card,
    }


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None


def _weights_line(spec: GeneratorSpec) -> str:
    if spec.choose is not None:
        return "uses the weights that are there"
    weights_id = spec.weights
    if weights_id is None:
        return "needs no weights"
    if not has_torch():
        return "needs PyTorch, which is not installed: the extra “networks” brings it"
    held = _entry(weights_id)
    parts = find_incomplete(weights_id) if held is None else None
    if parts is not None:
        return f"weights “{parts.id}” incomplete, without {'; '.join(parts.missing)}"
    if held is None and weights_id in configurations():
        return "no weights yet: “inpaint train” makes and “inpaint weights import” brings them"
    if held is None or not held.is_present:
        return f"weights “{weights_id}” missing"
    size = f"{held.path.stat().st_size / 1e6:.1f} MB"
    if held.source:
        return f"weights “{held.id}” imported from {held.source} ({size})"
    return f"weights “{weights_id}” present ({size}, trained on {held.images:,} samples)"
