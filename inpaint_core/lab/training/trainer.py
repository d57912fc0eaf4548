"""The training loop: discriminator, generator, running mean, and a guard against bad numbers."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Generator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from inpaint_core.contract.errors import BadRequest, DeviceUnavailable, InpaintError
from inpaint_core.contract.progress import Progress
from inpaint_core.lab.training import checkpoint, processes
from inpaint_core.lab.training.classifier_features import ClassifierFeatures
from inpaint_core.lab.training.config import TrainConfig
from inpaint_core.lab.training.hole_sampler import HoleSampler
from inpaint_core.lab.training.photo_archive import PhotoArchive
from inpaint_core.lab.training.running_averages import BatchStatistics, copy_frozen, update_average
from inpaint_core.lab.training.samples import SampleMixture, make_batches, make_sample
from inpaint_core.lab.training.training_log import MetricsListener, TrainingLog, validate
from inpaint_core.networks.blocks.convolution_weights import find_normalised, fold, unfold
from inpaint_core.networks.inputs import Batch
from inpaint_core.networks.registry import find_network
from inpaint_core.networks.store.weights_file import load_weights, read_metadata, save_weights

_MOST_SKIPPED_IN_A_ROW = 20
_FIXED_SETTINGS = ("network", "configuration", "seed", "batch", "accumulate", "sizes", "border")
"""Settings that decide which sample comes next or what the weights mean: they may not change."""


class Diverged(InpaintError):
    """Losses or gradients are not finite, step after step."""


class Trainer:
    """One run, or one process's part of it. It continues from the newest checkpoint in
    ``config.out``.

    Raises `BadRequest` if that belongs to another run, `DeviceUnavailable`, and what `PhotoArchive`
    and `load_latest` raise.
    """

    def __init__(self, config: TrainConfig) -> None:
        self.config, device = config, _device(config.device)
        if config.threads is not None:
            torch.set_num_threads(config.threads)
        self.processes = processes.join_processes(device)
        several = self.processes.count > 1
        self.device = f"cuda:{self.processes.local}" if several and device == "cuda" else device
        self.own_parts = self.processes.share_batches(config.accumulate)
        self.spec, self.network = find_network(config.network, config.configuration)
        self.photos = PhotoArchive(config.photos, config.semantic)
        self.validation_photos = PhotoArchive(config.validation, config.semantic)
        self.holes = HoleSampler(
            PhotoArchive(config.silhouettes) if config.silhouettes else None, config.border
        )
        torch.manual_seed(config.seed)
        self.generator = self.spec.build(self.network)
        self.folder = Path(config.out)
        state = checkpoint.load_latest(self.folder)
        self.before = 0  # samples that the weights had seen when this run began
        if state is None and config.start is not None:
            self._load_start(Path(config.start))
        self.discriminator = self.spec.build_discriminator(self.network, config.losses)
        judges = () if self.discriminator is None else (self.discriminator,)
        self.nets: tuple[nn.Module, ...] = (self.generator, *judges)
        for net in self.nets:
            net.to(self.device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
        self.mean = copy_frozen(self.generator)
        features = None
        if config.losses.needs_features and config.backbone is not None:
            features = ClassifierFeatures(Path(config.backbone)).to(self.device)
        self.objective = self.spec.objective(
            config.losses, self.generator, self.discriminator, features, self.device,
            config.precision,
        )  # fmt: skip
        if config.augment and self.discriminator is None:
            raise BadRequest("lab.augment_without_discriminator")
        self.objective.augment = config.augment
        self.optimisers = [
            torch.optim.Adam(
                [p for p in net.parameters() if p.requires_grad], betas=config.betas, fused=True
            )
            for net in self.nets
        ]
        self._finish = partial(self.spec.make_sample, self.network, config.losses)
        self._add_map = self.spec.add_map(self.network)
        self._mixture = SampleMixture(config.procedural, config.structure, config.whole_views)
        self.step = self.skipped = self._skipped_in_a_row = 0
        if state is not None:
            self._restore(state)

    def run(self, say: MetricsListener, progress: Progress | None = None) -> None:
        """Train to the last step or the last minute, then save. ``say`` receives each line of
        metrics, which is also appended to ``metrics.jsonl``. Raises `Diverged`, and `Cancelled`
        when ``progress`` is cancelled: after the current step, with a checkpoint.
        """
        config, progress = self.config, progress or Progress()
        first = self.processes.is_first
        log = TrainingLog(self.folder, say, config.tensorboard) if first else None
        began, timed, since = time.monotonic(), time.monotonic(), self.step
        checked = saved = self.step
        limit = math.inf if config.minutes is None else config.minutes * 60
        given = self.batches()
        while self.step < config.steps:
            late = progress.is_cancelled or time.monotonic() - began >= limit
            if self.processes.is_any(late, self.device):
                break
            figures = self.train_step([next(given) for _ in self.own_parts])
            if log is None:
                continue
            if self.step % config.log_every == 0:
                pace = (time.monotonic() - timed) / (self.step - since)
                timed, since = time.monotonic(), self.step
                self._write_figures(log, {**figures, "seconds_per_step": round(pace, 4)})
            # Save before validating, which may take longer than whoever stops us will wait.
            if self.step % config.save_every == 0:
                self.save()
                saved = self.step
            if self.step % config.validate_every == 0 and not progress.is_cancelled:
                self._validate(log)
                checked = self.step
        given.close()  # its threads may be working on the next batch
        if log is not None and saved != self.step:
            self.save()
        progress.check()
        if log is not None:
            if checked != self.step:
                self._validate(log)
            log.close()

    def train_step(self, parts: list[Batch]) -> dict[str, float]:
        """One step of both networks on this process's batches; returns the mean losses of all.

        Every batch starts with the statistics from before the step, which then become the mean over
        the batches, so it does not matter which process had which. A step with losses or gradients
        that are not finite changes no weight and is counted.
        """
        for optimiser, rate in zip(self.optimisers, self.learning_rates(), strict=False):
            optimiser.param_groups[0]["lr"] = rate
            optimiser.zero_grad(set_to_none=True)
        count = self.config.accumulate
        statistics = BatchStatistics(self.nets, count)
        sums: dict[str, float] = {}
        for part in parts:
            statistics.rewind()
            for name, value in self.objective.backward(part.to(self.device), count).items():
                sums[name] = sums.get(name, 0.0) + value / count
            statistics.collect()
        sums = self._sum_over_processes(sums, statistics)
        if self._is_finite(sums):
            statistics.settle()
            if self.config.clip is not None:
                torch.nn.utils.clip_grad_norm_(self.generator.parameters(), self.config.clip)
            for optimiser in self.optimisers:
                optimiser.step()
            update_average(self.mean, self.generator, self.config.average, self.step)
            self._skipped_in_a_row = 0
        else:
            statistics.rewind()
            self.skipped += 1
            self._skipped_in_a_row += 1
            if self._skipped_in_a_row >= _MOST_SKIPPED_IN_A_ROW:
                raise Diverged("lab.diverged", count=_MOST_SKIPPED_IN_A_ROW)
        self.step += 1
        return sums

    def save(self) -> Path:
        """Write a checkpoint of everything that determines how training continues."""
        state = {
            "config": self._fixed_settings(),
            "step": self.step,
            "skipped": self.skipped,
            "before": self.before,
            "generator": self.generator.state_dict(),
            "discriminator": {} if self.discriminator is None else self.discriminator.state_dict(),
            "mean": self.mean.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
        }
        if self.config.checkpoint == "compact":
            learned = [{name for name, _ in net.named_parameters()} for net in self.nets]
            state = checkpoint.compact_state(state, learned[0], set().union(*learned[1:]))
        return checkpoint.save_checkpoint(self.folder, self.step, state)

    def export(self, path: Path) -> None:
        """Write the running mean as a weights file for inference, with spectral norms folded in.

        Raises `BadRequest` before the first step, and `CannotWrite`.
        """
        if self.step == 0:
            raise BadRequest("lab.nothing_trained", path=self.folder)
        # Not a copy: copies share their normalised classes, which folding takes apart.
        net = self.spec.build(self.network)
        net.load_state_dict(self.mean.state_dict())
        fold(net)
        about = {"network": self.config.network, "images": str(self.images)}
        if self.config.configuration:
            about["configuration"] = json.dumps(dict(self.config.configuration))
        save_weights(net, path, about)

    @property
    def images(self) -> int:
        """How many samples the weights have seen, in this run and before it."""
        return self.before + self.step * self.config.accumulate * self.config.batch

    def _fixed_settings(self) -> dict[str, Any]:
        held = {name: getattr(self.config, name) for name in _FIXED_SETTINGS}
        return {**held, "configuration": dict(self.config.configuration)}

    def _load_start(self, path: Path) -> None:
        """Load the weights of an exported file. Raises `WeightsUnavailable`."""
        names = find_normalised(self.generator)
        fold(self.generator)
        load_weights(self.generator, path)
        unfold(self.generator, names)
        seen = read_metadata(path).get("images", "")
        self.before = int(seen) if seen.isdigit() else 0

    def _restore(self, state: dict[str, Any]) -> None:
        state = checkpoint.restore_state(state)
        mine = self._fixed_settings()
        for name, value in state["config"].items():
            if mine[name] != value:
                raise BadRequest("lab.checkpoint_of_other_run", name=name, value=value)
        self.step, self.skipped = state["step"], state["skipped"]
        self.before = state.get("before", 0)
        self.generator.load_state_dict(state["generator"])
        if self.discriminator is not None:
            self.discriminator.load_state_dict(state["discriminator"])
        self.mean.load_state_dict(state["mean"])
        for optimiser, held in zip(self.optimisers, state["optimisers"], strict=True):
            groups = (held["param_groups"], optimiser.param_groups)
            theirs, ours = (len(group[0]["params"]) for group in groups)
            if theirs != ours:
                raise BadRequest(
                    "lab.checkpoint_of_other_run", name="number of trained tensors", value=theirs
                )
            optimiser.load_state_dict(held)
            optimiser.param_groups[0]["fused"] = True  # the state says how it was computed, too

    def learning_rates(self) -> tuple[float, float]:
        """The learning rates of both networks: a linear rise, then what ``schedule`` says."""
        config = self.config
        scale = min(1.0, (self.step + 1) / max(config.warmup, 1))
        if config.schedule == "cosine":
            scale *= 0.5 + 0.5 * math.cos(math.pi * min(self.step / config.steps, 1.0))
        elif config.schedule == "halving":
            scale *= 0.5 ** (self.step // config.halve_every)
        return config.generator_rate * scale, config.discriminator_rate * scale

    def _sum_over_processes(
        self, sums: dict[str, float], statistics: BatchStatistics
    ) -> dict[str, float]:
        """The losses of all processes; gradients and statistics are summed in place."""
        if self.processes.count == 1:
            return sums
        grads = (p.grad for net in self.nets for p in net.parameters())
        values = torch.tensor(list(sums.values()), device=self.device)
        self.processes.sum_tensors([*(g for g in grads if g is not None), *statistics.sums, values])
        return dict(zip(sums, values.tolist(), strict=True))

    def _is_finite(self, sums: dict[str, float]) -> bool:
        if not all(map(math.isfinite, sums.values())):
            return False
        weights = (p for net in self.nets for p in net.parameters())
        norms = torch._foreach_norm([p.grad for p in weights if p.grad is not None])
        return bool(torch.isfinite(torch.stack(norms)).all())

    def batches(self) -> Generator[Batch, None, None]:
        """This process's batches from the next step on."""
        config = self.config

        def make(side: int, number: int) -> Batch:
            return make_sample(
                self.photos, self._finish, side, config.seed, number, self.holes,
                self._mixture, self._add_map, chances=bool(config.augment),
            )  # fmt: skip

        jobs = (
            (config.side(step), (step * config.accumulate + part) * config.batch)
            for step in range(self.step, config.steps)
            for part in self.own_parts
        )
        return make_batches(make, jobs, config.batch, config.workers)

    def _validate(self, log: TrainingLog) -> None:
        config = self.config
        side = config.side(max(self.step - 1, 0))
        held = (
            make_sample(
                self.validation_photos,
                self._finish,
                side,
                config.seed,
                number,
                self.holes,
                SampleMixture(whole_views=config.whole_views),
                self._add_map,
            )
            for number in range(config.validation_samples)
        )
        batches = [batch.to(self.device) for batch in held]
        figures, sheet = validate(partial(self.objective.show, self.mean), batches)
        further = [self._measure(batch) for batch in batches]
        for name in further[0]:
            figures[name] = sum(each[name] for each in further) / len(further)
        self._write_figures(log, {f"validation_{name}": value for name, value in figures.items()})
        log.write_sheet(sheet, self.step)

    @torch.no_grad()
    def _measure(self, batch: Batch) -> Mapping[str, float]:
        return self.objective.measure(self.mean, batch)

    def _write_figures(self, log: TrainingLog, figures: Mapping[str, float]) -> None:
        config = self.config
        log.write_line(
            {
                "step": self.step,
                "images": self.images,
                "side": config.side(max(self.step - 1, 0)),
                "rate": self.learning_rates()[0],
                "skipped": self.skipped,
                **figures,
            }
        )


def _device(wanted: str) -> str:
    """A torch device for "auto", "cpu", "cuda" or "cuda:1"."""
    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if wanted.partition(":")[0] not in ("cpu", "cuda"):
        raise BadRequest("lab.unknown_device", name=wanted)
    if wanted != "cpu" and not torch.cuda.is_available():
        raise DeviceUnavailable("engine.device_unavailable", device=wanted)
    return wanted
