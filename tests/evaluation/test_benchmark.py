from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inpaint_core.cli import main
from inpaint_core.cli.commands import benchmark
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.lab.evaluation.scenes.scene_drawing import draw_blob, render_landscape
from inpaint_core.lab.evaluation.timing_tables import (
    Measurement,
    format_hole_table,
    format_ratios,
    format_stage_table,
)

FAST = Measurement(
    "a", 600, 400, 1000, 0.2, 0.1, {"decode": 0.1, "fill": 0.4, "encode": 0.2}, 10**8
)
SLOW = Measurement("b", 600, 400, 1000, 0.2, 0.5, {"decode": 0.1, "fill": 0.8, "encode": 0.2}, None)
BROKEN = Measurement("b", 6000, 4000, 1000, error="killed")


def test_sums() -> None:
    assert FAST.work == pytest.approx(0.7)
    assert FAST.whole == pytest.approx(1.0)
    assert FAST.fill == pytest.approx(0.4)
    assert FAST.megapixels == pytest.approx(0.24)


def test_tables_show_stages_memory_and_failures() -> None:
    lines = format_stage_table([FAST, SLOW, BROKEN]).splitlines()
    assert lines[0].split()[-6:] == ["decode", "fill", "encode", "whole", "peak", "MB"]
    assert lines[1].split()[-2:] == ["1.00", "100"]
    assert lines[4].strip() == "b, 6000x4000: killed"
    row = format_hole_table([FAST]).splitlines()[1].split()
    assert row == ["a", "0.24", "1,000", "0.400", "400.00", "100"]


def test_ratios_compare_with_the_first_engine() -> None:
    assert format_ratios([FAST, SLOW, BROKEN]) == [
        "600x400, hole 1,000: b / a = 2.00 in the fill, 1.80 as a whole"
    ]


def test_scenes_are_the_same_every_time_and_textured() -> None:
    one, two = render_landscape(0.05), render_landscape(0.05)
    np.testing.assert_array_equal(one, two)
    assert one.shape[0] * one.shape[1] == pytest.approx(50_000, rel=0.02)
    ground = one[one.shape[0] * 2 // 3 :].astype(float)
    assert np.abs(np.diff(ground, axis=1)).mean() > 3
    assert not np.array_equal(one, render_landscape(0.05, seed=1))


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 60), st.integers(2, 60), st.integers(1, 5000))
def test_blobs_have_the_size_asked_for(height: int, width: int, pixels: int) -> None:
    hole = draw_blob((height, width), pixels)
    wanted = min(pixels, height * width - 1)
    # Pixels equally far from the centre come together: at most a few by symmetry.
    assert wanted <= hole.sum() <= wanted + 4


def test_command_times_sizes_and_holes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "times.json"
    options = ["--engine", "harmonic", "--sizes", "0.02:5", "--holes", "300,900"]
    options += ["--holes-size", "0.02", "--json", str(report)]
    assert main(["benchmark", *options]) == 0
    text = capsys.readouterr().out
    assert "decode" in text
    assert "µs per px" in text
    document = json.loads(report.read_text(encoding="utf-8"))
    (one,) = document["sizes"]
    assert one["error"] is None
    assert one["hole"] == pytest.approx(1000, abs=4)
    assert one["stages"]["decode"] > 0
    assert one["stages"]["encode"] > 0
    assert one["whole"] >= one["start"] + one["warm_up"] + one["fill"]
    assert [m["hole"] for m in document["holes"]] == pytest.approx([300, 900], abs=4)
    if sys.platform != "win32":
        assert one["peak"] > 10_000_000


def test_an_unknown_engine_is_refused_before_any_work(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["benchmark", "--engine", "nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [("--sizes", "none"), ("--sizes", "0"), ("--hole", "99"), ("--holes", "0"), ("--repeat", "0")],
)
def test_bad_numbers_are_refused(
    options: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["benchmark", *options]) == 2
    assert "hint: " in capsys.readouterr().err


def test_a_hole_that_the_photo_cannot_hold_is_refused_before_any_work(
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ["--sizes", "0.02", "--holes", "300,18001", "--holes-size", "0.02"]
    assert main(["benchmark", "--engine", "harmonic", *options]) == 2
    said = capsys.readouterr().err
    assert "A hole of 18,001 pixels is more than 90 % of a photo of 0.02 MP." in said


def test_a_failing_process_is_a_row(tmp_path: Path) -> None:
    order = {"photo": str(tmp_path / "gone.jpg"), "mask": "", "out": ""}
    order |= {"engine": "harmonic", "device": "cpu"}
    found = benchmark.measure_engine({**order, "repeat": 1}, (60, 40, 9), Progress())
    assert "gone.jpg" in str(found.error)


def test_a_stopped_run_keeps_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[Any] = []

    def measure(order: Any, picture: tuple[int, int, int], progress: Progress) -> Measurement:
        if done:
            raise Cancelled
        done.append(order)
        return Measurement("harmonic", *picture, stages={"fill": 0.1})

    monkeypatch.setattr(benchmark, "measure_engine", measure)
    report = tmp_path / "times.json"
    options = ["--engine", "harmonic", "--sizes", "0.02,0.03", "--json", str(report)]
    assert main(["benchmark", *options]) == 130
    assert "Stopped after 1 of 2" in capsys.readouterr().err
    assert len(json.loads(report.read_text(encoding="utf-8"))["sizes"]) == 1
    assert not Path(done[0]["photo"]).parent.exists()


def test_cancelling_kills_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    real = benchmark.subprocess.Popen

    def sleeper(command: list[str], **how: Any) -> Any:
        started.append(real([sys.executable, "-c", "import time; time.sleep(60)"], **how))
        return started[0]

    monkeypatch.setattr(benchmark.subprocess, "Popen", sleeper)
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        benchmark.measure_engine({"engine": "harmonic"}, (60, 40, 9), progress)
    assert started[0].poll() is not None
