"""What ships as weights is fit to ship, and newly trained ones are put in by one command."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, ModuleType

import pytest
import torch

import weights
from inpaint_core.contract.errors import (
    BadRequest,
    FileUnreadable,
    InpaintError,
    WeightsUnavailable,
)
from inpaint_core.networks import registry
from inpaint_core.networks.blocks.convolution_weights import fold
from inpaint_core.networks.store import manifest
from inpaint_core.networks.store.entries import find_entry
from inpaint_core.networks.store.manifest import WeightsEntry, read_helpers, read_manifest
from inpaint_core.networks.store.weights_file import save_weights
from inpaint_core.networks.tsgl.config import BASE, Balance
from inpaint_core.networks.tsgl.network import build_network

TINY = replace(
    BASE,
    id="tiny",
    structure_widths=(4, 6, 8, 10, 12),
    width=16,
    depths=(2, 1, 2, 2),
    hidden=6,
    fusion_widths=(4, 6, 8, 16, 16, 16),
    balance=Balance(width=8, fused=16, depth=2),
    decoder_widths=(16, 12, 8, 8, 6),
)

Release = Callable[..., WeightsEntry]


@pytest.fixture(scope="module")
def tool() -> Iterator[ModuleType]:
    """The modules of ``packaging/release``, found as they are when it is run."""
    folder = str(Path(__file__).resolve().parents[2] / "packaging" / "release")
    sys.path.insert(0, folder)
    yield importlib.import_module("release")
    sys.path.remove(folder)
    for name in ("release", "figures", "card"):
        del sys.modules[name]


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of weights that is still empty, for a tiny network."""
    spec = registry.networks()["tsgl"]
    spec = replace(spec, configs={**spec.configs, "tiny": TINY})
    monkeypatch.setattr(registry, "networks", lambda: {"tsgl": spec})
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "manifest.json").write_text('{"weights": []}', "utf-8")
    return folder


def exported(path: Path, images: int = 96, seed: int = 1) -> Path:
    torch.manual_seed(seed)
    net = build_network(TINY)
    fold(net)
    save_weights(net, path, {"network": "tiny", "images": str(images)})
    return path


@pytest.fixture
def put(tool: ModuleType, shelf: Path, tmp_path: Path) -> Release:
    """Release weights made here with these figures."""

    def call(values: dict[str, float], first: bool = False, **options: object) -> WeightsEntry:
        figures = importlib.import_module("figures").Figures(values)
        measured = options.pop("measured", None)
        facts = tool.ReleaseFacts(measured=measured)
        if first:
            facts = tool.ReleaseFacts("8 rendered photos", "slopes", "Apache-2.0", "A paper")
        seed = options.pop("seed", 1)
        source = exported(tmp_path / "new.safetensors", seed=seed)
        return tool.release_weights(source, figures, facts, shelf, **options)

    return call


def test_everything_that_ships_is_fit_to_ship(tool: ModuleType) -> None:
    for name, held in read_manifest().items():
        assert tool.find_problems(held) == [], name
        assert f"`{held.sha256}`" in (held.folder / held.card).read_text("utf-8"), name
        assert held.licence, name
        assert held.training_data, name
        assert held.images > 0, name
        assert held.validation, name
    sizes = [path.stat().st_size for path in weights.FOLDER.iterdir() if path.is_file()]
    assert sum(sizes) < tool.LIMIT_OF_ALL


def test_helpers_are_described_and_outlast_a_release(put: Release, shelf: Path) -> None:
    helpers = read_helpers()
    assert "objects" in helpers
    for name, held in helpers.items():
        assert f"`{held.sha256}`" in (held.folder / held.card).read_text("utf-8"), name
        assert held.licence, name
        assert held.training_data, name
        assert held.images > 0, name
        assert held.validation, name
        assert held.path.stat().st_size < 400_000, name
    rows = {"weights": [], "helpers": [held.plain() for held in helpers.values()]}
    (shelf / "manifest.json").write_text(json.dumps(rows), "utf-8")
    put({"ssim": 0.8}, first=True)
    assert list(read_manifest(shelf)) == ["tiny"]
    assert {name: held.plain() for name, held in read_helpers(shelf).items()} == {
        name: held.plain() for name, held in helpers.items()
    }


def test_released_weights_are_fit_and_described(
    tool: ModuleType, put: Release, shelf: Path
) -> None:
    new = put({"ssim": 0.8, "l1": 0.1}, first=True)
    assert read_manifest(shelf)["tiny"] == new
    assert tool.find_problems(new) == []
    assert {path.name for path in shelf.iterdir()} == {
        "manifest.json",
        "tiny.md",
        "tiny.safetensors",
    }
    assert new.images == 96
    assert new.parameters == sum(p.numel() for p in build_network(TINY).parameters())
    assert new.macs > 0
    assert new.better_for == {}
    card = (shelf / "tiny.md").read_text("utf-8")
    for said in ("young", "| ssim | 0.8 |", "slopes", "Apache-2.0", "8 rendered photos"):
        assert said in card


def test_worse_weights_are_refused_unless_wanted(put: Release, shelf: Path) -> None:
    old = put({"ssim": 0.8, "psnr": 20.0}, first=True)
    before = {path.name: path.read_bytes() for path in shelf.iterdir()}
    with pytest.raises(BadRequest, match=r"ssim is 0.79 and was 0.8"):
        put({"ssim": 0.79, "psnr": 30.0}, seed=2)
    with pytest.raises(BadRequest, match="no figure in common"):
        put({"fid": 1.0}, seed=2)
    with pytest.raises(BadRequest, match="measured otherwise"):
        put({"ssim": 0.9}, seed=2, measured="other photos")
    assert {path.name: path.read_bytes() for path in shelf.iterdir()} == before
    better = put({"ssim": 0.81}, seed=2)
    assert better.sha256 != old.sha256
    assert better.training_data == "slopes"
    assert put({"ssim": 0.5}, allow_worse=True).validation == {"ssim": 0.5}
    assert read_manifest(shelf)["tiny"].validation == {"ssim": 0.5}
    assert list(read_manifest(shelf)) == ["tiny"]
    second = put({"ssim": 0.1}, first=True, weights_id="other")
    assert second.file == "other.safetensors"
    assert list(read_manifest(shelf)) == ["tiny", "other"]


def test_less_is_better_for_a_distance(put: Release) -> None:
    put({"features": 2.0, "ssim": 0.8}, first=True)
    with pytest.raises(BadRequest, match="features"):
        put({"features": 2.1, "ssim": 0.9})
    assert put({"features": 1.9, "ssim": 0.7}).validation["ssim"] == 0.7


def test_every_flaw_of_a_file_is_found(tool: ModuleType, put: Release, shelf: Path) -> None:
    new = put({"ssim": 0.8}, first=True)

    def flaws(**changed: object) -> str:
        return "; ".join(tool.find_problems(replace(new, **changed)))

    assert "not the right one" in flaws(sha256="0" * 64)
    assert "no weights file" in flaws(file="none.safetensors")
    assert "no situation rainy" in flaws(better_for={"crossing": 24.0, "rainy": 9.0})
    assert "network “huge”" in flaws(network="huge")
    assert "parameters" in flaws(parameters=new.parameters + 1)
    fewer = {name: value for name, value in new.configuration.items() if name != "tau"}
    assert "lacks values" in flaws(configuration=MappingProxyType(fewer))
    other = {**new.configuration, "width": 8}
    assert "another network" in flaws(configuration=MappingProxyType(other))
    full = build_network(TINY)
    fold(full)
    from safetensors.torch import save_file

    state = full.state_dict()
    save_file(state, new.path)
    assert "half precision" in flaws(sha256=_sha256(new.path))
    learned = {name for name, _ in full.named_parameters()}
    state = {k: v.half() if k in learned else v for k, v in state.items()}
    next(v for k, v in state.items() if k in learned).view(-1)[0] = float("nan")
    save_file(state, new.path)
    assert flaws(sha256=_sha256(new.path)) == "some values are not finite"


def _sha256(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_is_not_an_export_is_refused(
    tool: ModuleType, shelf: Path, tmp_path: Path, put: Release
) -> None:
    figures = importlib.import_module("figures").Figures({"ssim": 0.5}, images=95)
    facts = tool.ReleaseFacts("a", "b", "c", "d")
    source = exported(tmp_path / "w.safetensors")

    def refused(path: Path, kind: type[InpaintError], said: str, **options: object) -> None:
        with pytest.raises(kind, match=said):
            tool.release_weights(path, figures, options.pop("facts", facts), shelf)

    refused(source, BadRequest, "have seen 96 images, the figures are those after 95")
    figures = replace(figures, images=96)
    refused(tmp_path / "none", FileUnreadable, "not a safetensors file")
    (tmp_path / "text").write_bytes(b"no weights at all")
    refused(tmp_path / "text", FileUnreadable, "not a safetensors file")
    save_weights(build_network(TINY), tmp_path / "bare", {})
    refused(tmp_path / "bare", BadRequest, "does not record its network")
    refused(source, BadRequest, "“licence” is not known", facts=tool.ReleaseFacts())
    assert read_manifest(shelf) == {}


def test_figures_are_read_from_a_run_or_an_object(tool: ModuleType, tmp_path: Path) -> None:
    read = importlib.import_module("figures").read_figures
    run = tmp_path / "metrics.jsonl"
    lines = [
        {"step": 10, "images": 80, "validation_ssim": 0.5, "validation_l1": 0.2},
        {"step": 20, "images": 160, "validation_ssim": 0.6, "validation_l1": 0.1},
        {"step": 30, "images": 240, "reconstruction": 0.3},
    ]
    run.write_text("\n".join(map(json.dumps, lines)) + '\n{"step": 4', "utf-8")
    found = read(run)
    assert (found.values, found.images) == ({"ssim": 0.6, "l1": 0.1}, 160)
    plain = tmp_path / "figures.json"
    plain.write_text('{"ssim": 0.9, "images": 7}', "utf-8")
    assert (read(plain).values, read(plain).images) == ({"ssim": 0.9}, 7)
    for content in ("", "[]", "{}", '{"step": 3, "rate": 0.1}', '{"images": 3}'):
        plain.write_text(content, "utf-8")
        with pytest.raises(BadRequest, match="no validation figures"):
            read(plain)
    for content in ('{"ssim": "good"}', '{"ssim": NaN}', '{"ssim": true}'):
        plain.write_text(content, "utf-8")
        with pytest.raises(BadRequest, match="not a finite number"):
            read(plain)
    with pytest.raises(FileUnreadable):
        read(tmp_path / "none.json")


@pytest.mark.parametrize(
    "content",
    [
        *("", "{}", "[]", '{"weights": [{}]}', '{"weights": [{"id": "a"}]}', '{"weights": 3}'),
        *('{"weights": {"id": 1}}', '{"weights": ["id"]}', '{"weights": [null]}', "[" * 100_000),
    ],
)
def test_a_damaged_manifest_is_a_clear_message(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content, "utf-8")
    with pytest.raises(WeightsUnavailable, match="missing or damaged"):
        read_manifest(tmp_path)
    with pytest.raises(WeightsUnavailable, match="missing or damaged"):
        read_manifest(tmp_path / "none")


def test_an_entry_of_other_kinds_is_refused(put: Release, shelf: Path) -> None:
    row = put({"ssim": 0.8}, first=True).plain()
    for change in (
        *({"images": "many"}, {"validation": [1]}, {"extra": 1}, {"folder": "/"}),
        *({"better_for": {"plain": held}} for held in (None, "1", [1], True, float("nan"))),
        *({"id": None}, {"sha256": 1}, {"validation": {"ssim": 10**400}}),
    ):
        text = json.dumps({"weights": [row | change]})
        (shelf / "manifest.json").write_text(text, "utf-8")
        with pytest.raises(WeightsUnavailable):
            read_manifest(shelf)


def test_an_unknown_id_and_a_missing_file(put: Release, shelf: Path) -> None:
    with pytest.raises(WeightsUnavailable, match="no weights called “none”"):
        find_entry("none")
    assert "none" not in manifest.read_manifest()
    new = put({"ssim": 0.8}, first=True)
    assert new.is_present
    new.path.unlink()
    assert not read_manifest(shelf)["tiny"].is_present
