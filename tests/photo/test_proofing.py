"""Soft proofs of devices with tables, such as printers."""

from __future__ import annotations

import pytest
from renders import cmyk_profile, scene

from inpaint_core.photo.colour.icc_profiles import SPACES, describe_space, make_profile
from inpaint_core.photo.colour.proofing import SoftProof

SRGB = make_profile("srgb")


def test_a_proof_for_its_own_screen_changes_nothing() -> None:
    pixels = scene(20, 30)
    shown = SoftProof(SRGB, SRGB, SRGB, "perceptual", False).apply(pixels)
    assert abs(shown.astype(int) - pixels).max() <= 1


def test_a_grey_device_shows_grey() -> None:
    shown = SoftProof(SRGB, SRGB, describe_space(SPACES["srgb"], grey=True), "relative", False)
    out = shown.apply(scene(8, 8))
    assert (out == out[..., :1]).all()


@pytest.mark.parametrize("device", [b"", b"x" * 300, cmyk_profile()])
def test_what_cannot_be_proofed_for_is_refused(device: bytes) -> None:
    """Also a profile that only says what its numbers look like, and not the way back."""
    for warns in (False, True):
        with pytest.raises(ValueError, match="proofs"):
            SoftProof(SRGB, SRGB, device, "relative", warns)
