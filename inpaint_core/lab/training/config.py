"""The configuration of a training run, read from a TOML file."""

from __future__ import annotations

import tomllib
import types
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from inpaint_core.contract.errors import BadRequest, FileUnreadable
from inpaint_core.contract.message import Message
from inpaint_core.networks.tsgl.config import CONFIGS

_MOST_BYTES = 32_000  # tomllib takes a second for a dotted key of 20,000 bytes, an hour for a MB


@dataclass(frozen=True)
class TrainConfig:
    """One training run. The defaults are the TSGL paper's if it states them.

    ``photos`` and ``validation``: folders and tar files of photos; ``out``: the folder of
    checkpoints and metrics; ``network``: a configuration's id. ``sizes``: (first step, side of the
    crops) in rising order. ``batch``: crops at once; ``accumulate``: such batches per step, which
    several processes share. ``silhouettes``: folders and tar files of objects, white on black.
    ``border``: the share of the holes that touch the border, while the others keep away from it;
    None: holes anywhere. ``procedural``: the share of samples that are drawn pictures. ``hole``,
    ``known``, ``edges``, ``adversarial``, ``matching``, ``r1`` and ``perceptual`` weigh the losses;
    the last needs ``backbone``, the file of SqueezeNet's features. ``edge_loss``: the paper's mean
    absolute error, or cross-entropy. ``loss``: TSGL's or LaMa's form of the adversarial losses.
    ``threads``: PyTorch's on a CPU, None: one per core. ``start``: an exported weights file to
    begin with if there is no checkpoint. ``average``: decay of the running mean of the weights,
    which is what gets exported. ``minutes``: stop after this time with a checkpoint; None: after
    ``steps``.
    ``checkpoint``: exact to the bit, or a third of the size and nearly exact.
    """

    photos: tuple[str, ...]
    validation: tuple[str, ...]
    out: str
    network: str = "base"
    start: str | None = None
    seed: int = 0
    steps: int = 100_000
    minutes: float | None = None
    sizes: tuple[tuple[int, int], ...] = ((0, 256),)
    silhouettes: tuple[str, ...] = ()
    border: float | None = None
    procedural: float = 0.0
    batch: int = 16
    accumulate: int = 1
    workers: int = 2
    threads: int | None = None
    device: str = "auto"
    precision: Literal["bfloat16", "float32"] = "bfloat16"
    generator_rate: float = 5e-4
    discriminator_rate: float = 1e-4
    warmup: int = 100
    hole: float = 5.0
    known: float = 1.0
    edges: float = 1.0
    edge_loss: Literal["l1", "entropy"] = "l1"
    adversarial: float = 0.1
    matching: float = 0.0
    loss: Literal["hinge", "softplus"] = "hinge"
    r1: float = 0.0
    perceptual: float = 0.0
    backbone: str | None = None
    average: float = 0.999
    log_every: int = 50
    validate_every: int = 1000
    save_every: int = 1000
    validation_samples: int = 64
    checkpoint: Literal["exact", "compact"] = "exact"
    tensorboard: bool = False

    def side(self, step: int) -> int:
        """The side of the crops at ``step``."""
        return [side for first, side in self.sizes if first <= step][-1]


def read_stages(path: Path) -> tuple[TrainConfig, ...]:
    """The runs that a TOML file describes, in order.

    Paths are relative to the file's folder. Each table in ``stages`` is a run that overrides some
    settings; a file without stages is one run. Stages write to ``out``/stage-1 and so on, and begin
    with the weights that the previous one exports beside its folder. Raises `FileUnreadable`, or
    `BadRequest` for a wrong key or value.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe or a device may never end
            raise FileUnreadable("lab.config_unreadable", path=path)
        if path.stat().st_size > _MOST_BYTES:
            reason = Message("lab.too_long", most=_MOST_BYTES // 1000)
            raise BadRequest("lab.config_not_toml", name=path.name, reason=reason)
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadable("lab.config_unreadable", path=path) from error
    except ValueError as error:  # TOMLDecodeError among them, and a number of too many digits
        raise BadRequest("lab.config_not_toml", name=path.name, reason=error) from error
    except RecursionError as error:
        reason = Message("lab.nested_too_deeply")
        raise BadRequest("lab.config_not_toml", name=path.name, reason=reason) from error
    folder = path.resolve().parent
    own = table.pop("stages", None)
    if own is None:
        return (_resolve_paths(parse_table(table), folder),)
    if not isinstance(own, list) or not own or not all(isinstance(each, dict) for each in own):
        raise BadRequest("lab.stages_not_tables")
    found: list[TrainConfig] = []
    for number, each in enumerate(own, 1):
        if "out" in each or ("start" in each and number > 1):
            raise BadRequest("lab.stage_out")
        config = _resolve_paths(parse_table({**table, **each}), folder)
        start = f"{found[-1].out}.safetensors" if found else config.start
        found.append(replace(config, out=str(Path(config.out) / f"stage-{number}"), start=start))
    if len({config.network for config in found}) > 1:
        raise BadRequest("lab.network_in_stage")
    return tuple(found)


def _resolve_paths(config: TrainConfig, folder: Path) -> TrainConfig:
    """The configuration with its paths resolved against ``folder``."""

    def beside(name: str) -> str:
        return str(folder / name)

    return replace(
        config,
        photos=tuple(map(beside, config.photos)),
        validation=tuple(map(beside, config.validation)),
        silhouettes=tuple(map(beside, config.silhouettes)),
        out=beside(config.out),
        start=None if config.start is None else beside(config.start),
        backbone=None if config.backbone is None else beside(config.backbone),
    )


def parse_table(table: dict[str, Any]) -> TrainConfig:
    """The run from a table of plain values. Raises `BadRequest` for a wrong key or value."""
    known = {field.name: field for field in fields(TrainConfig)}
    for name in table:
        if name not in known:
            raise BadRequest("lab.unknown_setting", name=name, known=tuple(known))
    for name, field in known.items():
        if field.default is MISSING and name not in table:
            raise BadRequest("lab.missing_setting", name=name)
    kinds = get_type_hints(TrainConfig)
    config = TrainConfig(**{name: _parse_value(name, v, kinds[name]) for name, v in table.items()})
    _check(config)
    return config


def _parse_value(name: str, value: Any, kind: Any) -> Any:
    """``value`` as ``kind``, lists as tuples."""
    wrong = BadRequest("lab.wrong_value", name=name, value=_show(value), type=_describe_type(kind))
    origin, parts = get_origin(kind), get_args(kind)
    if origin is types.UnionType:
        return _parse_value(name, value, parts[0])
    if origin is Literal:
        if value not in parts:
            raise wrong
        return value
    if origin is tuple:
        if not isinstance(value, (list, tuple)):
            raise wrong
        if parts[-1] is not Ellipsis and len(value) != len(parts):
            raise wrong
        return tuple(_parse_value(name, item, parts[0]) for item in value)
    if kind is float and type(value) is int and abs(value) < 2**1000:
        return float(value)
    if type(value) is not kind:
        raise wrong
    return value


def _show(value: object) -> str:
    is_huge = type(value) is int and abs(value) >= 2**1000  # Python refuses to print those
    text = hex(value) if is_huge and isinstance(value, int) else repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _describe_type(kind: Any) -> str:
    return str(getattr(kind, "__name__", kind)) if get_origin(kind) is None else str(kind)


def _check(config: TrainConfig) -> None:
    if config.network not in CONFIGS:
        raise BadRequest("lab.unknown_network", name=config.network, known=tuple(CONFIGS))
    counts = ("steps", "batch", "accumulate", "workers", "log_every", "validate_every",
              "save_every", "validation_samples")  # fmt: skip
    for name in counts:
        if getattr(config, name) < 1:
            raise BadRequest("lab.below_one", name=name)
    starts = [first for first, _ in config.sizes]
    if not starts or starts[0] != 0 or starts != sorted(set(starts)):
        raise BadRequest("lab.sizes_order")
    if any(side < 64 or side % 64 for _, side in config.sizes):
        raise BadRequest("lab.sizes_multiple")
    if config.perceptual and config.backbone is None:
        raise BadRequest("lab.backbone_missing")
    if config.border is not None and not 0 <= config.border <= 1:
        raise BadRequest("lab.border_range")
    if not 0 <= config.procedural <= 1:
        raise BadRequest("lab.procedural_range")
    if config.threads is not None and config.threads < 1:
        raise BadRequest("lab.threads_range")
    if config.r1 and not (config.adversarial or config.matching):
        raise BadRequest("lab.r1_without_discriminator")
    if not 0 <= config.average < 1:
        raise BadRequest("lab.average_range")
