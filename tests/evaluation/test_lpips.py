"""LPIPS with backbones of the real layouts and made-up weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.lab.evaluation.perceptual.feature_distance import Lpips

State = dict[str, torch.Tensor]
HOLE = np.zeros((80, 96), bool)
ALEX = {0: (64, 3, 11), 3: (192, 64, 5), 6: (384, 192, 3), 8: (256, 384, 3), 10: (256, 256, 3)}
FIRES = {
    3: (64, 16, 64), 4: (128, 16, 64), 6: (128, 32, 128), 7: (256, 32, 128),
    9: (256, 48, 192), 10: (384, 48, 192), 11: (384, 64, 256), 12: (512, 64, 256),
}  # fmt: skip
VGG = {
    0: (64, 3), 2: (64, 64), 5: (128, 64), 7: (128, 128), 10: (256, 128), 12: (256, 256),
    14: (256, 256), 17: (512, 256), 19: (512, 512), 21: (512, 512), 24: (512, 512),
    26: (512, 512), 28: (512, 512),
}  # fmt: skip
CHANNELS = {
    "alex": (64, 192, 384, 256, 256),
    "squeeze": (64, 128, 256, 384, 384, 512, 512),
    "vgg": (64, 128, 256, 512, 512),
}


def conv(state: State, name: str, outputs: int, inputs: int, kernel: int) -> None:
    spread = (2 / (inputs * kernel**2)) ** 0.5
    state[f"{name}.weight"] = torch.randn(outputs, inputs, kernel, kernel) * spread
    state[f"{name}.bias"] = torch.zeros(outputs)


def alex() -> State:
    state: State = {"classifier.1.weight": torch.zeros(2, 2)}
    for number, (outputs, inputs, kernel) in ALEX.items():
        conv(state, f"features.{number}", outputs, inputs, kernel)
    return state


def squeeze() -> State:
    state: State = {}
    conv(state, "features.0", 64, 3, 3)
    for number, (inputs, narrow, wide) in FIRES.items():
        conv(state, f"features.{number}.squeeze", narrow, inputs, 1)
        conv(state, f"features.{number}.expand1x1", wide, narrow, 1)
        conv(state, f"features.{number}.expand3x3", wide, narrow, 3)
    return state


def vgg() -> State:
    state: State = {}
    for number, (outputs, inputs) in VGG.items():
        conv(state, f"features.{number}", outputs, inputs, 3)
    return state


MADE: dict[str, Callable[[], State]] = {"alex": alex, "squeeze": squeeze, "vgg": vgg}


def heads(kind: str, value: float = 1.0) -> State:
    return {
        f"lin{i}.model.1.weight": torch.full((1, c, 1, 1), value)
        for i, c in enumerate(CHANNELS[kind])
    }


def files(folder: Path, kind: str, other: str | None = None) -> tuple[Path, Path]:
    torch.manual_seed(0)
    torch.save(MADE[kind](), folder / "backbone.pth")
    torch.save(heads(other or kind), folder / "heads.pth")
    return folder / "backbone.pth", folder / "heads.pth"


def pictures() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 256, (80, 96, 3), np.uint8)
    filled = truth.copy()
    filled[20:60, 20:60] = 128
    return truth, filled


@pytest.mark.parametrize("kind", MADE)
def test_equal_pictures_are_at_distance_0(tmp_path: Path, kind: str) -> None:
    distance = Lpips(*files(tmp_path, kind))
    assert distance.kind == kind
    truth, filled = pictures()
    assert distance(truth, truth, HOLE) == 0.0
    once = distance(truth, filled, HOLE)
    assert once > 0
    assert distance(filled, truth, HOLE) == pytest.approx(once, rel=1e-4)


def test_heads_weigh_and_layers_add_up(tmp_path: Path) -> None:
    """By hand, from the definition, for the first layer alone; and twice the heads, twice it."""
    backbone, path = files(tmp_path, "alex")
    only = heads("alex", 0.0)
    only["lin0.model.1.weight"] = torch.rand(1, 64, 1, 1)
    torch.save(only, path)
    truth, filled = pictures()
    state = torch.load(backbone, weights_only=True)

    def first(picture: np.ndarray) -> torch.Tensor:
        x = torch.from_numpy(picture.transpose(2, 0, 1)[None] / 127.5 - 1)
        x = (x - torch.tensor([-0.030, -0.088, -0.188])[:, None, None]) / torch.tensor(
            [0.458, 0.448, 0.450]
        )[:, None, None]
        y = torch.conv2d(
            x.float(), state["features.0.weight"], state["features.0.bias"], stride=4, padding=2
        ).relu()
        return y / y.norm(dim=1, keepdim=True).clamp(min=1e-10)

    gap = (first(truth) - first(filled)).square() * only["lin0.model.1.weight"]
    wanted = float(gap.sum(dim=1).mean())
    found = Lpips(backbone, path)(truth, filled, HOLE)
    assert found == pytest.approx(wanted, rel=1e-4)
    torch.save({k: 2 * v for k, v in only.items()}, path)
    assert Lpips(backbone, path)(truth, filled, HOLE) == pytest.approx(2 * wanted, rel=1e-4)


def test_files_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable, match="do not belong together"):
        Lpips(*files(tmp_path, "alex", "vgg"))
    backbone, held = files(tmp_path, "alex")
    with pytest.raises(WeightsUnavailable, match="not a backbone"):
        Lpips(held, held)
    with pytest.raises(WeightsUnavailable, match="do not belong together"):
        Lpips(backbone, backbone)
    with pytest.raises(WeightsUnavailable, match="There is no weights file"):
        Lpips(tmp_path / "none", held)
    for content in (b"", b"text", held.read_bytes()[:300]):
        (tmp_path / "broken").write_bytes(content)
        with pytest.raises(WeightsUnavailable, match="does not hold weights"):
            Lpips(backbone, tmp_path / "broken")
