"""MI-GAN's published files, in each of their containers, become engines that fill as published."""

from __future__ import annotations

import json
import warnings
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from published_migan import fill_as_published, published_migan
from safetensors.torch import save_file
from torch import Tensor, nn

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.registry import generator
from inpaint_core.importing import published_layouts
from inpaint_core.importing.convert import convert
from inpaint_core.importing.examine_weights import examine_weights
from inpaint_core.importing.import_weights import import_weights
from inpaint_core.importing.published_layouts import LAYOUTS
from inpaint_core.networks.checkpoint.read_checkpoint import open_checkpoint
from inpaint_core.networks.inputs import NetworkInputs
from inpaint_core.networks.migan.config import CONFIGS, LARGE, SMALL, MiganConfig
from inpaint_core.networks.migan.network import Migan
from inpaint_core.networks.migan.published_names import list_published_names
from inpaint_core.networks.registry import load_network
from inpaint_core.networks.store import user_weights
from inpaint_core.networks.store.weights_file import save_weights


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_weights, "data_folder", lambda: tmp_path / "data")
    monkeypatch.delenv("LACUNA_WEIGHTS", raising=False)


class _Held(nn.Module):
    """A module whose tensors have the published names."""

    def __init__(self, tensors: dict[str, Tensor]) -> None:
        super().__init__()
        for name, tensor in tensors.items():
            *path, last = name.split(".")
            holder: nn.Module = self
            for part in path:
                if not hasattr(holder, part):
                    holder.add_module(part, nn.Module())
                holder = getattr(holder, part)
            holder.register_buffer(last, tensor)

    def forward(self, x: Tensor) -> Tensor:
        return x


def write(tensors: dict[str, Tensor], container: str, path: Path) -> None:
    if container == "safetensors":
        save_file(tensors, path)
    elif container == "traced":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # published files are such
            traced = torch.jit.trace(_Held(tensors), torch.zeros(1))  # type: ignore[no-untyped-call]
            torch.jit.save(traced, path)
    else:
        torch.save(tensors, path)


def views(side: int) -> tuple[Tensor, Tensor]:
    torch.manual_seed(3)
    hole = torch.zeros(1, 1, side, side)
    hole[..., 40:90, 60:110] = 1
    return torch.rand(1, 3, side, side) * 2 - 1, hole


@pytest.mark.parametrize("inserting", [False, True])
def test_it_fills_as_published(
    inserting: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = MiganConfig("migan-256", 128, capacity=2048, widest=24)
    layout = replace(LAYOUTS["MI-GAN"], find_config=lambda shapes: config)
    monkeypatch.setattr(published_layouts, "LAYOUTS", {"MI-GAN": layout})
    tensors = published_migan(128, inserting=inserting, capacity=2048, widest=24)
    write(tensors, "plain", tmp_path / "file")
    assert import_weights(examine_weights(tmp_path / "file", Progress()), Progress(), "mine").id
    image, hole = views(128)
    net = load_network("migan-mine", "cpu", "float32").network
    with torch.inference_mode():
        # Whatever lies in the hole is not seen.
        got = net(NetworkInputs(image, 1 - hole)).image
        wanted = fill_as_published(tensors, 128, image, hole)
    assert float(wanted.std()) > 0.01
    assert float((got - wanted).abs().max()) < 2 / 255  # learned values are kept in half precision


@pytest.mark.parametrize(
    ("container", "config"), [("traced", LARGE), ("safetensors", SMALL), ("plain", LARGE)]
)
def test_every_number_of_the_published_ones_is_used(
    container: str, config: MiganConfig, tmp_path: Path
) -> None:
    tensors = published_migan(config.side)
    write(tensors, container, tmp_path / "file")
    found = examine_weights(tmp_path / "file", Progress())
    assert (found.network, found.engine, found.config) == ("MI-GAN", "migan", config)
    names = list_published_names(config)
    with torch.device("meta"):
        wanted = Migan(config).state_dict()
    with open_checkpoint(tmp_path / "file") as checkpoint:
        values = convert(checkpoint.tensors, wanted, names)
    assert values.keys() == wanted.keys()
    for name, value in values.items():
        assert np.array_equal(value, tensors[names.find_source(name).names[0]].numpy())


@pytest.mark.parametrize(
    ("config", "tensors", "elements"), [(LARGE, 177, 7_371_382), (SMALL, 154, 6_293_057)]
)
def test_the_published_sizes(config: object, tensors: int, elements: int) -> None:
    assert config in CONFIGS.values()
    published = published_migan(config.side)  # type: ignore[attr-defined]
    assert len(published) == tensors
    assert sum(value.numel() for value in published.values()) == elements
    with torch.device("meta"):
        own = Migan(config).state_dict()  # type: ignore[arg-type]
    names = list_published_names(config)  # type: ignore[arg-type]
    used = {names.find_source(name).names[0]: tuple(value.shape) for name, value in own.items()}
    assert used.items() <= {name: tuple(value.shape) for name, value in published.items()}.items()
    left = published.keys() - used.keys()
    assert all("filter" in name for name in left)
    assert len(left) == 5 * (len(config.sides) - 1)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("encoder.b64.conv2.downsample.filter.weight", "numbers that cannot be used"),
        ("synthesis.b64.upsample.filter_const", "numbers that cannot be used"),
        ("synthesis.b8.conv2.noise_const", "missing synthesis.b8.conv2.noise_const"),
    ],
)
def test_what_the_network_has_built_in_must_be_that(name: str, said: str, tmp_path: Path) -> None:
    tensors = published_migan(256)
    if "noise" in name:
        del tensors[name]
    else:
        tensors[name] = tensors[name] + 0.1
    torch.save(tensors, tmp_path / "x.pt")
    with pytest.raises(WeightsUnavailable, match=said):
        import_weights(examine_weights(tmp_path / "x.pt", Progress()), Progress())


def test_a_photo_of_another_size_is_filled(tmp_path: Path) -> None:
    """The engine takes the one size that the imported weights are for."""
    config = MiganConfig("migan-256", 128, capacity=512, widest=8)
    about = {"network": config.id, "configuration": json.dumps(asdict(config))}
    save_weights(Migan(config), tmp_path / "x", about)
    import_weights(examine_weights(tmp_path / "x", Progress()), Progress(), "mine")
    spec = generator("migan:mine")
    assert (spec.size.max_side, spec.size.multiple) == (128, 128)
    assert len(spec.taps) == 3 * 6
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 255, (150, 300, 3), np.uint8)
    mask = np.zeros((150, 300), np.uint8)
    mask[50:80, 120:170] = 255
    request = InpaintRequest(photo, mask, FillOptions(engine="migan:mine", device="cpu"))
    filled = Engine().inpaint(request, Progress()).applied_to(photo)
    assert np.array_equal(filled[:40], photo[:40])
    assert not np.array_equal(filled[55:75, 125:165], photo[55:75, 125:165])
