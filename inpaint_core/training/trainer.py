"""The training loop: discriminator, generator, running mean; guarded against bad numbers."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from inpaint_core.errors import BadRequest, DeviceUnavailable, InpaintError
from inpaint_core.imaging.atomic import replacing
from inpaint_core.layers.spectral import fold
from inpaint_core.progress import Progress
from inpaint_core.training import checkpoint, losses
from inpaint_core.training.average import copy_of, move
from inpaint_core.training.config import TrainConfig
from inpaint_core.training.perceptual import Perceptual
from inpaint_core.training.photos import Photos
from inpaint_core.training.samples import Batch, batches, sample
from inpaint_core.training.validate import encode, validate
from inpaint_core.tsgl.config import CONFIGS, TsglConfig
from inpaint_core.tsgl.discriminator import Discriminator, PatchDiscriminator
from inpaint_core.tsgl.inputs import composite
from inpaint_core.tsgl.network import build
from inpaint_core.weights import save

_MOST_SKIPPED = 20
_SHARED = ("network", "seed", "batch", "accumulate", "sizes")
"""Settings that decide which sample comes next or what the weights mean: they may not change."""


class Diverged(InpaintError):
    """Losses or gradients are no finite numbers, step after step."""


class Trainer:
    """One run. It begins where the newest checkpoint in ``config.out`` ended.

    Raises `BadRequest` when that belongs to another run, `DeviceUnavailable`, and what `Photos`
    and `checkpoint.latest` raise.
    """

    def __init__(self, config: TrainConfig) -> None:
        self.config, self.device = config, _device(config.device)
        self.network = CONFIGS[config.network]
        self.photos, self.unseen = Photos(config.photos), Photos(config.validation)
        torch.manual_seed(config.seed)
        self.generator = build(self.network)
        self.discriminator: nn.Module = (
            Discriminator() if isinstance(self.network, TsglConfig) else PatchDiscriminator()
        )
        for net in (self.generator, self.discriminator):
            net.to(self.device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
        self.perceptual = None
        if config.perceptual and config.backbone is not None:
            self.perceptual = Perceptual(Path(config.backbone)).to(self.device)
        self.mean = copy_of(self.generator)
        self.optimisers = [
            torch.optim.Adam(net.parameters(), betas=(0.5, 0.99))
            for net in (self.generator, self.discriminator)
        ]
        self.step = self.skipped = self._in_a_row = 0
        self.folder = Path(config.out)
        state = checkpoint.latest(self.folder)
        if state is not None:
            self._restore(state)

    def run(
        self, say: Callable[[Mapping[str, Any]], None], progress: Progress | None = None
    ) -> None:
        """Train to the last step or the last minute, then save. ``say`` gets each line of
        metrics, which also goes to ``metrics.jsonl``. Raises `Diverged`, and `Cancelled` when
        ``progress`` is cancelled: after the step under way, with a checkpoint.
        """
        config, progress = self.config, progress or Progress()
        self.folder.mkdir(parents=True, exist_ok=True)
        began, timed, since = time.monotonic(), time.monotonic(), self.step
        checked = saved = self.step
        limit = math.inf if config.minutes is None else config.minutes * 60
        given = self._batches()
        while self.step < config.steps and time.monotonic() - began < limit:
            if progress.cancelled:
                break
            figures = self.train_step([next(given) for _ in range(config.accumulate)])
            if self.step % config.log_every == 0:
                pace = (time.monotonic() - timed) / (self.step - since)
                timed, since = time.monotonic(), self.step
                self._log(say, {**figures, "seconds_per_step": round(pace, 4)})
            # Saved before it is validated, which may take longer than the one who stops us waits.
            if self.step % config.save_every == 0:
                self.save()
                saved = self.step
            if self.step % config.validate_every == 0 and not progress.cancelled:
                self._validate(say)
                checked = self.step
        given.close()  # its threads may be at work on the next batch
        if saved != self.step:
            self.save()
        progress.check()
        if checked != self.step:
            self._validate(say)

    def train_step(self, parts: list[Batch]) -> dict[str, float]:
        """One step of both networks on ``accumulate`` batches; returns the mean losses.

        A step whose losses or gradients are not finite changes no weight, and is counted.
        """
        for optimiser, rate in zip(self.optimisers, self._rates(), strict=True):
            optimiser.param_groups[0]["lr"] = rate
            optimiser.zero_grad(set_to_none=True)
        nets = (self.generator, self.discriminator)
        # Running statistics take bad numbers in during the forward pass already.
        held = [(b, b.clone()) for net in nets for b in net.buffers()]
        sums: dict[str, float] = {}
        for part in parts:
            for name, value in self._backward(part.to(self.device), len(parts)).items():
                sums[name] = sums.get(name, 0.0) + value / len(parts)
        if self._finite(sums):
            for optimiser in self.optimisers:
                optimiser.step()
            move(self.mean, self.generator, self.config.average, self.step)
            self._in_a_row = 0
        else:
            with torch.no_grad():
                for buffer, before in held:
                    buffer.copy_(before)
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
            "generator": self.generator.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "mean": self.mean.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
        }
        return checkpoint.save(self.folder, self.step, state)

    def export(self, path: Path) -> None:
        """Write the running mean as a weights file for use, spectral norms baked in.

        Raises `BadRequest` before the first step, and `CannotWrite`.
        """
        if self.step == 0:
            raise BadRequest(
                f"Nothing has been trained yet in “{self.folder}”.", "Train first, then export."
            )
        net = copy_of(self.mean)
        fold(net)
        images = self.step * self.config.accumulate * self.config.batch
        save(net, path, {"network": self.config.network, "images": str(images)})

    def _restore(self, state: dict[str, Any]) -> None:
        mine = asdict(self.config)
        for name, value in state["config"].items():
            if mine[name] != value:
                raise BadRequest(
                    f"The checkpoint was made with another “{name}”: {value}.",
                    "Choose another folder for this run, or set it back.",
                )
        self.step, self.skipped = state["step"], state["skipped"]
        self.generator.load_state_dict(state["generator"])
        self.discriminator.load_state_dict(state["discriminator"])
        self.mean.load_state_dict(state["mean"])
        for optimiser, held in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(held)

    def _rates(self) -> tuple[float, float]:
        """Learning rates of both networks: a linear rise, then half a cosine down to 0."""
        config = self.config
        rise = min(1.0, (self.step + 1) / max(config.warmup, 1))
        fall = 0.5 + 0.5 * math.cos(math.pi * min(self.step / config.steps, 1.0))
        return config.generator_rate * rise * fall, config.discriminator_rate * rise * fall

    def _low(self) -> torch.autocast:
        low = self.config.precision == "bfloat16"
        return torch.autocast(self.device.partition(":")[0], torch.bfloat16, enabled=low)

    def _backward(self, batch: Batch, parts: int) -> dict[str, float]:
        """Gradients of both networks from one batch, and its losses."""
        config, inputs = self.config, batch.inputs
        with self._low():
            out = self.generator(inputs, edges=True)
        fake = composite(out.image.float(), inputs)
        weights = (config.hole, config.known)
        edges = losses.reconstruction(out.edges, batch.edges, inputs.known, *weights)
        terms = {
            "reconstruction": losses.reconstruction(out.image, batch.truth, inputs.known, *weights),
            "edges": config.edges * edges,
        }
        said: dict[str, Tensor] = {}
        if config.adversarial or config.matching:
            said["discriminator"] = self._judge(batch.truth, fake.detach(), parts)
            terms.update(self._deceive(batch.truth, fake))
        if self.perceptual is not None:
            terms["perceptual"] = config.perceptual * self.perceptual(fake, batch.truth)
        total = torch.stack(list(terms.values())).sum()
        torch.autograd.backward(total / parts)
        return {name: float(value.detach()) for name, value in {**terms, **said}.items()}

    def _judge(self, truth: Tensor, fake: Tensor, parts: int) -> Tensor:
        """The discriminator's loss, its gradients added to its weights."""
        with self._low():
            scores = [self.discriminator(picture)[0] for picture in (truth, fake)]
        loss = losses.discriminator_hinge(*scores)
        torch.autograd.backward(loss / parts)
        return loss

    def _deceive(self, truth: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """What the discriminator says of the generator's picture."""
        config = self.config
        self.discriminator.requires_grad_(False)
        with self._low():
            score, maps = self.discriminator(fake)
            real = self.discriminator(truth)[1] if config.matching else []
        self.discriminator.requires_grad_(True)
        terms = {"adversarial": config.adversarial * losses.generator_hinge(score)}
        if config.matching:
            terms["matching"] = config.matching * losses.matching(real, maps)
        return terms

    def _finite(self, sums: dict[str, float]) -> bool:
        weights = (p for net in (self.generator, self.discriminator) for p in net.parameters())
        norms = torch.stack([p.grad.norm() for p in weights if p.grad is not None])
        return bool(torch.isfinite(norms).all()) and all(map(math.isfinite, sums.values()))

    def _batches(self) -> Generator[Batch, None, None]:
        config = self.config
        rest = range(self.step, config.steps)
        sides = (config.side(step) for step in rest for _ in range(config.accumulate))
        first = self.step * config.accumulate * config.batch
        return batches(
            self.photos, self.network, sides, config.seed, config.batch, first, config.workers
        )

    def _validate(self, say: Callable[[Mapping[str, Any]], None]) -> None:
        config = self.config
        side = config.side(max(self.step - 1, 0))
        held = (
            sample(self.unseen, self.network, side, config.seed, number).to(self.device)
            for number in range(config.validation_samples)
        )
        figures, sheet = validate(self.mean, list(held))
        self._log(say, {f"validation_{name}": value for name, value in figures.items()})
        with replacing(self.folder / "validation.png", True) as stream:
            stream.write(encode(sheet))

    def _log(self, say: Callable[[Mapping[str, Any]], None], figures: Mapping[str, float]) -> None:
        config = self.config
        line = {
            "step": self.step,
            "images": self.step * config.accumulate * config.batch,
            "side": config.side(max(self.step - 1, 0)),
            "rate": self._rates()[0],
            "skipped": self.skipped,
            **figures,
        }
        with (self.folder / "metrics.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")
        say(line)


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
