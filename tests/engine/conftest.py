from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from tiny_network import TINY_NETWORKS, Ship

import weights
from inpaint_core.contract.specs import GeneratorSpec
from inpaint_core.generators import registry
from inpaint_core.networks import registry as network_registry
from inpaint_core.networks.registry import networks
from inpaint_core.networks.store import precision
from inpaint_core.networks.store.manifest import DepthGain

Register = Callable[[GeneratorSpec], None]


@pytest.fixture(scope="session")
def tiny_files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Fresh weights of the tiny networks, with which they paint noise, by the weights' ids."""
    import torch

    from inpaint_core.networks.blocks.convolution_weights import fold
    from inpaint_core.networks.store.weights_file import save_weights

    folder = tmp_path_factory.mktemp("weights")
    found = {}
    for name, (network_id, config) in TINY_NETWORKS.items():
        torch.manual_seed(0)
        network = networks()[network_id].build(config)
        fold(network)
        found[name] = folder / f"{name}.safetensors"
        save_weights(network, found[name], {})
    return found


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Small networks gain nothing from more threads, which wait for each other when busy."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def ship(
    tiny_files: Mapping[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    one_thread: None,
) -> Ship:
    """Replace the weights that ship with the tiny networks', for one test."""

    def describe(name: str, file: str, better_for: dict[str, float]) -> dict[str, object]:
        config = TINY_NETWORKS[name][1]
        return {
            "id": name,
            "file": file,
            "sha256": hashlib.sha256(tiny_files[name].read_bytes()).hexdigest(),
            "network": config.id,
            "configuration": asdict(config),
            "parameters": 1,
            "macs": 1,
            "licence": "MIT",
            "training_data": "none",
            "images": 0,
            "validation": {},
            "measured": "nothing",
            "paper": "",
            "card": "",
            "better_for": better_for,
        }

    def put(
        *better_for: str,
        deep: float = 1000.0,
        file: str = str(tiny_files["base"]),
        gains: tuple[DepthGain, ...] = (),
    ) -> Path:
        base = describe("base", file, dict.fromkeys(better_for, deep))
        entries = [{**base, "gains": [asdict(gain) for gain in gains]}]
        entries += [describe(n, str(p), {}) for n, p in tiny_files.items() if n != "base"]
        (tmp_path / "manifest.json").write_text(json.dumps({"weights": entries}), "utf-8")
        monkeypatch.setattr(weights, "FOLDER", tmp_path)
        known = {
            network_id: replace(networks()[network_id], configs={config.id: config})
            for network_id, config in TINY_NETWORKS.values()
        }
        monkeypatch.setattr(network_registry, "networks", lambda: known)
        monkeypatch.setattr(precision, "uses_half_precision", lambda device: False)
        return tmp_path

    return put


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Register:
    """Add generators for one test."""

    def add(*specs: GeneratorSpec) -> None:
        known = {**registry.generators(), **{spec.id: spec for spec in specs}}
        monkeypatch.setattr(registry, "generators", lambda: known)

    return add


@pytest.fixture
def photo() -> NDArray[np.uint8]:
    """(72, 96, 3): a real photo with texture, small enough for every generator."""
    return np.ascontiguousarray(skimage.data.astronaut()[60:204:2, 150:342:2])


@pytest.fixture
def mask(photo: NDArray[np.uint8]) -> NDArray[np.uint8]:
    mask = np.zeros(photo.shape[:2], np.uint8)
    mask[30:44, 40:60] = 255
    mask[60:72, 0:6] = 255
    return mask
