"""Every tensor of every kind of weights file, bit by bit, and what is said of other files."""

from __future__ import annotations

import io
import os
import pickle
import random
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from checkpoint_files import checkpoint_files, saved, small_network
from safetensors.torch import save

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.networks.checkpoint.read_checkpoint import open_checkpoint

FILES = checkpoint_files()


def read(path: Path, content: bytes) -> dict[str, Any]:
    path.write_bytes(content)
    with open_checkpoint(path) as checkpoint:
        return {name: tensor.read() for name, tensor in checkpoint.tensors.items()}


def refusal(path: Path, content: bytes) -> str:
    with pytest.raises(WeightsUnavailable) as caught:
        read(path, content)
    assert str(caught.value)  # there is a sentence and a hint for it
    return caught.value.message.key


def outcome(path: Path, content: bytes) -> str:
    """ "tensors", "no tensors", or the key of the sentence; any other error is a failed test."""
    try:
        return "tensors" if read(path, content) else "no tensors"
    except WeightsUnavailable as error:
        return error.message.key if str(error) else "no sentence"


def changed(content: bytes, name: str, change: Any) -> bytes:
    """A zip file whose member that ends in ``name`` is changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for each in old.namelist():
            data = old.read(each)
            new.writestr(each, change(data) if each.endswith(name) else data)
    return out.getvalue()


@pytest.mark.parametrize("name", FILES)
def test_every_tensor_is_read_as_it_was_written(name: str, tmp_path: Path) -> None:
    content, kind, prefix = FILES[name]
    path = tmp_path / "named.otherwise"
    tensors = read(path, content)
    with open_checkpoint(path) as checkpoint:
        assert checkpoint.kind == kind
    net = small_network()
    wanted = dict(net.named_parameters() if name == "parameters" else net.state_dict())
    assert len(wanted) == (6 if name == "parameters" else 9)
    for key, tensor in wanted.items():
        assert np.array_equal(tensors[prefix + key], tensor.detach().numpy()), key
        assert tensors[prefix + key].dtype == tensor.detach().numpy().dtype


def test_metadata_of_safetensors_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(FILES["safetensors"][0])
    with open_checkpoint(path) as checkpoint:
        assert checkpoint.metadata == {"network": "small"}


def test_the_length_of_its_table_does_not_make_safetensors_a_pickle(tmp_path: Path) -> None:
    path, seen = tmp_path / "x", set()
    for padding in range(0, 256, 8):
        content = save({"w": torch.arange(3)}, {"padding": " " * padding})
        seen.add(content[0])
        assert read(path, content)["w"].tolist() == [0, 1, 2]
    assert 0x80 in seen  # the first byte of a pickle


@pytest.mark.parametrize(
    "dtype",
    [
        *("float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8"),
        "bool",
    ],
)
@pytest.mark.parametrize("legacy", [False, True])
def test_every_type_of_element(dtype: str, legacy: bool, tmp_path: Path) -> None:
    value = (torch.arange(24).reshape(4, 6) - 3 * (dtype != "uint8")).to(getattr(torch, dtype))
    found = read(tmp_path / "x", saved({"w": value}, legacy))["w"]
    as_numpy = (value.float() if dtype == "bfloat16" else value).numpy()
    assert np.array_equal(found, as_numpy)
    assert found.dtype == as_numpy.dtype


def test_views_of_one_storage_keep_their_places(tmp_path: Path) -> None:
    whole = torch.arange(60.0).reshape(6, 10)
    views = {"a": whole[1:3], "b": whole[:, 4:6].T, "c": whole[5, 9], "empty": whole[:0]}
    found = read(tmp_path / "x", saved(views))
    assert found.keys() == views.keys()
    assert all(np.array_equal(found[name], view.numpy()) for name, view in views.items())


class _Calls:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("echo run > ran",)


def test_what_a_file_asks_to_run_is_named_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for legacy in (False, True):
        path = tmp_path / "x"
        path.write_bytes(saved({"a": torch.ones(2), "b": _Calls()}, legacy))
        with pytest.raises(WeightsUnavailable, match=f"{os.system.__module__}.system"):
            open_checkpoint(path).__enter__()
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "called",
    [
        *("builtins eval", "builtins getattr", "torch load", "torch.jit load", "os system"),
        *("torch.hub load", "runpy run_path", "subprocess Popen", "importlib import_module"),
        *("torch._utils _rebuild_sparse_tensor", "builtins __import__", "nt system"),
    ],
)
def test_a_name_that_is_not_needed_ends_the_read(called: str, tmp_path: Path) -> None:
    pickled = b"\x80\x02c" + called.replace(" ", "\n").encode() + b"\n)R."
    content = changed(FILES["plain"][0], "data.pkl", lambda _: pickled)
    assert refusal(tmp_path / "x", content) == "weights.runs_code"


def test_a_tensor_beyond_its_storage_is_refused(tmp_path: Path) -> None:
    content = saved({"w": torch.zeros(8, 4, 3, 3)})
    far = changed(
        content,
        "data.pkl",
        lambda data: data.replace(b"K\x08K\x04K\x03K\x03", b"K\x7fK\x04K\x03K\x03"),
    )
    assert far != content
    assert refusal(tmp_path / "x", far) == "weights.not_readable"


def test_a_storage_that_is_not_there_is_refused(tmp_path: Path) -> None:
    short = changed(FILES["plain"][0], "data/0", lambda data: data[:-4])
    assert refusal(tmp_path / "x", short) == "weights.cut_short"
    legacy = FILES["legacy"][0]
    assert refusal(tmp_path / "x", legacy[:-4]) == "weights.cut_short"


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("x/data.pkl", b"\x80\x02" + b"N0" * 20_000_000 + b"N.")
    assert refusal(tmp_path / "x", out.getvalue()) == "weights.too_large"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    """Programs disagree on which of the two counts."""
    for name in ("data.pkl", "data/0"):
        content = io.BytesIO(FILES["plain"][0])
        with zipfile.ZipFile(content, "a") as file:
            whole = next(each for each in file.namelist() if each.endswith(name))
            file.writestr(whole, file.read(whole))
        assert refusal(tmp_path / "x", content.getvalue()) == "weights.not_readable"


def test_two_values_in_one_file_are_refused(tmp_path: Path) -> None:
    content = io.BytesIO(FILES["plain"][0])
    with zipfile.ZipFile(content, "a") as file:
        file.writestr("other/data.pkl", b"\x80\x02N.")
    assert refusal(tmp_path / "x", content.getvalue()) == "weights.not_weights"


def test_the_same_storage_a_thousand_times_is_refused(tmp_path: Path) -> None:
    row = torch.zeros(1000)
    assert refusal(tmp_path / "x", saved([row] * 3000)) == "weights.too_large"


def hostile_pickles() -> dict[str, bytes]:
    deep = b"(" * 20_000 + b"t" * 20_000
    return {
        "contains itself": b"\x80\x02]q\x00h\x00a.",
        "a dictionary that contains itself": b"\x80\x02}q\x00X\x01\x00\x00\x00ah\x00s.",
        "nested deeply": b"\x80\x02" + deep + b".",
        "a deep key": b"\x80\x02}" + deep + b"Ns.",
        "lists of lists": b"\x80\x02]q\x00"
        + b"".join(
            b"](" + b"h" + bytes([n]) + (b"h" + bytes([n])) * 9 + b"eq" + bytes([n + 1])
            for n in range(30)
        )
        + b".",
        "a memo far away": b"\x80\x02Nr\xff\xff\xff\xff.",
        "long text that is not there": b"\x80\x02X\xff\xff\xff\x7f.",
        "copies of copies": b"\x80\x02]q\x00("
        + b"N" * 100_000
        + b"e"
        + b"ctorch\nSize\nq\x010"
        + b"h\x01h\x00\x85R0" * 200
        + b"N.",
        "an empty stack": b"\x80\x02\x85.",
        "an empty mark": b"\x80\x02t.",
        "no end": b"\x80\x02]",
        "a class with arguments": b"\x80\x02(itimeit\nTimer\n.",
        "an extension": b"\x80\x02\x82\x01.",
        "a number of many digits": b"\x80\x02L" + b"9" * 100_000 + b"L\n.",
        "a storage that is no storage": b"\x80\x02(NNNNNtQ.",
    }


@pytest.mark.parametrize("name", hostile_pickles())
def test_hostile_pickles_give_a_sentence_or_no_tensors(name: str, tmp_path: Path) -> None:
    pickled = hostile_pickles()[name]
    content = changed(FILES["plain"][0], "data.pkl", lambda _: pickled)
    assert outcome(tmp_path / "x", content) in (
        *("no tensors", "weights.too_large", "weights.not_readable", "weights.runs_code"),
    )


def test_other_files_are_said_to_be_other_files(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for content in (b"", b"PK", b"\x89PNG\r\n\x1a\n" + bytes(99), b"{}", bytes(100)):
        assert refusal(path, content) == "weights.not_weights"
    assert refusal(path, pickle.dumps({"a": 1})) == "weights.not_weights"
    assert refusal(path, b"PK\x03\x04" + bytes(60)) == "weights.not_readable"
    with pytest.raises(WeightsUnavailable, match="is a folder"):
        open_checkpoint(tmp_path).__enter__()
    if Path(os.devnull).exists():
        with pytest.raises(WeightsUnavailable, match="a device or a pipe"):
            open_checkpoint(Path(os.devnull)).__enter__()
    with pytest.raises(WeightsUnavailable, match="no weights file"):
        open_checkpoint(tmp_path / "absent").__enter__()


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no pipes with names")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(WeightsUnavailable):
        open_checkpoint(tmp_path / "pipe").__enter__()


@pytest.mark.parametrize("name", FILES)
def test_damage_gives_a_sentence_or_tensors(name: str, tmp_path: Path) -> None:
    """400 files each with bytes changed, taken out, doubled or cut off."""
    content = FILES[name][0]
    refused = 0
    for number in range(400):
        rng = random.Random(f"{name} {number}")
        damaged = bytearray(content)
        for _ in range(rng.choice((1, 1, 2, 8))):
            # Half of the damage hits the head, where what is read first lies.
            limit = len(damaged) if rng.random() < 0.5 else min(len(damaged), 2000)
            at = rng.randrange(limit)
            match rng.randrange(4):
                case 0:
                    damaged[at] = rng.randrange(256)
                case 1:
                    del damaged[at : at + rng.choice((1, 7, 400))]
                case 2:
                    damaged[at:at] = damaged[at : at + rng.choice((1, 7, 400))]
                case 3:
                    damaged[at : at + 4] = rng.choice((b"\xff\xff\xff\x7f", bytes(4)))
            if not damaged:
                break
        if rng.random() < 0.1:
            del damaged[rng.randrange(len(damaged) + 1) :]
        refused += outcome(tmp_path / "x", bytes(damaged)).startswith("weights.")
    assert refused >= 40  # the damage is not harmless
