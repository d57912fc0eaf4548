"""Lacuna's engine: a photo and a mask in, the photo without the object out.

A library without Qt. Arrays are indexed ``[y, x]``, colour is RGB, and a hole is 1 / True / 255
where pixels are to be filled. ``import inpaint_core`` loads neither torch nor numba.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("lacuna-photo")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0+checkout"
