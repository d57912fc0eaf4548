"""The best Huffman code for symbols that come so and so often.

Source: ITU-T T.81, annex K.2 (with its limit of 16 bits) and annex C (the codes themselves).
"""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

_MOST = 16


def best(counts: NDArray[np.int64]) -> tuple[bytes, bytes]:
    """How many codes there are of 1 to 16 bits, and their symbols, for ``counts`` (256,).

    No code is all ones, as the standard wants it: a symbol that does not exist takes that place.
    """
    heap: list[tuple[int, int, tuple[int, ...]]]
    heap = [(int(count), symbol, (symbol,)) for symbol, count in enumerate(counts) if count]
    heap.append((0, 256, (256,)))  # rarer than any, so its code becomes the longest
    lengths = dict.fromkeys((symbols[0] for _, _, symbols in heap), 0)
    heapq.heapify(heap)
    while len(heap) > 1:
        one, other = heapq.heappop(heap), heapq.heappop(heap)
        joined = one[2] + other[2]
        for symbol in joined:
            lengths[symbol] += 1
        heapq.heappush(heap, (one[0] + other[0], max(one[1], other[1]), joined))
    sizes = [0] * (max(*lengths.values(), _MOST) + 1)
    for length in lengths.values():
        sizes[length] += 1
    _shorten(sizes)
    longest = max(length for length in range(1, _MOST + 1) if sizes[length])
    sizes[longest] -= 1  # the symbol that does not exist
    del lengths[256]
    # Shorter codes for symbols that had shorter ones before.
    symbols = sorted(lengths, key=lambda symbol: (lengths[symbol], symbol))
    return bytes(sizes[1 : _MOST + 1]), bytes(symbols)


def _shorten(sizes: list[int]) -> None:
    """Figure K.3: two codes that are too long become one shorter, and one other one longer."""
    for length in range(len(sizes) - 1, _MOST, -1):
        while sizes[length]:
            shorter = next(size for size in range(length - 2, 0, -1) if sizes[size])
            sizes[length] -= 2
            sizes[length - 1] += 1
            sizes[shorter + 1] += 2
            sizes[shorter] -= 1


def codes(counts: bytes, symbols: bytes) -> NDArray[np.int64]:
    """(256, 2): the code of each symbol and its length in bits, 0 for a symbol without one."""
    found = np.zeros((256, 2), np.int64)
    code = taken = 0
    for length, count in enumerate(counts, 1):
        for symbol in symbols[taken : taken + count]:
            found[symbol] = code, length
            code += 1
        taken += count
        code <<= 1
    return found
