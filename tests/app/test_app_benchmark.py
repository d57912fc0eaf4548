from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.__main__ import main
from app.automation import editor_benchmark
from app.automation.editor_benchmark import (
    GOALS,
    goals_table,
    open_photos_results,
    open_photos_script,
    opening_time,
    painting_results,
    painting_script,
    play_in_editor,
    spot_results,
    spot_script,
    startup_results,
)
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.progress import Cancelled, Progress


def test_the_editor_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    measure = editor_benchmark.measure_editor
    monkeypatch.setattr(
        editor_benchmark,
        "measure_editor",
        lambda progress: measure(progress, (0.2, 0.2, 0.2, 0.3, 0.6), False),
    )
    report = tmp_path / "found.json"
    assert main(["--benchmark", "--json", str(report)]) == 0
    printed = capsys.readouterr().out
    found = json.loads(report.read_text("utf-8"))["editor"]
    assert set(found) >= set(GOALS) - {"memory", "seven"}
    assert all(value > 0 for name, value in found.items() if name != "memory")
    assert found["fit_p50"] <= found["fit_p95"]
    for goal in GOALS.values():
        assert goal.text in printed


def test_a_report_that_cannot_be_written_is_refused_before_measuring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        editor_benchmark, "measure_editor", lambda progress: pytest.fail("measured")
    )
    assert main(["--benchmark", "--json", str(tmp_path / "nowhere" / "found.json")]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_a_failing_script_raises(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="fly"):
        play_in_editor(tmp_path, [{"do": "fly"}], Progress())


def test_measuring_can_be_stopped(tmp_path: Path) -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        play_in_editor(tmp_path, [{"do": "wait", "for": "engine"}], progress)


def reports(script: list[Any], **values: dict[str, Any]) -> list[dict[str, Any]]:
    """What the editor might print of a script: values by step and its number."""
    counts: dict[str, int] = {}
    found: list[dict[str, Any]] = [{"do": "start", "at": 100.5, "ms": 0.0}]
    for step in script:
        do = step["do"]
        counts[do] = counts.get(do, 0) + 1
        extra = values.get(f"{do}_{counts[do]}", {})
        found.append({"do": do, "at": 104.0, "ms": 20.0, **extra})
    return found


def test_the_start_counts_from_the_command() -> None:
    said = [
        {"do": "start", "at": 100.6},
        {"do": "wait", "at": 101.2},
        {"do": "wait", "at": 103.1},
    ]
    found = startup_results(100.0, said)
    assert found == pytest.approx({"window": 0.6, "photo": 1.2, "ready": 3.1})


def test_the_slowest_of_all_tabs_counts() -> None:
    script = open_photos_script(["a.jpg", "b.jpg"])
    said = reports(script, action_1={"ms": 80.0}, memory_1={"resident_mb": 990.5})
    assert open_photos_results(said) == {"switch": 80.0, "seven": 990.5}


def test_opening_lasts_from_the_wish_to_the_painted_stroke() -> None:
    script = painting_script("a.jpg", (6000, 4000), full=False)
    said = reports(script, open_1={"at": 110.0, "ms": 800.0}, stroke_1={"at": 110.4})
    assert opening_time(said) == pytest.approx(1.2)


def test_painting_is_read_from_the_right_steps() -> None:
    script = painting_script("a.jpg", (9000, 6000), full=True)
    fast = {"events": 400, "painted": 399, "paint_ms_p50": 3.0, "paint_ms_p95": 7.0}
    blind = {"events": 400, "painted": 20, "paint_ms_p50": 1.0, "paint_ms_p95": 1.0}
    said = reports(
        script,
        stroke_2=fast,
        stroke_3=blind,  # most events led to nothing: what was measured says nothing
        action_2={"ms": 31.0},
        action_3={"ms": 12.0},
        memory_1={"resident_mb": 100.0},
        memory_2={"resident_mb": 450.0},
        memory_3={"resident_mb": 1100.0},
    )
    assert painting_results(said) == {
        "undo_fit": 31.0,
        "undo_actual": 12.0,
        "fit_p50": 3.0,
        "fit_p95": 7.0,
        "memory": 750.0,
    }


def test_a_spot_lasts_from_the_wish_to_the_filled_photo() -> None:
    said = reports(spot_script("a.jpg", (5000, 3200)))
    fills = [step for step in said if step["do"] == "action"]
    waits = [step for step in said if step["do"] == "wait"][1:]
    for number, (fill, wait) in enumerate(zip(fills, waits, strict=True)):
        fill["at"], fill["ms"] = 100.0 + number, 30.0
        wait["at"] = fill["at"] + (0.2 if number < len(fills) // 2 else 0.7) + number / 100
    assert spot_results(said) == pytest.approx({"spot": 0.24, "spots": 0.77})


def test_twelve_spots_lie_in_the_photo_and_never_where_one_was() -> None:
    width, height = 5000, 3200
    script = spot_script("a.jpg", (width, height))
    places = [step["points"][0] for step in script if step["do"] == "stroke"]
    rounds = [number for number, step in enumerate(script) if step["do"] == "action"]
    assert sum(step["do"] == "stroke" for step in script[rounds[-2] : rounds[-1]]) == 12
    for number, (x, y) in enumerate(places):
        assert 50 < x < width - 50
        assert 50 < y < height - 50
        assert all(abs(x - u) + abs(y - v) > 80 for u, v in places[:number])


def test_ten_fills_of_a_hundredth_lie_apart_in_the_photo() -> None:
    width, height = 9000, 6000
    script = painting_script("a.jpg", (width, height), full=True)
    rects = [step["rect"] for step in script if step["do"] == "stamp"]
    assert len(rects) == len({tuple(rect) for rect in rects}) == 10
    for x, y, w, h in rects:
        assert 0 <= x <= x + w <= width
        assert 0 <= y <= y + h <= height
        assert w * h == pytest.approx(width * height / 100, rel=0.01)
    for one in rects:
        for other in rects:
            apart = abs(one[0] - other[0]) >= one[2] or abs(one[1] - other[1]) >= one[3]
            assert one is other or apart


def test_the_table_says_what_is_reached_missed_and_unknown() -> None:
    lines = goals_table({"window": 0.44, "ready": 4.5}).splitlines()
    assert len(lines) == 1 + len(GOALS)
    assert lines[1].split()[-5:] == ["0.44", "s", "1", "s", "yes"]
    assert lines[3].split()[-1] == "no"
    assert lines[6].split()[-4:] == ["-", "1.5", "s", "-"]
