"""A network that a test can train, and one process of several that train it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from inpaint_core.lab.training.config import read_stages
from inpaint_core.lab.training.processes import leave_processes
from inpaint_core.lab.training.samples import SampleMaker
from inpaint_core.lab.training.trainer import Trainer
from inpaint_core.networks import registry
from inpaint_core.networks.network_spec import NetworkSpec
from inpaint_core.networks.tsgl import config as networks
from inpaint_core.networks.tsgl.discriminator import Discriminator
from inpaint_core.networks.tsgl.samples import make_sample
from inpaint_core.networks.tsgl.spec import SPEC

TINY = replace(
    networks.BASE,
    structure_widths=(4, 6, 8, 10, 12),
    width=16,
    depths=(1, 1, 1, 1),
    hidden=6,
    fusion_widths=(4, 6, 8, 16, 16, 16),
    balance=networks.Balance(width=8, fused=16, depth=1),
    decoder_widths=(16, 12, 8, 8, 6),
)
TSGL = replace(
    SPEC,
    configs={**networks.CONFIGS, "base": TINY},
    build_discriminator=lambda config, losses: Discriminator(8),
)


def of(config: networks.Config) -> SampleMaker:
    """Makes samples of a network."""
    return partial(make_sample, config, networks.TsglLosses())


NETWORKS: Mapping[str, NetworkSpec] = {**registry.networks(), "tsgl": TSGL}


def main(config: Path) -> None:
    """One process's run. The settings that `torchrun` makes are in the environment."""
    torch.set_num_threads(1)
    registry.networks = lambda: NETWORKS  # type: ignore[assignment]
    Trainer(read_stages(config)[0]).run(print)
    leave_processes()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
