"""Errors with a name, one sentence that says what, and one hint that says what to do.

Everything a person can cause or mend is an `InpaintError`; anything else that is raised is a bug.
"""

from __future__ import annotations

import errno

from inpaint_core.contract.message import Message


class InpaintError(Exception):
    """One sentence for a person and one hint: the messages ``key`` and ``key.hint``, both with
    ``values``. ``str()`` is both in English.
    """

    def __init__(self, key: str, /, **values: object) -> None:
        self.message = Message(key, **values)
        self.hint = Message(f"{key}.hint", **values)
        super().__init__(self.message)

    def __reduce__(self) -> tuple[object, ...]:
        return _remade, (type(self), self.message)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}"


def _remade(kind: type[InpaintError], message: Message) -> InpaintError:
    return kind(message.key, **message.values)


def lacks_memory(error: BaseException) -> bool:
    """Whether an error of Python or of the system says that memory ran out, also that for a library
    or for a thread.
    """
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    words = {
        ImportError: ("failed to map segment", "cannot allocate memory", "paging file"),
        RuntimeError: ("can't start new thread",),
    }
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(
        isinstance(error, kind) and any(each in text for each in said)
        for kind, said in words.items()
    )


def explain_missing_torch(error: BaseException) -> InpaintError | None:
    """What to tell a person where an import failed because PyTorch is not installed; None for any
    other error.
    """
    is_torch = isinstance(error, ModuleNotFoundError) and error.name == "torch"
    return NetworksUnavailable("engine.no_torch") if is_torch else None


class FileUnreadable(InpaintError):
    """The path is missing, is not a file, or may not be read."""


class PhotoDamaged(InpaintError):
    """The file is empty, truncated or not a picture we can decode."""


class PhotoUnsupported(InpaintError):
    """The picture's kind is known but not supported."""


class PhotoTooLarge(InpaintError):
    """The picture has more pixels than the limit allows."""


class CannotWrite(InpaintError):
    """The output cannot be written: no permission, no space, an unknown format, or it exists."""


class FileChanged(CannotWrite):
    """The file that was to be replaced has been written by another program in the meantime."""


class BadRequest(InpaintError):
    """The request contradicts itself or the photo (wrong mask size, mask empty or everything)."""


class NothingFound(InpaintError):
    """There is nothing in the photo of what was to be found and removed."""


class UnknownEngine(InpaintError):
    """No generator has this id."""


class NothingToCopy(InpaintError):
    """No known pixel is left that a fill could be made from."""


class NetworksUnavailable(InpaintError):
    """PyTorch, which networks need, is not installed."""


class DeviceUnavailable(InpaintError):
    """The device asked for is not on this machine."""


class OutOfMemory(InpaintError):
    """The work does not fit into memory even in its smallest form."""


class WeightsUnavailable(InpaintError):
    """The generator's weights are missing or damaged."""


class ProjectDamaged(InpaintError):
    """The file is not a project, or a damaged one."""


class ProjectTooNew(InpaintError):
    """A newer version of the program saved the project."""
