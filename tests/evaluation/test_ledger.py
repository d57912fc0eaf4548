"""Rows on disk, and runs that go on from them."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_evaluate import command
from test_table import ROWS, SCORES

from inpaint_core.cli import main
from inpaint_core.lab.evaluation import photo_scoring as candidates
from inpaint_core.lab.evaluation.photo_scoring import ScoreRow
from inpaint_core.lab.evaluation.score_files import ScoreLog
from inpaint_core.lab.evaluation.scores import SCORE_NAMES

SETTINGS = {"seed": 1, "engines": ["a"]}


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    exact = ScoreRow("sky", "ours", replace(SCORES, psnr=math.inf), 0.1 + 0.2, None, 1 / 3, "blue")
    first = ScoreLog(path, SETTINGS, resume=False)
    assert first.photos == {}
    first.add([exact])
    first.add(ROWS[4:])  # with a failure: to be tried again
    with path.open("ab") as stream:
        stream.write(b'null\n[3]\n[{"photo": 1}]\n\xff\n' + b"[" * 100_000 + b'\n[{"photo": "torn')
    assert ScoreLog(path, SETTINGS, resume=True).photos == {"sky": (exact,)}


@pytest.mark.parametrize("names", [None, SCORE_NAMES[:-1]])
def test_rows_with_the_scores_of_another_version_begin_anew(
    tmp_path: Path, names: tuple[str, ...] | None
) -> None:
    path = tmp_path / "rows.jsonl"
    ScoreLog(path, SETTINGS, resume=False).add(ROWS[:1])
    row = json.loads(path.read_text().splitlines()[1])
    del row[0]["scores"][SCORE_NAMES[-1]]
    head = SETTINGS if names is None else {**SETTINGS, "scores": names}
    path.write_text(f"{json.dumps(head, sort_keys=True)}\n{json.dumps(row)}\n")
    ledger = ScoreLog(path, SETTINGS, resume=True)
    assert ledger.photos == {}
    ledger.add(ROWS[2:3])
    assert list(ScoreLog(path, SETTINGS, resume=True).photos) == [ROWS[2].photo]


def test_other_settings_and_no_wish_to_resume_begin_anew(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    ScoreLog(path, SETTINGS, resume=False).add(ROWS[:2])
    assert ScoreLog(path, {**SETTINGS, "seed": 2}, resume=True).photos == {}
    ScoreLog(path, SETTINGS, resume=False).add(ROWS[:2])
    assert ScoreLog(path, SETTINGS, resume=False).photos == {}
    assert len(path.read_text().splitlines()) == 1


def test_a_stopped_run_goes_on(
    bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out, whole, asked = tmp_path / "out", candidates.FolderCandidate.fill, []

    def note(self: candidates.FolderCandidate, case: Any, *rest: Any) -> Any:
        asked.append(case.name)
        return whole(self, case, *rest)

    monkeypatch.setattr(candidates.FolderCandidate, "fill", note)
    options = ("--peers", str(bench.peers), "--brief", "--resume", "--by", "family")
    assert main(command(bench, out, *options, "--only", "[01]*")) == 0
    assert set(asked) == {"0_hill", "1_meadow"}
    asked.clear()
    assert main(command(bench, out, *options)) == 0
    assert set(asked) == {"2_cloud"}
    document = json.loads((out / "scores.json").read_text(encoding="utf-8"))
    assert len(document["rows"]) == 6
    assert [group["title"] for group in document["groups"]] == ["cloud", "hill", "meadow"]
    assert (out / "sheet-1.png").exists()
    asked.clear()
    assert main(command(bench, out, *options, "--seed", "3")) == 0
    assert len(asked) == 6


def test_fid_cannot_be_resumed(
    bench: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--engine", "harmonic", "--resume", "--fid", str(tmp_path / "none.pth"))
    assert main(command(bench, tmp_path / "out", *options)) == 2
    assert "cannot be resumed" in capsys.readouterr().err
