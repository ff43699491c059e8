"""Writes SpecialFunctions.Tables.cs: python3 SpecialFunctionsTables.py > SpecialFunctions.Tables.cs (needs mpmath).

Each table approximates one smooth function, piece by piece, by the polynomial through its values at Chebyshev points,
computed with 60 digits and rounded once. The degree is the least whose relative error stays below 1.5e-17 on every piece.
A piece is stored as: its middle, 1/half its width, and the coefficients in u = (x - middle)/(half width), lowest first.
"""
from fractions import Fraction
import mpmath as mp

mp.mp.dps = 60


def chebyshev_piece(f, lo, hi, degree, values):
    """Monomial coefficients on [-1, 1] of the interpolant of f at degree+1 Chebyshev points."""
    n = degree + 1
    mid, half = (mp.mpf(lo) + hi) / 2, (mp.mpf(hi) - lo) / 2
    theta = [mp.pi * (k + mp.mpf(1) / 2) / n for k in range(n)]
    fx = [values(mid + half * mp.cos(t)) for t in theta]
    cheb = [2 * mp.fsum(fx[k] * mp.cos(j * theta[k]) for k in range(n)) / n for j in range(n)]
    cheb[0] /= 2
    mono, t0, t1 = [mp.mpf(0)] * n, [mp.mpf(1)], [mp.mpf(0), mp.mpf(1)]
    for j in range(n):
        t = t0 if j == 0 else t1
        for i, c in enumerate(t):
            mono[i] += cheb[j] * c
        if j >= 1:
            t2 = [mp.mpf(0)] + [2 * c for c in t1]
            for i, c in enumerate(t0):
                t2[i] -= c
            t0, t1 = t1, t2
    return mid, half, mono


def fit(f, breaks):
    memo = {}

    def values(x):
        if x not in memo:
            memo[x] = f(x)
        return memo[x]

    for degree in range(6, 40):
        pieces, worst = [], mp.mpf(0)
        for lo, hi in zip(breaks, breaks[1:]):
            mid, half, mono = chebyshev_piece(f, lo, hi, degree, values)
            pieces.append((mid, half, mono))
            for k in range(33):
                u = mp.mpf(2 * k) / 32 - 1
                want = values(mid + half * u)
                got = mp.polyval(mono[::-1], u)
                worst = max(worst, abs(got / want - 1))
            if worst > 1.5e-17:
                break
        if worst <= 1.5e-17:
            return degree, pieces
    raise SystemExit("no degree is enough for " + f.__name__)


def number(x):
    return repr(float(x))


def emit_list(name, doc, numbers):
    print(f"    /// <summary>{doc}</summary>")
    print(f"    private static ReadOnlySpan<double> {name} =>")
    print("    [")
    for i in range(0, len(numbers), 4):
        print("        " + ", ".join(number(x) for x in numbers[i:i + 4]) + ",")
    print("    ];")
    print()


def emit(name, doc, f, breaks):
    degree, pieces = fit(f, breaks)
    print(f"    private const int {name}Stride = {degree + 3};")
    print()
    emit_list(name + "Breaks", f"Where the pieces of {name} end.", breaks[1:])
    flat = []
    for mid, half, mono in pieces:
        flat += [mid, 1 / half] + mono
    emit_list(name, doc, flat)


def erfcx(x):
    return mp.exp(x * x) * mp.erfc(x)


def erf_small(t):
    r = mp.sqrt(t)
    return mp.erf(r) / r if t != 0 else 2 / mp.sqrt(mp.pi)


def erfcx_of_t(t):
    if t == 0:
        return 1 / mp.sqrt(mp.pi)
    x = 2 / t - 2
    if x < 20:
        return erfcx(x) * (2 + x)
    # The continued fraction converges fast here, and erfc would underflow the working precision.
    return (2 + x) * mp.hyperu(mp.mpf(1) / 2, mp.mpf(1) / 2, x * x) / mp.sqrt(mp.pi)


def erfinv_central(t):
    r = mp.sqrt(t)
    return mp.erfinv(r) / r if t != 0 else mp.sqrt(mp.pi) / 2


def erfcinv_tail(s):
    v = 1 / s - 1
    target = -v * v
    f = lambda y: mp.log(mp.erfc(y)) - target
    y = mp.sqrt(max(v * v - mp.log(v * v + 1) / 2 - mp.mpf("0.3"), mp.mpf("0.04")))
    return mp.findroot(f, y, tol=1e-80) / v


def lgamma_reduced(x):
    if x == 1:
        return mp.euler
    if x == 2:
        return 1 - mp.euler
    return mp.loggamma(x) / ((x - 1) * (x - 2))


ROOT = mp.findroot(mp.digamma, mp.mpf("1.4616321449683623"))


def digamma_reduced(x):
    return mp.psi(0, x) / (x - ROOT)


def i0e_tail(y):
    return mp.sqrt(1 / y) * mp.besseli(0, 1 / y) * mp.exp(-1 / y) if y != 0 else 1 / mp.sqrt(2 * mp.pi)


def i1e_tail(y):
    return mp.sqrt(1 / y) * mp.besseli(1, 1 / y) * mp.exp(-1 / y) if y != 0 else 1 / mp.sqrt(2 * mp.pi)


def temme_coefficients(orders, length):
    """Power series in eta of the c_k of DLMF 8.12.10, exactly: c_0 = 1/mu - 1/eta, c_k = c_{k-1}'/eta + (-1)^k g_k/mu,
    where eta^2/2 = mu - ln(1 + mu) and g_k are the coefficients of Stirling's series of the gamma function."""
    n = length + 2 * orders + 4
    # mu = sum alpha_i eta^i from mu' mu = eta (1 + mu).
    alpha = [Fraction(0), Fraction(1)]
    for m in range(2, n):
        s = alpha[m - 1] - sum(alpha[i] * alpha[m + 1 - i] * i for i in range(2, m))
        alpha.append(s / (m + 1))
    # eta/mu = sum b_i eta^i.
    a = alpha[1:]
    b = [Fraction(1)]
    for m in range(1, len(a)):
        b.append(-sum(a[i] * b[m - i] for i in range(1, m + 1)))
    inverse = b[1:]  # 1/mu - 1/eta
    # g_k = (2k - 1)!! * coefficient relation: g_k = 1*3*...*(2k+1) * alpha_{2k+1}.
    g, double_factorial = [], Fraction(1)
    for k in range(orders):
        double_factorial *= 2 * k + 1
        g.append(double_factorial * alpha[2 * k + 1])
    rows, c = [], inverse
    for k in range(orders):
        if k > 0:
            d = [c[i] * i for i in range(1, len(c))]  # c'
            # c'/eta + (-1)^k g_k (1/eta + inverse): the 1/eta parts cancel.
            assert d[0] + (-1) ** k * g[k] == 0
            c = [d[i + 1] + (-1) ** k * g[k] * inverse[i] for i in range(min(len(d) - 1, len(inverse)))]
        rows.append(c[:length])
    return rows


def debye_polynomials(count):
    """U_1 .. U_count of DLMF 10.41.9 as coefficients of p^k times powers of p^2."""
    u, rows = {0: Fraction(1)}, []
    for k in range(1, count + 1):
        v = {}
        for e, c in u.items():
            v[e + 1] = v.get(e + 1, 0) + c * Fraction(e, 2) + c / (8 * (e + 1))
            v[e + 3] = v.get(e + 3, 0) - c * Fraction(e, 2) - 5 * c / (8 * (e + 3))
        u = v
        rows.append([u.get(k + 2 * j, Fraction(0)) for j in range(k + 1)])
    return rows


TEMME_ORDERS, TEMME_LENGTH = 12, 22
DEBYE_ORDERS = 7
LGAMMA_BREAKS = [1, 1.5, 2, 3, 4.5, 7, 10.5]

print("// Written by SpecialFunctionsTables.py, which says how; change that file, not this one.")
print("using System;")
print()
print("namespace DiffLib.Kernels;")
print()
print("public static partial class SpecialFunctions")
print("{")
emit("ErfSmall", "erf(x)/x over t = x² in [0, 1].", erf_small, [0, 0.5, 1])
emit("ErfcxOfT", "(2 + x) erfcx(x) over t = 2/(2 + x) in [0, 1].", erfcx_of_t, [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1])
emit("ErfInvCentral", "erfinv(x)/x over t = x² in [0, 1/4].", erfinv_central, [0, 0.125, 0.25])
emit("ErfcInvTail", "y/v over s = 1/(1 + v), where erfc(y) = exp(-v²), v from 0.83 to 28.", erfcinv_tail, [0.034, 0.06, 0.1, 0.15, 0.2, 0.27, 0.35, 0.45, 0.5475])
emit("LgammaMid", "lgamma(x)/((x - 1)(x - 2)) over x in [1, 10.5].", lgamma_reduced, LGAMMA_BREAKS)
emit("GammaMid", "Γ(x) over x in [1, 2].", mp.gamma, [1, 1.25, 1.5, 1.75, 2])
emit("DigammaMid", "ψ(x)/(x - x₀) over x in [1, 10.5], x₀ the positive zero of ψ.", digamma_reduced, LGAMMA_BREAKS)
emit("I0eTail", "√x e⁻ˣ I₀(x) over 1/x in [0, 1/8].", i0e_tail, [0, 0.03125, 0.0625, 0.09375, 0.125])
emit("I1eTail", "√x e⁻ˣ I₁(x) over 1/x in [0, 1/8].", i1e_tail, [0, 0.03125, 0.0625, 0.09375, 0.125])
emit_list("I0Series", "Coefficients of I₀(x) in t = x²/4: 1/k!².", [1 / mp.factorial(k) ** 2 for k in range(25)])
emit_list("I1Series", "Coefficients of I₁(x)/(x/2) in t = x²/4: 1/(k!(k+1)!).", [1 / (mp.factorial(k) * mp.factorial(k + 1)) for k in range(25)])
emit_list("Factorials", "n! for n from 0 to 170.", [mp.factorial(n) for n in range(171)])
emit_list("ZetaTail", "B₂ⱼ/(2j)! for j from 1, the weights of the Euler-Maclaurin formula.", [mp.bernoulli(2 * j) / mp.factorial(2 * j) for j in range(1, 16)])
emit_list("StirlingTail", "B₂ⱼ/(2j(2j - 1)) for j from 1: lgamma(x) - Stirling in powers of 1/x².", [mp.bernoulli(2 * j) / (2 * j * (2 * j - 1)) for j in range(1, 11)])
emit_list("DigammaTail", "B₂ⱼ/(2j) for j from 1: ln x - 1/(2x) - ψ(x) in powers of 1/x².", [mp.bernoulli(2 * j) / (2 * j) for j in range(1, 11)])
emit_list("TrigammaTail", "B₂ⱼ for j from 1.", [mp.bernoulli(2 * j) for j in range(1, 11)])
print(f"    private const int TemmeOrders = {TEMME_ORDERS};")
print(f"    private const int TemmeLength = {TEMME_LENGTH};")
print()
emit_list("Temme", "Row k: the power series in η of c_k, DLMF 8.12.10.", [mp.mpf(c.numerator) / c.denominator for row in temme_coefficients(TEMME_ORDERS, TEMME_LENGTH) for c in row])
print(f"    private const int DebyeOrders = {DEBYE_ORDERS};")
print()
emit_list("Debye", "Row k from 1: the k + 1 coefficients of U_k(p)/pᵏ in powers of p², DLMF 10.41.9.", [mp.mpf(c.numerator) / c.denominator for row in debye_polynomials(DEBYE_ORDERS) for c in row])
hi = mp.mpf(float(ROOT))
print("    /// <summary>The positive zero of ψ, and what is left of it after rounding.</summary>")
print(f"    private const double DigammaZero = {number(hi)}, DigammaZeroTail = {number(ROOT - hi)};")
print("}")
