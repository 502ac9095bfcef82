"""exp and tanh in arithmetic alone: loops that call nothing become vector instructions. Exact to rounding.

Each is written once, in terms of `Number`, for the type of its argument; LLVM finds it in the middle of the loop, so
there is no function to compile by itself.

Source of exp's two steps: P. Tang, "Table-driven implementation of the exponential function", ACM TOMS 15 (1989).
"""

import math

import numpy as np
from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic

# exp: eˣ = 2ᵏ · eʳ with k = round(x / ln 2)
LN2 = 45426 / 65536, 1.42860682030941723212e-6  # in two pieces: a whole number times the first is exact

# Padé's fraction for tanh: x (1 + 17325/135135 x² + …) / (1 + 62370/135135 x² + …)
TANH_ABOVE = 1.0, 17325 / 135135, 378 / 135135, 1 / 135135
TANH_BELOW = 1.0, 62370 / 135135, 3150 / 135135, 28 / 135135


class Number:
    """A number of the loop that is being compiled: arithmetic with it writes LLVM's instructions."""

    def __init__(self, builder, value):
        self.builder, self.value, self.type = builder, value, value.type
        self.dtype = np.dtype(np.float32 if isinstance(value.type, ir.FloatType) else np.float64)

    def __add__(self, other):
        return Number(self.builder, self.builder.fadd(self.value, self.like(other)))

    def __mul__(self, other):
        return Number(self.builder, self.builder.fmul(self.value, self.like(other)))

    def __truediv__(self, other):
        return Number(self.builder, self.builder.fdiv(self.value, self.like(other)))

    def like(self, other):
        """A Number's value, or a constant of this one's type."""
        return other.value if isinstance(other, Number) else ir.Constant(self.type, float(self.dtype.type(other)))

    def call(self, name, *others):
        """LLVM's own function of that name, `floor`, `fma` (rounded once), `maximum` (NaN if one of them is)."""
        values = [self.value, *map(self.like, others)]
        kind = ir.FunctionType(self.type, [self.type] * len(values))
        function = cgutils.get_or_insert_function(self.builder.module, kind, f"llvm.{name}.f{8 * self.dtype.itemsize}")
        return Number(self.builder, self.builder.call(function, values))

    def clipped(self, sign, limit):
        """`limit` where it is below this number (sign "<"), or above it (">"); NaN stays NaN."""
        beyond = self.builder.fcmp_ordered(sign, self.like(limit), self.value)
        return Number(self.builder, self.builder.select(beyond, self.like(limit), self.value))

    def polynomial(self, coefficients):
        """Σ_n coefficients[n] · self^n, by Horner's rule."""
        total = Number(self.builder, self.like(coefficients[-1]))
        for coefficient in coefficients[-2::-1]:
            total = total * self + coefficient
        return total

    def two_to(self):
        """2ᵏ for a whole number k: written where a number keeps its exponent."""
        write, whole, digits = self.builder, ir.IntType(8 * self.dtype.itemsize), np.finfo(self.dtype).nmant
        number = write.fcmp_ordered("ord", self.value, self.value)
        exponent = write.select(number, write.fptosi(self.value, whole), whole(0))  # NaN: any, but not undefined
        exponent = write.shl(write.add(exponent, whole(np.finfo(self.dtype).maxexp - 1)), whole(digits))
        return Number(write, write.bitcast(exponent, self.type))


def exp_of(x):
    x = x.clipped(">", math.log(np.finfo(x.dtype).tiny))  # there, eˣ is the smallest number that has all its digits
    k = (x * (1 / math.log(2)) + 0.5).call("floor")
    r = k.call("fma", -LN2[1], k.call("fma", -LN2[0], x))
    terms = 8 if x.dtype == np.float32 else 13
    return r.polynomial([1 / math.factorial(n) for n in range(terms)]) * k.two_to()


def tanh_of(x):
    x = x.clipped("<", 20).clipped(">", -20) * 0.125
    square = x * x
    p, q = x * square.polynomial(TANH_ABOVE), square.polynomial(TANH_BELOW)
    for _ in range(3):  # tanh 2a = 2 tanh a / (1 + tanh² a), as fractions
        p, q = p * q * 2, p * p + q * q
    return p / q


def writing(function):
    """What Numba wants of an intrinsic, from a function of Numbers."""

    def write(context, builder, signature, arguments):
        return function(*(Number(builder, argument) for argument in arguments)).value

    return write


@intrinsic
def exp(typing_context, x):
    """eˣ for x ≤ 0."""
    return x(x), writing(exp_of)


@intrinsic
def tanh(typing_context, x):
    """tanh x, from a fraction at x / 8."""
    return x(x), writing(tanh_of)


@intrinsic
def larger(typing_context, a, b):
    """The larger of two numbers, NaN if one of them is: unlike `max`, LLVM finds the maximum of a row with vectors."""
    return a(a, a), writing(lambda a, b: a.call("maximum", b))
