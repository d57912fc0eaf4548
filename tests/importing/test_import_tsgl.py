"""Every configuration of TSGL, from what training exports to a fill and its maps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from inpaint_core.cli import main
from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.registry import generator, list_configurations, list_imported
from inpaint_core.inspection.capture import look_inside
from inpaint_core.networks import device
from inpaint_core.networks.blocks.convolution_weights import fold
from inpaint_core.networks.registry import find_network
from inpaint_core.networks.store import user_weights
from inpaint_core.networks.store.weights_file import save_weights
from inpaint_core.networks.tsgl.ablations import ABLATIONS, BASIC

SMALL: Mapping[str, Any] = {
    "structure_widths": [4, 6, 8, 10, 12],
    "width": 16,
    "depths": [1, 1, 1, 1],
    "hidden": 6,
    "fusion_widths": [4, 6, 8, 16, 16, 16],
    "balance": {"width": 8, "fused": 16, "depth": 1},
    "decoder_widths": [16, 12, 8, 8, 6],
}
SMALL_LAMA: Mapping[str, Any] = {
    "structure_widths": [4, 4, 6, 8, 8],
    "width": 16,
    "blocks": 1,
    "hidden": 6,
    "decoder_widths": [16, 12, 8, 8, 6],
}


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_weights, "data_folder", lambda: tmp_path / "data")
    monkeypatch.delenv("LACUNA_WEIGHTS", raising=False)
    monkeypatch.setattr(device, "THREADS", 1)  # small networks gain nothing from more


def export(path: Path, network: str, changes: Mapping[str, Any]) -> None:
    """Write what a training of fresh weights exports."""
    torch.manual_seed(0)
    spec, config = find_network(network, changes)
    net = spec.build(config)
    fold(net)
    save_weights(net, path, {"network": network, "configuration": json.dumps(dict(changes))})


@pytest.mark.parametrize(
    ("network", "changes", "multiple", "priors"),
    [
        ("paper", SMALL, 64, {"canny", "grey", "l0"}),
        ("base", {**SMALL, **ABLATIONS[BASIC], **ABLATIONS["Gradient-X"]}, 64, {"sobel"}),
        ("lama", SMALL_LAMA, 32, {"canny", "grey"}),
    ],
    ids=["paper", "ablations", "lama"],
)
def test_a_configuration_fills_and_shows_its_maps(
    network: str,
    changes: Mapping[str, Any],
    multiple: int,
    priors: set[str],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "made.safetensors"
    export(file, network, changes)
    assert main(["weights", "import", str(file), "--name", "mine"]) == 0
    assert "--engine tsgl:mine" in capfd.readouterr().out
    assert "tsgl:mine" in [spec.id for spec in list_imported()]

    spec = generator("tsgl:mine")
    assert (spec.size.multiple, set(spec.priors)) == (multiple, priors)
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 255, (96, 120, 3), np.uint8)
    mask = np.zeros((96, 120), np.uint8)
    mask[30:60, 40:80] = 255
    options = FillOptions("tsgl:mine", "cpu", grow=0, feather=0)
    run = look_inside(InpaintRequest(photo, mask, options), Engine(native=False))
    filled = run.result.applied_to(photo)
    assert np.array_equal(filled[mask == 0], photo[mask == 0])
    assert not np.array_equal(filled[mask > 0], photo[mask > 0])
    assert set(run.captures[0].maps) == {tap.name for tap in spec.taps if not tap.on_request}
    assert run.edges is not None
    if network != "base":  # those of “base” itself ship
        named = generator(f"tsgl:{network}")
        assert (named.taps, named.size) == (spec.taps, spec.size)
        options = FillOptions(named.id, "cpu", grow=0, feather=0)
        same = Engine(native=False).inpaint(InpaintRequest(photo, mask, options), Progress())
        assert np.array_equal(same.applied_to(photo), filled)
    assert main(["weights", "prefer", "base-mine"]) == (2 if network == "base" else 0)
    said = capfd.readouterr()
    assert f"“tsgl:{network}” uses “base-mine” now" in said.out or "that ship" in said.err


def test_a_semantic_map_comes_from_a_file(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """What it says of the known part matters, and of the hole it does not."""
    export(tmp_path / "made.safetensors", "base", {**SMALL, **ABLATIONS["Semantic"]})
    assert main(["weights", "import", str(tmp_path / "made.safetensors"), "--name", "mine"]) == 0
    rng = np.random.default_rng(0)
    mask = np.zeros((96, 120), np.uint8)
    mask[30:60, 40:80] = 255
    labels = np.repeat(rng.integers(0, 2, (96, 120, 1), np.uint8) * 200, 3, axis=2)
    inside, outside = labels.copy(), labels.copy()
    inside[35:55, 45:75] = 90
    outside[:, :20] = 90
    pictures = {"photo": rng.integers(0, 255, (96, 120, 3), np.uint8), "mask": mask,
                "labels": labels, "inside": inside, "outside": outside}  # fmt: skip
    files = {name: tmp_path / f"{name}.png" for name in pictures}
    for name, picture in pictures.items():
        Image.fromarray(picture).save(files[name])
    arguments = ["fill", str(files["photo"]), "--mask", str(files["mask"]), "--device", "cpu",
                 "--grow", "0", "--feather", "0"]  # fmt: skip
    fills = []
    for name in ("labels", "inside", "outside"):  # what the network makes, followed or not
        options = FillOptions("tsgl:mine", "cpu", grow=0, feather=0, semantic=pictures[name])
        request = InpaintRequest(pictures["photo"], mask, options)
        fills.append(Engine(native=False).inpaint(request, Progress()).applied_to(request.image))
    assert np.array_equal(fills[0], fills[1])
    assert not np.array_equal(fills[0], fills[2])
    more = ["--engine", "tsgl:mine", "--semantic", str(files["labels"])]
    assert main([*arguments, *more, "--out", str(tmp_path / "filled.png")]) == 0
    capfd.readouterr()
    out = ["--out", str(tmp_path / "out.png")]
    assert main([*arguments, *out, "--engine", "tsgl:mine"]) == 2
    assert "needs a semantic map" in capfd.readouterr().err
    small = tmp_path / "small.png"
    Image.new("RGB", (8, 8)).save(small)
    assert main([*arguments, *out, "--engine", "tsgl:mine", "--semantic", str(small)]) == 2
    assert "8 x 8 pixels" in capfd.readouterr().err
    options = FillOptions("harmonic", semantic=labels)
    result = Engine().inpaint(InpaintRequest(pictures["photo"], mask, options), Progress())
    assert any("takes no semantic map" in str(note) for note in result.notes)


@pytest.mark.parametrize("name", ["paper", "lama"])
def test_a_configuration_without_weights_is_listed_and_refused(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    engine = f"tsgl:{name}"
    assert engine in [spec.id for spec in list_configurations()]
    with pytest.raises(WeightsUnavailable, match=f"no weights called “{name}”"):
        Engine().load(engine)
    mask = np.zeros((64, 64), np.uint8)
    mask[20:40, 20:40] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    Image.new("RGB", (64, 64), "grey").save(tmp_path / "photo.png")
    arguments = [str(tmp_path / "photo.png"), "--mask", str(tmp_path / "mask.png")]
    assert main(["fill", *arguments, "--engine", engine, "--out", str(tmp_path / "o.png")]) == 2
    assert "inpaint weights import" in capfd.readouterr().err
