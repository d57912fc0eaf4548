"""Loops over whole vectors of numbers, written in LLVM's own language.

numba leaves it to LLVM to find vectors in loops. For rows as short as those of a patch, what LLVM
finds is no faster than single numbers, since most of a row ends up in the rest of the loop. Here
the vectors are said: LLVM turns them into what the processor has (AVX-512, AVX2, NEON). Called from
compiled functions only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 16
"""Numbers of one vector. What is read is read in whole vectors, so arrays end with as many unused
values."""

_I32, _I64 = ir.IntType(32), ir.IntType(64)
_SHORTS, _INTS = (ir.VectorType(kind, LANES) for kind in (ir.IntType(16), _I32))
_build: Any = cgutils  # which has no types
_Code = Callable[[Any, Any, Any, Any], Any]


def _load(builder: Any, data: Any, at: Any) -> Any:
    place = builder.bitcast(builder.gep(data, [at]), _SHORTS.as_pointer())
    value = builder.load(place)
    value.align = 2  # a patch starts at any number
    return value


def _data(context: Any, builder: Any, signature: Any, arguments: Any, k: int) -> Any:
    return context.make_array(signature.args[k])(context, builder, arguments[k]).data


def _add_squares(
    typing: Any, q: Any, mask: Any, t: Any, s: Any, step: Any, rows: Any, vectors: Any, limit: Any
) -> tuple[Any, _Code]:
    """The sum (int64) of the squared differences of ``rows`` rows of the int16 array ``q``: those
    that start at ``t``, and those at ``s``, ``step`` numbers apart; it stops after the row in which
    it reaches ``limit``.

    A row has ``vectors`` times `LANES` numbers, of which those count whose ``mask`` (int16) is -1;
    the others' is 0. Differences must fit into int16, and the sum of a row into int32.
    """
    place = types.int64
    signature = types.int64(q, mask, place, place, place, place, place, place)

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data, counted = (_data(context, builder, signature, arguments, k) for k in (0, 1))
        t, s, step, rows, vectors, limit = arguments[2:]
        zero = ir.Constant(_INTS, None)
        name = f"llvm.vector.reduce.add.v{LANES}i32"
        reduce = _build.get_or_insert_function(builder.module, ir.FunctionType(_I32, [_INTS]), name)
        total = _build.alloca_once_value(builder, ir.Constant(_I64, 0))
        row = _build.alloca_once(builder, _INTS)
        with _build.for_range(builder, rows) as line:
            builder.store(zero, row)
            below = builder.mul(line.index, step)
            one, other = builder.add(below, t), builder.add(below, s)
            with _build.for_range(builder, vectors) as part:
                at = builder.mul(part.index, ir.Constant(_I64, LANES))
                a = _load(builder, data, builder.add(one, at))
                b = _load(builder, data, builder.add(other, at))
                d = builder.and_(builder.sub(a, b), _load(builder, counted, at))
                wide = builder.sext(d, _INTS)
                builder.store(builder.add(builder.load(row), builder.mul(wide, wide)), row)
            added = builder.zext(builder.call(reduce, [builder.load(row)]), _I64)
            sum_so_far = builder.add(builder.load(total), added)
            builder.store(sum_so_far, total)
            with builder.if_then(builder.icmp_signed(">=", sum_so_far, limit)):
                line.do_break()
        return builder.load(total)

    return signature, code


add_squares: Callable[..., int] = intrinsic(_add_squares)
"""As `_add_squares`, without its first argument."""
