"""Refinement of LaMa's fill at a larger size by what it filled at a smaller one.

Source: Kulshreshtha, Pugh, Jiddi, "Feature refinement to improve high resolution image inpainting"
(2022). The network is better at the sizes that it has learned; at larger ones its maps are changed
by gradient descent until the picture, seen smaller, is the one that was filled before.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import View
from inpaint_core.networks.device import fix_threads
from inpaint_core.networks.inputs import to_tensor
from inpaint_core.networks.loaded_network import LoadedNetwork

STEPS = 15
RATE = 0.002
"""Of Adam, as the authors have them."""


def infer_refined(net: LoadedNetwork, view: View, progress: Progress) -> FloatImage:
    """LaMa's picture (h, w, 3) in [0, 1] for a view whose guide, if it has one, is the fill at half
    of the size, enlarged: in the hole, half of the picture is brought near to half of that.

    Raises `Cancelled`.
    """
    if view.guide is None:
        return net.infer(view)[0]
    with fix_threads(), torch.enable_grad():
        inputs, guide = net.inputs(view), to_tensor(view.guide * 2 - 1).to(net.device)
        hole = F.avg_pool2d(1 - inputs.known.float(), 2)
        wanted = F.avg_pool2d(guide, 2)
        near, far = (each.detach().float().clone() for each in net.network.encode(inputs))
        maps = [near.requires_grad_(True), far.requires_grad_(True)]
        optimiser = torch.optim.Adam(maps, lr=RATE)
        for step in range(STEPS):
            progress.report(step / STEPS, Message("engine.refining"))
            progress.check()
            picture = F.avg_pool2d(_decode(net, maps), 2)
            loss = ((picture - wanted).abs() * hole).sum() / hole.sum().clamp(min=1)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
        with torch.no_grad():
            picture = _decode(net, maps)
    found = ((picture[0] + 1) / 2).clamp(0, 1).permute(1, 2, 0).cpu().numpy()
    return np.ascontiguousarray(found, np.float32)


def _decode(net: LoadedNetwork, maps: list[Tensor]) -> Tensor:
    picture: Tensor = net.network.decode(tuple(each.to(net.dtype) for each in maps))
    return picture.float()
