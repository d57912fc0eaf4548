"""A network in use: loaded once in a suitable precision, then run view by view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.contract.request import View
from inpaint_core.networks.blocks.convolution_weights import fold
from inpaint_core.networks.device import fix_threads
from inpaint_core.networks.inputs import NetworkInputs, prepare_inputs
from inpaint_core.priors.grey import LUMA

_GUIDE_DETAIL = 1 / 16
"""The finest detail of a guide that is kept, as a share of the short side."""


@dataclass(frozen=True, eq=False)
class PixelGradient:
    """How the brightness ``value`` of one pixel of a network's picture responds to small changes.

    ``photo`` (3, h, w): d brightness / d photo, both in [0, 1]; ``edges`` (h, w): d brightness / d
    edge, None for a network without edges.
    """

    value: float
    photo: NDArray[np.float32]
    edges: NDArray[np.float32] | None = None


class LoadedNetwork(nn.Module):
    """A network ready for use: ``network`` on its device, computing in ``dtype``.

    A network that takes more than the photo and its hole, or gives more than a picture, has a class
    of its own, derived from this one.
    """

    network: Any

    def __init__(self, network: nn.Module, device: str, dtype: torch.dtype) -> None:
        super().__init__()
        fold(network)
        network.requires_grad_(False).to(device, dtype)
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.float()  # a running variance can exceed half precision's range
        self.network, self.device, self.dtype = network, torch.device(device), dtype

    def prepare(self, view: View) -> NetworkInputs:
        """The network's inputs for ``view``, float32 on the CPU."""
        return prepare_inputs(view.image, view.hole)

    def inputs(self, view: View) -> Any:
        """The network's inputs for ``view``, on its device and in its precision."""
        inputs = self.prepare(view)
        return inputs.to(self.device, self.dtype, memory_format=torch.channels_last)

    def run(
        self, inputs: Any, view: View, want: frozenset[str]
    ) -> tuple[Tensor, Mapping[str, Tensor]]:
        """The network's picture (1, 3, h, w) in [-1, 1] and those by-products (1, C, h, w) of
        ``want`` that it gives.
        """
        return self.network(inputs).image, {}

    @torch.inference_mode()
    def infer(
        self, view: View, want: frozenset[str] = frozenset()
    ) -> tuple[FloatImage, dict[str, NDArray[np.float32]]]:
        """The network's own picture (h, w, 3) in [0, 1], including known pixels, and by-products
        (h, w) or (h, w, C) by name.

        Both sides of ``view`` must be multiples of what the network needs. If the view has a guide,
        the picture gets its low frequencies in the hole and the photo's outside.
        """
        with fix_threads():
            image, maps = self.run(self.inputs(view), view, want)
        picture = np.asarray((_to_array(image) + 1) / 2, np.float32)
        if view.guide is not None:
            whole = np.where(view.hole[..., None], view.guide, view.image)
            picture = apply_colours(picture, whole)
        products = {name: _to_array(value) for name, value in maps.items()}
        planes = {n: v[..., 0] if v.shape[2] == 1 else v for n, v in products.items()}
        return np.clip(picture, 0, 1, dtype=np.float32), planes

    def find_gradient(self, view: View, row: int, column: int) -> PixelGradient:
        """The gradient of one pixel of the network's picture, before a guide changes it."""
        value, felt = self.differentiate(view, row, column, ("image",))
        return PixelGradient(value, 2 * felt["image"])  # the network's input is 2 * photo - 1

    def differentiate(
        self, view: View, row: int, column: int, names: tuple[str, ...]
    ) -> tuple[float, dict[str, NDArray[np.float32]]]:
        """The brightness in [0, 1] of a pixel of the network's picture, and its gradient (C, h, w)
        by each of the inputs ``names``; 0 where nothing depends on it.
        """
        with torch.enable_grad():
            inputs = self.inputs(view)
            leaves = {n: getattr(inputs, n).detach().requires_grad_(True) for n in names}
            output = self.network(replace(inputs, **leaves)).image
            luma = torch.tensor(LUMA, dtype=torch.float32, device=output.device)
            bright = (((output[0, :, row, column].float() + 1) / 2) * luma).sum()
            found = torch.autograd.grad(bright, list(leaves.values()), allow_unused=True)
        felt = {
            name: (torch.zeros_like(leaf) if slope is None else slope)[0].float().cpu().numpy()
            for (name, leaf), slope in zip(leaves.items(), found, strict=True)
        }
        return float(bright.detach()), felt


def apply_colours(picture: FloatImage, guide: FloatImage) -> FloatImage:
    """``picture`` with the low frequencies of ``guide``, both (h, w, 3)."""
    sigma = min(picture.shape[:2]) * _GUIDE_DETAIL / 2
    change = cv2.GaussianBlur(guide - picture, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(picture + change, np.float32)


def _to_array(values: Tensor) -> NDArray[np.float32]:
    """(1, C, h, w) -> (h, w, C)."""
    plain: NDArray[np.float32] = values[0].float().permute(1, 2, 0).cpu().numpy()
    return plain
