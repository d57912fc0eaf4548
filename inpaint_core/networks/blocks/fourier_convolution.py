"""Fast Fourier convolution: part of the channels sees the whole image at once.

Source: Chi, Jiang, Mu, "Fast Fourier convolution" (NeurIPS 2020), as in Suvorov et al.,
"Resolution-robust large mask inpainting with Fourier convolutions" (WACV 2022).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Pair = tuple[Tensor, Tensor]
"""The local and the global channels of a map."""


class SpectralTransform(nn.Module):
    """A 1x1 convolution in the frequency domain, between two 1x1 convolutions in space."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.squeeze = nn.Conv2d(channels, half, 1, bias=False)
        self.squeeze_norm = nn.BatchNorm2d(half)
        self.frequency = nn.Conv2d(2 * half, 2 * half, 1, bias=False)
        self.frequency_norm = nn.BatchNorm2d(2 * half)
        self.widen = nn.Conv2d(half, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same, for odd sides too."""
        x = F.relu(self.squeeze_norm(self.squeeze(x)))
        return self.widen(x + self.filter_spectrum(x))  # type: ignore[no-any-return]

    def filter_spectrum(self, x: Tensor) -> Tensor:
        """The convolution in the frequency domain alone: (B, C / 2, H, W) -> the same."""
        height, width = x.shape[-2:]
        # bfloat16 supports neither the transforms nor complex numbers.
        spectrum = torch.fft.rfft2(x.float(), norm="ortho")
        parts = torch.view_as_real(spectrum)  # (B, C, H, W // 2 + 1, 2)
        parts = parts.permute(0, 1, 4, 2, 3).flatten(1, 2)  # real and imaginary side by side
        parts = F.relu(self.frequency_norm(self.frequency(parts.to(x.dtype))))
        pairs = parts.float().view(len(x), -1, 2, height, width // 2 + 1)
        spectrum = torch.view_as_complex(pairs.permute(0, 1, 3, 4, 2).contiguous())
        back: Tensor = torch.fft.irfft2(spectrum, s=(height, width), norm="ortho")
        return back.to(x.dtype)


class FourierConv(nn.Module):
    """3x3 convolutions among local and global channels, a spectral transform among the global."""

    def __init__(self, local: int, glob: int) -> None:
        super().__init__()

        def conv(inputs: int, outputs: int) -> nn.Conv2d:
            return nn.Conv2d(inputs, outputs, 3, padding=1, padding_mode="reflect", bias=False)

        self.local_to_local = conv(local, local)
        self.local_to_global = conv(local, glob)
        self.global_to_local = conv(glob, local)
        self.global_to_global = SpectralTransform(glob)
        self.local_norm, self.global_norm = nn.BatchNorm2d(local), nn.BatchNorm2d(glob)

    def forward(self, x: Pair) -> Pair:
        """(B, local, H, W) and (B, global, H, W) -> the same."""
        local, glob = x
        out = self.local_to_local(local) + self.global_to_local(glob)
        far = self.local_to_global(local) + self.global_to_global(glob)
        return F.relu(self.local_norm(out)), F.relu(self.global_norm(far))


class FourierBlock(nn.Module):
    """Two Fourier convolutions with an identity around them."""

    def __init__(self, local: int, glob: int) -> None:
        super().__init__()
        self.first, self.second = FourierConv(local, glob), FourierConv(local, glob)

    def forward(self, x: Pair) -> Pair:
        """(B, local, H, W) and (B, global, H, W) -> the same."""
        local, glob = self.second(self.first(x))
        return x[0] + local, x[1] + glob
