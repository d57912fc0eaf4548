"""Files with random numbers under the published names, in their containers, fill as published."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import published_dmfn
import published_pconv
import published_tsgl
import published_tsgl_lama
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.contract.progress import Progress
from inpaint_core.importing import published_layouts
from inpaint_core.importing.examine_weights import examine_weights
from inpaint_core.importing.import_weights import import_weights
from inpaint_core.importing.published_layouts import LAYOUTS
from inpaint_core.importing.recognise import recognise
from inpaint_core.networks.blocks.convolution_weights import fold
from inpaint_core.networks.dmfn.config import RELEASED
from inpaint_core.networks.inputs import NetworkInputs
from inpaint_core.networks.pconv.config import EIGHT_LEVELS, KERAS, SEVEN_LEVELS
from inpaint_core.networks.registry import configurations, load_network
from inpaint_core.networks.store import user_weights
from inpaint_core.networks.tsgl.config import LAMA, Balance
from inpaint_core.networks.tsgl.config import RELEASED as TSGL
from inpaint_core.networks.tsgl.inputs import Inputs, prepare_inputs
from inpaint_core.priors.canny import find_canny_edges

SIX_BLOCKS = replace(TSGL, depths=(2, 2, 6, 6))

LEVELS = (8, 12, 16, 16)
"""Of a small PConv U-Net."""


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_weights, "data_folder", lambda: tmp_path / "data")
    monkeypatch.delenv("LACUNA_WEIGHTS", raising=False)


@pytest.fixture
def bring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Imports a file of a network of another size than the published, and loads that network."""

    def bring(network: str, config: Any, path: Path) -> Any:
        layout = replace(LAYOUTS[network], find_config=lambda shapes: config)
        monkeypatch.setattr(published_layouts, "LAYOUTS", {network: layout})
        found = examine_weights(path, Progress())
        assert found.network == network
        entry = import_weights(found, Progress(), "mine")
        return load_network(entry.id, "cpu", "float32").network

    return bring


def views(side: int = 64) -> tuple[Tensor, Tensor]:
    torch.manual_seed(3)
    hole = torch.zeros(1, 1, side, side)
    hole[..., 14:44, 20:50] = 1
    return torch.rand(1, 3, side, side), hole


def compare(net: Any, image: Tensor, hole: Tensor, wanted: Tensor) -> None:
    """``image`` and ``wanted`` in [0, 1]."""
    with torch.inference_mode():
        found = net(NetworkInputs(image * 2 - 1, 1 - hole)).image  # the hole's values are not used
    assert float(wanted.std()) > 0.01
    assert float(((found + 1) / 2 - wanted).abs().max()) < 1 / 255


@pytest.mark.parametrize("container", ["plain", "legacy", "safetensors"])
def test_dmfn_fills_as_published(container: str, tmp_path: Path, bring: Callable[..., Any]) -> None:
    tensors = published_dmfn.published_dmfn(8)
    path = tmp_path / "file"
    if container == "safetensors":
        save_file(tensors, path)
    else:
        torch.save(tensors, path, _use_new_zipfile_serialization=container == "plain")
    net = bring("DMFN", replace(RELEASED, width=8), path)
    image, hole = views()
    filled = published_dmfn.fill_as_published(tensors, image * 2 - 1, hole)
    compare(net, image, hole, (filled + 1) / 2)


@pytest.mark.parametrize("legacy", [True, False])
def test_pconv_for_torch_fills_as_published(
    legacy: bool, tmp_path: Path, bring: Callable[..., Any]
) -> None:
    tensors = published_pconv.published_for_torch(LEVELS)
    path = tmp_path / "file"
    optimiser = {"state": {0: {"exp_avg": torch.zeros(3)}}, "param_groups": [{"lr": 5e-5}]}
    held = {"model": tensors, "optimizer": optimiser, "n_iter": 1_000_000}
    if legacy:  # what was written before batches were counted
        held["model"] = {n: t for n, t in tensors.items() if not n.endswith("num_batches_tracked")}
    torch.save(held, path, _use_new_zipfile_serialization=not legacy)
    net = bring("PConv U-Net", replace(SEVEN_LEVELS, widths=LEVELS), path)
    image, hole = views()
    wanted = published_pconv.fill_as_torch(tensors, len(LEVELS), image, hole)
    compare(net, image, hole, wanted)


def test_counts_are_those_of_the_published_networks() -> None:
    with torch.device("meta"):
        files = {
            RELEASED: published_dmfn.published_dmfn(),
            SEVEN_LEVELS: published_pconv.published_for_torch(SEVEN_LEVELS.widths),
            EIGHT_LEVELS: published_pconv.published_for_torch(EIGHT_LEVELS.widths),
            KERAS: published_pconv.published_for_keras(KERAS.widths),
            replace(LAMA, global_norm="batch"): published_tsgl_lama.published_tsgl_lama(),
            SIX_BLOCKS: published_tsgl.published_tsgl(SIX_BLOCKS),
        }
        built = {config: configurations()[config.id].build(config) for config in files}
        for network in built.values():
            fold(network)
    counts = {c.id: (len(t), sum(x.numel() for x in t.values())) for c, t in files.items()}
    assert counts[RELEASED.id] == (116, 9_037_443)
    assert counts[SEVEN_LEVELS.id] == (89, 51_559_601)
    assert counts[EIGHT_LEVELS.id] == (103, 65_719_475)
    assert counts[LAMA.id][0] == 998
    assert counts[SIX_BLOCKS.id][0] == 662
    learned = [x.numel() for n, x in files[KERAS].items() if "moving" not in n]
    assert sum(learned) == 32_865_248
    for config, tensors in files.items():
        names = {name.replace("/", "."): tuple(tensor.shape) for name, tensor in tensors.items()}
        found = recognise(names)
        assert found is not None
        layout = LAYOUTS[found.network]
        assert (found.prefixes, layout.find_config(names)) == ((("", ""),), config)
        rest = names.keys()
        for each in layout.map_names(config, names).dropped:
            rest = {name for name in rest if not re.fullmatch(each.pattern, name)}
        mapped = layout.map_names(config, names)
        own = [n for n in built[config].state_dict() if not n.endswith("num_batches_tracked")]
        used = {theirs for name in own for theirs in mapped.find_source(name).names}
        assert used == {name for name in rest if not name.endswith("num_batches_tracked")}


@pytest.mark.parametrize(("first", "whole"), [(1, False), (17, True)])
def test_pconv_for_keras_fills_as_published(
    first: int, whole: bool, tmp_path: Path, bring: Callable[..., Any]
) -> None:
    """``whole``: a file of the whole model, with its optimiser, instead of its weights alone."""
    h5py = pytest.importorskip("h5py", reason="HDF5 files need the package h5py")
    tensors = published_pconv.published_for_keras(LEVELS, first)
    with h5py.File(tmp_path / "file", "w") as file:
        file.attrs["layer_names"] = ["p_conv2d_1"]
        for name, tensor in tensors.items():
            file[f"model_weights/{name}:0" if whole else f"{name}:0"] = tensor.numpy()
        if whole:
            file["optimizer_weights/Adam/iterations:0"] = np.int64(9)
    net = bring("PConv U-Net (Keras)", replace(KERAS, widths=LEVELS), tmp_path / "file")
    image, hole = views()
    wanted = published_pconv.fill_as_keras(tensors, len(LEVELS), first, image, hole)
    compare(net, image, hole, wanted)


SMALL_TSGL = replace(
    LAMA, global_norm="batch", structure_widths=(8, 12, 16, 16, 16), width=16, blocks=2, hidden=6,
    decoder_widths=(16, 12, 8, 8, 6),
)  # fmt: skip


@pytest.mark.parametrize("prefix", ["module.", ""])
def test_tsgl_lama_fills_as_published(
    prefix: str, tmp_path: Path, bring: Callable[..., Any]
) -> None:
    c = SMALL_TSGL
    tensors = published_tsgl_lama.published_tsgl_lama(
        c.structure_widths, c.width, c.blocks, c.hidden, c.decoder_widths
    )
    torch.save({prefix + name: tensor for name, tensor in tensors.items()}, tmp_path / "file")
    net = bring("TSGL-LaMa", c, tmp_path / "file")
    image, hole = views()
    known = 1 - hole
    edges = (torch.rand(1, 1, 64, 64) > 0.9).float() * known
    grey = image.mean(1, keepdim=True) * known
    inputs = Inputs(image * 2 - 1, known, torch.cat([edges, grey], 1), known)
    with torch.inference_mode():
        found = net(inputs, edges=True)
        wanted = published_tsgl_lama.fill_as_published(
            tensors, c.blocks, (image * 2 - 1) * known, edges, grey, hole
        )
    assert float(wanted[0].std()) > 0.01
    assert float((found.image - wanted[0]).abs().max()) < 2 / 255
    assert float((found.edges - wanted[1]).abs().max()) < 1 / 255


SMALL_RELEASED = replace(
    TSGL, structure_widths=(4, 6, 8, 10, 12), width=16, depths=(2, 1, 2, 2), hidden=6,
    fusion_widths=(4, 6, 8, 16, 16, 16), balance=Balance(width=8, fused=32, depth=2),
    decoder_widths=(16, 12, 8, 8, 6),
)  # fmt: skip


@pytest.mark.parametrize("prefix", ["module.", ""])
def test_tsgl_for_256_fills_as_released(
    prefix: str, tmp_path: Path, bring: Callable[..., Any]
) -> None:
    tensors = published_tsgl.published_tsgl(SMALL_RELEASED)
    torch.save({prefix + name: tensor for name, tensor in tensors.items()}, tmp_path / "file")
    net = bring("TSGL (256)", SMALL_RELEASED, tmp_path / "file")
    rng = np.random.default_rng(4)
    image = cv2.resize(rng.random((16, 16, 3), np.float32), (256, 256))
    hole = np.zeros((256, 256), bool)
    hole[60:190, 100:256] = True
    inputs = prepare_inputs(image, hole, SMALL_RELEASED)
    wrapped = published_tsgl.wrap(image)
    grey = (wrapped @ np.float32([0.2125, 0.7154, 0.0721])) * ~hole
    assert np.allclose(inputs.structure[0, 1].numpy(), grey, atol=1e-3)
    edges = find_canny_edges(wrapped, hole)
    assert edges.any()
    assert np.array_equal(inputs.structure[0, 0].numpy() > 0, edges)
    assert inputs.texture is not None
    with torch.inference_mode():
        found = net(inputs, edges=True)
        wanted = published_tsgl.fill_as_released(
            tensors, SMALL_RELEASED, inputs.image * inputs.known, inputs.texture * inputs.known,
            inputs.structure[:, :1], inputs.structure[:, 1:] * inputs.known, inputs.known,
        )  # fmt: skip
    assert float(wanted[0].std()) > 0.01
    assert float((found.image - wanted[0]).abs().max()) < 2 / 255
    assert float((found.edges - wanted[1]).abs().max()) < 2 / 255


def test_the_first_form_of_tsgl_is_named(tmp_path: Path) -> None:
    tensors = published_tsgl.published_tsgl(SMALL_RELEASED)
    torch.save({**tensors, "en_fusion_1.0.weight": torch.zeros(4, 20, 3, 3)}, tmp_path / "file")
    with pytest.raises(WeightsUnavailable, match=r"TSGL .256. in its first form"):
        examine_weights(tmp_path / "file", Progress())
