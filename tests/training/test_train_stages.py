"""One file with several runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from inpaint_core.cli import main
from inpaint_core.contract.errors import BadRequest
from inpaint_core.lab.training.config import read_stages
from inpaint_core.lab.training.stages import find_newest_stage, stage_weights_path
from inpaint_core.networks.store.weights_file import read_metadata

COMMON = """
photos = ["photos"]
validation = ["photos"]
out = "run"
device = "cpu"
batch = 2
workers = 1
log_every = 1
validate_every = 100
save_every = 100
validation_samples = 1
"""
STAGES = """
[[stages]]
steps = 2
sizes = [[0, 64]]
adversarial = 0
[[stages]]
steps = 1
sizes = [[0, 128]]
seed = 1
batch = 1
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "run.toml"
    path.write_text(text)
    return path


def test_a_stage_changes_some_settings_and_begins_where_the_one_before_ended(
    tmp_path: Path,
) -> None:
    one, two = read_stages(write(tmp_path, COMMON + STAGES))
    assert (one.steps, one.losses.adversarial, one.batch, one.start) == (2, 0, 2, None)
    assert (two.steps, two.losses.adversarial, two.batch) == (1, 0.1, 1)
    assert one.out == str(tmp_path / "run" / "stage-1")
    assert (
        two.start == str(stage_weights_path(one)) == str(tmp_path / "run" / "stage-1.safetensors")
    )
    assert find_newest_stage((one, two)) == one


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stages = 3", "must be tables"),
        ("stages = []", "must be tables"),
        ('[[stages]]\nout = "other"', "cannot have its own “out”"),
        ('[[stages]]\n[[stages]]\nstart = "w"', "only the first one its own “start”"),
        ('[[stages]]\n[[stages]]\nnetwork = "lama"', "train one network"),
        ("[[stages]]\nstepps = 3", "“stepps” is not a setting"),
    ],
)
def test_what_is_wrong_with_stages_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        read_stages(write(tmp_path, COMMON + text))


@pytest.mark.usefixtures("_tiny")
def test_one_command_makes_them_all_and_goes_on(
    album: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    (tmp_path / "photos").symlink_to(album / "photos", target_is_directory=True)
    path = write(tmp_path, COMMON + STAGES)
    assert main(["train", str(path)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    steps = [(line["step"], line["side"], line["images"]) for line in lines if "rate" in line]
    assert (2, 64, 4) in steps
    assert steps[-1] == (1, 128, 5)
    assert read_metadata(tmp_path / "run" / "stage-1.safetensors")["images"] == "4"
    assert main(["train", str(path)]) == 0
    again = capsys.readouterr().out
    assert '"side": 64' not in again, "the first stage is over"
    assert main(["train", str(path), "--export", str(tmp_path / "best.safetensors")]) == 0
    assert read_metadata(tmp_path / "best.safetensors")["images"] == "5"


@pytest.mark.usefixtures("_tiny")
def test_no_time_left_is_no_next_stage(album: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").symlink_to(album / "photos", target_is_directory=True)
    path = write(tmp_path, COMMON + "minutes = 0.0\n" + STAGES)
    assert main(["train", str(path), "--quiet"]) == 0
    assert not (tmp_path / "run" / "stage-1.safetensors").exists()
    assert not (tmp_path / "run" / "stage-2").exists()
