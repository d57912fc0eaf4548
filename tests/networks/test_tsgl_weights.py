"""Weights files: round trips, and every way in which one can be wrong."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from tsgl_cases import TINY, batch

from inpaint_core.contract.errors import CannotWrite, WeightsUnavailable
from inpaint_core.networks.blocks.convolution_weights import fold
from inpaint_core.networks.store.weights_file import load_weights, save_weights
from inpaint_core.networks.tsgl.network import build_network


def net() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 2, 1))


def test_there_and_back(tmp_path: Path) -> None:
    one, other = build_network(TINY), build_network(TINY)
    with torch.no_grad():
        one.decoder.norms[0].running_var.fill_(1e6)  # no number of half precision
    for network in (one, other):
        fold(network)
    path = tmp_path / "tiny.safetensors"
    save_weights(one, path, {"images": "3"})
    load_weights(other, path, hashlib.sha256(path.read_bytes()).hexdigest())
    learned = {name for name, _ in one.named_parameters()}
    for name, value in one.state_dict().items():
        wanted = value.half().float() if name in learned else value
        assert torch.equal(other.state_dict()[name], wanted), name
    assert path.stat().st_size < 2.5 * sum(p.numel() for p in one.parameters()) + 60_000
    inputs = batch(TINY)
    with torch.no_grad():
        torch.testing.assert_close(one(inputs).image, other(inputs).image, atol=0.02, rtol=0)


def test_into_a_network_of_another_precision(tmp_path: Path) -> None:
    save_weights(net(), tmp_path / "w", {})
    low = net().to(torch.bfloat16)
    load_weights(low, tmp_path / "w")
    assert low[0].weight.dtype == torch.bfloat16


def test_every_tensor_that_does_not_fit_is_named(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_weights(net(), path, {})
    held = load_file(path)
    held["extra.weight"] = held.pop("0.bias")
    held["2.weight"] = torch.zeros(2, 5, 1, 1)
    save_file(held, path)
    target = net()
    before = {k: v.clone() for k, v in target.state_dict().items()}
    with pytest.raises(WeightsUnavailable) as caught:
        load_weights(target, path)
    said = str(caught.value.message)
    assert "missing 0.bias;" in said
    assert "unexpected extra.weight;" in said
    assert "misshapen 2.weight (2, 5, 1, 1) instead of (2, 4, 1, 1)." in said
    assert all(torch.equal(before[k], v) for k, v in target.state_dict().items())


def test_a_wholly_different_network_is_said_in_short(tmp_path: Path) -> None:
    save_weights(net(), tmp_path / "w", {})
    with pytest.raises(WeightsUnavailable, match=r"and \d+ more") as caught:
        load_weights(build_network(TINY), tmp_path / "w")
    assert len(str(caught.value.message)) < 1500


def test_missing_damaged_or_another_file(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    with pytest.raises(WeightsUnavailable, match="no weights file"):
        load_weights(net(), path)
    save_weights(net(), path, {})
    content = path.read_bytes()
    with pytest.raises(WeightsUnavailable, match="not the right one"):
        load_weights(net(), path, "0" * 64)
    for broken in (b"", content[:40], content[:-3], b"\xff" * 100):
        path.write_bytes(broken)
        with pytest.raises(WeightsUnavailable, match="is damaged"):
            load_weights(net(), path)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite):
        save_weights(net(), tmp_path / "none" / "w", {})
