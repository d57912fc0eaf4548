"""What is measured of a network, and written where “auto” and its engine go by it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL.Image import fromarray as from_array
from test_table import ROWS

from inpaint_core.cli.entry import main
from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import SHOWN, UNTESTED, Fill, View
from inpaint_core.contract.specs import GeneratorSpec, SizeRule
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.auto import list_candidates
from inpaint_core.generators.registry import generator
from inpaint_core.lab.evaluation.cases import Case, Sample
from inpaint_core.lab.evaluation.gain_table import find_better
from inpaint_core.lab.evaluation.native_stage.detail_bands import (
    compare_details,
    find_slopes,
    measure_shown,
)
from inpaint_core.lab.evaluation.native_stage.guide_ways import choose_way, list_ways
from inpaint_core.lab.evaluation.photo_groups import group_by_depth, name_depth
from inpaint_core.lab.evaluation.photo_scoring import EngineCandidate, ScoreRow, score_sample
from inpaint_core.lab.evaluation.pixel_metrics import Composite
from inpaint_core.lab.evaluation.weights_measurement import MeasuredWays, measure_longest
from inpaint_core.networks.blocks.convolution_weights import fold
from inpaint_core.networks.registry import find_network
from inpaint_core.networks.store import user_weights
from inpaint_core.networks.store.entries import find_entry
from inpaint_core.networks.store.weights_file import save_weights


@pytest.fixture
def samples() -> list[Sample]:
    """A roof that bends inside the hole, which no texture tells, each with other grain."""
    y, x = np.mgrid[:80, :120]
    bend = 35 + 12 * np.cos((x - 60) / 8) * (np.abs(x - 60) < 24)
    roof = np.where((y < bend)[..., None], (90, 120, 190), (150, 120, 90)).astype(np.float32)
    hole = np.zeros((80, 120), bool)
    hole[19:55, 43:77] = True
    found = []
    for seed in range(6):
        grain = np.random.default_rng(seed).normal(0, 12, (80, 120, 1))
        photo = cv2.GaussianBlur((roof + grain).astype(np.float32), (0, 0), 0.7)
        found.append(Sample(np.clip(photo, 0, 255).astype(np.uint8), hole))
    return found


def stand_in(samples: list[Sample], contrast: float = 1.0, side: int = 60) -> GeneratorSpec:
    """Shows the photo that it sees, at no more than ``side`` pixels and with weaker details."""

    def run(net: Any, view: View, progress: Progress) -> Fill:
        size = view.hole.shape[::-1]
        small = [
            cv2.resize(each.truth, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
            for each in samples
        ]
        away = [np.abs(each - view.image)[~view.hole].sum() for each in small]
        seen = small[int(np.argmin(away))]
        base = cv2.GaussianBlur(seen, (0, 0), min(size) / 8)
        return Fill(np.asarray(base + contrast * (seen - base), np.float32))

    return GeneratorSpec(
        "truth", "Truth", "Shows the photo.", run, size=SizeRule(side), native_stage=True, trust=0.3
    )


Metric = Callable[[Composite, Composite, BoolMask], float]


def count_levels(truth: Composite, filled: Composite, hole: BoolMask) -> float:
    """Stands in for the feature distance, whose weights no test has."""
    return float(np.abs(truth[hole].astype(np.float32) - filled[hole]).mean()) / 10


def measured(
    spec: GeneratorSpec, samples: list[Sample], features: Metric | None = None
) -> tuple[str, dict[str, Any]]:
    ways = MeasuredWays(spec, samples, Progress(), has_features=features is not None)
    candidates = [EngineCandidate("exemplar", "exemplar", Engine()), *ways.candidates]
    rows: list[ScoreRow] = []
    for number, sample in enumerate(samples):
        case = Case(str(number), Path(), Path())
        found = score_sample(case, sample, candidates, features).rows
        group = group_by_depth(case, sample, Progress())
        rows += [replace(row, group=group) for row in found]
    return ways.find_better(rows, measure_longest(samples))


def test_a_network_that_shows_the_truth_is_kept_and_used(samples: list[Sample]) -> None:
    name, better = measured(stand_in(samples), samples)
    assert name == "truth kept"
    assert better["trust"] == 1
    assert min(better["shown"][:3]) > 0.8
    assert better["better_up_to"] == 120
    (gain,) = better["gains"]
    assert gain.holes == 6
    assert gain.features > 0.2
    assert better["better_for"] == {gain.situation: gain.up_to}


def show_grey(view: View) -> Fill:
    return Fill(np.full_like(view.image, 0.9))


def show_mean(view: View) -> Fill:
    return Fill(np.full_like(view.image, view.image[~view.hole].mean(axis=0)))


@pytest.mark.parametrize("features", [None, count_levels], ids=["without features", "features"])
@pytest.mark.parametrize("show", [show_grey, show_mean])
def test_a_network_that_shows_grey_is_neither_kept_nor_used(
    samples: list[Sample], show: Callable[[View], Fill], features: Metric | None
) -> None:
    grey = replace(stand_in(samples), run=lambda net, view, progress: show(view))
    name, better = measured(grey, samples, features)
    assert name == "truth"
    assert better["trust"] < 1
    assert better["worst_ratio"] < UNTESTED
    assert max(better["shown"]) < 0.4
    assert better["better_for"] == {}
    assert better["gains"] == ()


@pytest.mark.parametrize("features", [None, count_levels], ids=["without features", "features"])
def test_a_network_that_shows_a_blur_is_neither_kept_nor_used(
    samples: list[Sample], features: Metric | None
) -> None:
    """Even of the truth, which the figures like better than texture alone."""

    def run(net: Any, view: View, progress: Progress) -> Fill:
        seen = stand_in(samples).run(net, view, progress).image
        return Fill(np.asarray(cv2.GaussianBlur(seen, (0, 0), 4), np.float32))

    name, better = measured(replace(stand_in(samples), run=run), samples, features)
    assert name == "truth"
    assert better["shown"][1:] == (0.2, 0.2, 0.2)
    assert (better["better_for"], better["gains"]) == ({}, ())


def test_without_features_no_single_measure_makes_a_gain() -> None:
    """Six fills each, of which one score is far better and another a little worse."""
    plain = ROWS[0].scores
    assert plain is not None
    group = name_depth("plain", 0, 4)
    good = {"ssim_hole": 0.6, "edges": 0.2, "patches": 4.0}
    bad = {"ssim_hole": 0.49, "edges": 0.41, "patches": 6.1}

    def rows(candidate: str, **changes: float) -> list[ScoreRow]:
        scores = replace(plain, **changes)
        held = replace(ROWS[0], candidate=candidate, scores=scores, group=group, processor=0.1)
        return [replace(held, photo=str(number)) for number in range(6)]

    usual = [*rows("exemplar"), *rows("net")]
    deep, (gain,) = find_better([*usual[:6], *rows("net", **good)], "net")
    assert deep == {"plain": 4.0}
    assert gain.features > 0.5
    assert choose_way([*usual, *rows("kept", **good)], ("net", "kept")) == "kept"
    for name in good:
        changes = {**good, name: bad[name]}
        deep, (gain,) = find_better([*usual[:6], *rows("net", **changes)], "net")
        assert (deep, gain.features) == ({}, 0), name
        assert choose_way([*usual, *rows("kept", **changes)], ("net", "kept")) == "net"
    deep, (gain,) = find_better(usual, "net")  # the same fills: nothing is gained
    assert (deep, gain.features) == ({}, 0)


@pytest.mark.parametrize("contrast", [0.4, 0.7, 1.0])
def test_the_slope_of_details_is_found(samples: list[Sample], contrast: float) -> None:
    spec = replace(stand_in(samples, contrast), trust=1.0)
    shown = measure_shown(Engine(own=[spec]), "truth", samples[:4], Progress(), "cpu")
    assert len(shown) == len(SHOWN)
    assert shown[2] == pytest.approx(contrast, abs=0.15)


def test_octaves_that_no_hole_is_large_enough_for_stay_as_usual(samples: list[Sample]) -> None:
    truth = samples[0].truth.astype(np.float32)
    thin = np.zeros(truth.shape[:2], bool)
    thin[40:42, 10:110] = True
    assert find_slopes(compare_details(truth, truth, thin)) == SHOWN


def test_another_way_must_be_better_by_more_than_chance() -> None:
    plain = ROWS[0].scores
    assert plain is not None
    names = ("usual", "kept")

    def rows(*gains: float) -> list[ScoreRow]:
        return [
            replace(
                ROWS[0], photo=str(number), candidate=name,
                scores=replace(plain, features=3.0 - gain * (name == "kept")),
            )
            for number, gain in enumerate(gains)
            for name in names
        ]  # fmt: skip

    assert choose_way(rows(0.2, 0.3, 0.1), names) == "kept"
    assert choose_way(rows(0.9, -0.8, 0.1), names) == "usual"
    assert choose_way(rows(0.9), names) == "usual"
    assert choose_way(rows(-0.2, -0.3, -0.1), names) == "usual"


def test_the_ways_of_a_network_share_it() -> None:
    loaded: list[str] = []
    spec = replace(generator("harmonic"), build=lambda device, precision: loaded.append(device))
    ways = list_ways(spec, (0.5, 0.5, 0.5, 0.5), True)
    for way in ways.values():
        way.build("cpu", "auto")
    assert loaded == ["cpu"]
    assert next(iter(ways)) == "harmonic"
    assert len({(way.trust, way.worst_ratio) for way in ways.values()}) == len(ways) == 4
    tested = list_ways(spec, (0.5, 0.5, 0.5, 0.5), False)
    assert all(way.worst_ratio < UNTESTED for way in tested.values())
    assert len(tested) == 3


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only_base_ships: None) -> str:
    """Imported weights, of a network with random numbers."""
    monkeypatch.setattr(user_weights, "data_folder", lambda: tmp_path / "data")
    monkeypatch.delenv("LACUNA_WEIGHTS", raising=False)
    spec, config = find_network("dmfn", {"width": 8, "blocks": 1})
    net = spec.build(config)
    fold(net)
    path = tmp_path / "net.safetensors"
    save_weights(net, path, {"network": "dmfn", "configuration": json.dumps(asdict(config))})
    assert main(["weights", "import", str(path), "--name", "mine"]) == 0
    return "dmfn-mine"


def put(folder: Path, name: str, picture: NDArray[np.uint8]) -> None:
    folder.mkdir(exist_ok=True)
    from_array(picture).save(folder / f"{name}.png")


def test_an_evaluation_writes_it_into_the_entry(
    mine: str, samples: list[Sample], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path / "photos", "roof", samples[0].truth)
    put(tmp_path / "masks", "roof", np.where(samples[0].hole, 255, 0).astype(np.uint8))
    words = ["evaluate", "--photos", str(tmp_path / "photos"), "--masks", str(tmp_path / "masks")]
    words += ["--out-dir", str(tmp_path / "out"), "--no-sheet", "--brief", "--write-better"]
    assert main([*words, "--engine", "exemplar,dmfn:mine"]) == 2
    assert main([*words, "--engine", "dmfn:mine", "--by", "depth"]) == 2
    assert not (tmp_path / "out").exists()
    assert main([*words, "--engine", "exemplar,dmfn:mine", "--by", "depth"]) == 0
    said = capsys.readouterr().out
    assert "dmfn:mine kept" in said
    assert "“auto” does not use it" in said  # one hole says nothing
    entry = find_entry(mine)
    assert len(entry.shown) == len(SHOWN)
    assert 0 < entry.trust <= 1
    assert entry.better_up_to == 120
    assert "1 photo" in entry.measured
    written = json.loads((tmp_path / "out/better/dmfn-mine.json").read_text("utf-8"))
    assert written["shown"] == list(entry.shown)
    way = generator("dmfn:mine")
    assert (way.trust, way.shown, way.worst_ratio) == (entry.trust, entry.shown, entry.worst_ratio)
    row = entry.plain() | {"better_for": {"plain": 40.0}}
    (entry.folder / "entry.json").write_text(json.dumps(row), "utf-8")
    assert "dmfn" in list_candidates()
