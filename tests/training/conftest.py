"""Photos to train on, rendered: slopes with straight edges and some grain."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image
from tiny import NETWORKS


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def render(seed: int, height: int = 96, width: int = 128) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width]
    photo = np.empty((height, width, 3), np.uint8)
    for channel in range(3):
        slope = rng.uniform(-0.5, 0.5, 2)
        photo[..., channel] = np.clip(120 + slope[0] * rows + slope[1] * columns, 0, 255)
    for _ in range(4):
        corners = rng.integers(0, (width, height), (4, 2)).astype(np.int32)
        cv2.fillConvexPoly(photo, corners, [int(c) for c in rng.integers(0, 256, 3)])
    return photo


@pytest.fixture(scope="session")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder ``photos`` of six PNG files, the same as ``photos.tar``."""
    folder = tmp_path_factory.mktemp("album")
    (folder / "photos").mkdir()
    for seed in range(6):
        Image.fromarray(render(seed)).save(folder / "photos" / f"{seed}.png")
    with tarfile.open(folder / "photos.tar", "w") as tar:
        for path in sorted((folder / "photos").iterdir()):
            tar.add(path, path.name)
    return folder


@pytest.fixture(scope="session")
def squeezenet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SqueezeNet 1.1's shapes and names with random numbers."""
    source = torch.Generator().manual_seed(5)
    state: dict[str, torch.Tensor] = {}

    def add(name: str, out: int, into: int, side: int) -> None:
        spread = (2 / (into * side * side)) ** 0.5
        weight = torch.randn((out, into, side, side), generator=source) * spread
        state[f"{name}.weight"], state[f"{name}.bias"] = weight, torch.zeros(out)

    add("features.0", 64, 3, 3)
    into = 64
    sizes = ((16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256))
    for fire, (narrow, wide) in zip((3, 4, 6, 7, 9, 10, 11, 12), sizes, strict=True):
        add(f"features.{fire}.squeeze", narrow, into, 1)
        add(f"features.{fire}.expand1x1", wide, narrow, 1)
        add(f"features.{fire}.expand3x3", wide, narrow, 3)
        into = 2 * wide
    path = tmp_path_factory.mktemp("weights") / "random.pth"
    torch.save(state, path)
    return path


@pytest.fixture
def _tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network “base” is one that a test can train."""
    monkeypatch.setattr("inpaint_core.networks.registry.networks", lambda: NETWORKS)
