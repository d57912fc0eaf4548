"""From files as they are published to fills: recognised, converted, tested and kept."""

from __future__ import annotations

import json
import random
import shutil
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from published_lama import fill_as_published, published_lama
from torch import Tensor

from inpaint_core.cli import main
from inpaint_core.contract.errors import BadRequest, UnknownEngine, WeightsUnavailable
from inpaint_core.contract.progress import Progress
from inpaint_core.generators.registry import generator, list_imported
from inpaint_core.importing import known_files
from inpaint_core.importing.convert import convert
from inpaint_core.importing.examine_weights import examine_weights
from inpaint_core.importing.import_weights import import_weights
from inpaint_core.importing.recognise import recognise
from inpaint_core.networks.blocks.convolution_weights import fold
from inpaint_core.networks.checkpoint.read_checkpoint import open_checkpoint
from inpaint_core.networks.inputs import NetworkInputs
from inpaint_core.networks.lama.config import BIG, FOURIER
from inpaint_core.networks.lama.network import Lama
from inpaint_core.networks.registry import find_network, load_network
from inpaint_core.networks.store import user_weights
from inpaint_core.networks.store.entries import find_entry
from inpaint_core.networks.store.weights_file import save_weights

BLOCKS = 9


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only_base_ships: None) -> Path:
    """The person's own data lie in a folder of this test."""
    monkeypatch.setattr(user_weights, "data_folder", lambda: tmp_path / "data")
    monkeypatch.delenv("LACUNA_WEIGHTS", raising=False)
    return tmp_path / "data" / "weights"


@pytest.fixture(scope="session")
def tensors() -> dict[str, Tensor]:
    return published_lama(BLOCKS)


@pytest.fixture(scope="session")
def file(tensors: dict[str, Tensor], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As a training program saves it, with what is not the generator's."""
    path = tmp_path_factory.mktemp("published") / "best.ckpt"
    state = {f"generator.{name}": tensor for name, tensor in tensors.items()}
    state["discriminator.model0.0.weight"] = torch.zeros(64, 3, 4, 4)
    torch.save({"epoch": 39, "state_dict": state, "optimizer_states": [{"lr": 1e-3}]}, path)
    return path


@pytest.fixture(scope="session")
def brought(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file imported under the name “mine”, in a folder of its own."""
    data = tmp_path_factory.mktemp("brought")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(user_weights, "data_folder", lambda: data)
        assert bring(file, name="mine") == "big-lama-mine"
    return data / "weights"


@pytest.fixture
def mine(brought: Path, shelf: Path) -> Path:
    """The folder of the entry “big-lama-mine”."""
    shutil.copytree(brought, shelf)
    return shelf / "big-lama-mine"


def bring(path: Path, **options: Any) -> str:
    found = examine_weights(path, Progress())
    return import_weights(found, Progress(), **options).id


def views() -> tuple[Tensor, Tensor]:
    torch.manual_seed(3)
    hole = torch.zeros(1, 1, 64, 72)
    hole[..., 20:40, 24:50] = 1
    return torch.rand(1, 3, 64, 72), hole


def test_the_published_networks_have_the_published_sizes() -> None:
    for config, tensors, elements, learned in (
        (FOURIER, 521, 27_090_899, 27_048_835),
        (BIG, 989, 51_057_179, 50_975_875),
    ):
        with torch.device("meta"):
            network = Lama(config)
        state = network.state_dict()
        assert len(state) == tensors
        assert sum(value.numel() for value in state.values()) == elements
        assert sum(value.numel() for value in network.parameters()) == learned


def test_an_imported_network_fills_as_the_published_one(
    mine: Path, tensors: dict[str, Tensor]
) -> None:
    entry = find_entry("big-lama")
    assert (entry.id, entry.network, entry.source) == (mine.name, "lama-fourier", "best.ckpt")
    assert entry.parameters == 27_048_835
    image, hole = views()
    net = load_network(mine.name, "cpu", "float32").network
    with torch.inference_mode():
        found = net(NetworkInputs((image * 2 - 1) * (1 - hole), 1 - hole)).image
        wanted = fill_as_published(tensors, BLOCKS, image, hole)
    assert float(wanted.std()) > 0.01
    # Learned values are kept in half precision.
    assert float(((found + 1) / 2 - wanted).abs().max()) < 1 / 255


def test_the_same_file_is_not_imported_twice(file: Path, mine: Path, tmp_path: Path) -> None:
    other = tmp_path / "renamed.pt"
    shutil.copy(file, other)
    assert bring(file) == bring(other) == bring(other, name="mine") == mine.name
    with pytest.raises(BadRequest, match="imported already, as “lama:mine”"):
        bring(other, name="again")
    assert list(mine.parent.iterdir()) == [mine]


def test_a_name_that_is_taken_or_no_name_is_refused(
    mine: Path, tensors: dict[str, Tensor], tmp_path: Path
) -> None:
    other = tmp_path / "other.pth"
    torch.save({**tensors, "model.25.bias": torch.zeros(3)}, other)
    with pytest.raises(BadRequest, match="already"):
        bring(other, name="mine")
    for name in ("", "../up", "A b", "x" * 41):
        with pytest.raises(BadRequest, match="cannot be the name"):
            bring(other, name=name)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.pop("model.3.bn_l.bias"), "missing 3.bn_l.bias"),
        (lambda t: t.update({"model.99.weight": torch.zeros(1)}), "unexpected 99.weight"),
        (lambda t: t.update({"model.3.bn_l.bias": torch.zeros(2)}), "misshapen 3.bn_l.bias"),
        (lambda t: t["model.25.bias"].fill_(float("nan")), "“25.bias” holds numbers"),
        (lambda t: t["model.1.bn_l.running_var"].fill_(0), "“1.bn_l.running_var” holds numbers"),
        (lambda t: t["model.25.weight"].fill_(0), "does not work"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_kept(
    change: Any, said: str, tensors: dict[str, Tensor], tmp_path: Path, shelf: Path
) -> None:
    damaged = {name: tensor.clone() for name, tensor in tensors.items()}
    change(damaged)
    path = tmp_path / "x.pth"
    torch.save(damaged, path)
    with pytest.raises(WeightsUnavailable, match=said):
        bring(path)
    assert not shelf.exists()


def test_counters_may_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "x.pth"
    torch.save({"norm.running_var": torch.full((3,), 2.0)}, path)
    wanted = {"norm.running_var": torch.ones(3), "norm.num_batches_tracked": torch.tensor(0)}
    with open_checkpoint(path) as checkpoint:
        values = convert(checkpoint.tensors, wanted, None)
    assert values["norm.running_var"].tolist() == [2, 2, 2]
    assert int(values["norm.num_batches_tracked"]) == 0


@pytest.mark.parametrize(
    ("names", "network"),
    [
        ({"synthesis.first_stage.conv_first.conv.resample_filter": (4, 4)}, "MAT"),
        (
            {"a.synthesis.b4.conv1.conv1.weight": (512, 1, 3, 3),
             "a.encoder.b4.conv1.conv1.weight": (512, 1, 3, 3)}, "MI-GAN",
        ),
        (
            {"module.encoder.0.conv.weight": (64, 4, 5, 5),
             "module.blocks.7.c2.weight": (256, 256, 1, 1)}, "DMFN",
        ),
        ({"model.enc_1.conv.input_conv.weight": (64, 3, 7, 7)}, "PConv U-Net"),
    ],
)  # fmt: skip
def test_networks_without_an_engine_are_named(
    names: dict[str, tuple[int, ...]], network: str, tmp_path: Path
) -> None:
    found = recognise(names)
    assert found is not None
    assert found.network == network
    path = tmp_path / "x.pth"
    torch.save({name: torch.zeros(shape) for name, shape in names.items()}, path)
    with pytest.raises(WeightsUnavailable, match=f"weights of {network}") as caught:
        examine_weights(path, Progress())
    assert ("research only" in str(caught.value)) == (network == "MAT")


def test_other_tensors_are_said_to_be_unknown(tmp_path: Path) -> None:
    path = tmp_path / "x.pth"
    torch.save({"a": torch.zeros(2), "b": torch.zeros(3)}, path)
    with pytest.raises(WeightsUnavailable, match=r"knows no network .*: 2; first: a, b"):
        examine_weights(path, Progress())


def trained(path: Path) -> dict[str, Tensor]:
    """Write what a training exports of a network with random weights, and return them."""
    spec, config = find_network("dmfn", {"width": 8, "blocks": 1})
    net = spec.build(config)
    fold(net)
    about = {"network": "dmfn", "configuration": json.dumps(asdict(config)), "images": "15000"}
    save_weights(net, path, about)
    return {name: tensor.half().float() for name, tensor in net.named_parameters()}


def pack(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_an_archive_with_one_weights_file_is_opened(file: Path, tmp_path: Path) -> None:
    """As big-lama.zip is published."""
    members = {
        "big-lama/config.yaml": b"run_title: ''\n",
        "big-lama/models/best.ckpt": file.read_bytes(),
        "__MACOSX/big-lama/models/._best.ckpt": b"Mac OS X",
    }
    archive = pack(tmp_path / "big-lama.zip", **members)
    found = examine_weights(archive, Progress())
    assert (found.network, found.config) == ("LaMa", FOURIER)
    with open_checkpoint(archive) as inside, open_checkpoint(file) as plain:
        assert list(inside.tensors) == list(plain.tensors)
        name = "state_dict.generator.model.25.bias"
        assert np.array_equal(inside.tensors[name].read(), plain.tensors[name].read())


def test_other_archives_are_refused(file: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    inner = pack(tmp_path / "inner", **{"a.ckpt": b"", "b.ckpt": b""}).read_bytes()
    for members, said in (
        ({"a.ckpt": b"", "b.pth": b""}, "Several weights files .* a.ckpt, b.pth"),
        ({"a.ckpt": bytes(2_000_000)}, "larger than weights"),
        ({"a.ckpt": inner}, "not a file of weights"),  # no archive in an archive
        ({"code.py": b"print()"}, "not a file of weights"),
    ):
        with pytest.raises(WeightsUnavailable, match=said):
            examine_weights(pack(path, **members), Progress())
    whole = bytearray(pack(path, **{"a.ckpt": random.Random(0).randbytes(9999)}).read_bytes())
    whole[2000] ^= 1
    path.write_bytes(whole)
    with pytest.raises(WeightsUnavailable, match="damaged"):
        examine_weights(path, Progress())


def test_ones_own_training_gets_advice_of_its_own(tmp_path: Path) -> None:
    spec, config = find_network("dmfn", {"width": 8, "blocks": 1})
    for value, advice in ((0.0, "Train it for longer"), (float("nan"), "smaller learning rate")):
        net = spec.build(config)
        fold(net)
        with torch.no_grad():
            list(net.parameters())[-2].fill_(value)
        about = {"network": "dmfn", "configuration": json.dumps(asdict(config))}
        save_weights(net, tmp_path / "mine", about)
        with pytest.raises(WeightsUnavailable, match=advice):
            bring(tmp_path / "mine")


def test_weights_that_are_not_there_are_called_as_the_person_did(mine: Path) -> None:
    with pytest.raises(WeightsUnavailable, match="called “lama:nope”"):
        find_entry(str(generator("lama:nope").weights))
    assert generator("lama:mine").weights == mine.name


def test_some_files_are_known_by_other_hashes() -> None:
    """Of the empty file: MD5, and the name that Git gives it."""
    for name in ("d41d8cd98f00b204e9800998ecf8427e", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"):
        known = known_files.KnownFile("empty", "nobody", "", "unknown")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(known_files, "KNOWN_FILES", {name: known})
            assert known_files.FileHashes(0).known is known


def test_terms_must_be_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mine.safetensors"
    trained(file)
    found = examine_weights(file, Progress())
    assert found.use == "unknown"
    known = known_files.KnownFile("faces", "somebody", "CC BY-NC 4.0", "non-commercial")
    monkeypatch.setattr(known_files, "KNOWN_FILES", {found.sha256: known})
    found = examine_weights(file, Progress())
    with pytest.raises(BadRequest, match="non-commercial"):
        import_weights(found, Progress())
    entry = import_weights(found, Progress(), accept_non_commercial=True)
    assert (entry.use, entry.licence) == ("non-commercial", "CC BY-NC 4.0")
    assert "CC BY-NC 4.0" in (entry.folder / entry.card).read_text("utf-8")


def test_weights_of_ones_own_training_fill_too(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    wanted = trained(tmp_path / "mine.safetensors")
    assert bring(tmp_path / "mine.safetensors", name="mine") == "dmfn-mine"
    assert main(["weights", "list"]) == 0
    (row,) = (row for row in capfd.readouterr().out.splitlines() if row.startswith("dmfn-mine"))
    assert row.endswith("trained on 15,000 samples")
    kept = load_network("dmfn", "cpu", "float32").network.state_dict()
    assert wanted
    assert all(torch.equal(kept[name], tensor) for name, tensor in wanted.items())


def test_a_photo_is_filled_by_two_commands(
    file: Path, mine: Path, shelf: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["weights", "import", str(file)]) == 0  # for the second time
    assert "--engine lama:mine" in capfd.readouterr().out
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 255, (96, 120, 3), np.uint8)
    mask = np.zeros((96, 120), np.uint8)
    mask[30:60, 40:80] = 255
    Image.fromarray(photo).save(tmp_path / "photo.png")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    for engine in ("lama", "lama:mine"):
        out = tmp_path / f"{engine[-1]}.png"
        arguments = [str(tmp_path / "photo.png"), "--mask", str(tmp_path / "mask.png")]
        assert main(["fill", *arguments, "--engine", engine, "--out", str(out),
                     "--grow", "0", "--feather", "0"]) == 0  # fmt: skip
        filled = np.asarray(Image.open(out))
        assert np.array_equal(filled[mask == 0], photo[mask == 0])
        assert not np.array_equal(filled[mask > 0], photo[mask > 0])
    capfd.readouterr()
    assert main(["weights", "list", "--json"]) == 0
    rows = json.loads(capfd.readouterr().out)
    assert [row["id"] for row in rows] == ["base", "big-lama-mine"]
    assert main(["weights", "check"]) == 0
    assert main(["weights", "where"]) == 0
    assert str(shelf) in capfd.readouterr().out
    (shelf / "big-lama-mine" / "weights.safetensors").write_bytes(b"something else")
    assert main(["weights", "check"]) == 1
    assert main(["weights", "remove", "big-lama-mine"]) == 0
    assert main(["weights", "remove", "big-lama-mine"]) == 2
    assert not (shelf / "big-lama-mine").exists()


def test_of_two_the_preferred_one_is_used(mine: Path, shelf: Path) -> None:
    other = shelf / "big-lama-second"
    shutil.copytree(mine, other)
    row = json.loads((other / "entry.json").read_text("utf-8"))
    row |= {"id": other.name, "imported": "2999-01-01T00:00:00+00:00"}
    (other / "entry.json").write_text(json.dumps(row), "utf-8")
    assert find_entry("big-lama").id == other.name  # the latest
    assert [spec.id for spec in list_imported()] == [
        "lama:mine",
        "lama_refined:mine",
        "lama_whole:mine",
    ]
    assert main(["weights", "prefer", mine.name]) == 0
    assert find_entry("big-lama").id == mine.name
    assert generator("lama:second").weights == "big-lama-second"
    with pytest.raises(UnknownEngine):
        generator("exemplar:second")


def test_an_entry_says_how_far_it_is_trusted(mine: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert generator("lama").trust == 1  # as the engine declares
    row = json.loads((mine / "entry.json").read_text("utf-8"))
    for trust, found in ((0.3, 0.3), (0, 1), (2.0, None)):
        (mine / "entry.json").write_text(json.dumps(row | {"trust": trust}), "utf-8")
        assert main(["weights", "check"]) == (0 if found is not None else 1)
        assert found is None or generator("lama").trust == found
    assert "entry.json is missing or damaged" in capfd.readouterr().out


def test_a_damaged_entry_hides_no_other(
    mine: Path, shelf: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (shelf / "broken").mkdir()
    (shelf / "broken" / "entry.json").write_text("{", "utf-8")
    assert find_entry("big-lama").id == "big-lama-mine"
    assert main(["weights", "check"]) == 1
    assert "broken: its entry.json" in capfd.readouterr().out


def test_other_folders_are_searched_and_not_written(
    mine: Path, shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.rename(tmp_path / "share")
    assert find_entry("base").id == "base"
    with pytest.raises(WeightsUnavailable):
        find_entry("big-lama")
    monkeypatch.setenv("LACUNA_WEIGHTS", str(tmp_path / "share"))
    assert find_entry("big-lama").id == "big-lama-mine"
    assert main(["weights", "remove", "big-lama-mine"]) == 2
    assert (tmp_path / "share" / "big-lama-mine").exists()
