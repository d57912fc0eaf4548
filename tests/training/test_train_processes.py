"""Several processes train as one does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import tiny
import torch

from inpaint_core.contract.errors import BadRequest
from inpaint_core.lab.training import checkpoint
from inpaint_core.lab.training.processes import ProcessGroup


def test_batches_are_dealt_out() -> None:
    assert [list(ProcessGroup(rank, 2).share_batches(6)) for rank in (0, 1)] == [
        [0, 1, 2],
        [3, 4, 5],
    ]
    assert list(ProcessGroup().share_batches(3)) == [0, 1, 2]
    with pytest.raises(BadRequest, match="cannot be shared by 2 processes"):
        ProcessGroup(0, 2).share_batches(3)


def write(folder: Path, album: Path, out: str) -> Path:
    path = folder / f"{out}.toml"
    path.write_text(
        f'photos = ["{album.as_posix()}/photos"]\nvalidation = ["{album.as_posix()}/photos"]\n'
        f'out = "{out}"\nsteps = 2\nbatch = 2\naccumulate = 2\nsizes = [[0, 64]]\nwarmup = 1\n'
        'device = "cpu"\nprecision = "float32"\nmatching = 1.0\nlog_every = 1\n'
        "validation_samples = 1\n"
    )
    return path


def test_two_processes_give_the_weights_of_one(album: Path, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    runs = {("one", 0): {}} | {
        ("two", rank): {
            "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2",
            "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port,
        }
        for rank in (0, 1)
    }  # fmt: skip
    started = []
    for (out, rank), extra in runs.items():
        command = [sys.executable, str(Path(tiny.__file__)), str(write(tmp_path, album, out))]
        variables = {**os.environ, "PYTHONPATH": str(root), **extra}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        started.append((out, rank, subprocess.Popen(command, env=variables, **pipes)))  # type: ignore[call-overload]
    said = {}
    for out, rank, process in started:
        said[out, rank], complaint = process.communicate(timeout=300)
        assert process.returncode == 0, complaint
    assert said["two", 1] == ""  # the first one speaks
    assert said["two", 0].count("validation_l1") == 1

    one, two = (checkpoint.load_latest(tmp_path / out) for out in ("one", "two"))
    assert one is not None
    assert two is not None
    assert one["step"] == two["step"] == 2
    for net in ("generator", "discriminator", "mean"):
        for name, wanted in one[net].items():
            torch.testing.assert_close(two[net][name], wanted, rtol=1e-3, atol=1e-4, msg=name)
    lines = [(tmp_path / out / "metrics.jsonl").read_text().splitlines() for out in ("one", "two")]
    assert len(lines[0]) == len(lines[1]) == 3
