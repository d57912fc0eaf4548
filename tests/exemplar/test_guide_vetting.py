"""How far a guide is followed: as far as texture fits with it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from skimage import data
from textures import box, two_tone, view

from inpaint_core.contract.progress import Progress
from inpaint_core.exemplar import guide_vetting as vetting
from inpaint_core.exemplar.coarse_to_fine import CoarseToFineFill
from inpaint_core.exemplar.pyramid import GUIDED, build_pyramid, with_guide_changed, with_trust
from inpaint_core.exemplar.synthesis import synthesise
from inpaint_core.exemplar.thread_team import ThreadTeam


@pytest.mark.parametrize("trust", [0.25, 0.5])
def test_a_guide_is_left_out_where_the_photo_does_not_have_what_it_shows(trust: float) -> None:
    image = two_tone((110, 160), 55)
    hole = box(image.shape[:2], 25, 50, 60, 60)
    turned = two_tone((160, 160), 80).transpose(1, 0, 2)[:110]  # sky beside ground, not over it
    tested = synthesise(view(image, hole, guide=turned, trust=trust), Progress())
    free = synthesise(view(image, hole), Progress())
    assert tested.notes == (vetting.IGNORED,)
    assert np.array_equal(tested.image, free.image)


@pytest.mark.parametrize(
    ("fits", "share", "chosen", "attempts"),
    [
        ((10, 10.9, 9, 9), 1, "full", 2),
        ((10, 11.1, 9, 10.9), 1, "half", 3),
        ((10, 12, 9, 11.1), 1, "free", 3),
        ((0, 0, 0, 0), 1, "full", 2),
        ((10, 10.9, 10.9, 9), 0.7, "mended", 3),
        ((10, 10.9, 11.1, 9), 0.7, "full", 3),
        ((10, 11.1, 11.1, 10.9), 0.7, "half", 4),
        ((10, 12, 12, 12), 0.7, "free", 4),
        ((10, 12, 9, 9), 0.3, "half", 3),
        ((10, 18.1, 9, 9), 0.7, "free", 2),
    ],
)
def test_a_guide_is_followed_as_far_as_texture_fits(
    fits: tuple[float, ...],
    share: float,
    chosen: str,
    attempts: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = {0: "free", 1: "full", None: "mended", 0.5: "half"}
    made: list[FakeFill] = []

    class FakeFill:
        """A fill whose patches fit as the test says."""

        def __init__(
            self, levels: Any, radius: Any, seed: Any, team: Any, trust_factor: Any = None
        ) -> None:
            self.name = names[trust_factor]
            self.colours = image * 255
            made.append(self)

        def fill_to(self, last: int, progress: Progress) -> None:
            assert last == vetting.TESTED

        @property
        def targets(self) -> FakeFill:
            return self

        def measure_misfits(self, team: Any) -> Any:
            return np.float32([fits[["free", "full", "mended", "half"].index(self.name)]])

        def average_inside(self, values: Any) -> float:
            return float(values.mean())

    image = two_tone((110, 160), 55)
    hole = box(image.shape[:2], 25, 50, 60, 60)
    levels = build_pyramid(view(image, hole, guide=image, trust=0.5), 3, Progress())
    image = cv2.resize(image, levels[1].hole.shape[::-1])
    followed = np.full(levels[1].hole.shape, share, np.float32)
    monkeypatch.setattr(vetting, "CoarseToFineFill", FakeFill)
    monkeypatch.setattr(vetting, "find_followed_share", lambda *_: followed)
    with ThreadTeam(Progress(), 1) as team:
        fill, rest, notes = vetting.vet_guide(levels, 3, 0, 0.5, team, Progress())
    assert isinstance(fill, FakeFill)
    assert (fill.name, len(made)) == (chosen, attempts)
    assert notes == {"free": (vetting.IGNORED,), "mended": (vetting.MENDED,)}.get(chosen, ())
    assert isinstance(rest, Progress)


def test_a_guide_is_mended_where_it_is_wrong_and_followed_where_it_is_not() -> None:
    """A wall whose lower half goes on as the guide shows; in the upper one, which is plain, the
    guide has a stain of a colour that is nowhere else.
    """
    rng = np.random.default_rng(4)
    image = np.empty((160, 200, 3), np.float32)
    image[:80] = (0.55, 0.65, 0.8)
    image[80:] = rng.uniform(0.2, 0.6, (80, 200, 1)).astype(np.float32)
    image += rng.normal(0, 0.004, image.shape).astype(np.float32)
    hole = box(image.shape[:2], 20, 60, 110, 70)
    guide = image.copy()
    stain = cv2.GaussianBlur(box(hole.shape, 35, 75, 24, 40).astype(np.float32), (0, 0), 6)
    guide += stain[..., None] * np.float32((0.4, -0.25, -0.4))
    seen = view(image, hole, guide=np.clip(guide, 0, 1), trust=0.3)
    levels = build_pyramid(seen, 3, Progress())
    with ThreadTeam(Progress(), 1) as team:
        attempts = []
        for trust_factor in (0, 1):
            fill = CoarseToFineFill(levels, 3, 0, team, trust_factor)
            fill.fill_to(1, Progress())
            attempts.append(vetting.Attempt(fill, fill.targets.measure_misfits(team), ()))
    followed = vetting.find_followed_share(*attempts, 0.3)
    mended = vetting.mend_guide(levels, 1, followed, attempts[0].fill.targets.colours, 0.3)
    assert followed[20:28, 40:55].mean() < 0.1
    assert followed[50:, 35:60].min() > 0.9
    for new, old in zip(mended, levels, strict=True):
        assert np.array_equal(new.f[~new.hole], old.f[~old.hole])
    # The stain is red; what the guide shows in its place is the wall's blue.
    red, _, blue = mended[0].f[45:50, 90:100, GUIDED].reshape(-1, 3).mean(axis=0)
    assert blue > red
    red, _, blue = levels[0].f[45:50, 90:100, GUIDED].reshape(-1, 3).mean(axis=0)
    assert blue < red


@pytest.mark.parametrize("scale", [0.25, 0.5, 1, 2])
def test_a_guide_changes_in_the_hole_alone_and_in_a_copy(scale: float) -> None:
    image = two_tone((110, 160), 55)
    hole = box(image.shape[:2], 25, 50, 60, 60)
    level = build_pyramid(view(image, hole, guide=image, trust=0.5), 3, Progress())[0]
    before = level.f.copy()
    change = np.full((round(110 * scale), round(160 * scale), 3), 7, np.float32)
    changed = with_guide_changed(level, change).f
    assert np.array_equal(level.f, before)
    expected = before.copy()
    expected[..., GUIDED][hole] += 7
    assert np.allclose(changed, expected, atol=1e-3)


def test_less_trust_is_less_trust_in_the_copy_alone() -> None:
    image = two_tone((110, 160), 55)
    hole = box(image.shape[:2], 25, 50, 60, 60)
    whole = build_pyramid(view(image, hole, guide=image, trust=0.5), 3, Progress())[1]
    half = build_pyramid(view(image, hole, guide=image, trust=0.25), 3, Progress())[1]
    free = build_pyramid(view(image, hole), 3, Progress())[1]
    before = whole.f.copy()
    assert np.allclose(with_trust(whole, 0.5).f, half.f)
    assert np.array_equal(with_trust(whole, 0).f, free.f)
    assert np.array_equal(whole.f, before)


def test_a_guide_that_the_photo_bears_out_is_followed() -> None:
    small = cv2.resize(data.astronaut(), None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
    truth = small.astype(np.float32) / np.float32(255)
    hole = box(truth.shape[:2], 82, 82, 40, 40)
    guide = cv2.GaussianBlur(truth, (0, 0), 4)
    fill = synthesise(view(truth, hole, guide=guide, trust=0.5), Progress())
    free = synthesise(view(truth, hole), Progress())
    errors = [np.abs(f.image - truth)[hole].mean() for f in (fill, free)]
    assert fill.notes == ()
    assert errors[0] < 0.85 * errors[1]
