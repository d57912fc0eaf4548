"""``inpaint select``: its mask holds what was drawn into the photo, and little else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from drawn_photos import draw_sky, draw_spot, draw_text, draw_wire
from PIL import Image

from inpaint_core.cli import main

WIRE, WIRE_AT = draw_wire(draw_sky(1), (-9, 60), (430, 90), 12, 3)
DUST = draw_spot(draw_sky(2, noise=1.0), 200, 80, 6, 0.2)
SPOT_AT = np.hypot(*(np.mgrid[:300, :420] + 0.5 - np.array([80, 200])[:, None, None])) < 6
DATE, DATE_AT = draw_text(draw_sky(3), "2019 08 14", (120, 200), (255, 140, 40))


@pytest.mark.parametrize(
    ("kind", "pixels", "truth"),
    [("wires", WIRE, WIRE_AT), ("spots", DUST, SPOT_AT), ("text", DATE, DATE_AT)],
)
def test_the_mask_holds_what_was_drawn(
    tmp_path: Path, kind: str, pixels: np.ndarray, truth: np.ndarray
) -> None:
    photo, out = tmp_path / "photo.png", tmp_path / "mask.png"
    Image.fromarray(pixels).save(photo)
    command = ["select", kind, str(photo), "--out", str(out), "--quiet"]
    assert main(command) == 0
    with Image.open(out) as image:
        assert image.mode == "L"
        mask = np.array(image) > 127
    assert mask[truth].mean() > 0.9
    assert np.count_nonzero(mask & ~truth) < 3 * np.count_nonzero(truth)
    before = out.read_bytes()
    assert main(command) != 0  # the file exists
    assert out.read_bytes() == before
    assert main([*command, "--overwrite"]) == 0


def test_an_empty_photo_gives_an_empty_mask_and_the_photo_is_never_replaced(
    tmp_path: Path,
) -> None:
    photo, out = tmp_path / "photo.png", tmp_path / "mask.png"
    Image.fromarray(draw_sky(4)).save(photo)
    assert main(["select", "text", str(photo), "--out", str(out)]) == 0
    with Image.open(out) as image:
        assert not np.array(image).any()
    assert main(["select", "spots", str(photo), "--out", str(photo), "--overwrite"]) != 0
    with Image.open(photo) as image:
        np.testing.assert_array_equal(np.array(image), draw_sky(4))
