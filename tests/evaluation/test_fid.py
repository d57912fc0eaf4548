"""FID: the distance by hand, the network by its counts, the refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inpaint_core.cli import main
from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.lab.evaluation.perceptual import fid as fid_module
from inpaint_core.lab.evaluation.perceptual.fid import Fid, InceptionFeatures, frechet_distance
from inpaint_core.lab.evaluation.perceptual.inception import Inception
from inpaint_core.networks.blocks.cost import count_parameters


def test_the_distance_of_equal_sets_is_0() -> None:
    rows = np.random.default_rng(0).normal(size=(60, 128))
    assert frechet_distance(rows, rows) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(rows, rows[::-1]) == pytest.approx(0, abs=1e-9)


def test_the_distance_of_shifted_and_of_scaled_sets() -> None:
    rows = np.random.default_rng(0).normal(size=(60, 8))
    assert frechet_distance(rows, rows + np.r_[3.0, 4.0, np.zeros(6)]) == pytest.approx(25)
    rows -= rows.mean(axis=0)
    spread = np.trace(np.cov(rows.T))
    assert frechet_distance(rows, 3 * rows) == pytest.approx(4 * spread)  # (3 - 1)² tr S


def test_the_distance_is_that_of_the_formula() -> None:
    """In two dimensions tr (S1 S2)^½ = sqrt(tr S1 S2 + 2 sqrt(det S1 S2))."""
    rng = np.random.default_rng(1)
    one = rng.normal(size=(40, 2)) @ np.array([[2.0, 0.3], [0.0, 1.0]])
    two = rng.normal(size=(70, 2)) @ np.array([[0.5, 0.0], [0.4, 3.0]]) + 1
    s1, s2 = np.cov(one.T), np.cov(two.T)
    root = np.sqrt(np.trace(s1 @ s2) + 2 * np.sqrt(np.linalg.det(s1 @ s2)))
    gap = np.square(one.mean(axis=0) - two.mean(axis=0)).sum()
    assert frechet_distance(one, two) == pytest.approx(gap + np.trace(s1) + np.trace(s2) - 2 * root)
    assert frechet_distance(one, two) == pytest.approx(frechet_distance(two, one))


def test_one_row_has_no_covariance() -> None:
    with pytest.raises(ValueError, match="two rows"):
        frechet_distance(np.zeros((1, 4)), np.zeros((5, 4)))


def test_the_network_is_inception_without_its_classifier() -> None:
    with torch.device("meta"):
        net = Inception().eval()
        assert count_parameters(net) == 21_785_568
        assert net(torch.empty(2, 3, 299, 299)).shape == (2, 2048)
    names = net.state_dict().keys()
    for name in (
        "Conv2d_1a_3x3.conv.weight",
        "Mixed_5b.branch3x3dbl_3.bn.running_var",
        "Mixed_6c.branch7x7dbl_5.conv.weight",
        "Mixed_7a.branch7x7x3_4.conv.weight",
        "Mixed_7c.branch3x3dbl_3b.bn.bias",
    ):
        assert name in names


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sixteenth of the network's width, as an old file with a classifier holds it."""
    torch.manual_seed(0)
    net = Inception(16)
    for conv in (m for m in net.modules() if isinstance(m, torch.nn.Conv2d)):
        torch.nn.init.kaiming_normal_(conv.weight)  # or nothing of a picture reaches the end
    state = net.state_dict()
    state = {k: v for k, v in state.items() if not k.endswith("num_batches_tracked")}
    state["fc.weight"] = torch.zeros(10, 128)
    path = tmp_path_factory.mktemp("fid") / "inception.pth"
    torch.save(state, path)
    return path


def test_features_and_distances_of_pictures(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fid_module, "FEWEST", 4)
    features = InceptionFeatures(weights, slim=16)
    rng = np.random.default_rng(0)
    fid = Fid(features)
    for number in range(4):
        truth = rng.integers(0, 256, (24, 32, 3), np.uint8)
        if number == 3:
            assert fid.compute_distances() == {}
            assert "are fewer than 4" in fid.format_report()
        fid.add(f"{number}", truth, {"same": truth, "grey": np.full_like(truth, 128)})
    assert features(truth).shape == (128,)
    found = fid.compute_distances()
    assert found["same"] == pytest.approx(0, abs=1e-9)
    assert found["grey"] > 1e-6
    assert "FID over 4 photos" in fid.format_report()


def test_files_that_do_not_fit_are_refused(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable, match=r"misshapen .*Conv2d_1a_3x3"):
        InceptionFeatures(weights, slim=8)
    with pytest.raises(WeightsUnavailable, match="There is no weights file"):
        InceptionFeatures(tmp_path / "none")
    torch.save({"a": torch.zeros(1)}, tmp_path / "other")
    with pytest.raises(WeightsUnavailable, match=r"missing .* unexpected a"):
        InceptionFeatures(tmp_path / "other", slim=16)
    (tmp_path / "broken").write_bytes(weights.read_bytes()[:500])
    with pytest.raises(WeightsUnavailable, match="does not hold weights"):
        InceptionFeatures(tmp_path / "broken")


def test_too_few_photos_are_refused_before_any_fill(
    weights: Path,
    tmp_path: Path,
    bench: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(
        fid_module, "InceptionFeatures", lambda path: InceptionFeatures(path, slim=16)
    )
    photos = ["--photos", str(bench.photos), "--masks", str(bench.masks)]
    for source in (photos, ["--scenes", "49"]):
        out = tmp_path / "out"
        options = ["--engine", "harmonic", "--fid", str(weights), "--out-dir", str(out)]
        assert main(["evaluate", *source, *options]) == 2
        assert "FID needs 50 photos or more" in capsys.readouterr().err
        assert not out.exists()
    assert fid_module.FEWEST == 50
