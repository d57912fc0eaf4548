"""The networks, each a folder here with a file ``spec.py``, and how their weights are loaded."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from inpaint_core.contract.choices import Precision
from inpaint_core.contract.errors import InpaintError, WeightsUnavailable
from inpaint_core.contract.typed_values import override
from inpaint_core.networks.network_spec import NetworkSpec
from inpaint_core.networks.store.entries import find_entry
from inpaint_core.networks.store.manifest import WeightsEntry

if TYPE_CHECKING:
    from inpaint_core.networks.loaded_network import LoadedNetwork


@cache
def networks() -> Mapping[str, NetworkSpec]:
    """Every network by id, in alphabetical order. Imports no torch.

    Raises ValueError when a folder's name is not the id of its spec or two configurations share an
    id.
    """
    from inpaint_core import networks as package

    specs: dict[str, NetworkSpec] = {}
    seen: set[str] = set()
    for name in sorted(m.name for m in pkgutil.iter_modules(package.__path__) if m.ispkg):
        path = f"{package.__name__}.{name}.spec"
        if importlib.util.find_spec(path) is None:
            continue  # what networks share
        spec: NetworkSpec = importlib.import_module(path).SPEC
        if spec.id != name:
            raise ValueError(f"the spec in {name}/ is called {spec.id!r}")
        if twice := seen & set(spec.configs):
            raise ValueError(f"two networks have a configuration {sorted(twice)}")
        seen |= set(spec.configs)
        specs[name] = spec
    return MappingProxyType(specs)


def configurations() -> Mapping[str, NetworkSpec]:
    """The network of every configuration, by the configuration's id."""
    return {config: spec for spec in networks().values() for config in spec.configs}


def find_network(
    config_id: str, changes: Mapping[str, Any] | None = None
) -> tuple[NetworkSpec, Any]:
    """The network and its configuration of this id, with ``changes`` of its values.

    Raises KeyError for an unknown id and `BadRequest` for a wrong name or value in ``changes``.
    """
    spec = configurations()[config_id]
    return spec, override(spec.configs[config_id], changes or {})


def find_network_of(entry: WeightsEntry) -> tuple[NetworkSpec, Any]:
    """The network of a weights file and its configuration when the file was made.

    Raises `WeightsUnavailable` when this version does not know them.
    """
    try:
        return find_network(entry.network, entry.configuration)
    except (KeyError, InpaintError) as error:
        raise WeightsUnavailable(
            "weights.unknown_network", name=entry.id, network=entry.network
        ) from error


def load_network(weights_id: str, device: str, precision: Precision = "auto") -> LoadedNetwork:
    """The network of an entry of the weights' manifest, on "cpu", "cuda", "cuda:1" or "mps", in a
    precision that it bears.

    Raises `WeightsUnavailable`.
    """
    from inpaint_core.networks.blocks.convolution_weights import fold
    from inpaint_core.networks.store.precision import choose_dtype
    from inpaint_core.networks.store.weights_file import load_weights

    entry = find_entry(weights_id)
    spec, config = find_network_of(entry)
    network = spec.build(config)
    fold(network)
    load_weights(network, entry.path, entry.sha256)
    dtype = choose_dtype(device, precision, spec.bears_float16(config))
    return spec.load(network, device, dtype)
