"""The object to remove: a lifebuoy on its post, drawn as a flat texture."""

from __future__ import annotations

import cv2
import numpy as np
from noise import Field, fractal_noise, gradient_noise, rgb, smooth_step
from scene import EYE, SKYLIGHT, SUN, SUNLIGHT, Rays, lay_over

X, Z = -0.95, 8.2  # where the post stands, in metres
_SCALE = 500.0  # texture pixels per metre
_LEFT, _TOP, _W, _H = -0.7, 2.75, 1.4, 2.85  # the texture's frame around the post's foot


def paint_texture() -> tuple[Field, Field]:
    """Colour (h, w, 3) in linear light and coverage (h, w) of the stand."""
    h, w = round(_H * _SCALE), round(_W * _SCALE)
    y = (_TOP - (np.arange(h) + 0.5) / _SCALE)[:, None] * np.ones((1, w))
    x = (_LEFT + (np.arange(w) + 0.5) / _SCALE)[None, :] * np.ones((h, 1))
    x, y = x.astype(np.float32), y.astype(np.float32)
    colour, alpha = np.zeros((h, w, 3), np.float32), np.zeros((h, w), np.float32)
    for part in (_post, _board, _roof, _ring):
        paint, cover = part(x, y)
        colour = lay_over(colour, paint, cover)
        alpha = np.maximum(alpha, cover)
    return colour, alpha


def _lit(nx: Field | float, ny: Field | float, nz: Field | float) -> Field:
    """Light on a surface with this normal: (h, w, 3). z points away from the camera."""
    sun = np.clip(nx * SUN[0] + ny * SUN[1] + nz * SUN[2], 0, None)
    sky = 0.55 + 0.35 * np.asarray(ny) - 0.1 * np.asarray(nz)
    return np.asarray(sun[..., None] * SUNLIGHT * 1.5 + sky[..., None] * SKYLIGHT * 1.5)


def _box(x: Field, y: Field, left: float, right: float, bottom: float, top: float) -> Field:
    edge = np.minimum(np.minimum(x - left, right - x), np.minimum(y - bottom, top - y))
    return smooth_step(-0.001, 0.001, edge)


def _wood(x: Field, y: Field, seed: int) -> Field:
    grain = fractal_noise(x * 70, y * 3.0, seed, 4, gain=0.7) + 0.5 * fractal_noise(
        x * 9, y * 1.2, seed + 9, 3
    )
    return 1 + 0.55 * grain


def _post(x: Field, y: Field) -> tuple[Field, Field]:
    half = 0.062
    across = np.clip(x / half, -0.98, 0.98)
    light = _lit(across * 0.9, 0.0 * x, -np.sqrt(1 - (across * 0.9) ** 2))
    paint = rgb(0.34, 0.27, 0.20) * _wood(x, y, 200)[..., None] * light
    paint *= (0.72 + 0.28 * smooth_step(0.0, 0.5, y))[..., None]
    foot = -0.015 + 0.02 * gradient_noise(x * 30, y * 0, 205)
    return paint, _box(x, y, -half, half, -0.2, 2.50) * smooth_step(-0.004, 0.004, y - foot)


def _board(x: Field, y: Field) -> tuple[Field, Field]:
    planks = np.abs(((x + 0.36) / 0.18) % 1.0 - 0.5)
    gap = smooth_step(0.5, 0.47, planks)
    light = _lit(0.0 * x, 0.0 * x + 0.05, 0.0 * x - 1.0)
    worn = smooth_step(0.18, 0.42, fractal_noise(x * 8, y * 5, 210, 5, gain=0.65))
    painted = rgb(0.78, 0.79, 0.74) * (_wood(x, y, 215)[..., None] * 0.25 + 0.75)
    bare = rgb(0.40, 0.33, 0.26) * _wood(x, y, 220)[..., None]
    paint = lay_over(painted, bare, worn) * light * (0.35 + 0.65 * gap)[..., None]
    # The ring and the roof throw their shadows on the board.
    radius = np.hypot(x - 0.05, y - 1.80)
    ring = smooth_step(0.035, 0.0, np.abs(radius - 0.275) - 0.062)
    eave = smooth_step(2.16, 2.22, y + 0.50 * np.abs(x))
    gable = smooth_step(0.001, -0.001, y - (2.50 - 0.50 * np.abs(x)))
    cover = _box(x, y, -0.36, 0.36, 1.38, 2.60) * gable
    return paint * (1 - 0.62 * np.maximum(ring, eave))[..., None], cover


def _roof(x: Field, y: Field) -> tuple[Field, Field]:
    top = 2.56 - 0.50 * np.abs(x)
    inside = np.minimum(np.minimum(top - y, y - top + 0.10), 0.50 - np.abs(x))
    side = np.where(x < 0, -0.45, 0.45).astype(np.float32)
    light = _lit(side, 0.0 * x + 0.6, 0.0 * x - 0.65)
    paint = rgb(0.36, 0.29, 0.22) * _wood(y + 0.6 * np.abs(x), x, 230)[..., None] * light
    return paint, smooth_step(-0.001, 0.001, inside)


def _ring(x: Field, y: Field) -> tuple[Field, Field]:
    cx, cy, middle, half = 0.0, 1.85, 0.275, 0.078
    dx, dy = x - cx, y - cy
    radius = np.hypot(dx, dy) + 1e-6
    across = np.clip((radius - middle) / half, -1, 1)
    nx, ny, nz = across * dx / radius, across * dy / radius, -np.sqrt(1 - across**2)
    angle = np.degrees(np.arctan2(dy, dx)) % 90 - 45
    band = smooth_step(13.5, 12.5, np.abs(angle))
    orange, white = rgb(0.83, 0.16, 0.03), rgb(0.86, 0.85, 0.80)
    base = lay_over(np.broadcast_to(orange, (*x.shape, 3)), white, band)
    scuff = 1 + 0.16 * fractal_noise(x * 40, y * 40, 240, 4, gain=0.7)
    gloss = np.clip(nx * -0.52 + ny * 0.46 + nz * -0.72, 0, 1) ** 40
    paint = base * _lit(nx, ny, nz) * scuff[..., None] + 0.55 * gloss[..., None] * SUNLIGHT
    return paint.astype(np.float32), smooth_step(0.001, -0.001, np.abs(radius - middle) - half)


def _sample(image: Field, x: Field, y: Field) -> Field:
    """``image`` of the stand at (x, y) metres from its foot; 0 outside the frame."""
    u = ((x - _LEFT) * _SCALE - 0.5).astype(np.float32)
    v = ((_TOP - y) * _SCALE - 0.5).astype(np.float32)
    return cv2.remap(image, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)


def render_stand(rays: Rays) -> tuple[Field, Field]:
    """The stand as the camera sees it: colour (h, w, 3), coverage (h, w)."""
    colour, alpha = paint_texture()
    blur = _SCALE * Z / 1600 / 4  # a quarter of a finished pixel against aliasing
    premultiplied = cv2.GaussianBlur(colour * alpha[..., None], (0, 0), blur)
    alpha = cv2.GaussianBlur(alpha, (0, 0), blur)
    x, y = rays.dx * Z - X, EYE + rays.dy * Z
    cover = _sample(alpha, x, y)
    paint = _sample(premultiplied, x, y) / np.maximum(cover, 1e-3)[..., None]
    return paint, np.clip(cover, 0, 1)


def cast_shadow(rays: Rays) -> Field:
    """How much of the sun the stand hides from the sand: (h, w), soft with distance."""
    x, z = rays.ground()
    height = (z - Z) / -SUN[2] * SUN[1]
    across = x - X - height * -SUN[0] / SUN[1]
    _, alpha = paint_texture()
    alpha[-round(0.1 * _SCALE) :] = alpha[-round(0.1 * _SCALE) - 1]
    # The sun is half a degree wide: the shadow's edge softens with distance.
    levels = [0.0, 0.6, 1.2, 2.4]
    total = np.zeros_like(x)
    for k, level in enumerate(levels):
        sigma = max(level / SUN[1] * np.radians(0.53) / 2 * _SCALE, 3.0)
        here = _sample(cv2.GaussianBlur(alpha, (0, 0), sigma), across, height)
        below = levels[k - 1] if k else -1.0
        above = levels[k + 1] if k + 1 < len(levels) else 99.0
        weight = np.minimum((height - below) / (level - below), (above - height) / (above - level))
        total += here * np.clip(weight, 0, 1)
    contact = np.exp(-(((x - X - 0.05) / 0.10) ** 2 + ((z - Z) / 0.10) ** 2)) * 0.5
    return np.clip(np.where(height < -0.02, 0, total) + contact, 0, 1).astype(np.float32)
