"""The figures of ZITS, from small weights that a person brought."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.importing.examine_weights import examine_weights
from inpaint_core.importing.import_weights import import_weights
from inpaint_core.inspection.capture import look_inside
from inpaint_core.inspection.figures.draw_paper import draw_paper
from inpaint_core.inspection.papers.registry import papers
from inpaint_core.networks import device
from inpaint_core.networks.blocks.convolution_weights import fold
from inpaint_core.networks.registry import find_network
from inpaint_core.networks.store import user_weights
from inpaint_core.networks.store.weights_file import save_weights

SMALL = {
    "structure_widths": [3, 4, 5],
    "embedding": 6,
    "heads": 2,
    "layers": 2,
    "upsampler_width": 3,
    "width": 4,
    "blocks": 1,
    "encoder_blocks": 1,
}


@pytest.mark.usefixtures("only_base_ships")
@pytest.mark.parametrize("side", [64, 256])
def test_structure_is_shown_pass_by_pass_and_at_each_size(
    side: int, request_: InpaintRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transformer of 64 pixels has its maps doubled for this photo, and one of 256 does not."""
    monkeypatch.setattr(user_weights, "data_folder", lambda: tmp_path / "data")
    monkeypatch.delenv("LACUNA_WEIGHTS", raising=False)
    monkeypatch.setattr(device, "THREADS", 1)  # small networks gain nothing from more
    torch.manual_seed(0)
    table = {**SMALL, "structure_side": side}
    spec, config = find_network("zits", table)
    net = spec.build(config)
    fold(net)
    about = {"network": "zits", "configuration": json.dumps(table)}
    save_weights(net, tmp_path / "mine.safetensors", about)
    import_weights(examine_weights(tmp_path / "mine.safetensors", Progress()), Progress())

    run = look_inside(request_.with_options(engine="zits"), Engine(native=False))
    figures = {f.id: f for f in draw_paper(papers()["zits"], run)}
    assert {name: f.missing for name, f in figures.items() if f.missing is not None} == {}
    assert all(f.sheet is not None for f in figures.values())
    note = figures["zits_sizes"].note
    assert (note is None) == (side == 64)
    assert side == 64 or "1 and 2 show the same" in str(note)

    capture = max(
        (c for crop in run.find_captures("step-1") for c in crop),
        key=lambda c: np.count_nonzero(c.hole),
    )
    first, last = (capture.maps[f"step-{k}"].astype(np.float32) for k in (1, 5))
    changed = np.any(first != last, axis=0)
    assert changed[capture.hole].any()
    far = np.ones_like(changed)
    rows, columns = np.nonzero(capture.hole)
    reach = 256 // side + 1  # a pixel of the transformer's size may hold a part of the hole
    far[
        max(rows.min() - reach, 0) : rows.max() + reach + 1,
        max(columns.min() - reach, 0) : columns.max() + reach + 1,
    ] = False
    assert not changed[far].any()  # what is known stays
    sheet = figures["zits_steps"].sheet
    assert sheet is not None
    assert sheet.width > 5 * 100
