from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.errors import BadRequest, OutOfMemory, UnknownEngine
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.message import Message
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import Fill, InpaintRequest, View
from inpaint_core.contract.specs import GeneratorSpec, SizeRule
from inpaint_core.engine.engine import Engine


def spec_of(run, **more) -> GeneratorSpec:  # type: ignore[no-untyped-def]
    return GeneratorSpec(id="own", title="Own", summary="", run=run, **more)


@pytest.fixture
def request_(photo: NDArray[np.uint8], mask: NDArray[np.uint8]) -> InpaintRequest:
    return InpaintRequest(photo, mask, FillOptions(engine="harmonic"))


def changed(request: InpaintRequest, change: dict[str, object]) -> InpaintRequest:
    arrays = {name: value for name, value in change.items() if name in ("image", "mask")}
    options = {name: value for name, value in change.items() if name not in arrays}
    return replace(request, **arrays).with_options(**options)


@pytest.mark.parametrize(
    "change",
    [
        {"mask": np.zeros((5, 5), np.uint8)},
        {"mask": np.zeros((72, 96), bool)},
        {"mask": np.zeros((72, 96, 3), np.uint8)},
        {"image": np.zeros((72, 96), np.uint8)},
        {"image": np.zeros((72, 96, 3), np.float32)},
        {"image": np.zeros((0, 0, 3), np.uint8), "mask": np.zeros((0, 0), np.uint8)},
        {"protect": np.zeros((72, 95), bool)},
        {"protect": np.zeros((72, 96), np.uint8)},
        {"source": np.zeros((95, 72), bool)},
        {"feather": -1.0},
        {"feather": float("nan")},
        {"grow": 10**6},
        {"seed": -1},
        {"device": "tpu"},
    ],
)
def test_bad_requests_are_named(request_: InpaintRequest, change: dict[str, object]) -> None:
    with pytest.raises(BadRequest) as caught:
        Engine().inpaint(changed(request_, change), Progress())
    assert str(caught.value.message).endswith(".")
    assert str(caught.value.hint).endswith(".")


def test_an_unknown_engine_is_named(request_: InpaintRequest) -> None:
    with pytest.raises(UnknownEngine, match="harmonic"):
        Engine().inpaint(request_.with_options(engine="nothing"), Progress())


def test_a_gpu_for_a_generator_without_torch_is_told(request_: InpaintRequest) -> None:
    result = Engine().inpaint(request_.with_options(device="cuda"), Progress())
    assert result.device == "cpu"
    assert "cuda" in " ".join(map(str, result.notes))


def test_a_by_product_nobody_gives_is_told(request_: InpaintRequest) -> None:
    result = Engine().inpaint(replace(request_, want=frozenset({"dreams"})), Progress())
    assert "dreams" in " ".join(map(str, result.notes))
    assert not result.products


def test_a_soft_mask_mixes(photo: NDArray[np.uint8]) -> None:
    mask = np.zeros(photo.shape[:2], np.uint8)
    mask[30:40, 30:40] = 128
    hard = np.where(mask > 0, 255, 0).astype(np.uint8)
    soft, full = (
        Engine()
        .inpaint(InpaintRequest(photo, m, FillOptions(engine="harmonic", feather=0.0)), Progress())
        .applied_to(photo)[30:40, 30:40]
        .astype(float)
        for m in (mask, hard)
    )
    old = photo[30:40, 30:40].astype(float)
    assert np.abs(soft - (old + 128 / 255 * (full - old))).max() <= 1.0


def test_by_products_are_stitched_over_far_crops(register) -> None:  # type: ignore[no-untyped-def]
    def run(net: None, view: View, progress: Progress) -> Fill:
        offsets = np.zeros((*view.hole.shape, 2), np.int32)
        offsets[view.hole] = (-3, 7)
        return Fill(view.image, products={"offsets": offsets})

    register(spec_of(run, products=("offsets",)))
    image = np.zeros((400, 2000, 3), np.uint8)
    mask = np.zeros((400, 2000), np.uint8)
    mask[100:120, 50:60] = mask[300:310, 1900:1930] = 255
    request = InpaintRequest(
        image, mask, FillOptions(engine="own", feather=0.0), want=frozenset({"offsets"})
    )
    result = Engine().inpaint(request, Progress())
    offsets = np.zeros((400, 2000, 2), np.int32)
    offsets[result.rect.slices] = result.products["offsets"]
    assert len(result.plan) == 2
    assert (offsets[mask > 0] == (-3, 7)).all()
    assert not offsets[mask == 0].any()


def test_every_hole_is_filled_when_many_are_near_and_far(register) -> None:  # type: ignore[no-untyped-def]
    def run(net: None, view: View, progress: Progress) -> Fill:
        return Fill(np.where(view.hole[..., None], np.float32(1), view.image))

    register(spec_of(run))
    rng = np.random.default_rng(3)
    mask = np.zeros((700, 2600), np.uint8)
    for y, x in rng.integers(0, (690, 2590), (600, 2)):
        mask[y : y + 3, x : x + 4] = 255
    mask[200:500, 1000] = mask[200, 1000:1400] = 255  # a bend around other holes
    image = np.zeros((*mask.shape, 3), np.uint8)
    result = Engine().inpaint(
        InpaintRequest(image, mask, FillOptions(engine="own", feather=0.0)), Progress()
    )
    np.testing.assert_array_equal(result.applied_to(image)[..., 0], mask)


def test_lines_arrive_in_the_crops_coordinates(register) -> None:  # type: ignore[no-untyped-def]
    from inpaint_core.contract.geometry import Segment

    seen: list[View] = []

    def run(net: None, view: View, progress: Progress) -> Fill:
        seen.append(view)
        return Fill(view.image)

    image = np.zeros((900, 1200, 3), np.uint8)
    image[500] = 255
    mask = np.zeros((900, 1200), np.uint8)
    mask[490:510, 700:740] = 255
    line = Segment(0, 500, 1199, 500)
    request = InpaintRequest(image, mask, FillOptions(engine="own", lines=(line,)))
    register(spec_of(run))
    Engine().inpaint(request, Progress())
    view = seen[0]
    assert view.image.shape[0] < 900
    row = round(view.lines[0].y0)
    assert view.image[row, 0].min() == 1.0
    assert view.image[row - 1, 0].max() == 0.0


def test_the_report_is_plain_data(request_: InpaintRequest, register) -> None:  # type: ignore[no-untyped-def]
    def run(net: None, view: View, progress: Progress) -> Fill:
        return Fill(view.image)

    register(spec_of(run, size=SizeRule(32, 8)))
    result = Engine().inpaint(request_.with_options(engine="own"), Progress())
    plan = json.loads(json.dumps([dict(part) for part in result.plan]))
    assert plan[0]["levels"][0]["width"] <= 32
    assert plan[0]["levels"][-1]["scale"] == 1.0
    assert set(result.timings) == {"mask", "crops", "preview", "load", "fill", "compose"}
    assert all(seconds >= 0 for seconds in result.timings.values())


def test_views_are_padded_to_the_multiple_and_cut_back(request_: InpaintRequest, register) -> None:  # type: ignore[no-untyped-def]
    sizes: list[tuple[int, ...]] = []

    def run(net: None, view: View, progress: Progress) -> Fill:
        sizes.append(view.image.shape)
        return Fill(np.where(view.hole[..., None], np.float32(0.5), view.image))

    register(spec_of(run, size=SizeRule(multiple=64)))
    result = Engine().inpaint(request_.with_options(engine="own", feather=0.0), Progress())
    assert sizes == [(128, 128, 3)]
    assert (result.applied_to(request_.image)[request_.mask > 0] == 128).all()


def test_memory_that_ran_out_has_a_name(request_: InpaintRequest, register) -> None:  # type: ignore[no-untyped-def]
    def run(net: None, view: View, progress: Progress) -> Fill:
        raise MemoryError

    register(spec_of(run))
    engine = Engine()
    with pytest.raises(OutOfMemory):
        engine.inpaint(request_.with_options(engine="own"), Progress())
    assert not engine.inpaint(request_, Progress()).rect.is_empty


def test_a_bug_stays_a_bug(request_: InpaintRequest, register) -> None:  # type: ignore[no-untyped-def]
    def run(net: None, view: View, progress: Progress) -> Fill:
        raise ZeroDivisionError

    register(spec_of(run))
    engine = Engine()
    with pytest.raises(ZeroDivisionError):
        engine.inpaint(request_.with_options(engine="own"), Progress())
    assert not engine.inpaint(request_, Progress()).rect.is_empty


def test_networks_are_built_once_until_unloaded(request_: InpaintRequest, register) -> None:  # type: ignore[no-untyped-def]
    built: list[str] = []

    def build(device: str, precision: str) -> None:
        built.append(device)

    register(spec_of(lambda net, view, progress: Fill(view.image), build=build))
    engine = Engine()
    engine.load("own")
    engine.inpaint(request_.with_options(engine="own"), Progress())
    assert built == ["cpu"]
    engine.unload()
    engine.inpaint(request_.with_options(engine="own"), Progress())
    assert built == ["cpu", "cpu"]


def test_the_native_stage_follows_the_coarse_fill(  # type: ignore[no-untyped-def]
    request_: InpaintRequest, register, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inpaint_core.exemplar import synthesis

    guides: list[View] = []

    def synthesise(view: View, progress: Progress) -> Fill:
        guides.append(view)
        assert view.guide is not None
        assert view.trust == 0.25
        return Fill(view.guide, notes=(Message("engine.guide_mended"),))

    def run(net: None, view: View, progress: Progress) -> Fill:
        return Fill(
            np.full_like(view.image, 0.25), notes=(Message("engine.moved_to_cpu", device="mps"),)
        )

    monkeypatch.setattr(synthesis, "synthesise", synthesise)
    register(spec_of(run, size=SizeRule(32, 8), native_stage=True, trust=0.25))
    result = Engine().inpaint(request_.with_options(engine="own", feather=0.0), Progress())
    assert [note.key for note in result.notes] == ["engine.moved_to_cpu", "engine.guide_mended"]
    assert guides[0].image.shape == request_.image.shape
    assert all(level["scale"] <= 0.5 for level in result.plan[0]["levels"])
    # Nearer to the border the enlarged fill mixes with the enlarged photo.
    assert (result.applied_to(request_.image)[37, 48:52] == 64).all()


def test_a_network_sees_more_of_the_photo_than_is_copied_from(register) -> None:  # type: ignore[no-untyped-def]
    photo = np.random.default_rng(0).integers(0, 32, (600, 700, 3), np.uint8)
    photo[:560] += 200  # sky over ground
    mask = np.zeros((600, 700), np.uint8)
    mask[530:590, 300:360] = 255
    seen: list[View] = []

    def run(net: None, view: View, progress: Progress) -> Fill:
        seen.append(view)
        steps = np.arange(view.hole.size, dtype=np.float32).reshape(view.hole.shape)
        turned = np.zeros_like(view.image)
        turned[:, 256:] = 0.8  # sky beside ground
        return Fill(turned, products={"edges": steps})

    more = {"size": SizeRule(512, 8), "products": ("edges",)}
    register(spec_of(run, native_stage=True, trust=0.5, **more))
    request = InpaintRequest(
        photo, mask, FillOptions(engine="own", feather=0.0), want=frozenset({"edges"})
    )
    result = Engine().inpaint(request, Progress())
    assert seen[0].hole.shape == (512, 512)
    assert result.plan[0]["crop"] == [74, 88, 512, 512]
    y, x = np.mgrid[530:590, 300:360]
    assert (result.products["edges"] == (y - 88) * 512 + x - 74).all()
    # The photo has no such thing, so the guide is left out: nothing of the network remains.
    alone = Engine().inpaint(request.with_options(engine="exemplar"), Progress())
    assert "engine.guide_ignored" in [note.key for note in result.notes]
    assert (result.pixels == alone.pixels).all()


def test_finished_parts_come_as_they_are_and_make_up_the_result() -> None:
    image = np.random.default_rng(1).integers(0, 256, (200, 900, 3), np.uint8)
    mask = np.zeros((200, 900), np.uint8)
    mask[50:90, 60:100] = mask[120:150, 800:840] = 255
    parts: list[tuple[Rect, Pixels, float]] = []
    reached = [0.0]
    progress = Progress(lambda fraction, text: reached.append(fraction))
    result = Engine().inpaint(
        InpaintRequest(image, mask, FillOptions(engine="harmonic")),
        progress,
        lambda rect, pixels: parts.append((rect, pixels, reached[-1])),
    )
    assert len(parts) == 2
    assert parts[0][2] < 1.0, "the first part came while the second was not done"
    shown = image.copy()
    for rect, pixels, _ in parts:
        shown[rect.slices] = pixels
        assert not np.shares_memory(pixels, result.pixels)
    assert np.array_equal(shown, result.applied_to(image))
