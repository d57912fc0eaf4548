"""Reads a pickle of tensors as data: opcodes of a short list, and nothing that is named is called.

Python's own unpickler imports and calls whatever a file names, torch's keeps a list of what may be
called; this one calls nothing. A name is a `Symbol`, the few constructions that files of weights
need are written out below, and an object of a class of the frameworks that write such files becomes
an `Opaque` that keeps its state. Every other name ends the read.

The opcodes are those of Python's pickle protocols 0 to 5 (`pickletools`), which parses them.
"""

from __future__ import annotations

import pickletools
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO, Any, cast

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.networks.checkpoint.stored_tensor import DTYPES, Storage, StoredTensor

MOST_BYTES = 64 << 20
MOST_STEPS = 4_000_000
"""Bounds of one pickle. That of a network with a thousand tensors has 0.2 MB and 40,000 steps."""

_OPAQUE = (
    "__torch__",
    "_codecs",
    "argparse",
    "lightning",
    "lightning_fabric",
    "numpy",
    "omegaconf",
    "pytorch_lightning",
    "typing",
)
"""Packages whose objects occur beside weights: settings and callbacks of a training run."""

_STORAGES = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
}


@dataclass(frozen=True)
class Symbol:
    """Something that the file names: ``name`` of ``module``."""

    module: str
    name: str

    @property
    def is_opaque(self) -> bool:
        """Whether an object of it is kept unseen."""
        return self.module.partition(".")[0] in _OPAQUE

    @property
    def storage_type(self) -> str | None:
        """The element type when this is a storage class of torch."""
        is_torch = self.module in ("torch", "torch.storage")
        return _STORAGES.get(self.name) if is_torch else None


@dataclass
class Opaque:
    """Stands for an object of a class that is not looked at; ``state`` is what belongs to it."""

    state: Any = None


OpenStorage = Callable[[str, str, int], Storage]
"""The storage with this key, element type and count."""


def read_pickle(stream: IO[bytes], open_storage: OpenStorage | None = None) -> Any:
    """The value of the pickle that begins at the stream's position, which ends up behind it.

    Made of None, bool, int, float, str, bytes, list, dict, tuple, `StoredTensor`, `Symbol` and
    `Opaque`; entries of a dict whose key is none of the first six are left out. Raises
    `WeightsUnavailable` for damage, for what is too large and for any other name.
    """
    interpreter = _Interpreter(open_storage)
    bounded = cast("IO[bytes]", _Bounded(stream))
    try:
        for number, (opcode, value, _) in enumerate(pickletools.genops(bounded)):
            if number >= MOST_STEPS:
                raise WeightsUnavailable("weights.too_large")
            interpreter.step(opcode.name, value)
        return interpreter.result()
    except (ValueError, LookupError, TypeError, struct.error, OverflowError) as error:
        raise WeightsUnavailable("weights.not_readable") from error


class _Bounded:
    """At most `MOST_BYTES` of a stream. Raises `WeightsUnavailable` for more."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._left = stream, MOST_BYTES

    def read(self, size: int) -> bytes:
        if not 0 <= size <= self._left:
            raise WeightsUnavailable("weights.too_large")
        self._left -= size
        return self._stream.read(size)

    def readline(self) -> bytes:
        line = self._stream.readline(self._left + 1)
        self._left -= len(line)
        if self._left < 0:
            raise WeightsUnavailable("weights.too_large")
        return line

    def tell(self) -> int:
        return self._stream.tell()


class _Interpreter:
    """The stack and the memo of one pickle."""

    def __init__(self, open_storage: OpenStorage | None) -> None:
        self._open_storage = open_storage
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}
        self._copied = 0

    def result(self) -> Any:
        """What STOP leaves. Raises IndexError when that is nothing."""
        return self._stack[-1]

    def step(self, opcode: str, value: Any) -> None:
        """Carry out one opcode with its argument. Raises `WeightsUnavailable`, or what Python
        raises for a stack or a value that does not fit.
        """
        if opcode in _LITERALS:
            self._stack.append(value)
        elif opcode in _CONSTANTS:
            self._stack.append(_CONSTANTS[opcode]())
        elif opcode in ("PROTO", "FRAME", "STOP"):
            return
        else:
            handler = getattr(self, f"_do_{_ALIASES.get(opcode, opcode).lower()}", None)
            if handler is None:
                raise WeightsUnavailable("weights.runs_code", called=opcode)
            handler(value)

    # The stack and the memo.

    def _do_mark(self, _: None) -> None:
        self._marks.append(len(self._stack))

    def _do_pop(self, _: None) -> None:
        if self._marks and self._marks[-1] == len(self._stack):
            self._marks.pop()
        else:
            self._stack.pop()

    def _do_pop_mark(self, _: None) -> None:
        self._since_mark()

    def _do_dup(self, _: None) -> None:
        self._stack.append(self._stack[-1])

    def _do_get(self, index: int | str) -> None:
        self._stack.append(self._memo[int(index)])

    def _do_put(self, index: int | str) -> None:
        self._memo[int(index)] = self._stack[-1]

    def _do_memoize(self, _: None) -> None:
        self._memo[len(self._memo)] = self._stack[-1]

    # Containers.

    def _do_list(self, _: None) -> None:
        self._stack.append(self._since_mark())

    def _do_append(self, _: None) -> None:
        item = self._stack.pop()
        self._extend([item])

    def _do_appends(self, _: None) -> None:
        self._extend(self._since_mark())

    def _do_tuple(self, _: None) -> None:
        self._stack.append(tuple(self._since_mark()))

    def _do_tuple1(self, _: None) -> None:
        self._stack[-1:] = [tuple(self._last(1))]

    def _do_tuple2(self, _: None) -> None:
        self._stack[-2:] = [tuple(self._last(2))]

    def _do_tuple3(self, _: None) -> None:
        self._stack[-3:] = [tuple(self._last(3))]

    def _do_dict(self, _: None) -> None:
        items = self._since_mark()
        self._stack.append({})
        self._set_items(items)

    def _do_setitem(self, _: None) -> None:
        items = self._last(2)
        del self._stack[-2:]
        self._set_items(items)

    def _do_setitems(self, _: None) -> None:
        self._set_items(self._since_mark())

    # Names, and what is made of them.

    def _do_global(self, value: str) -> None:
        module, _, name = value.partition(" ")
        self._stack.append(_admit(Symbol(module, name)))

    def _do_stack_global(self, _: None) -> None:
        module, name = self._last(2)
        if not isinstance(module, str) or not isinstance(name, str):
            raise TypeError("a name that is no string")
        self._stack[-2:] = [_admit(Symbol(module, name))]

    def _do_reduce(self, _: None) -> None:
        symbol, arguments = self._last(2)
        if not isinstance(symbol, Symbol) or not isinstance(arguments, tuple):
            raise TypeError("a call of something that is no name")
        self._stack[-2:] = [self._construct(symbol, arguments)]

    def _do_build(self, _: None) -> None:
        state = self._stack.pop()
        target = self._stack[-1]
        if isinstance(target, Opaque):
            target.state = state
        elif not isinstance(target, dict | StoredTensor):  # whose attributes do not matter here
            raise TypeError("attributes of something that has none")

    def _do_binpersid(self, _: None) -> None:
        self._stack.append(self._find_storage(self._stack.pop()))

    def _construct(self, symbol: Symbol, arguments: tuple[Any, ...]) -> Any:
        """What a call of ``symbol`` stands for."""
        if symbol.is_opaque:
            return Opaque()
        match symbol.module, symbol.name:
            case "torch._utils", "_rebuild_tensor_v2":
                storage, offset, shape, strides = arguments[:4]
                if not isinstance(storage, Storage):
                    raise TypeError("a tensor without a storage")
                return StoredTensor(storage, offset, tuple(shape), tuple(strides))
            case "torch", "Size":
                return tuple(self._copy(arguments[0]))
            case "collections", "OrderedDict":
                return self._pairs(arguments[0] if arguments else [])
            case "collections", "defaultdict":
                return {}
            case "builtins" | "__builtin__", "dict" | "list" | "int" as name:
                return {"dict": dict, "list": list, "int": int}[name]()
        return arguments[0]  # a parameter of a tensor, a list or a value with a type of TorchScript

    def _find_storage(self, value: Any) -> Storage:
        tag, symbol, key, _, count = value[:5]
        kind = symbol.storage_type if isinstance(symbol, Symbol) else None
        fits = isinstance(key, str) and type(count) is int and count >= 0
        if tag != "storage" or kind is None or not fits or self._open_storage is None:
            raise TypeError("no storage")
        if len(value) > 5 and value[5] is not None:  # a view of a storage, written until 2017
            raise WeightsUnavailable("weights.too_old")
        return self._open_storage(key, kind, count)

    def _since_mark(self) -> list[Any]:
        mark = self._marks.pop()
        items = self._stack[mark:]
        del self._stack[mark:]
        return items

    def _last(self, count: int) -> list[Any]:
        if len(self._stack) < count:
            raise IndexError("an empty stack")
        return self._stack[-count:]

    def _extend(self, items: list[Any]) -> None:
        target = self._stack[-1]
        if isinstance(target, list):
            target.extend(items)
        elif not isinstance(target, Opaque):
            raise TypeError("no list")

    def _set_items(self, items: list[Any]) -> None:
        target = self._stack[-1]
        if isinstance(target, dict):
            target.update(_keyed(zip(items[::2], items[1::2], strict=True)))
        elif not isinstance(target, Opaque):
            raise TypeError("no dictionary")

    def _pairs(self, items: Any) -> dict[Any, Any]:
        return dict(_keyed((key, value) for key, value in self._copy(items)))

    def _copy(self, items: Any) -> Any:
        """``items``, counted: a pickle can name the same list any number of times."""
        self._copied += len(items)
        if self._copied > MOST_STEPS:
            raise WeightsUnavailable("weights.too_large")
        return items


def _keyed(pairs: Iterable[tuple[Any, Any]]) -> Iterable[tuple[Any, Any]]:
    """Those whose key is a plain value: a nested key can take all of the stack to hash."""
    plain = (bool, int, float, str, bytes, type(None))
    return ((key, value) for key, value in pairs if isinstance(key, plain))


def _admit(symbol: Symbol) -> Symbol:
    """The symbol, if it is known. Raises `WeightsUnavailable`, naming it, if it is not."""
    is_type = symbol.module == "torch" and symbol.name in DTYPES
    if (
        (symbol.module, symbol.name) in _KNOWN
        or symbol.is_opaque
        or is_type
        or symbol.storage_type is not None
    ):
        return symbol
    raise WeightsUnavailable("weights.runs_code", called=f"{symbol.module}.{symbol.name}"[:80])


_KNOWN = {
    ("torch._utils", "_rebuild_tensor_v2"),
    ("torch._utils", "_rebuild_parameter"),
    ("torch", "Size"),
    ("torch.jit._pickle", "build_intlist"),
    ("torch.jit._pickle", "build_doublelist"),
    ("torch.jit._pickle", "build_boollist"),
    ("torch.jit._pickle", "build_tensorlist"),
    ("torch.jit._pickle", "restore_type_tag"),
    ("collections", "OrderedDict"),
    ("collections", "defaultdict"),
    *((module, name) for module in ("builtins", "__builtin__") for name in ("dict", "list", "int")),
}

_LITERALS = {
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE"),
    *("BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
}
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "EMPTY_DICT": dict,
}
_ALIASES = {
    "BINGET": "GET",
    "LONG_BINGET": "GET",
    "BINPUT": "PUT",
    "LONG_BINPUT": "PUT",
    "NEWOBJ": "REDUCE",
}
