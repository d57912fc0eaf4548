"""Lacuna's engine: a photo and a mask in, the photo without the object out.

A library without Qt. Arrays are indexed ``[y, x]``, colour is RGB, and a hole is 1 / True / 255
where pixels are to be filled. ``import inpaint_core`` loads neither torch nor numba.
"""

__version__: str


def __getattr__(name: str) -> str:
    # Looked up when asked for: importlib.metadata costs 20 ms, and few runs need the version.
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("lacuna-photo")
    except PackageNotFoundError:  # a checkout that was never installed
        return "0+checkout"
