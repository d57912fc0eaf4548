from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.Image import fromarray as from_array

from inpaint_core.cli import main
from inpaint_core.contract.progress import Cancelled
from inpaint_core.lab.evaluation import photo_scoring as candidates
from inpaint_core.lab.evaluation.scenes.rendered_cases import render_case


def command(bench: Any, out: Path, *more: str) -> list[str]:
    places = ["--photos", str(bench.photos), "--masks", str(bench.masks), "--out-dir", str(out)]
    return ["evaluate", *places, *more]


def test_table_files_and_sheet(
    bench: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "deep" / "out"
    both = ("--engine", "harmonic", "--peers", str(bench.peers), "--keep-fills")
    assert main(command(bench, out, *both)) == 0
    text = capsys.readouterr().out
    assert "Mean of 3 photos" in text
    assert "0_hill" in text
    document = json.loads((out / "scores.json").read_text(encoding="utf-8"))
    means = {row["candidate"]: row for row in document["means"]}
    assert list(means) == ["copy", "grey", "harmonic"]
    assert means["copy"]["patches"] < means["grey"]["patches"]
    assert len(document["rows"]) == 9
    assert len((out / "scores.csv").read_text(encoding="utf-8").splitlines()) == 10
    assert "Mean of 3 photos" in (out / "table.txt").read_text(encoding="utf-8")
    with Image.open(out / "sheet-1.png") as sheet:
        assert sheet.width > 5 * 120
    kept = np.asarray(Image.open(out / "fills" / "harmonic" / "0_hill.png"))
    np.testing.assert_array_equal(kept[..., 3] == 255, bench.hole("0_hill"))


def test_kept_fills_are_peers_of_a_later_run(bench: Any, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert main(command(bench, first, "--engine", "harmonic", "--keep-fills", "--quiet")) == 0
    assert main(command(bench, second, "--peers", str(first / "fills"), "--quiet")) == 0
    one, two = (
        json.loads((folder / "scores.json").read_text(encoding="utf-8"))["means"][0]
        for folder in (first, second)
    )
    for held in (one, two):
        del held["seconds"], held["processor"]
    assert one == two


def test_a_failure_counts_and_is_told(
    bench: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (bench.peers / "copy" / "2_cloud.png").unlink()
    out = tmp_path / "out"
    options = ("--peers", str(bench.peers), "--quiet", "--no-sheet")
    assert main(command(bench, out, *options)) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "2_cloud, copy:" in told.err
    assert "Mean of 2 of 3 photos" in (out / "table.txt").read_text(encoding="utf-8")
    assert not list(out.glob("sheet-*"))


def test_pages_of_a_longer_run_are_taken_away(bench: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "sheet-2.png").write_bytes(b"old")
    assert main(command(bench, out, "--peers", str(bench.peers), "--brief")) == 0
    assert [path.name for path in out.glob("sheet-*")] == ["sheet-1.png"]


def test_bad_input_gets_two_lines_and_code_2(
    bench: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    bench_without = ["--photos", str(bench.photos), "--masks", str(tmp_path / "empty")]
    assert main(["evaluate", *bench_without, "--engine", "harmonic"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("hint: ")
    missing = str(tmp_path / "nothing.pth")
    options = ("--engine", "harmonic", "--features", missing)
    assert main(command(bench, tmp_path / "out", *options)) == 2
    assert not (tmp_path / "out").exists()


def test_a_stopped_run_keeps_what_it_has(
    bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = candidates.FolderCandidate.fill

    def stop_at_last(self: candidates.FolderCandidate, case: Any, *rest: Any) -> Any:
        if case.name == "2_cloud":
            raise Cancelled
        return whole(self, case, *rest)

    monkeypatch.setattr(candidates.FolderCandidate, "fill", stop_at_last)
    out = tmp_path / "out"
    assert main(command(bench, out, "--peers", str(bench.peers), "--brief")) == 130
    assert "Stopped after 2 of 3 photos" in capsys.readouterr().err
    document = json.loads((out / "scores.json").read_text(encoding="utf-8"))
    assert {row["photo"] for row in document["rows"]} == {"0_hill", "1_meadow"}


def test_rendered_scenes_stand_for_photos(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    stale = out / "scenes" / "photos" / "007_kerb.png"
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"of a longer run")
    options = ["--engine", "harmonic", "--out-dir", str(out), "--no-sheet"]
    assert main(["evaluate", "--scenes", "2", *options]) == 0
    assert "Mean of 2 photos" in capsys.readouterr().out
    for kind in ("photos", "masks"):
        names = sorted(path.name for path in (out / "scenes" / kind).iterdir())
        assert names == ["000_horizon.png", "001_kerb.png"]
    document = json.loads((out / "scores.json").read_text(encoding="utf-8"))
    assert document["settings"]["scenes"] == 2
    assert document["settings"]["photos"] is None
    assert [0 < row["edges"] <= 1 for row in document["rows"]] == [True, True]


def test_photos_with_much_structure_get_holes_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    options = ["--engine", "harmonic", "--out-dir", str(out), "--no-sheet", "--limit", "2"]
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in (0, 4, 11):
        name, sample = render_case(number)
        from_array(sample.truth).save(photos / f"{name}.png")
    assert main(["evaluate", "--structure", str(photos), *options]) == 0
    assert "broken lines" in capsys.readouterr().out
    document = json.loads((out / "scores.json").read_text(encoding="utf-8"))
    assert document["settings"]["structure"] == str(photos)
    assert len(document["rows"]) == 2
    assert all(row["broken"] >= 0 for row in document["rows"])
    names = sorted(path.name for path in (out / "structure" / "masks").iterdir())
    assert [name[:4] for name in names] == ["000_", "001_"]


def test_photos_and_scenes_exclude_each_other(
    bench: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = ["--engine", "harmonic", "--out-dir", str(tmp_path / "out")]
    photos, masks = ["--photos", str(bench.photos)], ["--masks", str(bench.masks)]
    for wrong in ([], photos, masks, [*photos, *masks, "--scenes", "3"], [*masks, "--scenes", "3"]):
        assert main(["evaluate", *wrong, *engine]) == 2
        assert "--small alone" in capsys.readouterr().err
