"""The network that knows what belongs together: features of a photo once, a region for each click.

The encoder is built of SqueezeNet's fire modules (Iandola et al., “SqueezeNet: AlexNet-level
accuracy with 50x fewer parameters”, 2016) with a feature pyramid (Lin et al., CVPR 2017). The head
is a small U-Net over its finest map, maps of the clicks and the region before the newest click, as
in Sofiiuk, Petrov and Konushin, “Reviving iterative training with mask guidance for interactive
segmentation” (ICIP 2022). That clicks also say how alike every place is to theirs is our own.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

MULTIPLE = 32
"""What the sides of a picture must be a multiple of."""
_STRIDE = 4  # of the finest map that clicks are drawn on
_NEAR, _FAR = 1.5, 10.0  # standard deviations, in cells of that map, of what is drawn of a click
_PROMPT = 8  # maps that clicks, the box and the region before are drawn on


@dataclass(frozen=True)
class ObjectFeatures:
    """What the encoder knows of pictures (B, 3, H, W): maps at 1/2, 1/4, 1/8 and 1/16, and unit
    vectors at 1/4 whose products say how alike two places are.
    """

    half: Tensor
    quarter: Tensor
    eighth: Tensor
    sixteenth: Tensor
    likeness: Tensor


@dataclass(frozen=True)
class Prompt:
    """What was pointed at, in pixels of the picture (x, y), where pixel (0, 0) covers 0..1.

    ``points`` (B, N, 2); ``signs`` (B, N): 1 = of the object, -1 = not of it, 0 = no click.
    ``boxes`` (B, 4): left, top, right, bottom; all 0 = no box. ``before`` (B, 1, H/2, W/2): the
    region's probability before the newest click, 0 at first.
    """

    points: Tensor
    signs: Tensor
    boxes: Tensor
    before: Tensor


class _Convolution(nn.Module):
    """A convolution, normalised and rectified; `fold` puts the normalisation into it."""

    def __init__(self, inside: int, outside: int, kernel: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(outside)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inside, H, W) -> (B, outside, H / stride, W / stride)."""
        out: Tensor = F.relu(self.norm(self.conv(x)))
        return out

    def fold(self) -> None:
        """Do the same from now on without the normalisation, with its running statistics."""
        if isinstance(self.norm, nn.BatchNorm2d):
            self.conv = fuse_conv_bn_eval(self.conv.eval(), self.norm.eval())
            self.norm = nn.Identity()


class _Fire(nn.Module):
    """Squeezes to a few channels, and expands them by 1x1 and 3x3 convolutions side by side."""

    def __init__(self, inside: int, outside: int, squeezed: int) -> None:
        super().__init__()
        self.squeeze = _Convolution(inside, squeezed, 1)
        self.small = _Convolution(squeezed, outside // 2, 1)
        self.wide = _Convolution(squeezed, outside - outside // 2, 3)
        self.skips = inside == outside

    def forward(self, x: Tensor) -> Tensor:
        """(B, inside, H, W) -> (B, outside, H, W)."""
        squeezed = self.squeeze(x)
        out = torch.cat([self.small(squeezed), self.wide(squeezed)], dim=1)
        return out + x if self.skips else out


class _Context(nn.Module):
    """Adds what the whole map holds to each of its places."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.mix = nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same."""
        whole: Tensor = self.mix(x.mean(dim=(2, 3)))
        return x + whole[:, :, None, None]


def _enlarge(x: Tensor, like: Tensor) -> Tensor:
    size = (like.shape[-2], like.shape[-1])
    return F.interpolate(x, size=size, mode="bilinear", align_corners=False)


class ObjectNetwork(nn.Module):
    """Features of pictures, and the regions that prompts mean in them."""

    def __init__(self) -> None:
        super().__init__()
        self.to_half = _Convolution(3, 16, 3, 2)
        self.to_quarter = nn.Sequential(_Convolution(16, 32, 3, 2), _Fire(32, 32, 16))
        self.to_eighth = nn.Sequential(nn.MaxPool2d(2), _Fire(32, 64, 16), _Fire(64, 64, 16))
        self.to_sixteenth = nn.Sequential(nn.MaxPool2d(2), _Fire(64, 96, 24), _Fire(96, 96, 24))
        self.to_last = nn.Sequential(nn.MaxPool2d(2), _Fire(96, 112, 24), _Context(112))
        self.from_last = _Convolution(112, 64, 1)
        self.from_sixteenth = _Convolution(96, 64, 1)
        self.from_eighth = _Convolution(64, 48, 1)
        self.from_quarter = _Convolution(32, 32, 1)
        self.mix_sixteenth = _Fire(64, 64, 24)
        self.mix_eighth = _Fire(64 + 48, 48, 20)
        self.mix_quarter = _Fire(48 + 32, 32, 16)
        self.likeness = nn.Conv2d(32, 24, 1)

        self.prompt_quarter = _Fire(32 + _PROMPT, 40, 24)
        self.prompt_eighth = _Fire(40 + 48, 56, 20)
        self.prompt_sixteenth = _Fire(56 + 64, 80, 24)
        self.prompt_last = nn.Sequential(_Fire(80, 80, 20), _Context(80))
        self.up_sixteenth = _Fire(80 + 80, 64, 20)
        self.up_eighth = _Fire(64 + 56, 48, 20)
        self.up_quarter = _Fire(48 + 40, 32, 16)
        self.coarse = nn.Conv2d(32, 16, 1)
        self.fine = nn.Conv2d(16, 16, 1)
        self.mix_half = _Convolution(16, 16, 3)
        self.region = nn.Conv2d(16, 1, 1)

    def fold(self) -> ObjectNetwork:
        """Put all normalisations into the convolutions before them, as weights files hold them."""
        for module in self.modules():
            if isinstance(module, _Convolution):
                module.fold()
        return self

    def encode(self, pictures: Tensor) -> ObjectFeatures:
        """The features of ``pictures`` (B, 3, H, W) in [-1, 1], with sides that are multiples of
        `MULTIPLE`.
        """
        half = self.to_half(pictures)
        quarter = self.to_quarter(half)
        eighth = self.to_eighth(quarter)
        sixteenth = self.to_sixteenth(eighth)
        last = self.from_last(self.to_last(sixteenth))
        sixteenth = self.from_sixteenth(sixteenth)
        sixteenth = self.mix_sixteenth(sixteenth + _enlarge(last, sixteenth))
        eighth = self.from_eighth(eighth)
        eighth = self.mix_eighth(torch.cat([eighth, _enlarge(sixteenth, eighth)], dim=1))
        quarter = self.from_quarter(quarter)
        quarter = self.mix_quarter(torch.cat([quarter, _enlarge(eighth, quarter)], dim=1))
        likeness = F.normalize(self.likeness(quarter), dim=1)
        return ObjectFeatures(self.fine(half), quarter, eighth, sixteenth, likeness)

    def find(self, features: ObjectFeatures, prompt: Prompt) -> Tensor:
        """The logits (B, 1, H/2, W/2) of the regions that ``prompt`` means."""
        drawn = _draw_prompt(features, prompt)
        quarter = self.prompt_quarter(torch.cat([features.quarter, drawn], dim=1))
        eighth = torch.cat([F.max_pool2d(quarter, 2), features.eighth], dim=1)
        eighth = self.prompt_eighth(eighth)
        sixteenth = torch.cat([F.max_pool2d(eighth, 2), features.sixteenth], dim=1)
        sixteenth = self.prompt_sixteenth(sixteenth)
        last = self.prompt_last(F.max_pool2d(sixteenth, 2))
        x = self.up_sixteenth(torch.cat([_enlarge(last, sixteenth), sixteenth], dim=1))
        x = self.up_eighth(torch.cat([_enlarge(x, eighth), eighth], dim=1))
        x = self.up_quarter(torch.cat([_enlarge(x, quarter), quarter], dim=1))
        x = F.relu(_enlarge(self.coarse(x), features.half) + features.half)
        logits: Tensor = self.region(self.mix_half(x))
        return logits


def _draw_prompt(features: ObjectFeatures, prompt: Prompt) -> Tensor:
    """The maps (B, 8, H/4, W/4) of a prompt: near and far from clicks of each sign, how alike to
    them, the region before, and the box (1 inside, -1 outside, 0 without one).
    """
    like = features.likeness
    height, width = like.shape[-2:]
    rows = torch.arange(height, device=like.device, dtype=torch.float32) + 0.5
    columns = torch.arange(width, device=like.device, dtype=torch.float32) + 0.5
    points = prompt.points.float() / _STRIDE
    away = (columns - points[:, :, 0, None])[:, :, None, :] ** 2
    away = away + (rows - points[:, :, 1, None])[:, :, :, None] ** 2  # (B, N, h, w)
    grid = points / points.new_tensor([width, height]) * 2 - 1
    own = F.grid_sample(like.float(), grid[:, :, None, :], align_corners=False)[..., 0]
    alike = torch.einsum("bcn,bchw->bnhw", F.normalize(own, dim=1), like.float())
    maps = []
    for sign in (1, -1):
        counts = (prompt.signs == sign)[:, :, None, None].float()
        for reach in (_NEAR, _FAR):
            maps.append((torch.exp(away / (-2 * reach * reach)) * counts).amax(dim=1, keepdim=True))
        maps.append(((alike + 1) * counts).amax(dim=1, keepdim=True))
    maps.append(F.avg_pool2d(prompt.before.float(), 2))
    left, top, right, bottom = (side[:, None] / _STRIDE for side in prompt.boxes.float().T)
    across = (columns > left) & (columns < right)
    down = (rows > top) & (rows < bottom)
    inside = (down[:, :, None] & across[:, None, :]).float()[:, None] * 2 - 1
    maps.append(inside * (right > left).float()[:, :, None, None])
    return torch.cat(maps, dim=1).to(like.dtype)
