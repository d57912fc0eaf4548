"""A small bench in a temporary folder: rendered photos, masks, and fills by two “programs”."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from inpaint_core.lab.evaluation.scenes.scene_drawing import draw_blob, render_landscape

NAMES = ("0_hill", "1_meadow", "2_cloud")


@dataclass(frozen=True)
class Bench:
    photos: Path
    masks: Path
    peers: Path

    def truth(self, name: str) -> NDArray[np.uint8]:
        return np.asarray(Image.open(self.photos / f"{name}.png"))

    def hole(self, name: str) -> NDArray[np.bool_]:
        return np.asarray(Image.open(self.masks / f"{name}.png")) >= 128

    def put(self, peer: str, name: str, picture: NDArray[np.uint8], opaque: bool = True) -> None:
        (self.peers / peer).mkdir(parents=True, exist_ok=True)
        alpha = np.where(self.hole(name) & opaque, 255, 0).astype(np.uint8)
        path = self.peers / peer / f"{name}.png"
        Image.fromarray(np.dstack([picture, alpha])).save(path)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Peer “copy” puts texture from further left into the hole, peer “grey” a flat grey."""
    found = Bench(tmp_path / "photos", tmp_path / "masks", tmp_path / "peers")
    found.photos.mkdir()
    found.masks.mkdir()
    for seed, name in enumerate(NAMES):
        photo = render_landscape(0.012, seed)
        hole = draw_blob(photo.shape[:2], 500)
        Image.fromarray(photo).save(found.photos / f"{name}.png")
        Image.fromarray(np.where(hole, 255, 0).astype(np.uint8)).save(found.masks / f"{name}.png")
        found.put("copy", name, np.roll(photo, 40, axis=1))
        found.put("grey", name, np.full_like(photo, 128))
    return found
