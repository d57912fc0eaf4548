"""Every network learns by the same loop: two steps, a pause, an export."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from inpaint_core.cli import main
from inpaint_core.contract.errors import BadRequest
from inpaint_core.lab.training.config import TrainConfig, parse_table, read_stages
from inpaint_core.lab.training.trainer import Trainer
from inpaint_core.networks import registry
from inpaint_core.networks.dmfn.config import DmfnConfig, DmfnLosses
from inpaint_core.networks.network_spec import LossSettings
from inpaint_core.networks.pconv.config import PconvConfig, PconvLosses
from inpaint_core.networks.store.weights_file import load_weights, read_metadata
from inpaint_core.networks.zits.config import ZitsConfig, ZitsLosses

EXAMPLES = Path(__file__).parents[2] / "docs" / "training"
TINY: Mapping[str, tuple[Any, LossSettings]] = {
    "pconv": (PconvConfig("pconv", (4, 6, 8)), PconvLosses()),
    "dmfn": (DmfnConfig("dmfn", width=4, blocks=2), DmfnLosses()),
    "zits": (
        ZitsConfig(
            "zits",
            structure_side=64,
            structure_widths=(3, 4, 5),
            embedding=6,
            heads=2,
            layers=2,
            upsampler_width=3,
            width=4,
            blocks=1,
            encoder_blocks=1,
        ),
        ZitsLosses(),
    ),
}


ZITS_PARTS = {
    "lama": {"picture"},
    "tsr": {"transformer"},
    "tsr_refined": {"transformer"},
    "ssu": {"upsampler"},
    "ftr": {"picture", "encoder", "positions", "alphas"},
}
"""The parts of the network that each stage trains."""


@pytest.fixture(autouse=True)
def _tiny_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(registry.networks())
    for name, (config, _) in TINY.items():
        known[name] = replace(known[name], configs={name: config})
    monkeypatch.setattr(registry, "networks", lambda: known)


@pytest.fixture(params=TINY)
def config(
    request: pytest.FixtureRequest, album: Path, tmp_path: Path, squeezenet: Path
) -> TrainConfig:
    return TrainConfig(
        photos=(str(album / "photos.tar"),),
        validation=(str(album / "photos"),),
        out=str(tmp_path / "run"),
        losses=TINY[request.param][1],
        network=request.param,
        steps=2,
        sizes=((0, 64),),
        batch=2,
        workers=1,
        device="cpu",
        precision="float32",
        backbone=str(squeezenet),
        betas=(0.5, 0.999),
        schedule="constant",
        warmup=1,
        average=0.5,
        log_every=1,
        validation_samples=1,
    )


def quiet(line: Mapping[str, Any]) -> None:
    """Nobody listens."""


def state(trainer: Trainer) -> dict[str, torch.Tensor]:
    nets = {"m": trainer.mean, **dict(zip("gd", trainer.nets, strict=False))}
    return {f"{n}.{k}": v for n, net in nets.items() for k, v in net.state_dict().items()}


def test_two_steps_in_one_run_and_in_two_and_an_export(config: TrainConfig, tmp_path: Path) -> None:
    lines: list[Mapping[str, Any]] = []
    whole = Trainer(config)
    start = {k: v.clone() for k, v in state(whole).items()}
    whole.run(lines.append)
    assert [line["step"] for line in lines] == [1, 2, 2]
    assert lines[1]["skipped"] == 0
    assert all(lines[0][name] > 0 for name in ("reconstruction", config.losses.needs_features))
    assert lines[2]["validation_psnr"] > 0

    parts = replace(config, out=str(tmp_path / "parts"))
    first = Trainer(replace(parts, steps=1))
    first.run(quiet)
    second = Trainer(parts)
    assert second.step == 1
    second.run(quiet)
    wanted, found = state(whole), state(second)
    assert [k for k in wanted if not torch.equal(wanted[k], found[k])] == []
    assert sum(not torch.equal(start[k], v) for k, v in wanted.items()) > len(wanted) / 2

    weights = tmp_path / "made.safetensors"
    second.export(weights)
    spec, network = registry.find_network(config.network)
    fresh = spec.build(network)
    load_weights(fresh, weights)
    assert read_metadata(weights) == {"network": config.network, "images": "4"}
    compact = replace(config, out=str(tmp_path / "small"), checkpoint="compact", steps=1)
    Trainer(compact).run(quiet)
    assert Trainer(replace(compact, steps=2)).step == 1


def test_changed_values_of_the_configuration(
    album: Path, tmp_path: Path, squeezenet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the TOML file to the exported file; a pause does not change them."""
    path = tmp_path / "run.toml"
    text = (
        f'photos = ["{album.as_posix()}/photos"]\nvalidation = ["{album.as_posix()}/photos"]\n'
        f'out = "run"\nsteps = 1\nbatch = 2\nsizes = [[0, 64]]\nvalidation_samples = 1\n'
        'device = "cpu"\nself_guided = 0\nfeatures = 0\nalignment = 0\nmatching = 0\n'
        'adversarial = 0.0\nnetwork = "dmfn"\n[configuration]\nform = "no_combination"\n'
    )
    path.write_text(text)
    assert main(["train", str(path), "--quiet"]) == 0
    weights = tmp_path / "made.safetensors"
    assert main(["train", str(path), "--export", str(weights)]) == 0
    assert read_metadata(weights)["configuration"] == '{"form": "no_combination"}'
    path.write_text(text.replace("no_combination", "no_k"))
    assert main(["train", str(path)]) == 2
    assert "another “configuration”" in capsys.readouterr().err


def test_the_second_stage_of_partial_convolutions(
    album: Path, tmp_path: Path, squeezenet: Path
) -> None:
    """Its encoder's normalisations keep the first stage's statistics; the run can be resumed, but
    not with other parts to train.
    """
    config = TrainConfig(
        photos=(str(album / "photos"),), validation=(str(album / "photos"),),
        out=str(tmp_path / "run"), losses=PconvLosses(0.0, 1.0, 0.0, 0.0, 0.0, True),
        network="pconv", steps=1, sizes=((0, 64),), batch=2, device="cpu", validation_samples=1,
    )  # fmt: skip
    trainer = Trainer(config)
    norm = trainer.generator.get_submodule("encoder.1.norm")
    before = norm.get_buffer("running_mean").clone()
    trainer.run(quiet)
    assert torch.equal(norm.get_buffer("running_mean"), before)
    again = Trainer(replace(config, steps=2))
    again.run(quiet)
    assert again.step == 2
    with pytest.raises(BadRequest, match="another “number of trained tensors”"):
        Trainer(config.with_losses(freeze_encoder_norms=False))


def test_the_stages_of_edges_and_lines(
    album: Path, tmp_path: Path, squeezenet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From one file: each stage trains its part and leaves the others as they were."""
    path = tmp_path / "run.toml"
    path.write_text(
        f'photos = ["{album.as_posix()}/photos"]\nvalidation = ["{album.as_posix()}/photos"]\n'
        f'out = "run"\nbackbone = "{squeezenet.as_posix()}"\nsteps = 1\nbatch = 1\n'
        "sizes = [[0, 64]]\nvalidation_samples = 1\nworkers = 1\nwarmup = 1\naverage = 0.0\n"
        'device = "cpu"\nnetwork = "zits"\n'
        + "".join(f'[[stages]]\npart = "{part}"\n' for part in (*ZITS_PARTS, "ftr"))
        + "predicted = 0.0\n"
    )
    assert main(["train", str(path)]) == 0
    figures = [json.loads(line) for line in capsys.readouterr().out.splitlines()[1:]]
    assert sum("validation_edges_f1" in line for line in figures) == 2
    before: dict[str, torch.Tensor] = {}
    for number, (part, taught) in enumerate(ZITS_PARTS.items(), 1):
        after = load_file(tmp_path / "run" / f"stage-{number}.safetensors")
        changed = {
            name.partition(".")[0]
            for name in before
            if not torch.equal(before[name].float(), after[name].float())
        }
        assert changed == (taught if before else set()), part
        before = after
    made = tmp_path / "made.safetensors"
    assert main(["train", str(path), "--export", str(made)]) == 0
    assert read_metadata(made)["images"] == "6"


def test_gradients_are_clipped(config: TrainConfig) -> None:
    def measure(clip: float | None) -> float:
        trainer = Trainer(replace(config, clip=clip))
        given = trainer.batches()
        trainer.train_step([next(given)])
        given.close()
        grads = [p.grad for p in trainer.generator.parameters() if p.grad is not None]
        return float(torch.stack([grad.square().sum() for grad in grads]).sum().sqrt())

    assert measure(None) > 0.01
    assert measure(0.01) == pytest.approx(0.01, rel=1e-3)


def test_learning_rates(config: TrainConfig) -> None:
    trainer = Trainer(replace(config, schedule="halving", halve_every=10, generator_rate=1.0))
    trainer.step = 25
    assert trainer.learning_rates()[0] == 0.25
    constant = Trainer(replace(config, generator_rate=1.0))
    constant.step = 25
    assert constant.learning_rates()[0] == 1.0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"network": "pconv", "edges": 1.0}, "“edges” is not a setting"),
        ({"network": "pconv"}, "“perceptual” needs “backbone”"),
        ({"network": "dmfn"}, "“self_guided” needs “backbone”"),
        ({"network": "dmfn", "configuration": 3}, "“configuration” cannot be 3"),
        ({"network": "dmfn", "configuration": {"form": "x"}}, "“form” cannot be 'x'"),
        ({"network": "pconv", "configuration": {"widths": [8] * 7}, "perceptual": 0, "style": 0,
          "sizes": [[0, 64]]}, "not a multiple of 128"),
        ({"network": ["dmfn"]}, "“network” cannot be"),
        ({"network": "dmfn", "configuration": {"id": "mine"}}, "“id” is not a setting"),
        ({"network": "dmfn", "batch": 1, "sizes": [[0, 64]]}, "“batch” must be at least 2"),
        ({"betas": [0.5, 1.0]}, "“betas” must be"),
        ({"halve_every": 0}, "“halve_every” must be"),
        ({"clip": 0}, "“clip” must be above 0"),
        ({"network": "zits", "revealed": 2}, "“revealed” must be from 0 to 1"),
        ({"network": "zits", "part": "hawp"}, "“part” cannot be 'hawp'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(more: dict[str, object], said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        parse_table({"photos": ["a"], "validation": ["b"], "out": "c", **more})


@pytest.mark.parametrize(
    ("name", "images"),
    [
        ("pconv.toml", 60_000),
        ("dmfn.toml", 60_000),
        ("zits.toml", 60_000),
        ("tsgl-lean.toml", 15_000),
        ("zits-paper.toml", 77_376_000),
    ],
)
def test_examples_are_valid(name: str, images: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # for the networks that the files are about
    stages = read_stages(EXAMPLES / name)
    assert {config.network for config in stages} == {
        {"tsgl-lean.toml": "base"}.get(name, name.removesuffix(".toml"))
    }
    assert sum(config.steps * config.batch * config.accumulate for config in stages) == images
    assert all(config.backbone for config in stages if config.losses.needs_features)
