"""Weights files of every kind that programs write, from one small network."""

from __future__ import annotations

import io
import sys
import types
import warnings
from collections import OrderedDict
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor, nn


def small_network() -> nn.Module:
    torch.manual_seed(0)
    layers = (nn.Conv2d(4, 8, 3), nn.BatchNorm2d(8), nn.ConvTranspose2d(8, 3, 4, 2, 1))
    return nn.Sequential(*layers).eval()


class _Fill(nn.Module):
    def __init__(self, generator: nn.Module) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, image: Tensor, mask: Tensor) -> Tensor:
        filled: Tensor = self.generator(torch.cat([image * (1 - mask), mask], 1))
        return filled


def saved(value: Any, legacy: bool = False) -> bytes:
    stream = io.BytesIO()
    torch.save(value, stream, _use_new_zipfile_serialization=not legacy)
    return stream.getvalue()


def checkpoint_files() -> dict[str, tuple[bytes, str, str]]:
    """By name: the content, the kind, and what stands before the names of the network's tensors."""
    net = small_network()
    state = net.state_dict()
    files = {
        "plain": (saved(state), "torch", ""),
        "legacy": (saved({"model": state, "n_iter": 5}, legacy=True), "torch_legacy", "model."),
        "lightning": (_lightning(state), "torch", "state_dict.generator."),
        "safetensors": (save(dict(state), {"network": "small"}), "safetensors", ""),
        "parameters": (saved(OrderedDict(net.named_parameters())), "torch", ""),
    }
    whole = _Fill(net)
    views = (torch.rand(1, 3, 16, 16), torch.rand(1, 1, 16, 16))
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old files are what this is about
        torch.jit.save(torch.jit.trace(whole, views), stream)
    files["traced"] = (stream.getvalue(), "torchscript", "generator.")
    return files


def _lightning(state: dict[str, Tensor]) -> bytes:
    """A checkpoint of a training program whose classes are not installed where it is read."""
    package = "pytorch_lightning.callbacks.model_checkpoint"
    parts = package.split(".")
    names = [".".join(parts[: count + 1]) for count in range(len(parts))]
    modules = {name: types.ModuleType(name) for name in names}
    callback = type("ModelCheckpoint", (), {"__module__": package})
    modules[package].ModelCheckpoint = callback  # type: ignore[attr-defined]
    modules[names[0]].callbacks = modules[names[1]]  # type: ignore[attr-defined]
    modules[names[1]].model_checkpoint = modules[package]  # type: ignore[attr-defined]
    sys.modules.update(modules)
    try:
        held = callback()
        held.best = 1.0
        prefixed = {f"generator.{name}": tensor for name, tensor in state.items()}
        value = {"epoch": 39, "state_dict": prefixed, "callbacks": {callback: held}}
        return saved(value)
    finally:
        for name in names:
            del sys.modules[name]
