"""Consecutive runs from one file, each beginning with the weights of the previous one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from inpaint_core.contract.progress import Progress
from inpaint_core.lab.training import checkpoint
from inpaint_core.lab.training.config import TrainConfig
from inpaint_core.lab.training.trainer import Trainer
from inpaint_core.lab.training.training_log import MetricsListener


def run_stages(
    stages: Sequence[TrainConfig],
    say: MetricsListener,
    progress: Progress,
    begun: Callable[[Trainer], None] = lambda trainer: None,
) -> None:
    """Train the stages in order, each to its last step; ``minutes`` limits all of them together.
    ``begun`` receives the trainer of each stage that starts or continues.

    A finished stage leaves a weights file beside its folder and is then skipped. Raises what
    `Trainer` and `Trainer.run` raise.
    """
    began = time.monotonic()
    for config, after in zip(stages, (*stages[1:], None), strict=True):
        if after is not None and stage_weights_path(config).is_file():
            continue
        if config.minutes is not None:
            left = config.minutes - (time.monotonic() - began) / 60
            config = replace(config, minutes=max(left, 0.0))
        trainer = Trainer(config)
        begun(trainer)
        trainer.run(say, progress)
        if after is None or trainer.step < config.steps:  # time is over
            return
        if trainer.processes.is_first:
            trainer.export(stage_weights_path(config))
        trainer.processes.is_any(False, trainer.device)  # the others wait for the file


def stage_weights_path(config: TrainConfig) -> Path:
    """The path of a finished stage's weights."""
    return Path(f"{config.out}.safetensors")


def find_newest_stage(stages: Sequence[TrainConfig]) -> TrainConfig:
    """The last stage with a checkpoint; the first one if none has."""
    begun = [config for config in stages if checkpoint.list_checkpoints(Path(config.out))]
    return begun[-1] if begun else stages[0]
