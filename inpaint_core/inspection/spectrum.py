"""Which spatial frequencies a map holds."""

from __future__ import annotations

import numpy as np

from inpaint_core.inspection.reduction import Features, Plane


def spectrum(features: Features) -> Plane:
    """ln(1 + |F|), (h, w), the zero frequency at ``[h // 2, w // 2]``.

    ``features`` (h, w), or (C, h, w): then |F| is the mean of the channels' magnitudes. F is the
    discrete Fourier transform without a factor. Source: the TSGL paper's figures 9 and 16.
    """
    maps = features[None] if features.ndim == 2 else features
    total = np.zeros(maps.shape[1:])
    for plane in maps:  # one at a time: all channels at once would be gigabytes of complex numbers
        total += np.abs(np.fft.fft2(plane.astype(np.float64)))
    return np.asarray(np.log1p(np.fft.fftshift(total / len(maps))), np.float32)


def profile(spectral: Plane) -> Plane:
    """The mean of a centred spectrum (h, w) by frequency, from 0 to the Nyquist frequency of the
    shorter side, one value per cycle of that side.
    """
    h, w = spectral.shape
    y = (np.arange(h) - h // 2) / h
    x = (np.arange(w) - w // 2) / w
    ring = np.rint(np.hypot(y[:, None], x[None]) * min(h, w)).astype(int)
    wanted = ring <= min(h, w) // 2
    count = np.bincount(ring[wanted])
    total = np.bincount(ring[wanted], weights=spectral[wanted].astype(np.float64))
    return np.asarray(total / np.maximum(count, 1), np.float32)
