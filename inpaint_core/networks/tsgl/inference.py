"""The network in use: loaded once in a suitable precision, then run view by view."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.contract.choices import Precision
from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.contract.request import View
from inpaint_core.networks.blocks.convolution_weights import fold
from inpaint_core.networks.device import fix_threads
from inpaint_core.networks.store.manifest import find_entry
from inpaint_core.networks.store.precision import choose_dtype
from inpaint_core.networks.store.weights_file import load_weights
from inpaint_core.networks.tsgl.config import CONFIGS, STRUCTURE_PRIORS
from inpaint_core.networks.tsgl.inputs import Inputs, prepare_inputs
from inpaint_core.networks.tsgl.lama import TsglLama
from inpaint_core.networks.tsgl.network import Tsgl, build_network

_GUIDE_DETAIL = 1 / 16
"""The finest detail of a guide that is kept, as a share of the short side."""


class LoadedNetwork(nn.Module):
    """A network ready for use: ``network`` on its device, computing in ``dtype``."""

    def __init__(self, network: Tsgl | TsglLama, device: str, dtype: torch.dtype) -> None:
        super().__init__()
        fold(network)
        network.requires_grad_(False).to(device, dtype)
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.float()  # a running variance can exceed half precision's range
        self.network, self.device, self.dtype = network, torch.device(device), dtype

    @classmethod
    def load(cls, weights_id: str, device: str, precision: Precision = "auto") -> LoadedNetwork:
        """The network of an entry of the weights' manifest, on "cpu", "cuda" or "mps".

        Raises `WeightsUnavailable`.
        """
        entry = find_entry(weights_id)
        if entry.network not in CONFIGS:
            raise WeightsUnavailable(
                "weights.unknown_network", name=entry.id, network=entry.network
            )
        network = build_network(CONFIGS[entry.network])
        fold(network)
        load_weights(network, entry.path, entry.sha256)
        return cls(network, device, choose_dtype(device, precision))

    def inputs(self, view: View) -> Inputs:
        """The network's inputs for ``view``, on its device and in its precision."""
        config = self.network.config
        drawable = STRUCTURE_PRIORS[config.structure_prior].drawable
        drawn = view.edges if drawable else None
        inputs = prepare_inputs(view.image, view.hole, config, drawn, view.priors)
        return inputs.to(self.device, self.dtype, memory_format=torch.channels_last)

    @torch.inference_mode()
    def infer(
        self, view: View, edges: bool = False
    ) -> tuple[FloatImage, NDArray[np.float32] | None]:
        """The network's own picture (h, w, 3) in [0, 1], including known pixels, and the completed
        edges (h, w) in [0, 1] if asked for.

        Both sides of ``view`` must be multiples of 64. If the view has a guide, the picture gets
        its low frequencies in the hole and the photo's outside.
        """
        with fix_threads():
            output = self.network(self.inputs(view), edges=edges)
        picture = (output.image[0].float().permute(1, 2, 0).cpu().numpy() + 1) / 2
        if view.guide is not None:
            whole = np.where(view.hole[..., None], view.guide, view.image)
            picture = _apply_colours(picture, whole)
        completed = None if output.edges is None else output.edges[0, 0].float().cpu().numpy()
        return np.clip(picture, 0, 1, dtype=np.float32), completed


def _apply_colours(picture: FloatImage, guide: FloatImage) -> FloatImage:
    """``picture`` with the low frequencies of ``guide``, both (h, w, 3)."""
    sigma = min(picture.shape[:2]) * _GUIDE_DETAIL / 2
    change = cv2.GaussianBlur(guide - picture, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(picture + change, np.float32)
