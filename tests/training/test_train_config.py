"""The TOML file of a run."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from inpaint_core.contract.errors import BadRequest, FileUnreadable
from inpaint_core.contract.typed_values import override
from inpaint_core.lab.training.config import parse_table, read_stages
from inpaint_core.networks.registry import configurations, find_network
from inpaint_core.networks.tsgl.ablations import ABLATIONS, PRIORS
from inpaint_core.networks.tsgl.config import PAPER, Branch

NEEDED = {"photos": ["a"], "validation": ["b"], "out": "c"}
EXAMPLES = Path(__file__).parents[2] / "docs" / "training"


@pytest.mark.parametrize(("name", "images"), [("cpu.toml", 200_000), ("gpu.toml", 1_000_000)])
def test_examples_are_valid(name: str, images: int) -> None:
    stages = read_stages(EXAMPLES / name)
    assert {config.network for config in stages} == {"base"}
    assert [config.side(0) for config in stages] == [128, 256, 512]
    assert all(config.save_every <= config.steps for config in stages)
    assert sum(config.steps * config.batch * config.accumulate for config in stages) >= images


def test_the_example_for_layouts_is_valid() -> None:
    """So is what stands in its comments."""
    text = (EXAMPLES / "layout.toml").read_text("utf-8")
    stages = read_stages(EXAMPLES / "layout.toml")
    assert [config.side(0) for config in stages] == [64, 128, 128, 128]
    assert all(config.whole_views >= 0.5 for config in stages)
    first = stages[0]
    assert first.steps * first.batch == 1_000_000
    assert sum(config.steps * config.batch for config in stages) == 1_500_000
    notes = re.sub(r"^# (?=[a-z_]+ = |\[)", "", text, flags=re.MULTILINE)
    common, _, fourier, *every = re.split(r"^(?=\[)", notes, flags=re.MULTILINE)
    assert len(every) == 6
    for stage in every:
        parse_table({**tomllib.loads(common), **tomllib.loads(stage)["stages"][0]})
    table = {**tomllib.loads(common), **tomllib.loads(fourier), "network": "lama"}
    assert parse_table({**table, "sizes": [[0, 96]]}).side(0) == 96


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
        ({"sizes": [[0, 100]]}, "below 64 or not a multiple of 64"),
        ({"sizes": [[0, 32]], "network": "dmfn"}, "below 64 or not a multiple of 4"),
        ({"network": "lama", "configuration": {"decoder_widths": [8, 8]}}, "halves the picture 5"),
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


@pytest.mark.parametrize(
    ("network", "name"),
    [(c, name) for c, spec in configurations().items() for name in spec.ablations if c != "lama"],
)
def test_the_rows_of_the_papers_tables_have_names(network: str, name: str) -> None:
    """The name becomes values of the configuration, which the file may change further."""
    table = {**NEEDED, "network": network, "backbone": "d"}
    if name == "Semantic":
        with pytest.raises(BadRequest, match="needs “semantic”, maps beside the photos"):
            parse_table({**table, "ablation": name})
        table["semantic"] = ["e"]
    named = parse_table({**table, "ablation": name})
    changes = configurations()[network].ablations[name]
    assert named == parse_table({**table, "configuration": changes})
    assert find_network(network, named.configuration)[1] == override(
        find_network(network)[1], changes
    )


def test_the_paper_s_rows_are_those_of_its_tables() -> None:
    def branches(name: str) -> tuple[Branch, ...]:
        found: tuple[Branch, ...] = find_network("paper", ABLATIONS[name])[1].branches
        return found

    assert len(ABLATIONS) == 12 + 1 + 1 + 2 + len(PRIORS) + 5
    assert branches("2Global(Texture)->Global(Local)") == (
        Branch("structure", "global", 2),
        Branch("texture", "local", 1),
    )
    assert branches("2Global(Local)->Global(Local)") == PAPER.branches
    assert find_network("base", ABLATIONS["Basic"])[1].balance is None
    assert find_network("base", ABLATIONS["HiFill"])[1].balance.form == "hifill"
    assert find_network("base", ABLATIONS["Tau 150"])[1].tau == 150
    both = parse_table({**NEEDED, "ablation": "Basic", "configuration": {"tau": 3}})
    assert both.configuration == {"balance": "none", "tau": 3}
    with pytest.raises(BadRequest, match="takes no semantic maps"):
        parse_table({**NEEDED, "semantic": ["maps"]})
    with pytest.raises(BadRequest, match="“Round” is not an ablation"):
        parse_table({**NEEDED, "ablation": "Round"})
    with pytest.raises(BadRequest, match="“ablation” cannot be"):
        parse_table({**NEEDED, "ablation": ["Basic"]})
    with pytest.raises(BadRequest, match="“tau” is not a setting"):
        parse_table({**NEEDED, "network": "lama", "ablation": "Tau 50"})


def test_what_is_missing_is_said() -> None:
    with pytest.raises(BadRequest, match="“out” is missing"):
        parse_table({"photos": ["a"], "validation": ["b"]})


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="cannot be read"):
        read_stages(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("steps = = 3")
    with pytest.raises(BadRequest, match="not valid TOML"):
        read_stages(tmp_path / "bad.toml")
