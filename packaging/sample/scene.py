"""The camera, the sun and the ground, which all parts of the picture share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from noise import Field, gradient_noise, rgb

WIDTH, HEIGHT = 1600, 1067
HORIZON = 427.0  # row of the horizon in the finished picture
FOCAL = 1600.0  # in pixels of the finished picture: a 36 mm lens on full frame
EYE = 1.7  # metres above the sand

_ELEVATION, _AZIMUTH = np.radians(21.0), np.radians(62.0)
#: Unit vector to the sun: behind the camera's left shoulder. x right, y up, z away.
SUN = np.array(
    [
        -np.cos(_ELEVATION) * np.sin(_AZIMUTH),
        np.sin(_ELEVATION),
        -np.cos(_ELEVATION) * np.cos(_AZIMUTH),
    ]
)
SUNLIGHT = rgb(1.46, 0.96, 0.56)
SKYLIGHT = rgb(0.30, 0.36, 0.46)


@dataclass(frozen=True, eq=False)
class Rays:
    """One viewing ray per pixel: direction ``(dx, dy, 1)``, not normalised."""

    dx: Field
    dy: Field

    @classmethod
    def of_rows(cls, top: float, bottom: float, oversampling: int) -> Rays:
        """The rays of rows ``top`` to ``bottom`` of the finished picture."""
        n = oversampling
        y = (np.arange(round((bottom - top) * n)) + 0.5) / n + top
        x = (np.arange(WIDTH * n) + 0.5) / n
        dx = np.broadcast_to((x - WIDTH / 2) / FOCAL, (len(y), len(x)))
        dy = np.broadcast_to(((HORIZON - y) / FOCAL)[:, None], (len(y), len(x)))
        return cls(dx.astype(np.float32), dy.astype(np.float32))

    def ground(self) -> tuple[Field, Field]:
        """Where the rays below the horizon meet the ground: x and z in metres."""
        z = EYE / np.maximum(-self.dy, 1e-5)
        return self.dx * z, z


def find_shoreline(x: Field) -> Field:
    """Distance z at which the sea begins, in metres, at each ``x``."""
    curve = 19.0 + 0.16 * x + 0.004 * np.clip(x, -60, 90) ** 2
    return (
        curve
        + 1.3 * gradient_noise(x * 0.11, np.zeros_like(x), 5)
        + 0.5 * gradient_noise(x * 0.4, x * 0, 6)
    )


def lay_over(back: Field, colour: Field, alpha: Field) -> Field:
    """``colour`` with coverage ``alpha`` (h, w) over ``back``."""
    return np.asarray(back + (colour - back) * alpha[..., None])
