"""How long a piece of work will still take."""

from __future__ import annotations

_LEAST_SECONDS, _LEAST_FRACTION = 1.5, 0.04
_SHARE = 0.2  # of a new estimate in the smoothed one: the number does not jump about


class Remaining:
    """Estimates the time left from the time and the work so far. Times are in seconds."""

    def __init__(self, start: float) -> None:
        self._start = start
        self._end: float | None = None  # when it will be done, smoothed

    def at(self, now: float, fraction: float) -> float | None:
        """Seconds left at ``now`` with ``fraction`` 0..1 done; None while nobody can know.

        Between two calls with news it counts down, never below 0.
        """
        elapsed = now - self._start
        if elapsed < _LEAST_SECONDS or fraction < _LEAST_FRACTION:
            return None
        end = self._start + elapsed / min(fraction, 1.0)
        self._end = end if self._end is None else self._end + _SHARE * (end - self._end)
        return max(self._end - now, 0.0)
