"""Reads the monitor's colour profile from the operating system."""

from __future__ import annotations

import ctypes
import ctypes.util
import logging
from contextlib import suppress
from pathlib import Path

_log = logging.getLogger(__name__)

_MAX_BYTES = 1 << 24
_ANY_TYPE = 0  # AnyPropertyType of X11


def read_monitor_profile(platform: str, window: int) -> bytes | None:
    """The ICC profile of the screen that a window is on; None if the system provides none.

    ``platform`` is Qt's name of the window system, ``window`` the native window id. On Wayland the
    compositor converts from sRGB, and programs cannot read the profile.
    """
    profile: bytes | None = None
    try:
        if platform == "windows":
            profile = _read_windows(window)
        elif platform == "cocoa":
            profile = _read_macos()
        elif platform == "xcb":
            profile = _read_x11()
    except (OSError, AttributeError, ValueError) as error:
        _log.warning("the screen's colour profile is not known: %s", error)
    return profile or None


def _read_windows(window: int) -> bytes | None:
    from PIL import ImageCms

    profile = ImageCms.get_display_profile(window)
    # The name is empty if Pillow did not read a file.
    name = None if profile is None else profile.filename
    return None if not name else Path(name).read_bytes()


def _read_macos() -> bytes | None:
    graphics = ctypes.CDLL(
        "/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics", use_errno=True
    )
    foundation = ctypes.CDLL(
        "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation", use_errno=True
    )
    graphics.CGMainDisplayID.restype = ctypes.c_uint32
    for function in (
        graphics.CGDisplayCopyColorSpace,
        graphics.CGColorSpaceCopyICCData,
        foundation.CFDataGetBytePtr,
    ):
        function.restype = ctypes.c_void_p
    graphics.CGDisplayCopyColorSpace.argtypes = [ctypes.c_uint32]
    graphics.CGColorSpaceCopyICCData.argtypes = [ctypes.c_void_p]
    foundation.CFDataGetBytePtr.argtypes = [ctypes.c_void_p]
    foundation.CFDataGetLength.argtypes = [ctypes.c_void_p]
    foundation.CFDataGetLength.restype = ctypes.c_long
    foundation.CFRelease.argtypes = [ctypes.c_void_p]
    space = graphics.CGDisplayCopyColorSpace(graphics.CGMainDisplayID())
    if not space:
        return None
    data = graphics.CGColorSpaceCopyICCData(space)
    foundation.CFRelease(space)
    if not data:
        return None
    size = foundation.CFDataGetLength(data)
    profile = ctypes.string_at(foundation.CFDataGetBytePtr(data), size)
    foundation.CFRelease(data)
    return profile


def _read_x11() -> bytes | None:
    """The property _ICC_PROFILE of the root window.

    Source: ICC Profiles In X Specification 0.4, section 2 (freedesktop.org).
    """
    name = ctypes.util.find_library("X11")
    if name is None:
        return None
    x11 = ctypes.CDLL(name)
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XOpenDisplay.argtypes = [ctypes.c_char_p]
    x11.XDefaultRootWindow.restype = ctypes.c_ulong
    x11.XDefaultRootWindow.argtypes = [ctypes.c_void_p]
    x11.XInternAtom.restype = ctypes.c_ulong
    x11.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    x11.XFree.argtypes = [ctypes.c_void_p]
    x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
    display = x11.XOpenDisplay(None)
    if not display:
        return None
    try:
        atom = x11.XInternAtom(display, b"_ICC_PROFILE", 1)
        root = x11.XDefaultRootWindow(display)
        return _read_x11_property(x11, display, root, atom) if atom else None
    finally:
        x11.XCloseDisplay(display)


def _read_x11_property(x11: ctypes.CDLL, display: int, window: int, atom: int) -> bytes | None:
    """The bytes of a window's property; None if the window does not have it."""
    kind, form = ctypes.c_ulong(), ctypes.c_int()
    count, rest = ctypes.c_ulong(), ctypes.c_ulong()
    data = ctypes.c_void_p()
    x11.XGetWindowProperty.argtypes = [
        ctypes.c_void_p,
        ctypes.c_ulong,
        ctypes.c_ulong,
        ctypes.c_long,
        ctypes.c_long,
        ctypes.c_int,
        ctypes.c_ulong,
        *[ctypes.c_void_p] * 5,
    ]
    refs = [ctypes.byref(value) for value in (kind, form, count, rest, data)]
    failed = x11.XGetWindowProperty(display, window, atom, 0, _MAX_BYTES // 4, 0, _ANY_TYPE, *refs)
    if failed or not data:
        return None
    try:
        is_complete = form.value == 8 and rest.value == 0
        return ctypes.string_at(data, count.value) if is_complete else None
    finally:
        with suppress(AttributeError):
            x11.XFree(data)
