"""Another network's first look at wide holes: named in the manifest, and nothing without it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_network import Ship

import weights
from inpaint_core.contract.errors import UnknownEngine, WeightsUnavailable
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest, InpaintResult
from inpaint_core.contract.specs import FirstLook, GeneratorPass
from inpaint_core.engine.engine import Engine
from inpaint_core.engine.tile_plan import plan_tiles
from inpaint_core.generators.registry import generator
from inpaint_core.inspection.capture import look_inside
from inpaint_core.networks.store.manifest import read_manifest

SIDE, HOLE = 480, 200
LOOK: Mapping[str, Any] = {"engine": "tsgl:layout", "side": 128, "over": 100}


def request() -> InpaintRequest:
    rng = np.random.default_rng(0)
    image = rng.integers(60, 200, (SIDE, SIDE, 3)).astype(np.uint8)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[140 : 140 + HOLE, 140 : 140 + HOLE] = 255
    return InpaintRequest(image, mask, options=FillOptions(engine="tsgl", feather=0.0))


def put(folder: Path, look: Mapping[str, Any] | None, layout: str | None) -> None:
    """Change the manifest: the first look of “base”, and “base-layout” with the tiny network's own
    configuration but other weights.
    """
    rows = json.loads((folder / "manifest.json").read_text("utf-8"))["weights"]
    base = next(row for row in rows if row["id"] == "base")
    base["first_look"] = look
    rows = [row for row in rows if row["id"] != "base-layout"]
    if layout is not None:
        rows.append({**base, "id": "base-layout", "file": layout, "first_look": None})
    (folder / "manifest.json").write_text(json.dumps({"weights": rows}), "utf-8")


def fill(asked: InpaintRequest, passes: list[GeneratorPass] | None = None) -> InpaintResult:
    @contextmanager
    def watch(made: GeneratorPass) -> Iterator[None]:
        if passes is not None:
            passes.append(made)
        yield

    return Engine(native=False).inpaint(asked, Progress(), watch=watch)


def test_the_first_look_is_the_other_network_and_all_else_is_not(
    ship: Ship, tiny_files: Mapping[str, Path]
) -> None:
    folder, asked = ship(), request()
    before: list[GeneratorPass] = []
    alone = fill(asked, before)
    assert [made.size[0] for made in before] == [256, 480]

    put(folder, LOOK, str(tiny_files["base"]))
    passes: list[GeneratorPass] = []
    other = fill(asked, passes)
    assert [made.spec.id for made in passes] == ["tsgl:layout", "tsgl", "tsgl"]
    assert [made.size[0] for made in passes] == [128, 248, 480]
    assert passes[0].net is not passes[1].net is passes[2].net
    assert passes[0].view.guide is None
    assert passes[1].view.guide is not None
    assert other.plan[0]["first_look"] == "tsgl:layout"
    assert other.weights_sha256 == alone.weights_sha256
    assert not np.array_equal(alone.pixels, other.pixels)
    np.testing.assert_array_equal(fill(asked).pixels, other.pixels)


@pytest.mark.parametrize(
    ("look", "layout"),
    [(None, True), ({**LOOK, "over": 250}, True), ({**LOOK, "side": 500}, True), (LOOK, False)],
)
def test_without_a_first_look_nothing_changes(
    ship: Ship, tiny_files: Mapping[str, Path], look: Mapping[str, Any] | None, layout: bool
) -> None:
    """None is named, the hole is too narrow, the view is as small, or the weights are not there:
    only then is it said.
    """
    folder, asked = ship(), request()
    wanted = fill(asked)
    put(folder, look, str(tiny_files["base"]) if layout else None)
    found = fill(asked)
    np.testing.assert_array_equal(found.pixels, wanted.pixels)
    assert found.plan == wanted.plan
    said = [note.key for note in found.notes if note not in wanted.notes]
    assert said == ([] if layout else ["weights.unknown"])


def test_maps_of_both_networks_are_told_apart(ship: Ship, tiny_files: Mapping[str, Path]) -> None:
    put(ship(), LOOK, str(tiny_files["base"]))
    seen = look_inside(request(), Engine(native=False), taps=["texture-2", "first-texture-2"])
    assert [tap.name for tap in seen.taps] == ["first-texture-2", "texture-2"]
    (first,), (own,) = seen.find_captures("first-texture-2"), seen.find_captures("texture-2")
    assert first[0].place.width == 128
    assert own[0].place.width == 480


def test_a_plan_keeps_the_first_look_after_out_of_memory(
    ship: Ship, tiny_files: Mapping[str, Path]
) -> None:
    put(ship(), LOOK, str(tiny_files["base"]))
    spec = generator("tsgl")
    assert spec.first_look == FirstLook("tsgl:layout", 128, 100.0)
    plan = plan_tiles(spec, request().mask > 0)
    assert plan is not None
    smaller = plan.refine()
    assert smaller.side < plan.side
    assert smaller.first_look == plan.first_look == "tsgl:layout"
    assert smaller.levels[0].width == plan.levels[0].width == 128
    assert len(smaller.levels[0].tiles) == 1


def test_the_manifest_says_it_and_only_so(ship: Ship, tiny_files: Mapping[str, Path]) -> None:
    folder = ship()
    put(folder, LOOK, str(tiny_files["base"]))
    entry = read_manifest()["base"]
    assert entry.plain()["first_look"] == LOOK
    for wrong in ({"engine": "tsgl:layout"}, {**LOOK, "side": "128"}, {**LOOK, "over": -1},
                  {**LOOK, "more": 1}, ["tsgl:layout"]):  # fmt: skip
        put(folder, wrong, None)  # type: ignore[arg-type]
        with pytest.raises(WeightsUnavailable):
            read_manifest()
    put(folder, {**LOOK, "engine": "nothing"}, None)
    with pytest.raises(UnknownEngine):
        fill(request())


def test_what_ships_names_no_first_look_that_is_not_there() -> None:
    shipped = read_manifest(weights.FOLDER)
    for entry in shipped.values():
        if entry.first_look is not None:
            assert generator(entry.first_look.engine).weights in shipped
