"""The same fill in one precision and in another."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch

from inpaint_core.contract.choices import Precision
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.inspection.capture import look_inside
from inpaint_core.inspection.export.run_comparison import (
    fill_brightness,
    measure_difference,
    write_comparison,
)
from inpaint_core.networks.store.precision import choose_dtype


def test_a_precision_that_is_named_is_what_networks_compute_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "inpaint_core.networks.store.precision.uses_half_precision", lambda device: True
    )
    for precision in ("float32", "bfloat16", "float16"):
        assert choose_dtype("cpu", precision) == getattr(torch, precision)  # type: ignore[arg-type]
    assert choose_dtype("cpu") == choose_dtype("cpu", "auto") == torch.bfloat16


def test_an_engine_keeps_both(request_: InpaintRequest, tmp_path: Path) -> None:
    engine = Engine()
    taps = ["structure-2", "local-2"]
    full, half = (
        look_inside(request_.with_options(precision=p), engine, taps)
        for p in ("float32", "bfloat16")
    )
    again = look_inside(request_.with_options(precision="float32"), engine, taps)
    for tap in taps:
        one, other, third = (run.read_map(tap, "norm") for run in (full, half, again))
        assert measure_difference(one, third).most == 0
        gap = measure_difference(one, other)
        direct = np.abs(other[0].values - one[0].values)
        assert gap.mean == pytest.approx(direct.mean(), rel=1e-4)
        assert gap.most == pytest.approx(direct.max())
        rms = np.sqrt(np.square(direct).mean() / np.square(one[0].values).mean())
        assert gap.share == pytest.approx(rms, rel=1e-4)
        assert 0 < gap.share < 0.1
    assert {c.generator_pass.net.dtype for c in full.captures} == {torch.float32}
    assert {c.generator_pass.net.dtype for c in half.captures} == {torch.bfloat16}
    assert np.array_equal(full.result.pixels, again.result.pixels)
    files = write_comparison(full, half, tmp_path, ("norm", "max"), ("fp32", "bf16"))
    assert len(files) == 2 * len(taps) + 2
    assert {path.parent for path in files} == {tmp_path}


def test_engines_without_a_network_take_no_notice(request_: InpaintRequest) -> None:
    engine = Engine()
    plain, named = (
        engine.inpaint(request_.with_options(engine="harmonic", precision=p), Progress())
        for p in ("auto", "float16")
    )
    assert np.array_equal(plain.pixels, named.pixels)


def test_a_precision_that_is_none_is_refused(request_: InpaintRequest) -> None:
    wrong = request_.with_options(precision="double")  # type: ignore[arg-type]
    with pytest.raises(BadRequest, match="double") as refused:
        Engine().inpaint(wrong, Progress())
    assert all(name in str(refused.value.hint) for name in get_args(Precision))


def test_maps_of_nothing_are_not_apart(request_: InpaintRequest) -> None:
    run = look_inside(request_, Engine(), [])
    assert np.isnan(measure_difference((), ()).mean)
    (fill,) = fill_brightness(run)
    assert measure_difference((fill,), (fill,)).share == 0
