"""The contract of every prior."""

from __future__ import annotations

import numpy as np
import pytest

from inpaint_core import priors as package
from inpaint_core.contract import specs
from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.specs import PriorSpec
from inpaint_core.priors.registry import priors


def test_the_scan_finds_them() -> None:
    assert list(priors()) == ["canny", "gradients", "grey", "l0", "lines", "lowres", "rtv", "sobel"]


def test_a_file_must_be_called_as_its_prior(monkeypatch: pytest.MonkeyPatch) -> None:
    class Other:
        SPEC = PriorSpec("other", "", "", 1, lambda image, hole: hole)

    monkeypatch.setattr(specs.importlib, "import_module", lambda name: Other)
    with pytest.raises(ValueError, match="is called 'other'"):
        specs.load_specs(package)


@pytest.mark.parametrize("spec", priors().values(), ids=lambda spec: spec.id)
class TestEvery:
    def test_what_is_in_the_hole_does_not_matter(
        self, spec: PriorSpec, photo: FloatImage, hole: BoolMask
    ) -> None:
        noise = np.random.default_rng(0).random(photo.shape, np.float32)
        other = np.where(hole[..., None], noise, photo)
        before = photo.copy()
        np.testing.assert_array_equal(spec.run(photo, hole), spec.run(other, hole))
        np.testing.assert_array_equal(photo, before)

    def test_shape_and_nothing_in_the_hole(
        self, spec: PriorSpec, photo: FloatImage, hole: BoolMask
    ) -> None:
        found = spec.run(photo[:-3, :-5], hole[:-3, :-5])  # odd sides
        assert np.isfinite(found).all()
        assert found.any()
        if spec.channels == 0:
            assert found.ndim == 2
            return
        wanted = (157, 187) if spec.channels == 1 else (157, 187, spec.channels)
        assert found.shape == wanted
        assert not found[hole[:-3, :-5]].any()

    def test_a_flat_photo_shows_no_trace_of_the_hole(self, spec: PriorSpec, hole: BoolMask) -> None:
        """A hole that is black, or badly bridged, would be an edge on a flat photo."""
        flat = np.full((*hole.shape, 3), 0.75, np.float32)
        found = spec.run(flat, hole)
        if spec.id in ("canny", "gradients", "lines", "sobel"):
            assert not found.any()
        else:
            np.testing.assert_allclose(found[~hole], 0.75, atol=1e-4)
