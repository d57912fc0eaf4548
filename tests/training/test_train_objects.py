"""Training the network that selects objects: data, clicks, and a run that goes on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from inpaint_core.cli import main
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.lab.objects.click_scores import (
    mean_scores,
    score_clicks,
    select_in_box,
    select_with_grabcut,
)
from inpaint_core.lab.objects.click_simulation import choose_click, overlap
from inpaint_core.lab.objects.composed_samples import make_object_sample
from inpaint_core.lab.objects.object_config import read_object_config
from inpaint_core.lab.objects.object_photos import read_object_photos
from inpaint_core.lab.objects.object_training import train_objects
from inpaint_core.networks.store.weights_file import load_weights
from inpaint_core.object_selection.network import ObjectNetwork


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six photos with a disc; masks of four of them, one of another size, one of no photo."""
    rng = np.random.default_rng(5)
    (tmp_path / "photos").mkdir()
    (tmp_path / "masks").mkdir()
    y, x = np.mgrid[:96, :128]
    for number in (1001, 1002, 1003, 1004, 1005, 1010):
        pixels = rng.integers(0, 90, (96, 128, 3)).astype(np.uint8)
        at = rng.integers(30, 60, 2)
        disc = np.hypot(x - at[1], y - at[0]) < 22
        pixels[disc] += 120
        Image.fromarray(pixels).save(tmp_path / "photos" / f"{number}_a.png")
        if number != 1004:
            mask = disc[:80] if number == 1003 else disc
            name = f"thing_{number}_0.png"
            Image.fromarray((mask * 255).astype(np.uint8)).save(tmp_path / "masks" / name)
    lone = np.zeros((70, 60), np.uint8)
    lone[20:50, 10:40] = 255
    Image.fromarray(lone).save(tmp_path / "masks" / "thing_2001_0.png")
    return tmp_path


def write_config(folder: Path, out: str, **values: object) -> Path:
    rows = {
        "photos": ["photos"],
        "silhouettes": ["masks"],
        "out": out,
        "steps": 2,
        "late_steps": 1,
        "batch": 2,
        "size": 64,
        "late_size": 64,
        "settling": 2,
        "log_every": 1,
        "save_every": 1,
        **values,
    }
    path = folder / f"{out}.toml"
    lines = [f"{name} = {json.dumps(value)}" for name, value in rows.items()]
    path.write_text("\n".join(["[objects]", *lines]), "utf-8")
    return path


def test_masks_find_their_photos_and_every_fifth_number_is_withheld(folder: Path) -> None:
    sources = ([str(folder / "photos")], [str(folder / "masks")])
    learnt = read_object_photos(*sources, withheld=False)
    assert [photo.name for photo in learnt.outlined] == ["1001_a.png", "1002_a.png"]
    assert len(learnt.silhouettes) == 2  # of another size, and without a photo
    kept = read_object_photos(*sources, withheld=True)
    assert [photo.name for photo in kept.outlined] == ["1005_a.png", "1010_a.png"]
    assert set(learnt.numbers).isdisjoint(kept.numbers)


@pytest.mark.parametrize("composed", [False, True])
def test_samples_show_what_their_truth_says(folder: Path, composed: bool) -> None:
    source = read_object_photos([str(folder / "photos")], [str(folder / "masks")], withheld=False)
    rng, other = np.random.default_rng(1), np.random.default_rng(1)
    for _ in range(12):
        picture, truth = make_object_sample(source, 64, rng, composed=composed)
        assert picture.shape == (64, 64, 3)
        assert picture.dtype == np.uint8
        assert truth.shape == (64, 64)
        assert truth.dtype == np.float32
        assert 0 <= truth.min() <= truth.max() <= 1
        assert truth.mean() > 0.003
        again = make_object_sample(source, 64, other, composed=composed)
        assert np.array_equal(again[0], picture)
        assert np.array_equal(again[1], truth)


def test_clicks_go_to_the_middle_of_the_largest_error() -> None:
    truth = np.zeros((40, 60), bool)
    truth[10:31, 10:31] = True
    nothing = np.zeros_like(truth)
    assert choose_click(nothing, truth) == (20.5, 20.5, 1)
    found = truth.copy()
    found[2:35, 40:59] = True
    click = choose_click(found, truth)
    assert click is not None
    assert click[2] == -1
    assert 45 < click[0] < 55
    assert choose_click(truth, truth) is None
    assert overlap(truth, truth) == overlap(nothing, nothing) == 1
    assert overlap(nothing, truth) == 0


def test_grabcut_is_scored_like_the_network() -> None:
    picture = np.full((90, 120, 3), 60, np.uint8)
    picture += np.random.default_rng(2).integers(0, 20, picture.shape).astype(np.uint8)
    truth = np.zeros((90, 120), bool)
    truth[25:65, 40:85] = True
    picture[truth] += 120
    assert overlap(select_in_box(picture, truth), truth) > 0.95
    scores = score_clicks(select_with_grabcut(picture), truth)
    assert len(scores) == 3
    assert scores[-1] > 0.9
    assert mean_scores([[0.5, 1.0], [1.0, 1.0]]) == [0.75, 1.0]


def test_a_run_goes_on_as_if_it_had_not_been_stopped(folder: Path) -> None:
    def train(path: Path) -> dict[str, torch.Tensor]:
        config = read_object_config(path)
        assert config is not None
        said: list[object] = []
        network = ObjectNetwork().fold()
        load_weights(network, train_objects(config, said.append, Progress()))
        assert said
        return network.state_dict()

    whole = train(write_config(folder, "whole"))
    path = write_config(folder, "parts")
    stops = Progress()

    def stop(line: Mapping[str, object]) -> None:
        stops.cancel()  # after the first step

    config = read_object_config(path)
    assert config is not None
    with pytest.raises(Cancelled):
        train_objects(config, stop, stops)
    parts = train(path)
    for name, value in whole.items():
        assert torch.equal(value, parts[name]), name


def test_the_command_trains_and_exports(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = write_config(folder, "run", steps=1, late_steps=0), folder / "out.safetensors"
    assert main(["train", str(path), "--export", str(out)]) != 0  # nothing is trained yet
    assert main(["train", str(path)]) == 0
    assert '"clicks": 1' in capsys.readouterr().out
    assert main(["train", str(path), "--export", str(out)]) == 0
    load_weights(ObjectNetwork().fold(), out)


def test_a_wrong_key_is_said(folder: Path) -> None:
    with pytest.raises(BadRequest, match="colour"):
        read_object_config(write_config(folder, "wrong", colour=1))
    other = folder / "other.toml"
    other.write_text('network = "base"\n', "utf-8")
    assert read_object_config(other) is None
