"""Compiled inner loops that turn matches into pixels: the vote, and the choice of what is copied,
both by how well patches match for their contrast.

Arrays are as in `patch_kernels`.
"""

from __future__ import annotations

import numpy as np

from inpaint_core.exemplar.patch_kernels import STEPS, Floats, Ints, Shape, Shorts
from inpaint_core.local.compiled import compiled, vectorised


@vectorised
def vote(
    f: Floats,
    q: Shorts,
    shape: Shape,
    r: int,
    voted: int,
    xs: Ints,
    starts: Ints,
    match: Ints,
    weight: Floats,
    px: Ints,
    pixel_starts: Ints,
    lo: int,
    hi: int,
) -> None:
    """Rebuild the hole in the rows ``lo .. hi-1`` from the patches that cover it (Wexler et al.,
    eq. 3).

    ``starts`` (H + 1,) int32: the numbers of the targets of row ``y``, whose columns are ``xs``,
    run from ``starts[y]`` to ``starts[y + 1]``; ``px`` and ``pixel_starts`` likewise for the pixels
    of the hole. Their first ``voted`` channels are overwritten in ``f`` and ``q``; sources are
    never in the hole, so this can be done in place. Whole rows of patches are added, as they lie in
    memory.
    """
    height, width, channels = shape
    side = 2 * r + 1
    n = side * channels
    total = np.empty(width * channels, np.float32)
    weights = np.empty(width, np.float32)
    for y in range(lo, hi):
        first, last = pixel_starts[y], pixel_starts[y + 1]
        if first == last:
            continue
        total[:] = 0
        weights[:] = 0
        for cy in range(max(y - r, 0), min(y + r + 1, height)):
            for j in range(starts[cy], starts[cy + 1]):
                w = weight[j]
                left = int(xs[j]) - r
                s = ((int(match[j, 0]) + y - cy) * width + int(match[j, 1]) - r) * channels
                a = total[left * channels : left * channels + n]
                b = q[s : s + n]
                for k in range(n):
                    a[k] += w * np.float32(b[k])
                c = weights[left : left + side]
                for k in range(side):
                    c[k] += w
        for i in range(first, last):
            x = int(px[i])
            if weights[x] > 0:
                t = (y * width + x) * channels
                part = np.float32(1) / weights[x]
                for k in range(voted):
                    value = total[x * channels + k] * part
                    q[t + k] = np.int16(np.rint(value))
                    f[t + k] = value * np.float32(1 / STEPS)


@compiled
def pick(
    shape: Shape,
    r: int,
    index: Ints,
    match: Ints,
    cost: Floats,
    py: Ints,
    px: Ints,
    chosen: Ints,
    lo: int,
    hi: int,
) -> None:
    """For hole pixels ``lo .. hi-1``, the source pixel in the best patch that covers each.

    The last vote, with all weight on one patch: ``chosen`` (P, 2) int32 receives the pixel to copy.
    A patch counts less towards its corners, so that ties go to the nearest centre.
    """
    height, width, _ = shape
    for i in range(lo, hi):
        y, x = int(py[i]), int(px[i])
        best = np.float32(np.inf)
        for cy in range(max(y - r, 0), min(y + r + 1, height)):
            for cx in range(max(x - r, 0), min(x + r + 1, width)):
                j = index[cy, cx]
                if j < 0:
                    continue
                far = (y - cy) * (y - cy) + (x - cx) * (x - cx)
                c = cost[j] * np.float32(1 + 0.02 * far)
                if c < best:
                    best = c
                    chosen[i, 0] = match[j, 0] + y - cy
                    chosen[i, 1] = match[j, 1] + x - cx


@compiled
def measure_contrast(f: Floats, shape: Shape, r: int, contrast: Floats, lo: int, hi: int) -> None:
    """The standard deviation of the colours in the patches around the pixels of the rows
    ``lo .. hi-1``, ``contrast`` (H * W,), in the unit of ``f``; 0 where a patch leaves the image.
    """
    height, width, channels = shape
    side = 2 * r + 1
    sums, squares = np.empty((width, 3)), np.empty(width)
    for y in range(max(lo, r), min(hi, height - r)):
        sums[:], squares[:] = 0, 0
        for row in range(y - r, y + r + 1):
            for x in range(width):
                at = (row * width + x) * channels
                for k in range(3):
                    value = np.float64(f[at + k])
                    sums[x, k] += value
                    squares[x] += value * value
        total, square = np.zeros(3), 0.0
        for x in range(width):
            total += sums[x]
            square += squares[x]
            if x >= side:
                total -= sums[x - side]
                square -= squares[x - side]
            if x >= side - 1:
                mean = (total * total).sum() / side**4
                variance = max(square / side**2 - mean, 0.0) / 3
                contrast[y * width + x - r] = np.float32(np.sqrt(variance))
