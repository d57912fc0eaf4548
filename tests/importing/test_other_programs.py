"""Where other programs keep weights, whose weights an engine uses, and measuring them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import skimage.data
from PIL.Image import fromarray as from_array

from inpaint_core.cli import main
from inpaint_core.contract.errors import CannotWrite
from inpaint_core.contract.progress import Progress
from inpaint_core.generators.registry import find_engine_of
from inpaint_core.importing.examine_weights import examine_weights
from inpaint_core.importing.import_weights import import_weights, propose_name
from inpaint_core.importing.other_programs import find_weights_files, list_weights_folders
from inpaint_core.lab.evaluation.weights_measurement import measure_weights
from inpaint_core.networks.blocks.convolution_weights import fold
from inpaint_core.networks.registry import find_network
from inpaint_core.networks.store import user_weights
from inpaint_core.networks.store.entries import find_entry
from inpaint_core.networks.store.entry_folder import remove_abandoned_imports
from inpaint_core.networks.store.user_weights import prefer
from inpaint_core.networks.store.weights_file import save_weights


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only_base_ships: None) -> Path:
    monkeypatch.setattr(user_weights, "data_folder", lambda: tmp_path / "data")
    monkeypatch.delenv("LACUNA_WEIGHTS", raising=False)
    return tmp_path / "data" / "weights"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    spec, config = find_network("dmfn", {"width": 8, "blocks": 1})
    net = spec.build(config)
    fold(net)
    path = tmp_path / "A Net (2).safetensors"
    save_weights(net, path, {"network": "dmfn", "configuration": json.dumps(asdict(config))})
    return path


def test_large_files_that_may_be_weights_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    torch_home, cache, home = list_weights_folders()
    assert home == tmp_path / "home/.cache/torch/hub/checkpoints"
    assert find_weights_files() == ()
    for folder in (torch_home, cache):
        folder.mkdir(parents=True)
    for path, size in (
        (torch_home / "big-lama.pt", 3 << 20),
        (cache / "MIGAN.PTH", 4 << 20),
        (cache / "small.pt", 10),
        (cache / "photo.jpg", 5 << 20),
    ):
        path.write_bytes(bytes(size))
    (cache / "again.pt").symlink_to(torch_home / "big-lama.pt")
    (cache / "gone.pt").symlink_to(cache / "nothing.pt")
    (cache / "folder.pt").mkdir()
    found = find_weights_files()
    assert [(each.path.name, each.size) for each in found] == [
        ("MIGAN.PTH", 4 << 20),
        ("big-lama.pt", 3 << 20),
    ]
    monkeypatch.setenv("TORCH_HOME", "relative")
    assert len(list_weights_folders()) == 2


def test_an_entry_has_a_name_from_the_file_and_an_engine(file: Path) -> None:
    found = examine_weights(file, Progress())
    assert propose_name(found, file.stem) == "a-net-2"
    assert propose_name(found, "写真") == found.sha256[:12]
    assert propose_name(found, "x" * 99) == "x" * 24
    entry = import_weights(found, Progress(), propose_name(found, file.stem))
    assert propose_name(found, file.stem) == found.sha256[:12]
    assert find_engine_of(entry.id) == "dmfn"
    prefer("dmfn", "dmfn-other")
    assert find_engine_of("base") == "tsgl"
    assert find_engine_of("dmfn-other") == "dmfn:other"
    assert find_engine_of("nothing") == ""


def test_what_a_killed_import_left_behind_is_removed(file: Path, shelf: Path) -> None:
    remove_abandoned_imports()
    left = shelf / ".import-abc" / "dmfn-x"
    left.mkdir(parents=True)
    (left / "weights.safetensors").write_bytes(b"half")
    import_weights(examine_weights(file, Progress()), Progress(), "mine")
    assert [each.name for each in shelf.iterdir()] == ["dmfn-mine"]
    left.mkdir(parents=True)
    remove_abandoned_imports()
    assert [each.name for each in shelf.iterdir()] == ["dmfn-mine"]


def test_measuring_writes_what_came_out(
    file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    entry = import_weights(examine_weights(file, Progress()), Progress(), "mine")
    (tmp_path / "photos").mkdir()
    from_array(skimage.data.coffee()[:220, :300]).save(tmp_path / "photos/cup.png")
    where = ["--photos", str(tmp_path / "photos")]
    assert main(["weights", "measure", entry.id, "--count", "1", *where]) == 0
    said = capsys.readouterr()
    assert "SSIM in the hole" in said.out
    assert "exemplar synthesis alone" in said.out
    assert "shows details at" in said.out
    measured = find_entry("dmfn")
    assert set(measured.validation) == {
        *("ssim_hole", "exemplar_ssim_hole"),
        *("seconds", "exemplar_seconds"),
    }
    assert all(value > 0 for value in measured.validation.values())
    assert "2 holes in photos" in measured.measured
    assert len(measured.shown) == 4
    assert measured.better_for == {}  # two holes say nothing
    monkeypatch.setattr(user_weights, "data_folder", lambda: tmp_path / "other")
    with pytest.raises(CannotWrite, match="only read"):
        measure_weights(entry, Progress(), count=1)
