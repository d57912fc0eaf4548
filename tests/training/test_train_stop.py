"""Ctrl-C and SIGTERM: the run saves before it leaves, and the next one goes on from there."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.lab.training import checkpoint
from inpaint_core.lab.training.config import TrainConfig
from inpaint_core.lab.training.trainer import Trainer
from inpaint_core.networks.tsgl.config import TsglLosses


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals to send")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_saves_a_checkpoint(
    album: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    photos = f"{album.as_posix()}/photos"
    (tmp_path / "run.toml").write_text(
        f'photos = ["{photos}"]\nvalidation = ["{photos}"]\nout = "run"\ndevice = "cpu"\n'
        "adversarial = 0.0\nsizes = [[0, 64]]\nbatch = 1\nworkers = 1\nsteps = 100000\n"
        "log_every = 1\nsave_every = 100000\nvalidate_every = 100000\n"
    )
    command = [sys.executable, "-m", "inpaint_core", "train", str(tmp_path / "run.toml")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["step"] == 1
            process.send_signal(number)
            out, complaint = process.communicate(timeout=120)
        finally:
            process.kill()
    assert process.returncode == code
    last = max([1, *(json.loads(line)["step"] for line in out.splitlines())])
    state = checkpoint.load_latest(tmp_path / "run")
    assert state is not None
    assert state["step"] == last
    assert complaint == f"inpaint: Stopped after step {last}; the next run goes on from there.\n"


@pytest.mark.usefixtures("_tiny")
def test_a_cancelled_run_ends_after_its_step(album: Path, tmp_path: Path) -> None:
    config = TrainConfig(
        photos=(str(album / "photos"),), validation=(str(album / "photos"),),
        out=str(tmp_path / "run"), steps=9, sizes=((0, 64),), batch=1, device="cpu",
        losses=TsglLosses(), log_every=2, validate_every=2, save_every=100,
    )  # fmt: skip
    progress = Progress()
    lines: list[Mapping[str, Any]] = []

    def say(line: Mapping[str, Any]) -> None:
        lines.append(line)
        progress.cancel()

    with pytest.raises(Cancelled):
        Trainer(config).run(say, progress)
    # Cancelled at the first line, it does not validate any more.
    assert [set(line) >= {"reconstruction"} for line in lines] == [True]
    again = Trainer(config)
    assert again.step == 2
    again.run(lines.append)
    assert lines[-1]["step"] == 9
