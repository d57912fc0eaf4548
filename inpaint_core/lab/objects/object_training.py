"""Trains the network that selects objects: first what places look like, then what clicks mean."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.progress import Progress
from inpaint_core.lab.objects.click_simulation import choose_click, overlap
from inpaint_core.lab.objects.composed_samples import Picture, make_object_sample
from inpaint_core.lab.objects.object_config import ObjectTrainConfig
from inpaint_core.lab.objects.object_photos import ObjectPhotos, read_object_photos
from inpaint_core.lab.training.classifier_features import ClassifierFeatures
from inpaint_core.networks.store.weights_file import save_weights
from inpaint_core.object_selection.network import ObjectNetwork, Prompt
from inpaint_core.photo.atomic_file import write_atomically

_TEACHER = ((2, 256), (6, 512))  # its maps at 1/8 and 1/16, and their channels
_MOST_CLICKS = 4
_BOXED = 0.2  # of the samples come with a box

Say = Callable[[Mapping[str, Any]], None]


def train_objects(config: ObjectTrainConfig, say: Say, progress: Progress) -> Path:
    """Train as ``config`` says, and say how it goes now and then. Returns the weights file.

    Deterministic on one machine for the same configuration. Raises `Cancelled`, after a checkpoint.
    """
    torch.set_num_threads(config.threads)
    cv2.setNumThreads(config.threads)
    torch.manual_seed(config.seed)
    rng = np.random.default_rng(config.seed)
    cv2.setRNGSeed(config.seed)
    source = read_object_photos(config.photos, config.silhouettes, withheld=False)
    network = ObjectNetwork().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if config.looks_steps and not _find_file(config, ".checkpoint").is_file():
        _learn_looks(network, source, config, rng, say)
    _learn_clicks(network, source, config, rng, say, progress)
    return _find_file(config)


def export_objects(config: ObjectTrainConfig, path: Path) -> None:
    """Write the newest weights to ``path``. Raises `BadRequest` where there are none yet."""
    try:
        content = _find_file(config).read_bytes()
    except OSError as error:
        raise BadRequest("lab.nothing_trained", path=config.out) from error
    with write_atomically(path, True) as stream:
        stream.write(content)


def _find_file(config: ObjectTrainConfig, ending: str = ".safetensors") -> Path:
    return Path(config.out) / f"objects{ending}"


@dataclass
class _Run:
    """What a checkpoint holds, to go on as if nothing had happened."""

    network: ObjectNetwork
    average: torch.optim.swa_utils.AveragedModel
    optimizer: torch.optim.Optimizer
    rng: np.random.Generator
    step: int = 0

    def save(self, config: ObjectTrainConfig) -> None:
        """Write a checkpoint; at last, also the averaged weights as they are used."""
        path = _find_file(config)
        path.parent.mkdir(parents=True, exist_ok=True)
        parts: tuple[Any, ...] = (self.network, self.average, self.optimizer)
        state = [part.state_dict() for part in parts]
        content = io.BytesIO()
        torch.save([*state, self.rng.bit_generator.state, self.step], content)
        with write_atomically(_find_file(config, ".checkpoint"), True) as stream:
            stream.write(content.getvalue())
        if self.step >= config.steps:  # before, normalisations are not settled
            used = ObjectNetwork()
            used.load_state_dict(self.average.module.state_dict())
            save_weights(used.fold(), path, {"network": "objects", "steps": str(self.step)})

    def load(self, config: ObjectTrainConfig) -> None:
        """Go on from the checkpoint, if there is one."""
        path = _find_file(config, ".checkpoint")
        if path.is_file():
            *states, chance, self.step = torch.load(path, weights_only=True)
            parts: tuple[Any, ...] = (self.network, self.average, self.optimizer)
            for part, state in zip(parts, states, strict=True):
                part.load_state_dict(state)
            self.rng.bit_generator.state = chance


def _learn_looks(
    network: ObjectNetwork,
    source: ObjectPhotos,
    config: ObjectTrainConfig,
    rng: np.random.Generator,
    say: Say,
) -> None:
    """Teach the encoder what a classifier tells apart (Hinton, Vinyals and Dean, “Distilling the
    knowledge in a neural network”, 2015): its maps, each channel with mean 0 and variance 1.
    """
    teacher = ClassifierFeatures(Path(config.backbone)).eval()
    heads = nn.ModuleList(
        nn.Conv2d(own, wide, 1) for own, (_, wide) in zip((48, 64), _TEACHER, strict=True)
    )
    parameters = [*network.parameters(), *heads.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=config.rate, weight_decay=1e-4)
    begun, side = time.perf_counter(), 128
    for step in range(config.looks_steps):
        fall = (1 + math.cos(math.pi * step / config.looks_steps)) / 2
        _set_rate(optimizer, config.rate * min(1.0, (step + 1) / 50) * (0.15 + 0.85 * fall))
        pictures = _to_batch([_crop(source, side, rng) for _ in range(config.looks_batch)])
        with torch.no_grad(), _autocast(config):
            maps = teacher(pictures)
        wanted = [maps[index] for index, _ in _TEACHER]
        with _autocast(config):
            features = network.encode(pictures)
            loss = torch.zeros(())
            for head, own, target in zip(
                heads, (features.eighth, features.sixteenth), wanted, strict=True
            ):
                target = target.float()
                mean, spread = (
                    target.mean(dim=(0, 2, 3), keepdim=True),
                    target.std(dim=(0, 2, 3), keepdim=True),
                )
                size = (own.shape[-2], own.shape[-1])
                target = F.interpolate(
                    (target - mean) / (spread + 1e-3), size, mode="bilinear", align_corners=False
                )
                loss = loss + F.smooth_l1_loss(head(own).float(), target.clamp(-4, 4))
        _step(optimizer, loss, parameters)
        if (step + 1) % config.log_every == 0:
            seconds = time.perf_counter() - begun
            say(
                {
                    "looks": step + 1,
                    "loss": round(float(loss.detach()), 4),
                    "seconds": round(seconds, 1),
                }
            )


def _learn_clicks(
    network: ObjectNetwork,
    source: ObjectPhotos,
    config: ObjectTrainConfig,
    rng: np.random.Generator,
    say: Say,
    progress: Progress,
) -> None:
    """Train with simulated clicks; what is saved is the running average of the network."""
    average = torch.optim.swa_utils.AveragedModel(
        network,
        multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(  # type: ignore[no-untyped-call]
            config.average
        ),
        use_buffers=True,
    )
    parameters = list(network.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=config.rate, weight_decay=1e-3)
    run = _Run(network, average, optimizer, rng)
    run.load(config)
    begun, whole = time.perf_counter(), config.steps + config.late_steps
    sums: list[tuple[float, float]] = []
    for step in range(run.step, whole):
        if step == config.steps:
            _settle(run, source, config)
        if progress.is_cancelled:
            run.save(config)
            progress.check()
        is_late = step >= config.steps
        network.train(not is_late)
        if is_late:
            _set_rate(optimizer, config.late_rate * (1 - (step - config.steps) / config.late_steps))
        else:
            _set_rate(optimizer, config.rate * min(1.0, (step + 1) / 50))
        loss, score = _measure(network, source, config, rng, is_late)
        _step(optimizer, loss, parameters)
        average.update_parameters(network)
        sums.append((float(loss.detach()), score))
        run.step = step + 1
        if run.step == whole == config.steps:
            _settle(run, source, config)
        if run.step % config.save_every == 0 or run.step == whole:
            run.save(config)
        if (step + 1) % config.log_every == 0:
            mean = np.mean(sums, axis=0)
            sums.clear()
            say(
                {
                    "clicks": step + 1,
                    "loss": round(float(mean[0]), 4),
                    "overlap": round(float(mean[1]), 4),
                    "seconds": round(time.perf_counter() - begun, 1),
                }
            )


def _measure(
    network: ObjectNetwork,
    source: ObjectPhotos,
    config: ObjectTrainConfig,
    rng: np.random.Generator,
    is_late: bool,
) -> tuple[Tensor, float]:
    """The loss of one batch over up to three clicks, and the mean overlap at last."""
    size = config.late_size if is_late else config.size
    batch = max(2, round(config.batch * (config.size / size) ** 2))
    samples = [make_object_sample(source, size, rng) for _ in range(batch)]
    pictures = _to_batch([picture for picture, _ in samples])
    truth = torch.from_numpy(np.stack([truth for _, truth in samples]))[:, None]
    truth = F.avg_pool2d(truth, 2)
    # Twice as much near the border.
    weight = 1 + F.max_pool2d(truth, 7, 1, 3) + F.max_pool2d(-truth, 7, 1, 3)
    with _autocast(config):
        features = network.encode(pictures)
    prompts = _PromptDrawer([mask[0].numpy() for mask in truth], rng)
    loss, score = torch.zeros(()), 0.0
    rounds = int(rng.choice([1, 2, 3], p=[0.35, 0.4, 0.25]))
    for _ in range(rounds):
        with _autocast(config):
            logits = network.find(features, prompts.make())
        loss = loss + _measure_loss(logits.float(), truth, weight) / rounds
        score = prompts.click(logits.detach().float())
    return loss, score


@torch.no_grad()
def _settle(run: _Run, source: ObjectPhotos, config: ObjectTrainConfig) -> None:
    """Go on with the averaged weights, and with fixed normalisations: the statistics of whole
    batches under these weights. What was averaged of statistics belongs to no weights.
    """
    network = run.network
    network.load_state_dict(run.average.module.state_dict())
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean over all batches
    network.train()
    rng = np.random.default_rng(config.seed + 1)
    for _ in range(config.settling):
        _measure(network, source, config, rng, True)
    for norm in norms:
        norm.momentum = 0.1
    run.average.module.load_state_dict(network.state_dict())


class _PromptDrawer:
    """Clicks and boxes for a batch of truths (h, w) at half the pictures' size."""

    def __init__(self, truths: list[FloatImage], rng: np.random.Generator) -> None:
        self._truths = [np.asarray(truth > 0.5) for truth in truths]
        self._rng = rng
        count, shape = len(truths), truths[0].shape
        self._points = np.zeros((count, _MOST_CLICKS, 2), np.float32)
        self._signs = np.zeros((count, _MOST_CLICKS), np.float32)
        self._boxes = np.zeros((count, 4), np.float32)
        self._before = torch.zeros(count, 1, *shape)
        self._made = 0
        nothing = np.zeros(shape, bool)
        for index, truth in enumerate(self._truths):
            if rng.random() < _BOXED and truth.any():
                self._boxes[index] = _draw_box(truth, rng)
                if rng.random() < 0.7:
                    continue
            self._add(index, nothing)
        self._made = 1

    def make(self) -> Prompt:
        """All clicks up to now."""
        return Prompt(
            torch.from_numpy(self._points.copy()),
            torch.from_numpy(self._signs.copy()),
            torch.from_numpy(self._boxes),
            self._before,
        )

    def click(self, logits: Tensor) -> float:
        """Click into what is wrong. Returns the mean overlap before that."""
        self._before = torch.sigmoid(logits)
        total = 0.0
        for index, found in enumerate((logits[:, 0] > 0).numpy()):
            total += overlap(found, self._truths[index])
            self._add(index, found)
        self._made += 1
        return total / len(self._truths)

    def _add(self, index: int, found: np.ndarray[Any, np.dtype[np.bool_]]) -> None:
        click = choose_click(found, self._truths[index], self._rng)
        if click is not None and self._made < _MOST_CLICKS:
            self._points[index, self._made] = click[0] * 2, click[1] * 2
            self._signs[index, self._made] = click[2]


def _draw_box(
    truth: np.ndarray[Any, np.dtype[np.bool_]], rng: np.random.Generator
) -> tuple[float, ...]:
    """A box around ``truth``, a little wrong, in pixels of the picture."""
    x, y, w, h = cv2.boundingRect(truth.astype(np.uint8))
    left, right = rng.uniform(-0.02, 0.08, 2) * w
    top, bottom = rng.uniform(-0.02, 0.08, 2) * h
    return 2 * (x - left), 2 * (y - top), 2 * (x + w + right), 2 * (y + h + bottom)


def _measure_loss(logits: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """Weighted cross entropy, and one minus the soft overlap."""
    entropy = F.binary_cross_entropy_with_logits(logits, truth, weight=weight)
    share = torch.sigmoid(logits)
    both = (share * truth).sum(dim=(1, 2, 3))
    either = (share + truth - share * truth).sum(dim=(1, 2, 3))
    return entropy + (1 - (both + 1) / (either + 1)).mean()


def _crop(source: ObjectPhotos, side: int, rng: np.random.Generator) -> Picture:
    """A square of any photo, ``side`` pixels."""
    photo = source.read_photo(rng)
    whole = min(photo.shape[:2])
    length = int(whole * rng.uniform(0.7, 1.0))
    y, x = (int(rng.integers(n - length + 1)) for n in photo.shape[:2])
    part = photo[y : y + length, x : x + length]
    if rng.random() < 0.5:
        part = part[:, ::-1]
    method = cv2.INTER_AREA if length > side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(part, (side, side), interpolation=method), np.uint8)


def _to_batch(pictures: list[Picture]) -> Tensor:
    stacked = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)
    return stacked.float().div_(127.5).sub_(1).contiguous(memory_format=torch.channels_last)


def _autocast(config: ObjectTrainConfig) -> torch.autocast:
    return torch.autocast("cpu", torch.bfloat16, enabled=config.half_precision)


def _step(optimizer: torch.optim.Optimizer, loss: Tensor, parameters: list[nn.Parameter]) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(parameters, 2.0)
    optimizer.step()


def _set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate
