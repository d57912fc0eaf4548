"""Edges drawn into the hole: how they reach generators, and that the fill obeys them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_network import Ship

from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.geometry import Segment
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import Fill, InpaintRequest, View
from inpaint_core.contract.specs import GeneratorSpec, SizeRule
from inpaint_core.engine.engine import Engine
from inpaint_core.networks.store.entries import find_entry
from inpaint_core.priors.registry import priors


def looking(seen: list[View], **more) -> GeneratorSpec:  # type: ignore[no-untyped-def]
    def run(net: None, view: View, progress: Progress) -> Fill:
        seen.append(view)
        return Fill(np.full_like(view.image, 0.25))

    return GeneratorSpec(id="own", title="Own", summary="", run=run, **more)


@pytest.fixture
def request_() -> InpaintRequest:
    image = np.zeros((900, 1200, 3), np.uint8)
    mask = np.zeros((900, 1200), np.uint8)
    mask[480:520, 700:760] = 255
    edges = np.zeros((900, 1200), bool)
    edges[499:504, 650:800] = True  # a stroke that is wide, and longer than the hole
    edges[100, 100] = True
    return InpaintRequest(image, mask, FillOptions(engine="own", edges=edges, feather=0.0))


def test_strokes_arrive_thin_in_the_crops_hole_as_edges_and_as_lines(  # type: ignore[no-untyped-def]
    request_: InpaintRequest, register
) -> None:
    seen: list[View] = []
    register(looking(seen))
    Engine().inpaint(request_, Progress())
    (view,) = seen
    assert view.edges is not None
    ys, xs = np.nonzero(view.hole)
    row = ys.min() + 501 - 480
    assert not (view.edges & ~view.hole).any()
    assert view.edges[row].sum() >= 50
    assert view.edges.sum() <= 64
    (line,) = view.lines
    assert abs(line.y0 - row) <= 1
    assert abs(line.y1 - row) <= 1
    assert sorted(round(x) for x in (line.x0, line.x1)) == pytest.approx(
        [xs.min(), xs.max()], abs=4
    )


def test_a_line_is_an_edge_too(request_: InpaintRequest, register) -> None:  # type: ignore[no-untyped-def]
    seen: list[View] = []
    register(looking(seen))
    line = Segment(0, 490, 1199, 490)
    Engine().inpaint(request_.with_options(edges=None, lines=(line,)), Progress())
    (view,) = seen
    assert view.edges is not None
    wanted = np.zeros_like(view.hole)
    wanted[np.nonzero(view.hole)[0].min() + 10] = True
    np.testing.assert_array_equal(view.edges, wanted & view.hole)
    Engine().inpaint(request_.with_options(edges=None), Progress())
    assert seen[-1].edges is None
    assert seen[-1].lines == ()


def test_edges_go_through_coarse_levels_and_tiles(request_: InpaintRequest, register) -> None:  # type: ignore[no-untyped-def]
    seen: list[View] = []
    register(looking(seen, size=SizeRule(64, 32)))
    wide = np.zeros_like(request_.mask)
    wide[400:600, 500:900] = 255
    edges = np.zeros(wide.shape, bool)
    edges[500, 500:900] = True
    Engine().inpaint(replace(request_, mask=wide).with_options(edges=edges), Progress())
    assert len(seen) > 4
    # The coarsest level sees all of it; every tile that has some of its row in its hole, that.
    first = seen[0]
    assert first.edges is not None
    columns = first.edges.any(axis=0)
    assert columns[first.hole.any(axis=0)].all()
    assert (first.edges.sum(axis=0) <= 2).all()
    shown = [view for view in seen if view.edges is not None and view.edges.any()]
    assert len(shown) > 2
    for view in shown:
        assert view.edges is not None
        assert not (view.edges & ~view.hole).any()


def test_edges_of_another_size_or_kind_are_refused(request_: InpaintRequest) -> None:
    assert request_.options.edges is not None
    for wrong in (request_.options.edges[1:], request_.options.edges.astype(np.uint8)):
        with pytest.raises(BadRequest, match="edges"):
            Engine().inpaint(request_.with_options(edges=wrong), Progress())  # type: ignore[arg-type]


def test_declared_priors_are_read_off_what_is_shown(  # type: ignore[no-untyped-def]
    photo: NDArray[np.uint8], mask: NDArray[np.uint8], register
) -> None:
    seen: list[View] = []
    register(looking(seen, priors=("canny", "grey"), size=SizeRule(64, 32)))
    Engine().inpaint(InpaintRequest(photo, mask, FillOptions(engine="own")), Progress())
    assert seen
    for view in seen:
        assert set(view.priors) == {"canny", "grey"}
        for name, found in view.priors.items():
            np.testing.assert_array_equal(found, priors()[name].run(view.image, view.hole))


def test_by_products_are_given_on_request(
    photo: NDArray[np.uint8], mask: NDArray[np.uint8], ship: Ship
) -> None:
    ship()
    want = frozenset({"edges", "coarse", "grey", "canny", "l0", "offsets", "lines"})
    request = InpaintRequest(
        photo, mask, FillOptions(engine="tsgl", device="cpu", feather=0.0), want=want
    )
    result = Engine().inpaint(request, Progress())
    assert [note.key for note in result.notes] == ["command.no_such_product"]
    shape = (result.rect.h, result.rect.w)
    channels = {"edges": (), "coarse": (3,), "grey": (), "canny": (), "l0": (3,), "offsets": (2,)}
    assert {name: p.shape for name, p in result.products.items()} == {
        name: shape + more for name, more in channels.items()
    }
    hole = request.mask[result.rect.slices] > 0
    assert result.products["edges"][hole].min() > 0
    assert result.products["edges"].max() <= 1
    assert not result.products["grey"][hole].any()
    plain = Engine().inpaint(replace(request, want=frozenset()), Progress())
    assert not plain.products
    np.testing.assert_array_equal(plain.pixels, result.pixels)


def test_drawn_lines_reach_a_network_that_completes_edges_and_lines(
    photo: NDArray[np.uint8], mask: NDArray[np.uint8], ship: Ship
) -> None:
    ship()
    request = InpaintRequest(
        photo, mask, FillOptions(engine="zits", device="cpu"), frozenset({"edges", "wireframe"})
    )
    plain = Engine().inpaint(request, Progress())
    lines = (Segment(41, 31, 58, 42),)
    drawn = Engine().inpaint(request.with_options(lines=lines), Progress())
    assert not drawn.notes or drawn.notes[0].key != "command.no_such_product"
    for name in ("edges", "wireframe"):
        assert plain.products[name].shape == (plain.rect.h, plain.rect.w)
        assert not np.array_equal(plain.products[name], drawn.products[name])


def beach(height: int = 160, width: int = 240) -> NDArray[np.uint8]:
    """Sand under sea under sky, each textured; the horizon differs between left and right."""
    rng = np.random.default_rng(4)
    level = np.where(np.arange(width) < width // 2, 70, 90)[None]
    row = np.arange(height)[:, None]
    light = np.where(row < level, 190.0, 80.0) + rng.normal(0, 6, (height, width))
    soft = cv2.GaussianBlur(light, (0, 0), 0.7)
    return np.repeat(np.clip(soft, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize("engine", ["exemplar", "auto"])
def test_a_drawn_edge_moves_the_horizon(engine: str, ship: Ship) -> None:
    ship()
    assert min(steps(engine)) > 80  # of 110 between sky and sea


def test_it_does_with_the_weights_that_ship(one_thread: None) -> None:
    assert find_entry("base").is_present
    assert min(steps("tsgl")) > 60


def steps(engine: str) -> list[float]:
    """The drop of brightness across each of two edges drawn into the same hole.

    Also holds the two fills to be different.
    """
    image = beach()
    mask = np.zeros(image.shape[:2], np.uint8)
    mask[50:110, 90:150] = 255
    found = []
    fills = []
    for left, right in ((70, 90), (90, 70)):
        drawn = np.zeros(mask.shape, np.uint8)
        cv2.line(drawn, (85, left), (155, right), [1], 3)
        request = InpaintRequest(
            image, mask, FillOptions(engine=engine, edges=drawn > 0, feather=0.0, device="cpu")
        )
        filled = Engine().inpaint(request, Progress()).applied_to(image)[..., 0].astype(float)
        columns = np.arange(96, 144)
        at = np.rint(left + (columns - 85) * (right - left) / 70).astype(int)
        across = [filled[at + d, columns].mean() for d in (-5, 5)]
        found.append(float(across[0] - across[1]))
        fills.append(filled)
    assert np.abs(fills[0] - fills[1])[mask > 0].mean() > 10
    return found
