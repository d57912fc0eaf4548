from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from tiny_network import TINY, Ship

import weights
from inpaint_core.contract.specs import GeneratorSpec
from inpaint_core.generators import registry
from inpaint_core.networks.store import precision
from inpaint_core.networks.store.manifest import DepthGain
from inpaint_core.networks.tsgl import config

Register = Callable[[GeneratorSpec], None]


@pytest.fixture(scope="session")
def tiny_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fresh weights of the tiny network, with which it paints noise."""
    import torch

    from inpaint_core.networks.blocks.convolution_weights import fold
    from inpaint_core.networks.store.weights_file import save_weights
    from inpaint_core.networks.tsgl.network import build_network

    torch.manual_seed(0)
    network = build_network(TINY)
    fold(network)
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    save_weights(network, path, {})
    return path


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
    tiny_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_thread: None
) -> Ship:
    """Replace the weights that ship with the tiny network's, for one test."""

    def put(
        *better_for: str,
        deep: float = 1000.0,
        file: str = str(tiny_file),
        gains: tuple[DepthGain, ...] = (),
    ) -> Path:
        entry = {
            "id": "base",
            "file": file,
            "sha256": hashlib.sha256(tiny_file.read_bytes()).hexdigest(),
            "network": "tiny",
            "configuration": asdict(TINY),
            "parameters": 1,
            "macs": 1,
            "licence": "MIT",
            "training_data": "none",
            "images": 0,
            "validation": {},
            "measured": "nothing",
            "paper": "",
            "card": "",
            "better_for": dict.fromkeys(better_for, deep),
            "gains": [asdict(gain) for gain in gains],
        }
        (tmp_path / "manifest.json").write_text(json.dumps({"weights": [entry]}), "utf-8")
        monkeypatch.setattr(weights, "FOLDER", tmp_path)
        # In this order: importing the module must not find the other one changed.
        monkeypatch.setattr("inpaint_core.networks.tsgl.inference.CONFIGS", {"tiny": TINY})
        monkeypatch.setattr(config, "CONFIGS", {"tiny": TINY})
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
