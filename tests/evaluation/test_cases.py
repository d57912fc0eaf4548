from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from inpaint_core.contract.errors import BadRequest, FileUnreadable, InpaintError, UnknownEngine
from inpaint_core.lab.evaluation.cases import find_cases, load_sample, to_eight_bit
from inpaint_core.lab.evaluation.photo_scoring import find_candidates, score_photo


def test_photos_and_masks_are_matched_by_stem(bench: Any) -> None:
    Image.new("RGB", (8, 8)).save(bench.photos / "lonely.jpg")
    (bench.photos / "notes.txt").write_text("no picture")
    found = find_cases(bench.photos, bench.masks)
    assert [case.name for case in found] == ["0_hill", "1_meadow", "2_cloud"]


def test_only_and_limit_choose(bench: Any) -> None:
    even = find_cases(bench.photos, bench.masks, only=["[02468]_*"])
    assert [case.name for case in even] == ["0_hill", "2_cloud"]
    ends = find_cases(bench.photos, bench.masks, limit=2)
    assert [case.name for case in ends] == ["0_hill", "2_cloud"]
    assert len(find_cases(bench.photos, bench.masks, limit=50)) == 3


def test_no_match_is_said_with_a_hint(bench: Any, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(BadRequest, match="has a mask") as caught:
        find_cases(bench.photos, tmp_path / "other")
    assert "before the dot" in str(caught.value.hint)
    with pytest.raises(BadRequest, match="No photo matches x"):
        find_cases(bench.photos, bench.masks, only=["x*"])


def test_a_missing_folder_and_a_doubled_stem_are_said(bench: Any, tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="not a folder"):
        find_cases(tmp_path / "nowhere", bench.masks)
    Image.new("RGB", (8, 8)).save(bench.photos / "0_hill.jpg")
    with pytest.raises(BadRequest, match="same stem"):
        find_cases(bench.photos, bench.masks)


def test_load_gives_truth_and_hole(bench: Any) -> None:
    case = find_cases(bench.photos, bench.masks)[0]
    sample = load_sample(case)
    np.testing.assert_array_equal(sample.truth, bench.truth(case.name))
    np.testing.assert_array_equal(sample.hole, bench.hole(case.name))


@pytest.mark.parametrize(("value", "word"), [(0, "nothing"), (255, "everything")])
def test_masks_without_known_or_hole_pixels_are_refused(bench: Any, value: int, word: str) -> None:
    case = find_cases(bench.photos, bench.masks)[0]
    height, width = bench.hole(case.name).shape
    Image.new("L", (width, height), value).save(case.mask)
    with pytest.raises(InpaintError, match=word):
        load_sample(case)


def test_eight_bit_rounds_to_nearest() -> None:
    deep = np.array([[[0, 128, 129], [257, 65535, 65406]]], np.uint16)
    assert to_eight_bit(deep).tolist() == [[[0, 0, 1], [1, 255, 254]]]
    same = np.zeros((1, 1, 3), np.uint8)
    assert to_eight_bit(same) is same


def test_candidates_are_peers_then_engines(bench: Any) -> None:
    found = find_candidates(["harmonic"], [bench.peers])
    assert [candidate.name for candidate in found] == ["copy", "grey", "harmonic"]


def test_nobody_unknown_double_and_empty_are_refused(bench: Any, tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="nothing to score"):
        find_candidates([], [])
    with pytest.raises(UnknownEngine, match="nonsense"):
        find_candidates(["nonsense"], [])
    with pytest.raises(BadRequest, match="share a name: harmonic"):
        find_candidates(["harmonic", "harmonic"], [])
    with pytest.raises(BadRequest, match="no sub-folder with pictures"):
        find_candidates([], [bench.peers / "copy"])
    with pytest.raises(FileUnreadable, match="not a folder"):
        find_candidates([], [tmp_path / "nowhere"])


def test_trial_scores_texture_above_grey(bench: Any) -> None:
    case = find_cases(bench.photos, bench.masks)[1]
    result = score_photo(case, find_candidates([], [bench.peers]))
    scores = {row.candidate: row.scores for row in result.rows}
    copy, grey = scores["copy"], scores["grey"]
    assert copy is not None
    assert grey is not None
    assert copy.patches < grey.patches
    assert grey.sharpness < 0.5
    sample = result.sample
    assert sample is not None
    known = ~sample.hole
    np.testing.assert_array_equal(result.composites["copy"][known], sample.truth[known])


def test_engines_and_finished_fills_go_through_one_protocol(bench: Any, tmp_path: Path) -> None:
    case = find_cases(bench.photos, bench.masks)[0]
    own = score_photo(case, find_candidates(["harmonic"], []))
    bench.put("again", case.name, own.composites["harmonic"])
    shutil.move(bench.peers / "again", tmp_path / "more" / "again")
    finished = score_photo(case, find_candidates([], [tmp_path / "more"]))
    assert finished.rows[0].scores == own.rows[0].scores
    assert finished.rows[0].seconds is None
    assert own.rows[0].seconds is not None


def test_a_failure_is_a_row_and_the_rest_goes_on(bench: Any) -> None:
    case = find_cases(bench.photos, bench.masks)[0]
    (bench.peers / "copy" / f"{case.name}.png").unlink()
    result = score_photo(case, find_candidates([], [bench.peers]))
    missing, present = result.rows
    assert missing.scores is None
    assert "no fill for" in str(missing.error)
    assert present.scores is not None


def test_fills_of_another_size_or_with_gaps_are_refused(bench: Any) -> None:
    case = find_cases(bench.photos, bench.masks)[0]
    Image.new("RGB", (10, 10)).save(bench.peers / "copy" / f"{case.name}.png")
    bench.put("grey", case.name, bench.truth(case.name), opaque=False)
    small, hollow = score_photo(case, find_candidates([], [bench.peers])).rows
    assert "not 134x89 pixels" in str(small.error)
    assert "transparent inside the hole" in str(hollow.error)


def test_an_unreadable_photo_fails_for_everybody(bench: Any) -> None:
    case = find_cases(bench.photos, bench.masks)[0]
    case.photo.write_bytes(case.photo.read_bytes()[:200])
    result = score_photo(case, find_candidates([], [bench.peers]))
    assert result.sample is None
    assert all(row.error for row in result.rows)
