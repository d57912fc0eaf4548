"""“auto”: its choice follows the measurements in the manifest, and a note says so."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_network import Ship

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest, View
from inpaint_core.contract.specs import EngineChoice
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.auto import (
    WORTH,
    choose_engine,
    classify_hole,
    list_candidates,
    measure_depth,
    measure_worth,
)
from inpaint_core.networks.store.manifest import DepthGain

ROOT = Path(__file__).parents[2]


def view(kind: str) -> View:
    """Noise with a hole; "crossing" has an edge through it, "arriving" one that ends at it, "wide"
    a hole of most of it.
    """
    rng = np.random.default_rng(2)
    image = 0.4 + 0.005 * rng.random((96, 128, 3), np.float32)
    if kind == "crossing":
        image[50:] += 0.4
    if kind == "arriving":
        image[50:, :60] += 0.4
    hole = np.zeros((96, 128), bool)
    hole[(slice(10, 86) if kind == "wide" else slice(36, 62)), 45:80] = True
    edges = None
    if kind == "drawn":
        edges = np.zeros_like(hole)
        edges[50, 45:80] = True
    return View(np.where(hole[..., None], np.float32(0), image), hole, ~hole, edges=edges)


def choose(seen: View) -> EngineChoice:
    return choose_engine(seen, seen.hole, Progress())


KINDS = ("drawn", "crossing", "arriving", "wide", "plain")


@pytest.mark.parametrize("kind", KINDS)
def test_the_measurement_decides(kind: str, ship: Ship) -> None:
    seen = view(kind)
    assert classify_hole(seen, seen.hole, Progress()) == kind
    ship(*set(KINDS) - {kind})
    assert choose(seen).engine == "exemplar"
    ship(kind, "something that a later version knows")
    choice = choose(seen)
    assert (choice.engine, choice.otherwise) == ("tsgl", "exemplar")
    assert choice.reason.key == f"engine.{kind}_network"


def test_depth_is_how_far_the_known_is_away(ship: Ship) -> None:
    hole = np.zeros((96, 128), bool)
    hole[20:41, 30:100] = True
    assert measure_depth(hole) == pytest.approx(11, abs=0.5)
    assert measure_depth(np.repeat(np.repeat(hole, 10, 0), 10, 1)) == pytest.approx(
        105 * 0.4, abs=0.8
    )
    hole[:41] = True  # up to the border of the view
    assert measure_depth(hole) == pytest.approx(21, abs=0.8)
    seen = view("plain")
    ship("plain", deep=measure_depth(seen.hole) + 0.1)
    assert choose(seen).engine == "tsgl"
    ship("plain", deep=measure_depth(seen.hole) - 0.1)
    choice = choose(seen)
    assert choice.engine == "exemplar"
    assert choice.reason.key.endswith("_too_deep")


def test_a_gain_that_is_not_worth_its_time_is_left(ship: Ship) -> None:
    seen = view("plain")
    depth = measure_depth(seen.hole)
    for features, ssim, up_to, engine in (
        (2.1 * WORTH, 0.0, depth + 1, "tsgl"),
        (1.9 * WORTH, 0.0, depth + 1, "exemplar"),
        (9.0 * WORTH, -0.001, depth + 1, "exemplar"),
        (1.9 * WORTH, 0.0, depth - 1, "tsgl"),  # that row is of thinner holes
    ):
        gain = DepthGain("plain", up_to, holes=20, features=features, ssim=ssim, seconds=2.0)
        ship("plain", gains=(replace(gain, up_to=2.0, features=-1.0), gain))
        choice = choose(seen)
        assert choice.engine == engine
        assert choice.reason.key == (
            "engine.plain_network" if engine == "tsgl" else "engine.hole_too_small"
        )
    ship("plain", gains=(replace(gain, situation="crossing", up_to=depth + 1, features=-1.0),))
    assert choose(seen).engine == "tsgl"


@pytest.mark.parametrize(
    ("features", "ssim", "seconds", "engine"),
    [
        (0.20, 0.01, 1.0, "pconv"),
        (0.20, 0.01, 5.0, "tsgl"),  # a little better, for a time that is worth more
        (0.20, -0.01, 1.0, "tsgl"),
        (0.05, 0.01, 1.0, "tsgl"),
        (None, 0.0, 0.0, "tsgl"),  # not measured
    ],
)
def test_of_several_networks_the_one_that_gains_most_for_its_time_is_used(
    ship: Ship, features: float | None, ssim: float, seconds: float, engine: str
) -> None:
    folder = ship("plain", gains=(DepthGain("plain", 1000.0, 20, 0.15, 0.01, 1.0),))
    rows = json.loads((folder / "manifest.json").read_text("utf-8"))
    other = next(row for row in rows["weights"] if row["id"] == "pconv")
    if features is not None:
        gain = DepthGain("plain", 1000.0, 20, features, ssim, seconds)
        other |= {"better_for": {"plain": 1000.0}, "gains": [asdict(gain)]}
        assert list_candidates() == ("exemplar", "tsgl")
    (folder / "manifest.json").write_text(json.dumps(rows), "utf-8")
    assert choose(view("plain")).engine == engine
    assert list_candidates() == ("exemplar", "tsgl", *["pconv"] * (features is not None))
    other |= {"better_up_to": 100}  # smaller than this view
    (folder / "manifest.json").write_text(json.dumps(rows), "utf-8")
    assert choose(view("plain")).engine == "tsgl"


def test_holes_deeper_than_the_table_gain_as_the_deepest_in_it() -> None:
    rows = [DepthGain("wide", 8.0, 9, -0.2, 0.1, 0.0), DepthGain("wide", 16.0, 9, 0.2, 0.1, 1.0)]
    found = [measure_worth(rows, "wide", depth) for depth in (8, 9, 99)]
    assert found == [-math.inf, pytest.approx(0.2 - WORTH), pytest.approx(0.2 - WORTH)]
    assert measure_worth(rows[:1], "wide", 99) == measure_worth(rows, "plain", 9) == 0


def test_only_the_hole_that_is_meant_counts(ship: Ship) -> None:
    ship("plain", "wide")
    image = 0.4 + 0.005 * np.random.default_rng(2).random((200, 200, 3), np.float32)
    image[60:, 80:] += 0.4
    spot, large = np.zeros((2, 200, 200), bool)
    spot[20:32, 20:32] = True
    large[40:180, 60:190] = True
    hole = spot | large
    seen = View(np.where(hole[..., None], np.float32(0), image), hole, ~hole)
    assert classify_hole(seen, large, Progress()) in ("wide", "arriving", "crossing")
    assert classify_hole(seen, spot, Progress()) == "plain"
    assert measure_depth(spot) == pytest.approx(6, abs=0.5)


def test_a_spot_beside_a_large_hole_is_filled_without_the_network(
    ship: Ship, photo: NDArray[np.uint8]
) -> None:
    ship("crossing", "arriving", "wide", "plain")
    wide = np.ascontiguousarray(np.tile(photo, (2, 6, 1)))
    mask = np.zeros(wide.shape[:2], np.uint8)
    mask[20:90, 20:90] = 255
    alone = np.zeros_like(mask)
    alone[60:70, 380:390] = 255
    engine, options = Engine(), FillOptions(device="cpu", feather=0.0)
    both = engine.inpaint(InpaintRequest(wide, mask | alone, options), Progress())
    assert [step["engine"] for step in both.plan] == ["exemplar", "tsgl"]
    assert "engine.hole_too_small" in {note.key for note in both.notes}
    assert both.plan[0]["holes"] == 1


def test_larger_holes_than_measured_get_exemplar_synthesis(ship: Ship) -> None:
    folder = ship("plain")
    rows = json.loads((folder / "manifest.json").read_text("utf-8"))
    for longest, engine in ((128, "tsgl"), (127, "exemplar")):
        rows["weights"][0]["better_up_to"] = longest
        (folder / "manifest.json").write_text(json.dumps(rows), "utf-8")
        choice = choose(view("plain"))
        assert choice.engine == engine
    assert choice.reason.key == "engine.hole_too_large"


def test_without_measured_gain_or_without_weights_it_is_exemplar_synthesis(ship: Ship) -> None:
    ship()
    plain = choose(view("crossing"))
    folder = ship("crossing", file="none.safetensors")
    assert choose(view("crossing")) == plain
    (folder / "manifest.json").unlink()
    assert choose(view("crossing")) == plain
    assert (plain.engine, plain.reason.key) == ("exemplar", "engine.exemplar_alone")


@pytest.fixture
def request_(photo: NDArray[np.uint8], mask: NDArray[np.uint8]) -> InpaintRequest:
    return InpaintRequest(photo, mask, FillOptions(device="cpu", seed=3))


@pytest.mark.parametrize("better_for", [(), ("plain", "wide", "crossing", "arriving")])
def test_it_is_the_engine_that_it_chose(
    request_: InpaintRequest, ship: Ship, better_for: tuple[str, ...]
) -> None:
    ship(*better_for)
    engine = Engine()
    result = engine.inpaint(request_, Progress())
    chosen = {step["engine"] for step in result.plan}
    assert chosen == {"tsgl" if better_for else "exemplar"}
    own = engine.inpaint(request_.with_options(engine=chosen.pop()), Progress())
    np.testing.assert_array_equal(result.pixels, own.pixels)
    assert result.weights_sha256 == own.weights_sha256
    assert (result.weights_sha256 is None) == (not better_for)
    assert any("xemplar" in str(note) or "network" in str(note) for note in result.notes)


def test_damaged_weights_are_told_and_another_engine_fills(
    request_: InpaintRequest, ship: Ship, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"no weights")
    ship("plain", "wide", "crossing", "arriving", file=str(broken))
    engine = Engine()
    result = engine.inpaint(request_, Progress())
    assert [step["engine"] for step in result.plan] == ["exemplar"]
    assert any("broken.safetensors" in str(note) for note in result.notes)
    assert result.weights_sha256 is None
    with pytest.raises(WeightsUnavailable, match=r"broken\.safetensors"):
        engine.inpaint(request_.with_options(engine="tsgl"), Progress())
    assert not engine.inpaint(request_, Progress()).rect.is_empty


FILL = """
import sys
import numpy as np
import weights
from pathlib import Path
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.contract.progress import Progress

weights.FOLDER = Path(sys.argv[1])
image = np.random.default_rng(0).integers(90, 110, (90, 90, 3)).astype(np.uint8)
mask = np.zeros((90, 90), np.uint8)
mask[30:50, 30:50] = 255
print(*Engine().inpaint(InpaintRequest(image, mask), Progress()).notes, "torch" in sys.modules)
"""


def test_exemplar_synthesis_is_chosen_without_torch(ship: Ship) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(ship("crossing"))],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    said = "No straight lines cross the hole, so exemplar synthesis alone was used. False"
    assert done.stdout.strip() == said
