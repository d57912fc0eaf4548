"""The compact form of a checkpoint: small, and training goes on where it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from inpaint_core.lab.training import checkpoint
from inpaint_core.lab.training.checkpoint import OCTAVES, pack_tensor, unpack_tensor
from inpaint_core.lab.training.config import TrainConfig
from inpaint_core.lab.training.trainer import Trainer
from inpaint_core.networks.tsgl.config import TsglLosses


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1000), st.floats(-30, 30), st.sampled_from([(7,), (3, 4, 2), (1,), (0,)]))
def test_packed_values_are_right_to_seven_percent(
    seed: int, scale: float, shape: tuple[int, ...]
) -> None:
    source = torch.Generator().manual_seed(seed)
    values = torch.randn(shape, generator=source) * 2.0**scale
    values[values.abs() < 0.1 * 2.0**scale] = 0
    found = unpack_tensor(pack_tensor(values))
    torch.testing.assert_close(found, values, rtol=0.07, atol=0)
    assert torch.equal(found == 0, values == 0)


def test_small_values_are_never_lost() -> None:
    """A second moment of 0 would make of its weight's next step a leap."""
    values = torch.tensor([1.0, 2.0**-20, 2.0**-60, 0.0, -(2.0**-60)])
    found = unpack_tensor(pack_tensor(values))
    assert found[:2].tolist() == pytest.approx([1.0, 2.0**-20], rel=0.07)
    assert float(found[2]) == pytest.approx(2.0**-OCTAVES)
    assert float(found[4]) == pytest.approx(-(2.0**-OCTAVES))
    assert float(found[3]) == 0
    assert pack_tensor(values)["codes"].dtype == torch.uint8
    assert not unpack_tensor(pack_tensor(torch.zeros(5))).any()


@pytest.fixture
def config(album: Path, tmp_path: Path) -> TrainConfig:
    return TrainConfig(
        photos=(str(album / "photos"),), validation=(str(album / "photos"),),
        out=str(tmp_path / "run"), steps=200, sizes=((0, 64),), batch=4, device="cpu",
        precision="float32", losses=TsglLosses(matching=1.0), warmup=2,
        generator_rate=2e-3, average=0.8,
    )  # fmt: skip


def train(trainer: Trainer, steps: int) -> list[float]:
    given_ = trainer.batches()
    found = [trainer.train_step([next(given_)])["reconstruction"] for _ in range(steps)]
    given_.close()
    return found


@pytest.mark.usefixtures("_tiny")
def test_training_goes_on_without_a_jump(config: TrainConfig, tmp_path: Path) -> None:
    trainer = Trainer(config)
    train(trainer, 20)
    exact = sum(p.stat().st_size for p in trainer.save().iterdir())
    small = replace(config, out=str(tmp_path / "small"), checkpoint="compact")
    trainer.config, trainer.folder = small, Path(small.out)
    compact = sum(p.stat().st_size for p in trainer.save().iterdir())
    # A tiny network's files are mostly names; tensors themselves are a quarter as large.
    assert compact < 0.75 * exact

    again = Trainer(small)
    assert again.step == 20
    for (name, one), two in zip(
        trainer.generator.state_dict().items(),
        again.generator.state_dict().values(),
        strict=True,
    ):
        torch.testing.assert_close(two, one, rtol=2e-2, atol=2e-2, msg=name)
    on, resumed = train(trainer, 6), train(again, 6)
    # The same samples follow, so the losses can be compared one by one.
    for one, two in zip(on, resumed, strict=True):
        assert two == pytest.approx(one, rel=0.1)
    # What is resumed from is one form, what is written another: that is free at any time.
    exactly = Trainer(replace(small, checkpoint="exact"))
    assert exactly.step == 20
    exactly.save()
    state = checkpoint.load_latest(Path(small.out))
    assert state is not None
    assert "form" not in state


@pytest.mark.usefixtures("_tiny")
def test_without_a_discriminator_none_of_its_moments_are_stored(config: TrainConfig) -> None:
    trainer = Trainer(replace(config, losses=TsglLosses(adversarial=0.0), checkpoint="compact"))
    train(trainer, 2)
    trainer.save()
    state = checkpoint.load_latest(trainer.folder)
    assert state is not None
    assert [bool(o["state"]) for o in state["optimisers"]] == [True, False]
    assert Trainer(trainer.config).step == 2
