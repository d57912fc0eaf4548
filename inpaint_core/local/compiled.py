"""Functions compiled by numba, whose machine code is kept in a cache of our own.

numba's own cache takes the first folder that it can write, which may be one in the working
directory, unpickles whatever lies there, and raises what it finds wrong. Machine code and pickles
are programs, so ours are read only from a folder and a file that belong to this user and that
nobody else can write, and whatever is wrong with them means that a function is compiled anew.
"""

from __future__ import annotations

import hashlib
import logging
import pickle
import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, TypeVar, cast

import numba
import numpy as np
from filelock import FileLock
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.dispatcher import Dispatcher
from numba.core.extending import _Intrinsic
from numba.core.serialize import dumps

from inpaint_core.local.compiled_record import SUFFIX, code_folder
from inpaint_core.local.own_folders import is_private, read_private, write_private

_Function = TypeVar("_Function", bound=Callable[..., Any])

_log = logging.getLogger(__name__)
# Fast-math except "no NaN, no Inf": sums may be reordered and vectorised; infinities are used as
# limits.
_REORDERED = {"reassoc", "contract", "arcp", "nsz"}
_FORMAT = 1
_DIGEST = 32  # bytes of SHA-256 before the code
_MOST_BYTES = 16 << 20  # of a file; the largest of ours has 0.2 MB
_TURN = ".turn"  # locked by who compiles a function
_LONGEST_TURN = 10.0  # s; the slowest function takes 2 s, but its process may have been stopped
_POLL_SECONDS = 0.02
_MOST_FILES = 256
"""Files that are kept: one version of the program has some 60, so older versions' go in time."""


def compiled(function: _Function) -> _Function:
    """``function`` compiled on its first call, kept on disk, and run without the GIL."""
    return _compile(function, fastmath=False)


def vectorised(function: _Function) -> _Function:
    """As `compiled`, with sums in any order."""
    return _compile(function, fastmath=_REORDERED)


def is_compiled(value: object) -> bool:
    """Whether it is a function of `compiled` or `vectorised`, called yet or not."""
    return isinstance(value, Dispatcher)


def _compile(function: _Function, fastmath: set[str] | bool) -> _Function:
    dispatcher = numba.njit(nogil=True, fastmath=fastmath)(function)
    if hasattr(dispatcher, "_cache"):  # not where NUMBA_DISABLE_JIT is set
        dispatcher._cache = _CodeCache(dispatcher)
    return cast("_Function", dispatcher)


class _CodeCache(NullCache):
    """What numba asks for the machine code of one function, a file per signature.

    Files are replaced whole, so that processes that compile at the same time see each other's or
    none. The digest at the start of a file tells a damaged one. Of processes that need a function
    at the same time one compiles it, and the others wait for it: the first of all fills shares the
    work with the process that compiles ahead.
    """

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._name = dispatcher.py_func.__name__
        self._turns: dict[Path, FileLock] = {}

    @property
    def cache_path(self) -> str:
        return str(code_folder())

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        target_context.refresh()
        path = self._find_file(sig, target_context.codegen())
        found = self._read(path, target_context)
        if found is None and self._take_turn(path) and path.exists():
            found = self._read(path, target_context)
            if found is not None:
                self._end_turn(path)
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        path = self._find_file(sig, data.codegen)
        try:
            if data.library.has_dynamic_globals:
                return
            serialise: Callable[[object], bytes] = dumps
            code = serialise(data._reduce())
            write_private(path, hashlib.sha256(code).digest() + code)
            self._end_turn(path)
            _remove_oldest(path.parent)
        except Exception as error:  # it will be compiled again
            _log.debug("%s was not kept: %r", self._name, error)
        finally:
            self._end_turn(path)

    def _read(self, path: Path, target_context: Any) -> Any:
        try:
            data = read_private(path, _MOST_BYTES)
            if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
                raise ValueError(f"{path} is damaged")
            rebuild: Callable[..., Any] = CompileResult._rebuild
            return rebuild(target_context, *pickle.loads(data[_DIGEST:]))
        except FileNotFoundError:
            return None
        except Exception as error:  # whatever it is, the function can be compiled
            _log.debug("no compiled code of %s: %r", self._name, error)
            return None

    def _take_turn(self, path: Path) -> bool:
        """Wait while another process compiles this function, then keep others waiting. False where
        that cannot be done: two may then compile it.
        """
        turn = FileLock(path.with_suffix(_TURN), timeout=_LONGEST_TURN, mode=0o600)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not is_private(path.parent):
                return False
            turn.acquire(poll_interval=_POLL_SECONDS)
        except (OSError, NotImplementedError) as error:  # also after that time
            _log.debug("%s is compiled by who needs it: %r", self._name, error)
            return False
        self._turns[path] = turn
        return True

    def _end_turn(self, path: Path) -> None:
        turn = self._turns.pop(path, None)
        if turn is not None:
            turn.release()
            with suppress(OSError):
                path.with_suffix(_TURN).unlink()

    def _find_file(self, sig: Any, codegen: Any) -> Path:
        """Named by all that its content depends on."""
        versions = (_FORMAT, numba.__version__, sys.version)
        machine = (platform.machine(), codegen.magic_tuple())
        sources = tuple(_describe(self._dispatcher, set()))
        key = hashlib.sha256(repr((versions, machine, str(sig), sources)).encode()).hexdigest()
        return code_folder() / f"{self._name}-{key[:40]}{SUFFIX}"


def _describe(value: Any, seen: set[int]) -> Iterator[object]:
    """What a function's machine code is made of: its bytecode, the constants that it names, and
    the same of every compiled function that it calls. It needs no source files.
    """
    if isinstance(value, Dispatcher):
        fastmath = value.targetoptions.get("fastmath")
        yield sorted(fastmath) if isinstance(fastmath, set) else fastmath
        yield from _describe(value.py_func, seen)
    elif isinstance(value, _Intrinsic):
        yield from _describe(value._defn, seen)
    elif isinstance(value, FunctionType):
        yield value.__qualname__
        if id(value) not in seen:
            seen.add(id(value))
            yield from _describe_code(value.__code__)
            for name in value.__code__.co_names:
                yield name
                yield from _describe(value.__globals__.get(name), seen)
    elif isinstance(value, np.ndarray):
        yield value.dtype.str, value.shape, value.tobytes()
    elif isinstance(value, bool | int | float | complex | str | bytes | tuple | np.generic):
        yield repr(value)


def _describe_code(code: CodeType) -> Iterator[object]:
    yield code.co_code, code.co_names, code.co_varnames, code.co_argcount, code.co_flags
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _describe_code(constant)
        else:
            yield repr(constant)


def _remove_oldest(folder: Path) -> None:
    """Keep the newest files; parts that killed processes left go like the others."""
    files = [path for path in folder.iterdir() if path.suffix in (SUFFIX, _TURN, ".part")]
    if len(files) <= _MOST_FILES:
        return
    for path in sorted(files, key=lambda path: path.lstat().st_mtime)[: len(files) - _MOST_FILES]:
        with suppress(OSError):
            path.unlink()
