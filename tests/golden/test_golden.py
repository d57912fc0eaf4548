"""The engine's results on the sample photo, step by step, against those recorded before.

A change of `results.json` is a change of what users get: look at the fill, then write the file
anew with ``python tests/golden/test_golden.py``. Whole numbers must be the same everywhere. The
fill itself follows the order of floating-point sums, which differs between processors, so that it
is held to its colours and its sharpness, not to its bytes.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import resources
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.contract.specs import SizeRule
from inpaint_core.engine.context_crops import find_context_crops
from inpaint_core.engine.engine import Engine
from inpaint_core.engine.tile_plan import TilePlan
from inpaint_core.exemplar.line_continuation import find_interrupted_lines
from inpaint_core.lab.evaluation.scores import score_fill
from inpaint_core.photo.read_photo import read_mask, read_photo
from inpaint_core.raster.soft_mask import soften

GOLDEN = Path(__file__).with_name("results.json")


def results() -> dict[str, Any]:
    photo = read_photo(resources.path("samples/beach.jpg")).pixels
    mask = read_mask(resources.path("samples/beach-mask.png"), photo.shape[:2])
    soft = soften(mask, grow=3, feather=4.0)
    request = InpaintRequest(photo, mask, FillOptions(seed=7))
    (crop,) = find_context_crops(request, soften(mask, 0, request.options.feather))
    view = photo[crop.rect.slices].astype(np.float32) / 255
    hole = mask[crop.rect.slices] > 0
    plan = TilePlan.for_hole(hole, SizeRule(max_side=512, multiple=8), side=256)
    lines = find_interrupted_lines(np.where(hole[..., None], np.float32(0), view), hole, Progress())
    out: dict[str, Any] = {
        "mask": {
            "rect": list(rect_of(soft.rect)),
            "strength": int(soft.strength.astype(int).sum()),
        },
        "crop": list(rect_of(crop.rect)),
        "plan": json.loads(json.dumps(plan.describe())),
        "longest line": np.rint(max(lines, key=lambda line: np.ptp(line[:, 0])))
        .astype(int)
        .tolist(),
    }
    for engine in ("harmonic", "exemplar"):
        result = Engine().inpaint(
            InpaintRequest(photo, mask, FillOptions(engine=engine, seed=7, feather=0.0)), Progress()
        )
        filled = result.applied_to(photo)
        scores = score_fill(photo, filled, mask > 0)
        rows = np.array_split(np.flatnonzero((mask > 0).any(axis=1)), 6)
        out[engine] = {
            "sharpness": scores.sharpness,
            "seam": scores.seam,
            "colours from top to bottom": [
                filled[r][mask[r] > 0].mean(axis=0).round(2).tolist() for r in rows
            ],
        }
    return out


def rect_of(rect: Any) -> tuple[int, int, int, int]:
    return rect.x, rect.y, rect.w, rect.h


def test_the_sample_comes_out_as_before() -> None:
    now, before = results(), json.loads(GOLDEN.read_text())
    for exact in ("mask", "crop", "plan"):
        assert now[exact] == before[exact], exact
    np.testing.assert_allclose(now["longest line"], before["longest line"], atol=1)
    for engine, colour in (("harmonic", 0.5), ("exemplar", 4.0)):
        colours = "colours from top to bottom"
        np.testing.assert_allclose(now[engine][colours], before[engine][colours], atol=colour)
        assert now[engine]["sharpness"] == pytest.approx(before[engine]["sharpness"], rel=0.1)
        assert now[engine]["seam"] == pytest.approx(before[engine]["seam"], rel=0.1)


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(results(), indent=1) + "\n")
