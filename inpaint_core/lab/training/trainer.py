"""The training loop: discriminator, generator, running mean; guarded against bad numbers."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from inpaint_core.contract.errors import BadRequest, DeviceUnavailable, InpaintError
from inpaint_core.contract.progress import Progress
from inpaint_core.lab.training import checkpoint, processes
from inpaint_core.lab.training import compact_checkpoint as compact
from inpaint_core.lab.training.average import copy_of, move
from inpaint_core.lab.training.batch_statistics import Statistics
from inpaint_core.lab.training.config import TrainConfig
from inpaint_core.lab.training.hole_placement import Holes
from inpaint_core.lab.training.objective import Objective
from inpaint_core.lab.training.perceptual_loss import Perceptual
from inpaint_core.lab.training.photo_archive import Photos
from inpaint_core.lab.training.run_journal import Journal, Say
from inpaint_core.lab.training.samples import Batch, batches, sample
from inpaint_core.lab.training.validation import validate
from inpaint_core.networks.blocks.spectral_normalisation import fold, normalised, unfold
from inpaint_core.networks.store.weights_file import about, load, save
from inpaint_core.networks.tsgl.config import CONFIGS, TsglConfig
from inpaint_core.networks.tsgl.discriminator import Discriminator, PatchDiscriminator
from inpaint_core.networks.tsgl.network import build

_MOST_SKIPPED = 20
_SHARED = ("network", "seed", "batch", "accumulate", "sizes", "border")
"""Settings that decide which sample comes next or what the weights mean: they may not change."""


class Diverged(InpaintError):
    """Losses or gradients are no finite numbers, step after step."""


class Trainer:
    """One run, or one process's part of it. It begins where the newest checkpoint in
    ``config.out`` ended.

    Raises `BadRequest` when that belongs to another run, `DeviceUnavailable`, and what `Photos`
    and `checkpoint.latest` raise.
    """

    def __init__(self, config: TrainConfig) -> None:
        self.config, device = config, _device(config.device)
        if config.threads is not None:
            torch.set_num_threads(config.threads)
        self.processes = processes.joined(device)
        several = self.processes.count > 1
        self.device = f"cuda:{self.processes.local}" if several and device == "cuda" else device
        self.mine = self.processes.share(config.accumulate)
        self.network = CONFIGS[config.network]
        self.photos, self.unseen = Photos(config.photos), Photos(config.validation)
        self.holes = Holes(
            Photos(config.silhouettes) if config.silhouettes else None, config.border
        )
        torch.manual_seed(config.seed)
        self.generator = build(self.network)
        self.folder = Path(config.out)
        state = checkpoint.latest(self.folder)
        self.before = 0  # samples that the weights had seen when this run began
        if state is None and config.start is not None:
            self._begin_with(Path(config.start))
        self.discriminator: nn.Module = (
            Discriminator() if isinstance(self.network, TsglConfig) else PatchDiscriminator()
        )
        for net in (self.generator, self.discriminator):
            net.to(self.device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
        self.mean = copy_of(self.generator)
        self.optimisers = [
            torch.optim.Adam(net.parameters(), betas=(0.5, 0.99), fused=True)
            for net in (self.generator, self.discriminator)
        ]
        perceptual = None
        if config.perceptual and config.backbone is not None:
            perceptual = Perceptual(Path(config.backbone)).to(self.device)
        nets = (self.generator, self.discriminator)
        self.objective = Objective(config, *nets, perceptual, self.device)
        self.step = self.skipped = self._in_a_row = 0
        if state is not None:
            self._restore(state)

    def run(self, say: Say, progress: Progress | None = None) -> None:
        """Train to the last step or the last minute, then save. ``say`` gets each line of
        metrics, which also goes to ``metrics.jsonl``. Raises `Diverged`, and `Cancelled` when
        ``progress`` is cancelled: after the step under way, with a checkpoint.
        """
        config, progress = self.config, progress or Progress()
        first = self.processes.first
        journal = Journal(self.folder, say, config.tensorboard) if first else None
        began, timed, since = time.monotonic(), time.monotonic(), self.step
        checked = saved = self.step
        limit = math.inf if config.minutes is None else config.minutes * 60
        given = self._batches()
        while self.step < config.steps:
            late = progress.cancelled or time.monotonic() - began >= limit
            if self.processes.any(late, self.device):
                break
            figures = self.train_step([next(given) for _ in self.mine])
            if journal is None:
                continue
            if self.step % config.log_every == 0:
                pace = (time.monotonic() - timed) / (self.step - since)
                timed, since = time.monotonic(), self.step
                self._log(journal, {**figures, "seconds_per_step": round(pace, 4)})
            # Saved before it is validated, which may take longer than the one who stops us waits.
            if self.step % config.save_every == 0:
                self.save()
                saved = self.step
            if self.step % config.validate_every == 0 and not progress.cancelled:
                self._validate(journal)
                checked = self.step
        given.close()  # its threads may be at work on the next batch
        if journal is not None and saved != self.step:
            self.save()
        progress.check()
        if journal is not None:
            if checked != self.step:
                self._validate(journal)
            journal.close()

    def train_step(self, parts: list[Batch]) -> dict[str, float]:
        """One step of both networks on this process's batches; returns the mean losses of all.

        Every batch is seen with the statistics from before the step, which then become the mean
        of what the batches left: so it does not matter which process had which. A step whose
        losses or gradients are not finite changes no weight, and is counted.
        """
        for optimiser, rate in zip(self.optimisers, self._rates(), strict=True):
            optimiser.param_groups[0]["lr"] = rate
            optimiser.zero_grad(set_to_none=True)
        count = self.config.accumulate
        statistics = Statistics((self.generator, self.discriminator), count)
        sums: dict[str, float] = {}
        for part in parts:
            statistics.rewind()
            for name, value in self.objective.backward(part.to(self.device), count).items():
                sums[name] = sums.get(name, 0.0) + value / count
            statistics.collect()
        sums = self._together(sums, statistics)
        if self._finite(sums):
            statistics.settle()
            for optimiser in self.optimisers:
                optimiser.step()
            move(self.mean, self.generator, self.config.average, self.step)
            self._in_a_row = 0
        else:
            statistics.rewind()
            self.skipped += 1
            self._in_a_row += 1
            if self._in_a_row >= _MOST_SKIPPED:
                raise Diverged(
                    f"{_MOST_SKIPPED} steps in a row gave numbers that are not finite.",
                    "Lower the learning rates, and start again from the last checkpoint.",
                )
        self.step += 1
        return sums

    def save(self) -> Path:
        """Write a checkpoint of everything that decides how training goes on."""
        state = {
            "config": {name: asdict(self.config)[name] for name in _SHARED},
            "step": self.step,
            "skipped": self.skipped,
            "before": self.before,
            "generator": self.generator.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "mean": self.mean.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
        }
        if self.config.checkpoint == "compact":
            nets = (self.generator, self.discriminator)
            learned = [{name for name, _ in net.named_parameters()} for net in nets]
            state = compact.compacted(state, *learned)
        return checkpoint.save(self.folder, self.step, state)

    def export(self, path: Path) -> None:
        """Write the running mean as a weights file for use, spectral norms baked in.

        Raises `BadRequest` before the first step, and `CannotWrite`.
        """
        if self.step == 0:
            raise BadRequest(
                f"Nothing has been trained yet in “{self.folder}”.", "Train first, then export."
            )
        # Not a copy: those share their normalised classes, which folding takes apart.
        net = build(self.network)
        net.load_state_dict(self.mean.state_dict())
        fold(net)
        save(net, path, {"network": self.config.network, "images": str(self.images)})

    @property
    def images(self) -> int:
        """Samples that the weights have seen, in this run and before it."""
        return self.before + self.step * self.config.accumulate * self.config.batch

    def _begin_with(self, path: Path) -> None:
        """Take the weights of an exported file. Raises `WeightsUnavailable`."""
        names = normalised(self.generator)
        fold(self.generator)
        load(self.generator, path)
        unfold(self.generator, names)
        seen = about(path).get("images", "")
        self.before = int(seen) if seen.isdigit() else 0

    def _restore(self, state: dict[str, Any]) -> None:
        state = compact.restored(state)
        mine = asdict(self.config)
        for name, value in state["config"].items():
            if mine[name] != value:
                raise BadRequest(
                    f"The checkpoint was made with another “{name}”: {value}.",
                    "Choose another folder for this run, or set it back.",
                )
        self.step, self.skipped = state["step"], state["skipped"]
        self.before = state.get("before", 0)
        self.generator.load_state_dict(state["generator"])
        self.discriminator.load_state_dict(state["discriminator"])
        self.mean.load_state_dict(state["mean"])
        for optimiser, held in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(held)
            optimiser.param_groups[0]["fused"] = True  # the state says how it was computed, too

    def _rates(self) -> tuple[float, float]:
        """Learning rates of both networks: a linear rise, then half a cosine down to 0."""
        config = self.config
        rise = min(1.0, (self.step + 1) / max(config.warmup, 1))
        fall = 0.5 + 0.5 * math.cos(math.pi * min(self.step / config.steps, 1.0))
        return config.generator_rate * rise * fall, config.discriminator_rate * rise * fall

    def _together(self, sums: dict[str, float], statistics: Statistics) -> dict[str, float]:
        """Losses of all processes; gradients and statistics are added up in place."""
        if self.processes.count == 1:
            return sums
        nets = (self.generator, self.discriminator)
        grads = (p.grad for net in nets for p in net.parameters())
        values = torch.tensor(list(sums.values()), device=self.device)
        self.processes.total([*(g for g in grads if g is not None), *statistics.sums, values])
        return dict(zip(sums, values.tolist(), strict=True))

    def _finite(self, sums: dict[str, float]) -> bool:
        if not all(map(math.isfinite, sums.values())):
            return False
        weights = (p for net in (self.generator, self.discriminator) for p in net.parameters())
        norms = torch._foreach_norm([p.grad for p in weights if p.grad is not None])
        return bool(torch.isfinite(torch.stack(norms)).all())

    def _batches(self) -> Generator[Batch, None, None]:
        config = self.config

        def make(side: int, number: int) -> Batch:
            return sample(
                self.photos, self.network, side, config.seed, number, self.holes, config.procedural
            )

        jobs = (
            (config.side(step), (step * config.accumulate + part) * config.batch)
            for step in range(self.step, config.steps)
            for part in self.mine
        )
        return batches(make, jobs, config.batch, config.workers)

    def _validate(self, journal: Journal) -> None:
        config = self.config
        side = config.side(max(self.step - 1, 0))
        held = (
            sample(self.unseen, self.network, side, config.seed, number, self.holes)
            for number in range(config.validation_samples)
        )
        figures, sheet = validate(self.mean, [batch.to(self.device) for batch in held])
        self._log(journal, {f"validation_{name}": value for name, value in figures.items()})
        journal.sheet(sheet, self.step)

    def _log(self, journal: Journal, figures: Mapping[str, float]) -> None:
        config = self.config
        journal.line(
            {
                "step": self.step,
                "images": self.images,
                "side": config.side(max(self.step - 1, 0)),
                "rate": self._rates()[0],
                "skipped": self.skipped,
                **figures,
            }
        )


def _device(wanted: str) -> str:
    """A torch device for "auto", "cpu", "cuda" or "cuda:1"."""
    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if wanted.partition(":")[0] not in ("cpu", "cuda"):
        raise BadRequest(f"There is no device “{wanted}” for training.", "Use auto, cpu or cuda.")
    if wanted != "cpu" and not torch.cuda.is_available():
        raise DeviceUnavailable(
            f"The device “{wanted}” is not available on this machine.",
            "Choose “auto” or “cpu”, or install a PyTorch build and driver for it.",
        )
    return wanted
