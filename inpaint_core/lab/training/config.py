"""The configuration of a training run, read from a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_type_hints

from inpaint_core.contract.choices import Augmentation
from inpaint_core.contract.errors import BadRequest, FileUnreadable
from inpaint_core.contract.message import Message
from inpaint_core.contract.typed_values import override, parse_value
from inpaint_core.networks.network_spec import LossSettings
from inpaint_core.networks.registry import configurations, find_network

_MOST_BYTES = 32_000  # tomllib takes a second for a dotted key of 20,000 bytes, an hour for a MB

_LEAST_SIDE = 64


@dataclass(frozen=True)
class TrainConfig:
    """One training run. The learning rates and Adam's decays are the TSGL paper's, which states
    neither a schedule nor a batch.

    ``losses``: the settings of the network's losses, which are keys of the same file.
    ``configuration``: values of the network's configuration that are to be others; ``backbone``:
    the file of SqueezeNet's features, for losses that need them.

    ``photos`` and ``validation``: folders and tar files of photos; ``out``: the folder of
    checkpoints and metrics; ``network``: a configuration's id. ``sizes``: (first step, side of the
    crops) in rising order. ``batch``: crops at once; ``accumulate``: such batches per step, which
    several processes share. ``silhouettes``: folders and tar files of objects, white on black.
    ``semantic``: folders and tar files of maps of what things are, each called like its photo.
    ``border``: the share of the holes that touch the border, while the others keep away from it;
    None: holes anywhere. ``procedural``, ``structure``, ``whole_views``: as in `SampleMixture`.
    ``augment``: how pictures are changed at random before the discriminator judges them.
    ``betas``: decays of Adam's means; ``schedule``: the learning rates fall to 0 by half a cosine
    over ``steps``, stay, or are halved after every ``halve_every`` steps; ``clip``: the largest
    norm of the generator's gradient, None: any. ``threads``: PyTorch's on a CPU, None: one per
    core. ``start``: an exported weights file to begin with if there is no checkpoint. ``average``:
    decay of the running mean of the weights, which is what gets exported. ``minutes``: stop after
    this time with a checkpoint; None: after ``steps``.
    ``checkpoint``: exact to the bit, or a third of the size and nearly exact.
    """

    photos: tuple[str, ...]
    validation: tuple[str, ...]
    out: str
    losses: LossSettings
    network: str = "base"
    configuration: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    start: str | None = None
    seed: int = 0
    steps: int = 100_000
    minutes: float | None = None
    sizes: tuple[tuple[int, int], ...] = ((0, 256),)
    silhouettes: tuple[str, ...] = ()
    semantic: tuple[str, ...] = ()
    border: float | None = None
    procedural: float = 0.0
    structure: float = 0.0
    whole_views: float = 0.0
    augment: tuple[Augmentation, ...] = ()
    batch: int = 16
    accumulate: int = 1
    workers: int = 2
    threads: int | None = None
    device: str = "auto"
    precision: Literal["bfloat16", "float32"] = "bfloat16"
    generator_rate: float = 5e-4
    discriminator_rate: float = 1e-4
    warmup: int = 100
    betas: tuple[float, float] = (0.5, 0.99)
    clip: float | None = None
    schedule: Literal["cosine", "constant", "halving"] = "cosine"
    halve_every: int = 100_000
    backbone: str | None = None
    average: float = 0.999
    log_every: int = 50
    validate_every: int = 1000
    save_every: int = 1000
    validation_samples: int = 64
    checkpoint: Literal["exact", "compact"] = "exact"
    tensorboard: bool = False

    def with_losses(self, **changes: Any) -> TrainConfig:
        """The same run with some settings of its losses changed."""
        return replace(self, losses=replace(self.losses, **changes))

    def side(self, step: int) -> int:
        """The side of the crops at ``step``."""
        return [side for first, side in self.sizes if first <= step][-1]


def read_table(path: Path) -> dict[str, Any]:
    """What a TOML file of at most 32 kB says. Raises `FileUnreadable` or `BadRequest`."""
    try:
        if path.exists() and not path.is_file():  # a pipe or a device may never end
            raise FileUnreadable("lab.config_unreadable", path=path)
        if path.stat().st_size > _MOST_BYTES:
            reason = Message("lab.too_long", most=_MOST_BYTES // 1000)
            raise BadRequest("lab.config_not_toml", name=path.name, reason=reason)
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadable("lab.config_unreadable", path=path) from error
    except ValueError as error:  # TOMLDecodeError among them, and a number of too many digits
        raise BadRequest("lab.config_not_toml", name=path.name, reason=error) from error
    except RecursionError as error:
        reason = Message("lab.nested_too_deeply")
        raise BadRequest("lab.config_not_toml", name=path.name, reason=reason) from error


def read_stages(path: Path) -> tuple[TrainConfig, ...]:
    """The runs that a TOML file describes, in order.

    Paths are relative to the file's folder. Each table in ``stages`` is a run that overrides some
    settings; a file without stages is one run. Stages write to ``out``/stage-1 and so on, and begin
    with the weights that the previous one exports beside its folder. Raises `FileUnreadable`, or
    `BadRequest` for a wrong key or value.
    """
    table = read_table(path)
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
    if any(
        (c.network, c.configuration) != (found[0].network, found[0].configuration) for c in found
    ):
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
        semantic=tuple(map(beside, config.semantic)),
        out=beside(config.out),
        start=None if config.start is None else beside(config.start),
        backbone=None if config.backbone is None else beside(config.backbone),
    )


def parse_table(table: dict[str, Any]) -> TrainConfig:
    """The run from a table of plain values; its key ``ablation`` names a row of the paper's tables,
    whose values become part of the configuration. Raises `BadRequest` for a wrong key or value.
    """
    name = parse_value("network", table.get("network", TrainConfig.network), str)
    if name not in configurations():
        raise BadRequest("lab.unknown_network", name=name, known=tuple(configurations()))
    spec, changes = configurations()[name], _read_changes(name, table)
    find_network(name, changes)
    table = {key: value for key, value in table.items() if key != "ablation"}
    if changes:
        table["configuration"] = changes
    known = {each.name: each for each in fields(TrainConfig) if each.name != "losses"}
    of_losses = {each.name for each in fields(spec.losses)}
    for key in table:
        if key not in known and key not in of_losses:
            raise BadRequest(
                "lab.unknown_setting", name=key, known=("ablation", *known, *sorted(of_losses))
            )
    for key, each in known.items():
        if each.default is MISSING and each.default_factory is MISSING and key not in table:
            raise BadRequest("lab.missing_setting", name=key)
    kinds = get_type_hints(TrainConfig)
    values = {
        key: value if key == "configuration" else parse_value(key, value, kinds[key])
        for key, value in table.items()
        if key in known
    }
    losses = override(spec.losses(), {k: v for k, v in table.items() if k in of_losses})
    config = TrainConfig(losses=losses, **values)
    _check(config)
    return config


def _read_changes(network: str, table: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values of the configuration that an ablation changes, and those that the file names."""
    changes = table.get("configuration", {})
    if not isinstance(changes, Mapping):
        raise BadRequest(
            "lab.wrong_value", name="configuration", value=repr(changes), type="a table"
        )
    if "id" in changes:
        raise BadRequest("lab.unknown_setting", name="id", known=("network",))
    if "ablation" not in table:
        return changes
    ablations = configurations()[network].ablations
    name = parse_value("ablation", table["ablation"], str)
    if name not in ablations:
        raise BadRequest("lab.unknown_ablation", name=name, known=tuple(ablations))
    return {**ablations[name], **changes}


def _check(config: TrainConfig) -> None:
    counts = ("steps", "batch", "accumulate", "workers", "log_every", "validate_every",
              "save_every", "validation_samples", "halve_every")  # fmt: skip
    for name in counts:
        if getattr(config, name) < 1:
            raise BadRequest("lab.below_one", name=name)
    starts = [first for first, _ in config.sizes]
    if not starts or starts[0] != 0 or starts != sorted(set(starts)):
        raise BadRequest("lab.sizes_order")
    spec, network = find_network(config.network, config.configuration)
    multiple = spec.multiple(network)
    if any(side < _LEAST_SIDE or side % multiple for _, side in config.sizes):
        raise BadRequest("lab.sizes_multiple", multiple=multiple, least=_LEAST_SIDE)
    least = max(spec.least_batch(network, side) for _, side in config.sizes)
    if config.batch < least:
        raise BadRequest("lab.batch_too_small", least=least)
    config.losses.check()
    if config.losses.needs_features and config.backbone is None:
        raise BadRequest("lab.backbone_missing", name=config.losses.needs_features)
    takes_map = spec.add_map(network) is not None
    if takes_map and (config.procedural or config.structure or not config.semantic):
        raise BadRequest("lab.semantic_missing")
    if config.semantic and not takes_map:
        raise BadRequest("lab.semantic_unused")
    if config.border is not None and not 0 <= config.border <= 1:
        raise BadRequest("lab.border_range")
    for name in ("procedural", "structure", "whole_views"):
        if not 0 <= getattr(config, name) <= 1:
            raise BadRequest("lab.share_range", name=name)
    if config.threads is not None and config.threads < 1:
        raise BadRequest("lab.threads_range")
    if config.clip is not None and config.clip <= 0:
        raise BadRequest("lab.clip_range")
    if not all(0 <= beta < 1 for beta in config.betas):
        raise BadRequest("lab.betas_range")
    if not 0 <= config.average < 1:
        raise BadRequest("lab.average_range")
