"""Random changes of what a discriminator sees."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import TINY, TSGL
from torch import Tensor

from inpaint_core.contract.errors import BadRequest
from inpaint_core.lab.training.config import parse_table
from inpaint_core.lab.training.photo_archive import PhotoArchive
from inpaint_core.lab.training.samples import make_sample
from inpaint_core.lab.training.trainer import Trainer
from inpaint_core.networks.inputs import join_batches
from inpaint_core.networks.losses.differentiable_augmentation import (
    CHANCES,
    CHANCES_COUNT,
    augment,
    augment_known,
)
from inpaint_core.networks.registry import networks
from inpaint_core.networks.tsgl.config import TsglLosses

ALL: tuple[Any, ...] = ("colour", "translation", "cutout")


def chances(seed: int, count: int = 2) -> Tensor:
    return torch.rand((count, CHANCES_COUNT, 1, 1), generator=torch.Generator().manual_seed(seed))


def picture(seed: int, count: int = 2, height: int = 24, width: int = 32) -> Tensor:
    shape = (count, 3, height, width)
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def naive(image: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """The paper's three changes of one picture (3, h, w), pixel by pixel."""
    image = image + (chance[0] - 0.5)
    grey = image.mean(axis=0)
    image = grey + (image - grey) * 2 * chance[1]
    image = image.mean() + (image - image.mean()) * (chance[2] + 0.5)
    _, h, w = image.shape
    out = np.zeros_like(image)
    dy, dx = (int(np.floor(c * (2 * round(n / 8) + 1))) - round(n / 8)
              for c, n in ((chance[3], h), (chance[4], w)))  # fmt: skip
    cy, cx = int(chance[5] * h), int(chance[6] * w)
    for y in range(h):
        for x in range(w):
            hidden = abs(y + 0.5 - cy) < h // 4 and abs(x + 0.5 - cx) < w // 4
            if not hidden and 0 <= y - dy < h and 0 <= x - dx < w:
                out[:, y, x] = image[:, y - dy, x - dx]
    return out


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_changes_are_those_of_the_paper(seed: int) -> None:
    one, given_chances = picture(seed), chances(seed)
    found = augment(one, given_chances, ALL).numpy()
    for k in range(2):
        wanted = naive(one[k].double().numpy(), given_chances[k, :, 0, 0].double().numpy())
        np.testing.assert_allclose(found[k], wanted, atol=1e-5)


def test_each_kind_alone_and_none() -> None:
    one = picture(0)
    assert augment(one, None, ()) is one
    coloured = augment(one, chances(1), ("colour",))
    assert (coloured != 0).all()
    assert not torch.equal(coloured, one)
    middle = torch.full((2, CHANCES_COUNT, 1, 1), 0.5)
    torch.testing.assert_close(augment(one, middle, ("colour", "translation")), one)
    cut = augment(one, middle, ("cutout",))
    assert (cut[..., 6:18, 8:24] == 0).all()
    cut[..., 6:18, 8:24] = one[..., 6:18, 8:24]
    assert torch.equal(cut, one)
    with pytest.raises(ValueError, match="no chances"):
        augment(one, None, ("cutout",))
    with pytest.raises(ValueError, match="no chances"):
        augment(one, chances(0, count=1), ("cutout",))


def test_a_mask_moves_with_its_picture() -> None:
    known = (picture(3)[:, :1] > 0).float()
    moved = augment_known(known, chances(4), ALL)
    shown = augment(1 - known, chances(4), ("translation", "cutout"))
    assert torch.equal(moved, 1 - shown)
    assert augment_known(known, None) is known


def test_gradients_flow_to_what_is_shown_and_nowhere_else() -> None:
    one = picture(5).requires_grad_()
    shown = augment(one, chances(6), ("translation", "cutout"))
    weight = picture(7)
    (shown * weight).sum().backward()
    assert one.grad is not None
    # Each pixel that is shown passes the slope on to the one that it came from.
    torch.testing.assert_close((one.grad * one).sum(), (shown * weight).sum())
    assert 0.3 < (one.grad != 0).float().mean() < 0.95
    coloured = picture(5).requires_grad_()
    augment(coloured, chances(6), ALL).square().sum().backward()
    assert coloured.grad is not None
    assert torch.isfinite(coloured.grad).all()
    assert coloured.grad.abs().sum() > 0


class _Judge(torch.nn.Module):
    """Remembers what it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Tensor] = []
        self.slope = torch.nn.Parameter(torch.tensor(1.0))

    def forward(self, *pictures: Tensor) -> tuple[Tensor, list[Tensor]]:
        self.seen.append(pictures[0].detach())
        return self.slope * pictures[0].mean(dim=1, keepdim=True), [self.slope * pictures[0]]


@pytest.mark.parametrize("name", ["tsgl", "dmfn", "zits"])
def test_every_network_shows_real_and_filled_pictures_alike(album: Path, name: str) -> None:
    """Where both are known they look the same to the discriminator, however they were changed, and
    nothing of a batch is shown as it is.
    """
    from inpaint_core.networks.dmfn.config import DmfnConfig, DmfnLosses
    from inpaint_core.networks.zits.config import ZitsConfig, ZitsLosses

    zits = ZitsConfig("t", structure_side=64, structure_widths=(3, 4, 5), embedding=8, heads=2,
                      layers=2, steps=2, upsampler_width=3, width=4, blocks=1,
                      encoder_blocks=1)  # fmt: skip
    config, losses = {
        "tsgl": (TINY, TsglLosses(matching=1.0)),
        "dmfn": (DmfnConfig("t", width=4, blocks=2), DmfnLosses(self_guided=0, features=0,
                                                                alignment=0)),
        "zits": (zits, ZitsLosses(part="lama", perceptual=0)),
    }[name]  # fmt: skip
    spec = TSGL if name == "tsgl" else networks()[name]
    photos, make = PhotoArchive([str(album / "photos")]), partial(spec.make_sample, config, losses)
    torch.manual_seed(0)
    batch = join_batches([make_sample(photos, make, 64, 0, n, chances=True) for n in (0, 1)])
    generator, judge = spec.build(config), _Judge()
    objective = spec.objective(losses, generator, judge, None, "cpu", "float32")
    objective.augment = ALL
    found = objective.backward(batch, 1)
    assert found["adversarial"] != 0
    real, fake = judge.seen[:2]
    torch.testing.assert_close(real, augment(batch.truth, batch.targets[CHANCES], ALL))
    assert (real != fake).any()
    if name == "tsgl":  # whose discriminator sees composites, whose colours are not spread by means
        objective.augment = ("translation", "cutout")
        judge.seen.clear()
        objective.backward(batch, 1)
        known = objective.judged_known(batch).expand_as(real) > 0
        assert torch.equal(judge.seen[0][known], judge.seen[1][known])
    slopes = [p.grad for p in generator.parameters() if p.grad is not None]
    assert all(torch.isfinite(slope).all() for slope in slopes)
    assert judge.slope.grad is not None
    assert not any(torch.equal(seen, batch.truth) for seen in judge.seen)


def test_chances_are_the_samples_own(album: Path) -> None:
    photos = PhotoArchive([str(album / "photos")])
    make = partial(TSGL.make_sample, TINY, TsglLosses())
    one, again, other = (
        make_sample(photos, make, 64, 0, n, chances=True).targets[CHANCES] for n in (2, 2, 3)
    )
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    assert CHANCES not in make_sample(photos, make, 64, 0, 2).targets


@pytest.mark.usefixtures("_tiny")
def test_settings_that_are_refused(album: Path, tmp_path: Path) -> None:
    table = {"photos": [str(album / "photos")], "validation": [str(album / "photos")],
             "out": str(tmp_path / "out"), "device": "cpu", "sizes": [[0, 128]]}  # fmt: skip
    with pytest.raises(BadRequest, match="augment"):
        parse_table({**table, "augment": ["rotation"]})
    for name in ("structure", "whole_views"):
        with pytest.raises(BadRequest, match=f"“{name}” must be from 0 to 1"):
            parse_table({**table, name: 1.5})
    with pytest.raises(BadRequest, match="needs a discriminator"):
        Trainer(parse_table({**table, "network": "pconv", "perceptual": 0,
                            "style": 0, "augment": ["colour"]}))  # fmt: skip
