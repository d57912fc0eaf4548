"""The loop: it learns, it resumes exactly, and bad numbers do no harm."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from tiny import TINY

from inpaint_core.cli import main
from inpaint_core.contract.errors import BadRequest, DeviceUnavailable, WeightsUnavailable
from inpaint_core.lab.training.config import TrainConfig
from inpaint_core.lab.training.trainer import Diverged, Trainer
from inpaint_core.networks import registry
from inpaint_core.networks.blocks.convolution_weights import fold
from inpaint_core.networks.store.weights_file import load_weights
from inpaint_core.networks.tsgl.config import TsglLosses
from inpaint_core.networks.tsgl.network import build_network
from inpaint_core.networks.tsgl.spec import SPEC

QUIET = TsglLosses(adversarial=0.0, matching=0.0)

pytestmark = pytest.mark.usefixtures("_tiny")


@pytest.fixture
def config(album: Path, tmp_path: Path) -> TrainConfig:
    return TrainConfig(
        photos=(str(album / "photos.tar"),),
        validation=(str(album / "photos"),),
        out=str(tmp_path / "run"),
        steps=6,
        sizes=((0, 64),),
        batch=2,
        device="cpu",
        precision="float32",
        losses=TsglLosses(matching=1.0),
        generator_rate=2e-3,
        warmup=2,
        average=0.8,
        log_every=2,
        validate_every=100,
        save_every=100,
        validation_samples=3,
    )


def quiet(line: Mapping[str, Any]) -> None:
    """Nobody listens."""


def tensors(trainer: Trainer) -> dict[str, torch.Tensor]:
    nets = {"g": trainer.generator, "d": trainer.discriminator, "m": trainer.mean}
    return {f"{n}.{k}": v for n, net in nets.items() for k, v in net.state_dict().items()}


def test_resuming_is_exact(config: TrainConfig, tmp_path: Path) -> None:
    """Bit for bit: weights, statistics, running mean; with a change of size on the way."""
    config = replace(config, sizes=((0, 64), (4, 128)), accumulate=2, batch=1)
    whole = Trainer(config)
    whole.run(quiet)

    parts = replace(config, out=str(tmp_path / "parts"))
    first = Trainer(parts)
    given = first.batches()
    for _ in range(3):
        first.train_step([next(given) for _ in range(2)])
    given.close()
    first.save()
    second = Trainer(parts)
    assert second.step == 3
    second.run(quiet)

    wanted, found = tensors(whole), tensors(second)
    assert wanted.keys() == found.keys()
    assert [k for k in wanted if not torch.equal(wanted[k], found[k])] == []
    start = tensors(Trainer(replace(config, out=str(tmp_path / "fresh"))))
    moved = [k for k in wanted if k.endswith("weight") and not torch.equal(start[k], wanted[k])]
    assert len(moved) > 50


def test_it_learns(config: TrainConfig, tmp_path: Path) -> None:
    lines: list[Mapping[str, Any]] = []
    config = replace(config, steps=50, batch=4, losses=QUIET)
    untrained = Trainer(replace(config, steps=1, generator_rate=0.0))
    untrained.run(lines.append)
    before = lines[-1]["validation_l1"]
    Trainer(replace(config, out=str(tmp_path / "other"))).run(lines.append)
    assert lines[-1]["validation_l1"] < 0.8 * before


def test_half_the_precision_trains_too(config: TrainConfig) -> None:
    lines: list[Mapping[str, Any]] = []
    Trainer(replace(config, steps=2, precision="bfloat16")).run(lines.append)
    values = [value for line in lines for value in line.values() if isinstance(value, float)]
    assert all(map(math.isfinite, values))
    assert lines[-1]["step"] == 2


def test_lines_and_files(config: TrainConfig) -> None:
    lines: list[Mapping[str, Any]] = []
    Trainer(config).run(lines.append)
    folder = Path(config.out)
    written = [json.loads(t) for t in (folder / "metrics.jsonl").read_text().splitlines()]
    assert written == lines
    assert [line["step"] for line in lines] == [2, 4, 6, 6]
    assert lines[0]["images"] == 4
    parts = {"reconstruction", "edges", "adversarial", "matching", "discriminator"}
    assert parts | {"seconds_per_step", "rate", "skipped", "side"} <= set(lines[0])
    assert {"validation_l1", "validation_psnr", "validation_ssim"} <= set(lines[-1])
    assert (folder / "validation.png").read_bytes().startswith(b"\x89PNG")
    # A finished run has nothing more to do, and says nothing.
    again: list[Mapping[str, Any]] = []
    Trainer(config).run(again.append)
    assert again == []


def test_a_bad_number_changes_nothing(config: TrainConfig) -> None:
    trainer = Trainer(config)
    good = next(trainer.batches())
    bad = replace(good, truth=torch.full_like(good.truth, torch.nan))
    hurt = replace(good, inputs=replace(good.inputs, image=bad.truth))
    before = {k: v.clone() for k, v in tensors(trainer).items()}
    for batch in (bad, hurt):
        trainer.train_step([batch])
    after = tensors(trainer)
    assert [k for k in before if not torch.equal(before[k], after[k])] == []
    assert (trainer.step, trainer.skipped) == (2, 2)
    trainer.train_step([good])
    assert trainer.skipped == 2
    assert all(torch.isfinite(v).all() for v in tensors(trainer).values())
    for _ in range(19):
        trainer.train_step([bad])
    with pytest.raises(Diverged, match="20 steps in a row"):
        trainer.train_step([bad])


def test_every_loss_at_once(config: TrainConfig, squeezenet: Path) -> None:
    lines: list[Mapping[str, Any]] = []
    held = replace(config, backbone=str(squeezenet), steps=2).with_losses(perceptual=0.5)
    Trainer(held).run(lines.append)
    assert lines[0]["perceptual"] > 0
    assert lines[0]["skipped"] == 0


def test_no_discriminator_where_none_is_asked_for(config: TrainConfig) -> None:
    trainer = Trainer(replace(config, losses=QUIET))
    before = {k: v.clone() for k, v in tensors(trainer).items()}
    given = trainer.batches()
    assert set(trainer.train_step([next(given)])) == {"reconstruction", "edges"}
    given.close()
    changed = {k[0] for k, v in tensors(trainer).items() if not torch.equal(before[k], v)}
    assert changed == {"g", "m"}


def test_accumulated_batches_are_one_large_batch(config: TrainConfig) -> None:
    """Of the losses, whose means over two halves are the mean over the whole."""
    trainer = Trainer(replace(config, batch=2))
    given = trainer.batches()
    one, two = next(given), next(given)
    given.close()
    net = trainer.discriminator.eval()  # without batch statistics the halves are independent
    with torch.no_grad():
        whole = net(torch.cat([one.truth, two.truth]))[0].mean()
        halves = (net(one.truth)[0].mean() + net(two.truth)[0].mean()) / 2
    torch.testing.assert_close(whole, halves)
    assert trainer.learning_rates() == (config.generator_rate / 2, config.discriminator_rate / 2)
    trainer.step = config.steps
    assert max(trainer.learning_rates()) < 1e-12


def test_another_run_is_not_continued(config: TrainConfig) -> None:
    Trainer(config).save()
    with pytest.raises(BadRequest, match="another “batch”: 2"):
        Trainer(replace(config, batch=3))
    Trainer(replace(config, steps=99, minutes=3.0))  # how long may change


def test_nothing_to_export(config: TrainConfig, tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="Nothing has been trained"):
        Trainer(config).export(tmp_path / "w")


def test_it_stops_in_time(config: TrainConfig) -> None:
    trainer = Trainer(replace(config, steps=10_000, minutes=1e-9))
    trainer.run(quiet)
    assert trainer.step == 0
    trainer = Trainer(replace(config, steps=10_000, minutes=0.01))
    trainer.run(quiet)
    assert 0 < trainer.step < 10_000
    assert Trainer(replace(config, steps=10_000)).step == trainer.step


def test_devices(config: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert Trainer(replace(config, device="auto")).device == "cpu"
    with pytest.raises(DeviceUnavailable, match="“cuda” is not available"):
        Trainer(replace(config, device="cuda"))
    with pytest.raises(BadRequest, match="no device “abacus”"):
        Trainer(replace(config, device="abacus"))


def test_the_512_variant_trains_too(config: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    from inpaint_core.networks.tsgl.config import LamaConfig

    lama = LamaConfig(
        structure_widths=(4, 8, 8, 8, 8), width=16, blocks=1, hidden=6,
        decoder_widths=(16, 12, 8, 8, 6),
    )  # fmt: skip
    spec = replace(SPEC, configs={"lama": lama})
    monkeypatch.setattr(registry, "networks", lambda: {"tsgl": spec})
    lines: list[Mapping[str, Any]] = []
    losses = TsglLosses(loss="softplus", r1=0.001, known=10.0, adversarial=10.0, matching=100.0)
    held = replace(config, network="lama", steps=2, sizes=((0, 128),), losses=losses)
    Trainer(held).run(lines.append)
    assert lines[-1]["skipped"] == 0
    assert lines[0]["r1"] > 0
    assert {"adversarial", "matching", "discriminator"} <= set(lines[0])


def test_the_command(album: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "run.toml"
    path.write_text(
        f'photos = ["{album.as_posix()}/photos"]\nvalidation = ["{album.as_posix()}/photos"]\n'
        'out = "run"\nsteps = 2\nbatch = 2\nsizes = [[0, 64]]\nlog_every = 1\n'
        'validation_samples = 2\ndevice = "cpu"\n'
    )
    assert main(["train", str(path)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["step"] for line in lines] == [1, 2, 2]
    assert (tmp_path / "run" / "step-00000002" / "index.json").is_file()
    weights = tmp_path / "base.safetensors"
    assert main(["train", str(path), "--export", str(weights)]) == 0
    assert main(["train", str(path), "--export", str(tmp_path / "base.txt")]) == 2
    assert "base.txt”: weights are written as .safetensors only." in capsys.readouterr().err
    assert not (tmp_path / "base.txt").exists()
    net = build_network(TINY)
    fold(net)
    load_weights(net, weights)
    with safe_open(weights, "pt") as held:
        assert held.metadata() == {"network": "base", "images": "4"}
    assert main(["train", str(tmp_path / "none.toml")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_a_run_may_begin_with_exported_weights(config: TrainConfig, tmp_path: Path) -> None:
    first = Trainer(config)
    first.run(quiet)
    exported = tmp_path / "first.safetensors"
    first.export(exported)
    wanted = replace(config, out=str(tmp_path / "second"), start=str(exported), batch=4)
    second = Trainer(wanted)
    assert (second.step, second.images) == (0, 12)
    inputs = next(second.batches()).inputs
    with torch.no_grad():
        pictures = [t.mean.eval()(inputs).image for t in (first, second)]
    assert torch.allclose(*pictures, atol=0.02)  # half precision in between
    second.train_step([next(second.batches())])
    assert second.images == 16
    again = tmp_path / "again.safetensors"
    second.export(again)
    with safe_open(again, "pt") as held:
        assert held.metadata() == {"network": "base", "images": "16"}


def test_a_missing_start_is_named(config: TrainConfig, tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable, match="none"):
        Trainer(replace(config, start=str(tmp_path / "none.safetensors")))
