"""Compiled inner loops: patch distance, PatchMatch search, exhaustive onion-peel search.

Every kernel releases the GIL and works on a block of targets, so that threads can share a pass. It
reads other blocks from a snapshot of the previous pass and takes random numbers from a counter, so
that the result does not depend on the number of threads or their order.

Feature images are passed flat: ``f`` has ``H * W * C`` float32 values, a patch row is
``(2 r + 1) * C`` consecutive ones; ``q`` has the same as whole numbers, in half the bytes. Pixels
are ``(y, x)``; a *target* is the centre of a patch that touches the hole, a *source* the centre of
a patch that is wholly known.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inpaint_core.local.compiled import compiled, vectorised
from inpaint_core.local.vectors import LANES, add_squares

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Shorts = NDArray[np.int16]
Bytes = NDArray[np.uint8]
FlatIndices = NDArray[np.int64]
Shape = tuple[int, int, int]


STEPS = 4
"""Patches are compared in whole steps, so many per 8-bit level."""
FARTHEST = 8191
"""The largest step, either side of 0: 2048 levels. Differences of any two fit into int16, and the
squares of a row into int32 unless most of them are larger than any photo's."""


@compiled
def quantise(f: Floats, q: Shorts) -> None:
    """The values of ``f``, in 8-bit levels, in `STEPS` at the start of ``q``."""
    for k in range(f.shape[0]):
        step = np.rint(f[k] * np.float32(STEPS))
        q[k] = np.int16(min(max(step, np.float32(-FARTHEST)), np.float32(FARTHEST)))


def count_vectors(channels: int, r: int) -> int:
    """Vectors of `LANES` numbers in a row of a patch."""
    return -(-(2 * r + 1) * channels // LANES)


def build_row_mask(channels: int, r: int) -> Shorts:
    """-1 for the numbers of a row of a patch, then 0 to the end of its last vector."""
    mask = np.zeros(count_vectors(channels, r) * LANES, np.int16)
    mask[: (2 * r + 1) * channels] = -1
    return mask


@compiled
def patch_distance(
    q: Shorts,
    mask: Shorts,
    width: int,
    channels: int,
    ty: int,
    tx: int,
    sy: int,
    sx: int,
    r: int,
    limit: np.float32,
) -> np.float32:
    """Sum of squared differences of two patches, in 8-bit levels squared; stops after the row in
    which it reaches ``limit``.
    """
    t = ((ty - r) * width + tx - r) * channels
    s = ((sy - r) * width + sx - r) * channels
    most = np.int64(min(limit * np.float32(STEPS * STEPS), np.float32(1e18))) + 1
    vectors = mask.shape[0] // LANES
    total = add_squares(q, mask, t, s, width * channels, 2 * r + 1, vectors, most)
    return np.float32(total) * np.float32(1 / (STEPS * STEPS))


@compiled
def _next_random(state: np.uint64) -> tuple[np.uint64, np.uint64]:
    """One step of splitmix64 (Steele, Lea, Flood 2014)."""
    state += np.uint64(0x9E3779B97F4A7C15)
    z = state
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state, z ^ (z >> np.uint64(31))


@compiled
def _start_stream(seed: int, i: int) -> np.uint64:
    """The state of the random stream of target ``i``."""
    state = np.uint64(seed) ^ (np.uint64(i) * np.uint64(0xD1342543DE82EF95))
    state, _ = _next_random(state)
    return state


@compiled
def _pick_between(z: np.uint64, lo: int, hi: int) -> int:
    """The lower 32 of the random bits ``z`` as an integer in [lo, hi]."""
    low = z & np.uint64(0xFFFFFFFF)
    return lo + int((low * np.uint64(hi - lo + 1)) >> np.uint64(32))


ALIGNED_WITHIN = 64.0
"""Squared pixels of each scale beyond which a deviation costs no more: a place that is elsewhere
altogether may still be the best there is."""


@vectorised
def measure_deviation(
    place: Floats,
    kind: Ints,
    period: Floats,
    weight: Floats,
    size: int,
    i: int,
    t: int,
    s: int,
) -> np.float32:
    """What it costs target ``i`` that its source deviates from its place across lines or within a
    period.

    ``place`` (P * size,) are maps of places, flat, in pixels; ``kind, period, weight`` (T, K) say
    which map each target is held to, with what period (0: none) and at what cost of a squared
    pixel. ``t`` and ``s`` are the flat indices of target and source.
    """
    total = np.float32(0)
    for k in range(weight.shape[1]):
        if weight[i, k] <= 0:
            continue
        base = kind[i, k] * size
        d = place[base + s] - place[base + t]
        p = period[i, k]
        if p > 0:
            d -= p * np.floor(d / p + np.float32(0.5))
        total += weight[i, k] * min(d * d, np.float32(ALIGNED_WITHIN))
    return total


MEANS = 4
"""Channels of which the means of patches are compared, in whole 8-bit levels."""


@vectorised
def _compare_means(means: Bytes, t: int, s: int) -> np.float32:
    """The sum of squared differences of the means (H * W * MEANS,) of the patches around the flat
    indices ``t`` and ``s``, at least: each mean may be off by half a level.
    """
    total = 0
    for k in range(MEANS):
        d = max(abs(int(means[t * MEANS + k]) - int(means[s * MEANS + k])) - 1, 0)
        total += d * d
    return np.float32(total)


@compiled
def count_uses(places: Ints, uses: Floats) -> None:
    """Add 1 to ``uses`` (H * W,) at each of the flat indices ``places``."""
    for place in places:
        uses[place] += 1


@compiled
def search(
    q: Shorts,
    mask: Shorts,
    shape: Shape,
    r: int,
    ys: Ints,
    xs: Ints,
    index: Ints,
    match: Ints,
    cost: Floats,
    before: Ints,
    means: Bytes,
    penalty: Floats,
    place: Floats,
    kind: Ints,
    period: Floats,
    weight: Floats,
    radius: int,
    forward: bool,
    seed: int,
    lo: int,
    hi: int,
) -> None:
    """One PatchMatch pass over targets ``lo .. hi-1`` (Barnes et al. 2009, section 3.2).

    ``q`` and ``mask`` as `quantise` and `build_row_mask` make them; ``shape`` (H, W, C); ``ys, xs``
    (T,) int32 the targets; ``index`` (H, W) int32 the number of the target at a pixel or -1;
    ``match`` (T, 2) int32, all of them sources, and ``cost`` (T,) float32 are updated; ``before``
    is ``match`` at the start of the pass; ``means`` (H * W * MEANS,) the means of patches;
    ``penalty`` (H * W,) float32 is added to a source's distance, infinite where there is no source,
    and what `measure_deviation` says of ``place, kind, period, weight``; random search starts at
    ``radius``.
    """
    height, width, channels = shape
    size = height * width
    of_means = np.float32((2 * r + 1) ** 2)
    places, bounds = np.empty(64, np.int64), np.empty(64, np.float32)
    for step in range(hi - lo):
        i = lo + step if forward else hi - 1 - step
        y, x = int(ys[i]), int(xs[i])
        by, bx = int(match[i, 0]), int(match[i, 1])
        at = y * width + x
        here = by * width + bx
        best = penalty[here]
        best += measure_deviation(place, kind, period, weight, size, i, at, here)
        best += patch_distance(q, mask, width, channels, y, x, by, bx, r, np.float32(np.inf))
        for k in range(4):
            dy = (k & 1) * (1 - (k & 2))
            dx = (1 - (k & 1)) * (1 - (k & 2))
            ny, nx = y - dy, x - dx
            if ny < 0 or nx < 0 or ny >= height or nx >= width:
                continue
            j = index[ny, nx]
            if j < 0:
                continue
            if lo <= j < hi:
                cy, cx = match[j, 0] + dy, match[j, 1] + dx
            else:
                cy, cx = before[j, 0] + dy, before[j, 1] + dx
            source = cy * width + cx  # inside the image, as a match is
            if source == here or penalty[source] >= best:
                continue
            extra = penalty[source]
            extra += measure_deviation(place, kind, period, weight, size, i, at, source)
            if extra >= best:
                continue
            d = extra + patch_distance(q, mask, width, channels, y, x, cy, cx, r, best - extra)
            if d < best:
                best, by, bx, here = d, cy, cx, source
        # All places are drawn first, so that their means are fetched at the same time.
        state = _start_stream(seed, i)
        span, drawn = radius, 0
        while span >= 1:
            state, z = _next_random(state)
            cy = _pick_between(z, max(r, by - span), min(height - r - 1, by + span))
            z >>= np.uint64(32)
            cx = _pick_between(z, max(r, bx - span), min(width - r - 1, bx + span))
            span >>= 1
            places[drawn] = cy * width + cx
            bounds[drawn] = of_means * _compare_means(means, at, cy * width + cx)
            drawn += 1
        for k in range(drawn):
            source, least = places[k], bounds[k]
            if least >= best or source == here:
                continue
            extra = penalty[source]
            if extra + least >= best:
                continue
            extra += measure_deviation(place, kind, period, weight, size, i, at, source)
            if extra + least >= best:
                continue
            cy, cx = source // width, source % width
            d = extra + patch_distance(q, mask, width, channels, y, x, cy, cx, r, best - extra)
            if d < best:
                best, by, bx, here = d, cy, cx, source
        match[i, 0], match[i, 1] = by, bx
        cost[i] = best


@vectorised
def measure_colour_distance(
    f: Floats,
    shape: Shape,
    r: int,
    ys: Ints,
    xs: Ints,
    match: Ints,
    distance: Floats,
    lo: int,
    hi: int,
) -> None:
    """Root mean square difference of the colours, the first three channels of ``f``, of targets
    ``lo .. hi-1`` and their matches: ``distance`` (T,) float32, in the unit of ``f``.
    """
    _, width, channels = shape
    for i in range(lo, hi):
        total = np.float32(0)
        for dy in range(-r, r + 1):
            t = ((int(ys[i]) + dy) * width + int(xs[i]) - r) * channels
            s = ((int(match[i, 0]) + dy) * width + int(match[i, 1]) - r) * channels
            for _ in range(2 * r + 1):
                for k in range(3):
                    d = f[t + k] - f[s + k]
                    total += d * d
                t += channels
                s += channels
        distance[i] = np.sqrt(total / np.float32(3 * (2 * r + 1) ** 2))


@compiled
def complete(
    shape: Shape,
    r: int,
    valid: Bools,
    sources: FlatIndices,
    match: Ints,
    seed: int,
    lo: int,
    hi: int,
) -> None:
    """Replace each match that is not a source by a random one of ``sources`` (flat indices)."""
    height, width, _ = shape
    for i in range(lo, hi):
        y, x = match[i, 0], match[i, 1]
        if y >= r and x >= r and y < height - r and x < width - r and valid[y, x]:
            continue
        _, z = _next_random(_start_stream(seed, i))
        s = sources[_pick_between(z, 0, sources.shape[0] - 1)]
        match[i, 0], match[i, 1] = s // width, s % width


@vectorised
def peel(
    f: Floats,
    shape: Shape,
    r: int,
    voted: int,
    known: Floats,
    sources: FlatIndices,
    py: Ints,
    px: Ints,
    number: Ints,
    place: Floats,
    kind: Ints,
    period: Floats,
    weight: Floats,
    match: Ints,
    lo: int,
    hi: int,
) -> None:
    """The best source of each onion-peel pixel ``lo .. hi-1``, comparing known pixels only.

    ``known`` (H, W) float32 is 0 where a pixel is not filled yet; the first ``voted`` channels
    count only at known pixels, the guide channels after them everywhere. ``number`` (P,) is the
    number of each pixel's target, for `measure_deviation`. All ``sources`` (flat
    indices) are tried.
    """
    height, width, channels = shape
    n = (2 * r + 1) * channels
    patch = np.empty((2 * r + 1) * n, np.float32)
    counted = np.empty((2 * r + 1) * n, np.float32)
    for i in range(lo, hi):
        cy = min(max(int(py[i]), r), height - r - 1)
        cx = min(max(int(px[i]), r), width - r - 1)
        m = 0
        for y in range(cy - r, cy + r + 1):
            for x in range(cx - r, cx + r + 1):
                for k in range(channels):
                    patch[m] = f[(y * width + x) * channels + k]
                    counted[m] = known[y, x] if k < voted else np.float32(1)
                    m += 1
        best = np.float32(np.inf)
        for s in sources:
            t = (s - r * width - r) * channels
            d = measure_deviation(
                place, kind, period, weight, height * width, number[i], cy * width + cx, s
            )
            for row in range(2 * r + 1):
                a = f[t : t + n]
                b = patch[row * n : row * n + n]
                c = counted[row * n : row * n + n]
                part = np.float32(0)
                for k in range(n):
                    e = a[k] - b[k]
                    part += c[k] * e * e
                d += part
                if d >= best:
                    break
                t += width * channels
            if d < best:
                best = d
                match[i, 0], match[i, 1] = s // width, s % width
