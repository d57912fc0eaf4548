"""Why this pixel? What of the photo and of its edges decided the colour of a filled pixel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.errors import BadRequest
from inpaint_core.inspection.capture import Capture, Run
from inpaint_core.inspection.placed_map import Laid, put_together
from inpaint_core.priors.grey import LUMA

if TYPE_CHECKING:
    from torch import Tensor

    from inpaint_core.networks.tsgl.inputs import Inputs


@dataclass(frozen=True, eq=False)
class Influence:
    """How the brightness of one filled pixel (``x``, ``y``) of the network's picture answers to
    small changes of what the network was given, at the tile that holds it.

    ``photo``: the L2 norm over red, green and blue of d brightness / d photo, both in [0, 1], at
    each tile pixel; ``edges``: |d brightness / d edge|, None for a network without edges.
    ``value``: the brightness itself. The photo counts for nothing inside the hole, edges only where
    they were drawn there.
    """

    x: int
    y: int
    value: float
    capture: Capture
    photo: Laid
    edges: Laid | None

    @property
    def strongest(self) -> tuple[int, int]:
        """The photo's pixel (x, y) that the tile pixel of the largest gradient lies on."""
        row, column = np.unravel_index(
            int(np.nanargmax(self.photo.values)), self.photo.values.shape
        )
        x, y = self.photo.photo_at(int(row), int(column))
        return int(x), int(y)


def influence(run: Run, x: int, y: int) -> Influence:
    """The gradient of the photo's pixel (x, y), at the finest tile that fills it.

    It is that of what the network paints there, before that takes over the coarse colours of its
    first look; which pixel the native-resolution stage then copied is no smooth function of
    anything (`provenance.source_of` says which). Raises `BadRequest` when
    the pixel was not filled or no network filled it.
    """
    capture = _holding(run, x, y)
    net = capture.seen.net
    if not hasattr(net, "inputs"):
        title = capture.seen.spec.title
        raise BadRequest(
            f"“{title}” is no network, so no pixel has a gradient.",
            "Choose an engine with a network, as “tsgl”.",
        )
    import torch

    row, column = capture.place.pixel(x, y)
    with torch.enable_grad():
        inputs: Inputs = net.inputs(capture.seen.view)
        image, structure = (
            t.detach().requires_grad_(True) for t in (inputs.image, inputs.structure)
        )
        output = net.network(replace(inputs, image=image, structure=structure)).image
        luma = torch.tensor(LUMA, dtype=torch.float32, device=output.device)
        bright = (((output[0, :, row, column].float() + 1) / 2) * luma).sum()
        by_image, by_structure = torch.autograd.grad(bright, (image, structure), allow_unused=True)
    parts = _parts(net.network.config.structure_prior)
    photo = 2 * _plain(by_image, image)  # the network's input is 2 * photo - 1
    felt = _plain(by_structure, structure)
    if "grey" in parts:
        # Brightness is read off the photo too: the chain rule through `priors.grey`.
        photo = photo + felt[parts.index("grey")] * np.array(LUMA, np.float32)[:, None, None]
    size = np.sqrt(np.square(photo).sum(axis=0)).astype(np.float32)
    edges = np.abs(felt[parts.index("canny")]) if "canny" in parts else None
    place = capture.place
    return Influence(
        x,
        y,
        float(bright.detach()),
        capture,
        put_together([(place, size)], 1),
        None if edges is None else put_together([(place, edges)], 1),
    )


def _holding(run: Run, x: int, y: int) -> Capture:
    """The last pass that filled a pixel: the finest."""
    for capture in reversed(run.captures):
        if capture.place.fills(x, y):
            row, column = capture.place.pixel(x, y)
            if capture.hole[row, column]:
                return capture
    raise BadRequest(
        f"The pixel {x}, {y} was not filled.", "Choose one that the mask marks for removal."
    )


def _parts(structure_prior: str) -> list[str]:
    """The prior that each channel of the structure input is of."""
    from inpaint_core.networks.tsgl.config import STRUCTURE_PRIORS

    return [name for name, taken in STRUCTURE_PRIORS[structure_prior].parts for _ in taken]


def _plain(gradient: Tensor | None, like: Tensor) -> NDArray[np.float32]:
    """(1, C, h, w) as (C, h, w) on the CPU; zeros where nothing depends on it."""
    found: Any = like.detach() * 0 if gradient is None else gradient
    plain: NDArray[np.float32] = found[0].float().cpu().numpy()
    return plain
