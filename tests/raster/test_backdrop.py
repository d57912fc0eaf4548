"""A transparent photo before a backdrop and back."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inpaint_core.raster.backdrop import Backdrop

units = st.floats(0, 1, width=32)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_taking_it_away_gives_the_visible_colours_back(data: st.DataObject) -> None:
    image = data.draw(arrays.arrays(np.float32, (3, 5, 3), elements=units))
    opacity = data.draw(
        arrays.arrays(np.float32, (3, 5), elements=st.sampled_from([0, 0.1, 0.5, 0.996, 1]))
    )
    backdrop = Backdrop((1.0, 0.0, 1.0))
    shown = backdrop.put_behind(image, opacity)
    np.testing.assert_array_equal(shown[opacity == 1], image[opacity == 1])
    np.testing.assert_array_equal(
        shown[opacity == 0], np.float32([[1, 0, 1]])[[0] * (opacity == 0).sum()]
    )
    back = backdrop.take_away(shown, opacity)
    np.testing.assert_allclose(back[opacity > 0], image[opacity > 0], atol=1e-5)
    assert not back[opacity == 0].any()


def test_no_visible_colour_is_near_it() -> None:
    rng = np.random.default_rng(0)
    for kind, most in ((np.uint8, 255), (np.uint16, 65535)):
        image = (rng.random((64, 64, 3)) * 0.4 * most).astype(kind)  # dark
        visible = np.ones((64, 64), bool)
        visible[:20] = False
        image[:20] = most  # white where it cannot be seen
        assert Backdrop.unlike(image, visible).colour == (1.0, 1.0, 1.0)
    nothing = Backdrop.unlike(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), bool))
    assert all(0 <= value <= 1 for value in nothing.colour)
