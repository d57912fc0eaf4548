"""What a training of the object network is to do, read from a TOML file."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from inpaint_core.contract.errors import BadRequest
from inpaint_core.lab.training.config import read_table


@dataclass(frozen=True)
class ObjectTrainConfig:
    """A run as its TOML file says, in a table ``[objects]``; paths relative to the file.

    ``photos`` and ``silhouettes``: folders or tar files, see `read_object_photos`; ``backbone``:
    SqueezeNet 1.1's weights, whose maps the encoder learns to tell in ``looks_steps``, "" = none.
    Then ``steps`` with clicks at ``size`` pixels, at an even ``rate``, and ``late_steps`` at
    ``late_size`` with fixed normalisations, measured on ``settling`` batches; ``late_rate`` falls
    to 0 during these. A run goes on from its newest checkpoint.
    """

    photos: tuple[str, ...]
    silhouettes: tuple[str, ...]
    out: str
    backbone: str = ""
    looks_steps: int = 0
    looks_batch: int = 32
    steps: int = 100
    late_steps: int = 0
    batch: int = 16
    size: int = 224
    late_size: int = 320
    rate: float = 3e-3
    late_rate: float = 8e-4
    settling: int = 24
    average: float = 0.995
    seed: int = 1
    threads: int = 1
    half_precision: bool = True
    log_every: int = 25
    save_every: int = 50


def read_object_config(path: Path) -> ObjectTrainConfig | None:
    """The table ``[objects]`` of a TOML file, None if it has none. Raises as `read_table`."""
    row = read_table(path).get("objects")
    if row is None:
        return None
    try:
        known = {field.name for field in fields(ObjectTrainConfig)}
        if set(row) - known:
            raise ValueError(sorted(set(row) - known))
        for name in ("photos", "silhouettes"):
            row[name] = tuple(str(path.parent / each) for each in row[name])
        for name in ("out", "backbone"):
            row[name] = str(path.parent / row[name]) if row.get(name) else ""
        return ObjectTrainConfig(**row)
    except (ValueError, TypeError, LookupError) as error:
        raise BadRequest("lab.config_not_toml", name=path.name, reason=error) from error
