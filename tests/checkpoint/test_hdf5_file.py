"""HDF5 files: their tensors, and what is said of damaged ones and of those that reach elsewhere."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import damaging_hdf5
import numpy as np
import pytest
from damaging_hdf5 import damage

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.networks.checkpoint import hdf5_file
from inpaint_core.networks.checkpoint.read_checkpoint import open_checkpoint


def read(path: Path) -> dict[str, Any]:
    with open_checkpoint(path) as checkpoint:
        assert checkpoint.kind == "hdf5"
        return {name: tensor.read() for name, tensor in checkpoint.tensors.items()}


def refusal(path: Path) -> str:
    with pytest.raises(WeightsUnavailable) as caught:
        read(path)
    assert str(caught.value)
    return caught.value.message.key


@pytest.fixture
def h5py() -> Any:
    return pytest.importorskip("h5py", reason="HDF5 files need the package h5py")


def write(h5py: Any, path: Path, fill: Callable[[Any], object]) -> Path:
    with h5py.File(path, "w") as file:
        file["layer/layer/kernel:0"] = np.arange(6, dtype=np.float32).reshape(2, 3)
        fill(file)
    return path


def test_numbers_are_read_by_their_paths(h5py: Any, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).random((20, 30))

    def fill(file: Any) -> None:
        file["layer"].create_dataset("packed:0", data=noise, compression="gzip", chunks=True)
        file["name"] = "not a number"

    found = read(write(h5py, tmp_path / "x", fill))
    assert found.keys() == {"layer.layer.kernel", "layer.packed"}
    assert np.array_equal(found["layer.layer.kernel"], [[0, 1, 2], [3, 4, 5]])
    assert np.array_equal(found["layer.packed"], noise)


def test_what_lies_elsewhere_is_refused(h5py: Any, tmp_path: Path) -> None:
    other = tmp_path / "secret"
    other.write_bytes(bytes(24))

    def link(file: Any) -> None:
        file["there"] = h5py.ExternalLink(str(other), "/")

    def data(file: Any) -> None:
        file.create_dataset("there", (6,), np.float32, external=[(str(other), 0, 24)])

    def virtual(file: Any) -> None:
        layout = h5py.VirtualLayout((6,), np.float32)
        layout[:] = h5py.VirtualSource(str(other), "x", (6,))
        file.create_virtual_dataset("there", layout)

    def loop(file: Any) -> None:
        file["layer/again"] = h5py.SoftLink("/layer")

    for fill in (link, data, virtual, loop):
        path = write(h5py, tmp_path / "x", fill)
        assert refusal(path) == "weights.names_other_files", fill.__name__


def test_bombs_and_loops_are_refused(h5py: Any, tmp_path: Path) -> None:
    def bomb(file: Any) -> None:
        file.create_dataset("zeros", (1 << 33,), np.float32, chunks=(1 << 20,), compression="gzip")

    def loop(file: Any) -> None:
        file["layer/again"] = file["layer"]  # a hard link

    for fill in (bomb, loop):
        assert refusal(write(h5py, tmp_path / "x", fill)) == "weights.too_large", fill.__name__


def test_damage_gives_a_sentence_or_tensors(h5py: Any, tmp_path: Path) -> None:
    """Whatever happens to the child."""
    content = write(h5py, tmp_path / "x", lambda file: None).read_bytes()
    for number in range(3):
        (tmp_path / "x").write_bytes(damage(content, number))
        with suppress(WeightsUnavailable):
            assert isinstance(read(tmp_path / "x"), dict)
    (tmp_path / "x").write_bytes(content[: len(content) // 2])
    assert refusal(tmp_path / "x") == "weights.not_readable"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_no_damage_hangs_the_child_or_takes_its_memory(h5py: Any, tmp_path: Path) -> None:
    """250 files; what the child does in the end is its own affair, a crash included."""

    def fill(file: Any) -> None:
        noise = np.random.default_rng(0).random((20, 30))
        file["layer"].create_dataset("packed:0", data=noise, compression="gzip", chunks=(5, 30))
        file["layer"].attrs["weight_names"] = [b"kernel:0", b"packed:0"]
        file["other/deep/bias:0"] = np.zeros(7, np.float64)
        file["name"] = "not a number"

    write(h5py, tmp_path / "whole", fill)
    script = Path(damaging_hdf5.__file__)
    found = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path), "250"],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": found},
        check=True,
    )
    ends = json.loads(done.stdout)
    assert len(ends) == 250
    codes = [code for code, _ in ends]
    assert -signal.SIGALRM not in codes  # none ran into the time that it has
    assert codes.count(0) >= 10  # harmless damage
    assert len(codes) - codes.count(0) >= 50
    assert max(memory for _, memory in ends) < 600_000_000


def test_without_the_package_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    (tmp_path / "x").write_bytes(hdf5_file.SIGNATURE + bytes(100))
    assert refusal(tmp_path / "x") == "weights.needs_h5py"
