"""ZITS's four files, in their containers and in any order, become one engine."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import published_zits
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.cli import main
from inpaint_core.contract.errors import BadRequest, WeightsUnavailable
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest, View
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.registry import generator
from inpaint_core.importing import published_layouts
from inpaint_core.importing.examine_weights import examine_weights
from inpaint_core.importing.import_weights import import_weights
from inpaint_core.importing.published_layouts import LAYOUTS, PARTS
from inpaint_core.importing.recognise import recognise
from inpaint_core.networks.registry import load_network
from inpaint_core.networks.store import user_weights
from inpaint_core.networks.store.user_weights import read_user_weights
from inpaint_core.networks.zits.config import PAPER
from inpaint_core.networks.zits.hawp import detector
from inpaint_core.networks.zits.inputs import prepare_inputs
from inpaint_core.networks.zits.network import Zits

SMALL = replace(PAPER, layers=2, blocks=1, encoder_blocks=1, steps=1)
PARTS_OF = {
    "structure": "ZITS (structure)",
    "upsampler": "ZITS (upsampler)",
    "picture": "ZITS (picture)",
    "lines": "ZITS (lines)",
}


def write_all(layers: int, blocks: int, encoder_blocks: int) -> dict[str, dict[str, Tensor]]:
    """The tensors of each part, by their names in the authors' files."""
    picture = {f"generator.{n}": t for n, t in published_zits.write_picture(blocks).items()}
    encoder = published_zits.write_encoder(encoder_blocks)
    return {
        "structure": published_zits.write_transformer(layers),
        "upsampler": published_zits.write_upsampler(),
        "picture": {**picture, **{f"str_encoder.{n}": t for n, t in encoder.items()}},
        "lines": published_zits.write_detector(),
    }


@pytest.fixture(scope="module")
def tensors() -> dict[str, dict[str, Tensor]]:
    return write_all(SMALL.layers, SMALL.blocks, SMALL.encoder_blocks)


class _Held(nn.Module):
    """A module whose tensors have these names, behind others."""

    def __init__(self, tensors: dict[str, Tensor]) -> None:
        super().__init__()
        for name, tensor in tensors.items():
            *path, last = ("model", *name.split("."))
            holder: nn.Module = self
            for part in path:
                if not hasattr(holder, part):
                    holder.add_module(part, nn.Module())
                holder = getattr(holder, part)
            holder.register_buffer(last, tensor)

    def forward(self, x: Tensor) -> Tensor:
        return x


@pytest.fixture(scope="module")
def files(tensors: dict[str, dict[str, Tensor]], tmp_path_factory: Any) -> dict[str, Path]:
    """Two as the authors save them, the others as IOPaint's TorchScript."""
    folder = tmp_path_factory.mktemp("published")
    found = {part: folder / f"{part}.pt" for part in tensors}
    adam = {"state": {0: {"exp_avg": torch.zeros(3)}}, "param_groups": [{"lr": 1e-4}]}
    held = {"model": tensors["structure"], "optimizer": adam, "iterations": 9, "edgeF1": 40.5}
    torch.save(held, found["structure"])
    pair: dict[str, Any] = {"iteration": 850_000, "best_fid": 8.5}
    for name, tensor in tensors["picture"].items():
        network, _, rest = name.partition(".")
        pair.setdefault(network, {})[rest] = tensor
    torch.save(pair, found["picture"], _use_new_zipfile_serialization=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # published files are such
        for part in ("upsampler", "lines"):
            traced = torch.jit.trace(_Held(tensors[part]), torch.zeros(1))  # type: ignore[no-untyped-call]
            torch.jit.save(traced, found[part])
    return found


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only_base_ships: None) -> Path:
    monkeypatch.setattr(user_weights, "data_folder", lambda: tmp_path / "data")
    monkeypatch.delenv("LACUNA_WEIGHTS", raising=False)
    monkeypatch.setattr(published_layouts, "ZITS", SMALL)
    return tmp_path / "data" / "weights"


def bring(path: Path, name: str | None = None) -> Any:
    return import_weights(examine_weights(path, Progress()), Progress(), name)


def test_every_number_of_the_published_files_is_used() -> None:
    with torch.device("meta"):
        written = write_all(PAPER.layers, PAPER.blocks, PAPER.encoder_blocks)
        own = Zits(replace(PAPER, line_prior="hawp")).state_dict()
    counts = {p: (len(t), sum(x.numel() for x in t.values())) for p, t in written.items()}
    assert counts == {
        "structure": (379, 18_458_626),
        "upsampler": (12, 78_466),
        "picture": (519 + 99, 27_091_858 + 22_594_707),
        "lines": (729, 10_362_515),
    }
    filled = set()
    for part, published in written.items():
        found = recognise({name: tuple(tensor.shape) for name, tensor in published.items()})
        assert found is not None
        assert found.network == PARTS_OF[part]
        layout = LAYOUTS[found.network]
        assert layout.part is PARTS[part]
        names = layout.map_names(PAPER, published)
        rest = set(found.name_tensors(published))
        for each in names.dropped:
            rest = {name for name in rest if not re.fullmatch(each.pattern, name)}
        mine = [name for name in own if name.startswith(layout.part.own)]
        filled |= set(mine)
        learned = [name for name in mine if not name.endswith("num_batches_tracked")]
        used = {theirs for name in learned for theirs in names.find_source(name).names}
        assert used == {name for name in rest if not name.endswith("num_batches_tracked")}
    assert filled == own.keys()


def test_files_in_any_order_make_one_engine_that_fills_as_theirs(
    tensors: dict[str, dict[str, Tensor]],
    files: dict[str, Path],
    shelf: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def run(*parts: str) -> str:
        assert main(["weights", "import", *(str(files[part]) for part in parts)]) == 0
        return capfd.readouterr().out

    said = run("picture")
    assert "StructureUpsampling.pth / zits-structure-upsample-0717.pt" in said
    assert "best_transformer_places2.pth" in said
    assert "InpaintingModel" not in said
    assert read_user_weights().entries == {}
    for engine in ("zits", "zits:published"):
        weights = generator(engine).weights
        with pytest.raises(WeightsUnavailable, match=r"still missing: best_transformer_places2"):
            load_network(str(weights), "cpu")
    assert main(["weights", "list"]) == 0
    assert "incomplete, without best_transformer" in capfd.readouterr().out
    assert main(["weights", "prefer", "zits-published"]) == 2
    assert "StructureUpsampling.pth" in capfd.readouterr().err
    assert "--engine zits:published" in run("upsampler", "structure")
    entry = read_user_weights().entries["zits-published"]
    assert (entry.missing, entry.configuration["line_prior"]) == ((), "lsd")
    photo = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    mask = np.zeros((64, 64), np.uint8)
    mask[20:40, 24:44] = 255
    options = FillOptions("zits:published", "cpu", grow=0, feather=0)
    result = Engine(native=False).inpaint(InpaintRequest(photo, mask, options), Progress())
    filled = result.applied_to(photo)
    assert np.array_equal(filled[mask == 0], photo[mask == 0])
    assert not np.array_equal(filled[mask > 0], photo[mask > 0])
    assert entry.source == "picture.pt, upsampler.pt, structure.pt"
    assert "imported already" in run("structure")
    assert "--engine zits:published" in run("lines")
    entry = read_user_weights().entries["zits-published"]
    assert entry.configuration["line_prior"] == "hawp"
    assert [path.name for path in shelf.iterdir()] == ["zits-published"]
    card = (entry.folder / entry.card).read_text("utf-8")
    assert all(path.name in card for path in files.values())
    assert main(["weights", "check"]) == 0
    net = load_network(entry.id, "cpu", "float32").network
    fills_as_published(net, tensors)
    detects_as_published(net.detector, tensors)


def fills_as_published(net: Any, tensors: dict[str, dict[str, Tensor]]) -> None:
    """Each step of the way, with what came out of the step before here."""
    torch.manual_seed(2)
    side = 64
    image = F.interpolate(torch.rand(1, 3, 12, 12), (side, side), mode="bicubic").clamp(0, 1)
    hole = torch.zeros(1, 1, side, side)
    hole[..., 20:44, 16:40] = 1
    view = View(image[0].permute(1, 2, 0).numpy(), hole[0, 0].numpy() > 0, hole[0, 0].numpy() == 0)
    lines: Callable[..., Any] = lambda *_: []  # noqa: E731
    inputs = prepare_inputs(view, net.config, lines)
    inputs = replace(inputs, structure=(torch.rand(1, 2, 256, 256) > 0.8).float())
    mask = 1 - inputs.structure_known
    seen = torch.cat([inputs.small, inputs.structure], dim=1)
    with torch.inference_mode():
        logits = published_zits.see_structure(tensors["structure"], SMALL.layers, seen, mask)
        assert float(logits.std()) > 0.1
        assert float((net.guess(inputs) - logits).abs().max()) < 0.05 * float(logits.std())
        maps = net.complete(inputs)
        part = maps[..., 100:132, 100:132]
        doubled = [published_zits.double(tensors["upsampler"], part[:, [k]]) for k in (0, 1)]
        assert float((net.enlarge(part, 64) - torch.cat(doubled, 1)).abs().max()) < 0.02
        structure = F.interpolate(maps, (side, side), mode="bilinear", align_corners=False)
        distance, direction = (
            F.interpolate(each, (side, side), mode="nearest") * hole
            for each in (inputs.distance, inputs.direction)
        )
        blocks = SMALL.blocks, SMALL.encoder_blocks
        picture = published_zits.fill(
            tensors["picture"], blocks, image, hole, structure, distance, direction
        )
        found = (net(inputs).image + 1) / 2
    assert float(picture.std()) > 0.01
    assert float((found - picture).abs().max()) < 2 / 255


def detects_as_published(net: Any, tensors: dict[str, dict[str, Tensor]]) -> None:
    torch.manual_seed(3)
    photo = torch.randn(1, 3, 64, 64)
    with torch.inference_mode():
        wanted, features = published_zits.find_lines(tensors["lines"], photo)
        outputs, described = net.backbone(photo)
        assert float((outputs - wanted).abs().max()) < 0.05 * float(wanted.std())
        for line in torch.tensor([[2.0, 3.0, 25.0, 20.0], [20.0, 5.0, 4.0, 28.0]]):
            points = detector.sample_along(net.describe(described)[0], line[None])
            x = F.max_pool1d(points, 4).flatten(1)
            for layer in net.judge[:-1]:
                x = F.relu(layer(x))
            score = torch.sigmoid(net.judge[-1](x))[0, 0]
            judged = published_zits.judge_line(tensors["lines"], features, line)
            assert float(score) == pytest.approx(float(judged), abs=0.01)


def test_names_keep_sets_apart(files: dict[str, Path]) -> None:
    assert bring(files["lines"], "first").missing
    assert bring(files["upsampler"], "second").id == "zits-second"
    assert set(bring(files["structure"], "first").parts) == {"lines", "structure"}
    latest = bring(files["structure"])  # put to those that lack it
    assert (latest.id, set(latest.parts)) == ("zits-second", {"structure", "upsampler"})
    with pytest.raises(BadRequest, match="imported already"):
        bring(files["structure"], "first-again")
    assert main(["weights", "remove", "zits:first"]) == 0
    assert list(read_user_weights().incomplete) == ["zits-second"]


def test_a_part_that_does_not_fit_is_refused_and_the_others_stay(
    files: dict[str, Path], tensors: dict[str, dict[str, Tensor]], tmp_path: Path
) -> None:
    bring(files["upsampler"])
    before = read_user_weights().incomplete
    for changes, said in (
        ({"conv4.bias": torch.zeros(3)}, "misshapen conv4.bias"),
        ({"conv9.weight": torch.zeros(3)}, "unexpected conv9.weight"),
        ({"conv2.bias": torch.full((128,), torch.nan)}, "“conv2.bias” holds numbers"),
    ):
        torch.save({**tensors["structure"], **changes}, tmp_path / "x")
        with pytest.raises(WeightsUnavailable, match=said):
            bring(tmp_path / "x")
    moved = {**tensors["picture"], "str_encoder.rel_pos_emb.weight": torch.zeros(128, 64)}
    torch.save(moved, tmp_path / "x")
    with pytest.raises(WeightsUnavailable, match="rel_pos_emb"):
        bring(tmp_path / "x")
    alone = {n: t for n, t in tensors["picture"].items() if n.startswith("generator.")}
    torch.save(alone, tmp_path / "x")
    with pytest.raises(WeightsUnavailable, match="without structure"):
        bring(tmp_path / "x")
    assert read_user_weights().incomplete == before
