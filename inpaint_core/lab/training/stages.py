"""Several runs after one another in one file, each beginning with the weights of the one before."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from inpaint_core.contract.progress import Progress
from inpaint_core.lab.training import checkpoint
from inpaint_core.lab.training.config import TrainConfig
from inpaint_core.lab.training.run_journal import Say
from inpaint_core.lab.training.trainer import Trainer


def run_stages(
    stages: Sequence[TrainConfig],
    say: Say,
    progress: Progress,
    begun: Callable[[Trainer], None] = lambda trainer: None,
) -> None:
    """Train each stage to its last step, and then the next; ``minutes`` are those of all together.
    ``begun`` gets the trainer of each stage that is begun or gone on with.

    What a finished stage has learned lies beside its folder as a weights file; the stage is then
    not looked at again. Raises what `Trainer` and `Trainer.run` raise.
    """
    began = time.monotonic()
    for config, after in zip(stages, (*stages[1:], None), strict=True):
        if after is not None and learned(config).is_file():
            continue
        if config.minutes is not None:
            left = config.minutes - (time.monotonic() - began) / 60
            config = replace(config, minutes=max(left, 0.0))
        trainer = Trainer(config)
        begun(trainer)
        trainer.run(say, progress)
        if after is None or trainer.step < config.steps:  # time is over
            return
        if trainer.processes.first:
            trainer.export(learned(config))
        trainer.processes.any(False, trainer.device)  # the others wait for the file


def learned(config: TrainConfig) -> Path:
    """Where the weights of a finished stage lie."""
    return Path(f"{config.out}.safetensors")


def newest(stages: Sequence[TrainConfig]) -> TrainConfig:
    """The last stage that has a checkpoint; the first one where none has."""
    begun = [config for config in stages if checkpoint.steps(Path(config.out))]
    return begun[-1] if begun else stages[0]
