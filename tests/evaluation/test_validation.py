"""On real photos, where there are some: LACUNA_DATA names a folder with ``val/photos``,
``val/masks`` and ``val/peers``, and perhaps ``weights/squeezenet1_1_features_torch.pth``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inpaint_core.lab.evaluation.cases import find_cases, load_sample
from inpaint_core.lab.evaluation.edge_metrics import seam
from inpaint_core.lab.evaluation.perceptual.feature_distance import FeatureDistance
from inpaint_core.lab.evaluation.photo_scoring import find_candidates, score_photo
from inpaint_core.lab.evaluation.score_table import summarise

DATA = Path(os.environ.get("LACUNA_DATA", ""))
pytestmark = pytest.mark.skipif(
    "LACUNA_DATA" not in os.environ, reason="LACUNA_DATA names no folder of validation photos"
)


def test_seams_of_known_programs() -> None:
    cases = find_cases(DATA / "val/photos", DATA / "val/masks", only=["*[02468]_*"])
    runners = find_candidates(["harmonic"], [DATA / "val/peers"])
    rows = [row for case in cases for row in score_photo(case, runners).rows]
    seams = {s.candidate: s.scores.seam for s in summarise(rows) if s.scores is not None}
    assert seams["resynthesizer"] == pytest.approx(1.07, abs=0.05)
    assert seams["prototype"] == pytest.approx(1.6, abs=0.1)
    assert seams["harmonic"] == pytest.approx(0.75, abs=0.1)


def test_seam_of_the_truth() -> None:
    samples = [load_sample(case) for case in find_cases(DATA / "val/photos", DATA / "val/masks")]
    mean = sum(seam(s.truth, s.hole) for s in samples) / len(samples)
    assert mean == pytest.approx(1.0, abs=0.05)


def test_feature_distance_ranks_texture_before_blur() -> None:
    weights = DATA / "weights/squeezenet1_1_features_torch.pth"
    if not weights.is_file():
        pytest.skip("there are no SqueezeNet weights")
    cases = find_cases(DATA / "val/photos", DATA / "val/masks", only=["*[02468]_*"], limit=8)
    runners = find_candidates(["harmonic"], [DATA / "val/peers"])
    features = FeatureDistance(weights)
    rows = [row for case in cases for row in score_photo(case, runners, features).rows]
    found = {s.candidate: s.scores.features for s in summarise(rows) if s.scores is not None}
    blur, copied = found["harmonic"], found["resynthesizer"]
    assert blur is not None
    assert copied is not None
    assert copied < blur
