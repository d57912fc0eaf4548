"""The loss on features: the evaluation's distance, with a gradient."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.lab.evaluation.perceptual.feature_distance import FeatureDistance
from inpaint_core.lab.training.classifier_features import ClassifierFeatures
from inpaint_core.networks.losses.perceptual_losses import enlarge_hole, unit_distance


def pictures() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (96, 112, 3), dtype=np.uint8) for _ in range(2)]


def tensor(picture: np.ndarray) -> torch.Tensor:
    plane = torch.from_numpy(picture.transpose(2, 0, 1)[None].astype(np.float32))
    return plane / 127.5 - 1


def test_it_is_the_evaluations_distance(squeezenet: Path) -> None:
    """Over the whole picture, where the evaluation's crop is the picture."""
    one, two = pictures()
    everywhere = np.ones(one.shape[:2], bool)
    wanted = FeatureDistance(squeezenet)(one, two, everywhere)
    features = ClassifierFeatures(squeezenet)
    found = unit_distance(features, tensor(two), tensor(one))
    assert float(found) == pytest.approx(wanted, rel=1e-3)
    assert float(unit_distance(features, tensor(one), tensor(one))) == 0


def test_maps_are_read_of_pictures_as_files_hold_them(squeezenet: Path) -> None:
    features = ClassifierFeatures(squeezenet)
    picture = np.random.default_rng(0).random((32, 40, 3), np.float32)
    found = features.read_maps(picture)
    wanted = features(torch.from_numpy(picture * 2 - 1).permute(2, 0, 1)[None])
    assert [m.shape[0] for m in found] == [64, 128, 256, 384, 384, 512, 512]
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other[0].numpy(), rtol=1e-3, atol=1e-2)


def test_its_gradient_leads_to_the_truth(squeezenet: Path) -> None:
    features = ClassifierFeatures(squeezenet)
    truth, start = (tensor(p) for p in pictures())
    found = start.clone().requires_grad_()
    before = unit_distance(features, found, truth)
    before.backward()
    assert found.grad is not None
    step = start - 0.01 * found.grad / found.grad.abs().mean()
    assert float(unit_distance(features, step, truth)) < float(before.detach())
    assert not any(p.requires_grad for p in features.parameters())


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable, match="no weights file"):
        ClassifierFeatures(tmp_path / "none.pth")
    (tmp_path / "bad.pth").write_bytes(b"no weights")
    with pytest.raises(WeightsUnavailable, match="does not hold SqueezeNet"):
        ClassifierFeatures(tmp_path / "bad.pth")


def test_what_is_around_a_hole_is_enlarged() -> None:
    known = torch.ones(3, 1, 64, 64)
    known[0, 0, 20:36, 40:56] = 0  # 16 pixels wide: a square of 24 around it
    known[1, 0, 0:60, 10:20] = 0
    pictures = torch.arange(64.0).expand(3, 2, 64, 64).clone().requires_grad_()  # columns
    shown = enlarge_hole(pictures, known)
    assert shown.shape == pictures.shape
    assert torch.equal(shown[1], pictures[1])
    assert torch.equal(shown[2], pictures[2])  # no hole
    assert shown[0].amin() == 36
    assert shown[0].amax() == 59
    shown[0].sum().backward()
    assert pictures.grad is not None
    touched = torch.zeros(64, 64, dtype=torch.bool)
    touched[16:40, 36:60] = True
    assert torch.equal(pictures.grad[0, 0] != 0, touched)
    known[0] = 1
    known[0, 0, 5, 5] = 0  # enlarged four times at most, within the picture
    assert enlarge_hole(pictures.detach(), known)[0].amax() == 15
