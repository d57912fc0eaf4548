from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.automation import measure_editor as desk
from app.automation.editor_measurements import GOALS
from inpaint_core.cli.entry import main
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.progress import Cancelled, Progress


def test_the_editor_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    measure = desk.measure
    monkeypatch.setattr(desk, "measure", lambda progress: measure(progress, (0.3, 0.6), False))
    assert main(["benchmark", "--editor", "--json", str(tmp_path / "found.json")]) == 0
    printed = capsys.readouterr().out
    found = json.loads((tmp_path / "found.json").read_text("utf-8"))["editor"]
    assert set(found) >= set(GOALS) - {"memory"}
    assert all(value > 0 for name, value in found.items() if name != "memory")
    assert found["fit_p50"] <= found["fit_p95"]
    for goal in GOALS.values():
        assert goal.text in printed


def test_a_script_that_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="fly"):
        desk._played(tmp_path, [{"do": "fly"}], Progress())


def test_measuring_can_be_stopped(tmp_path: Path) -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        desk._played(tmp_path, [{"do": "wait", "for": "engine"}], progress)
