"""The TOML file of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from inpaint_core.contract.errors import BadRequest, FileUnreadable
from inpaint_core.lab.training.config import parse_table, read_stages

NEEDED = {"photos": ["a"], "validation": ["b"], "out": "c"}
EXAMPLES = Path(__file__).parents[2] / "docs" / "training"


@pytest.mark.parametrize(("name", "images"), [("cpu.toml", 200_000), ("gpu.toml", 1_000_000)])
def test_examples_are_valid(name: str, images: int) -> None:
    stages = read_stages(EXAMPLES / name)
    assert {config.network for config in stages} == {"base"}
    assert [config.side(0) for config in stages] == [128, 256, 512]
    assert all(config.save_every <= config.steps for config in stages)
    assert sum(config.steps * config.batch * config.accumulate for config in stages) >= images


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text(
        'photos = ["in", "/far.tar"]\nvalidation = ["v"]\nout = "o"\nminutes = 10\n'
        "sizes = [[0, 128], [500, 256]]\n"
    )
    (config,) = read_stages(path)
    assert config.photos == (str(tmp_path / "in"), "/far.tar")
    assert config.out == str(tmp_path / "o")
    assert config.minutes == 10.0
    assert [config.side(step) for step in (0, 499, 500, 9999)] == [128, 128, 256, 256]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"stepps": 5}, "“stepps” is not a setting"),
        ({"steps": "many"}, "“steps” cannot be 'many'"),
        ({"steps": True}, "“steps” cannot be True"),
        ({"steps": 0}, "“steps” must be at least 1"),
        ({"photos": "a"}, "“photos” cannot be 'a'"),
        ({"network": "big"}, "no network “big”"),
        ({"precision": "int4"}, "“precision” cannot be 'int4'"),
        ({"sizes": []}, "“sizes” must begin"),
        ({"sizes": [[5, 64]]}, "“sizes” must begin"),
        ({"sizes": [[0, 64], [0, 128]]}, "“sizes” must begin"),
        ({"sizes": [[0, 100]]}, "not a multiple of 64"),
        ({"sizes": [[0, 64, 3]]}, "“sizes” cannot be"),
        ({"perceptual": 1.0}, "“perceptual” needs “backbone”"),
        ({"average": 1.0}, "“average” must be"),
        ({"border": 1.5}, "“border” must be"),
        ({"threads": 0}, "“threads” must be"),
        ({"procedural": -0.1}, "“procedural” must be"),
        ({"adversarial": 0.0, "r1": 0.1}, "“r1” needs a discriminator"),
        ({"loss": "vanilla"}, "“loss” cannot be"),
        ({"checkpoint": "small"}, "“checkpoint” cannot be"),
    ],
)
def test_what_is_wrong_is_said(more: dict[str, object], said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        parse_table({**NEEDED, **more})


def test_what_is_missing_is_said() -> None:
    with pytest.raises(BadRequest, match="“out” is missing"):
        parse_table({"photos": ["a"], "validation": ["b"]})


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="cannot be read"):
        read_stages(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("steps = = 3")
    with pytest.raises(BadRequest, match="not valid TOML"):
        read_stages(tmp_path / "bad.toml")
