"""Writes special-reference.txt: python3 special-reference.py > special-reference.txt (needs mpmath; a minute)."""
import random
import mpmath as mp

mp.mp.dps = 400  # generous: the tails and near-zeros below cancel heavily
random.seed(20)


def both(xs):
    return [s * x for x in xs for s in (1, -1)]


def uniform(n, lo, hi):
    return [random.uniform(lo, hi) for _ in range(n)]


def log_uniform(n, lo, hi):
    return [float(mp.exp(random.uniform(float(mp.log(lo)), float(mp.log(hi))))) for _ in range(n)]


def erfcx(x):
    if x > 25:
        return mp.hyperu(mp.mpf(1) / 2, mp.mpf(1) / 2, x * x) / mp.sqrt(mp.pi)
    return mp.exp(x * x) * mp.erfc(x)


def ndtr(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def log_ndtr(x):
    if x < -30:
        return mp.log(erfcx(-x / mp.sqrt(2)) / 2) - x * x / 2
    return mp.log(ndtr(x))


def erfcinv(q):
    if q > 0.5:
        return mp.erfinv(1 - q)
    v2 = -mp.log(q)
    guess = mp.sqrt(max(v2 - mp.log(v2 + 1) / 2 - mp.mpf("0.3"), mp.mpf("0.04")))
    with mp.workdps(60):
        return mp.findroot(lambda y: mp.log(mp.erfc(y)) + v2, guess, tol=1e-90)


def erfinv(x):
    if abs(x) < 0.5:
        with mp.workdps(60):
            return mp.erfinv(x)
    return mp.sign(x) * erfcinv(1 - abs(x))


def ndtri(p):
    if p < 0.25:
        return -mp.sqrt(2) * erfcinv(2 * p)
    return mp.sqrt(2) * erfinv(2 * p - 1)


def lgamma(x):
    with mp.workdps(60):
        return mp.log(abs(mp.gamma(x))) if abs(x) < 1000 else mp.loggamma(x)


def lower(a, x):
    with mp.workdps(60):
        if x < 2 * a + 5:
            return mp.exp(a * mp.log(x) - x - mp.loggamma(a + 1)) * mp.hyp1f1(1, a + 1, x)
        return 1 - upper(a, x)


def upper(a, x):
    with mp.workdps(120):
        return mp.gammainc(a, x, regularized=True) if a < 1000 else 1 - mp.exp(a * mp.log(x) - x - mp.loggamma(a + 1)) * mp.hyp1f1(1, a + 1, x)


def lower_slope(a, x):
    """d/da of the power series with exact digamma terms; 120 digits outlast the cancellation."""
    with mp.workdps(120 + int(x)):
        slope, total, n = mp.log(x) - mp.psi(0, a + 1), mp.mpf(0), 0
        term = mp.exp(a * mp.log(x) - x - mp.loggamma(a + 1))
        peak = abs(term)
        while True:
            total += term * slope
            n += 1
            slope -= 1 / (a + n)
            term *= x / (a + n)
            peak = max(peak, abs(term))
            if n > x and abs(term) < mp.mpf(10) ** -(60 + int(x)) * peak:
                return total


def log_beta(a, b):
    with mp.workdps(60):
        return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


def polygamma(n, x):
    with mp.workdps(80):
        return mp.psi(int(n), x)


def zeta(s, q):
    with mp.workdps(50):
        return mp.zeta(s, q)


erf_points = both(uniform(10, 0, 1) + uniform(6, 1, 6) + [1e-300, 1e-10, 0.5, 0.9999999, 1.0000001])
gamma_points = uniform(12, 0, 12) + uniform(6, 12, 170) + uniform(14, -8, 0) + [1e-300, -1e-300, 1e-10, -1e-10, 1.4616321449683623, 171.5, -20.3, -100.7, -170.25, 0.9999999999, 1.0000000001, 1.9999999, 2.0000001]
shapes = [(0.001, 0.3), (0.001, 1e-10), (1e-8, 0.5), (1e-8, 1.05), (0.3, 0.01), (0.3, 0.9), (0.3, 1.5), (0.5, 8.0), (0.9, 1.0), (1.0, 0.7), (1.0, 20.0), (2.5, 1.2),
          (2.5, 40.0), (5.0, 0.1), (5.0, 5.0), (5.5, 7.0), (9.9, 30.0), (10.1, 9.0), (20.0, 20.0), (20.0, 60.0), (63.0, 60.0), (63.0, 66.0), (64.0, 64.0), (64.0, 47.0), (64.0, 82.0),
          (64.0, 84.0), (100.0, 99.5), (100.0, 130.5), (150.5, 110.0), (300.0, 310.0), (1000.0, 1000.0), (1000.0, 900.0), (1000.0, 1200.0), (1000.0, 1350.0), (5000.0, 5100.0), (1e6, 1.001e6), (1e6, 0.998e6), (30.0, 0.5), (7.0, 300.0)]
pairs = [(0.1, 0.2), (1e-10, 3.0), (0.5, 0.5), (2.5, 3.5), (1.0, 9.0), (9.5, 9.9), (0.3, 12.0), (5.0, 50.0), (10.0, 10.0), (15.0, 1000.0), (1e-5, 1e5), (3.0, 1e10), (200.0, 300.0), (1e6, 2e6), (0.7, 1e-12), (90.0, 12.0)]
orders = [(float(n), x) for n in (2, 3, 5, 8) for x in (0.01, 0.6, 1.3, 4.7, 11.0, 250.0, -0.3, -0.5, -2.75, -7.4, -30.6)] + [(40.0, 3.5), (100.0, 1e5), (100.0, 20.0), (170.0, 100.0), (2.0, 1e10), (150.0, 0.5), (2.0, -1000.3)]
zetas = [(1.001, 0.5), (1.5, 0.01), (2.0, 1.0), (2.0, 100.0), (3.3, 7.7), (10.0, 2.5), (50.0, 1.2), (50.0, 60.0), (300.0, 1.01), (2.5, 1e6), (1.1, 1e10)]

TABLE = [
    ("Erf", mp.erf, erf_points),
    ("Erfc", mp.erfc, erf_points + uniform(10, 0.4, 27.2) + [26.5, 27.2, 13.0, 5.999]),
    ("Erfcx", erfcx, erf_points + uniform(6, -26, 0) + uniform(8, 0, 60) + [1e3, 1e7, 1e8 + 1, 1e15, 1e300]),
    ("ErfInv", erfinv, both(uniform(8, 0, 0.5) + uniform(8, 0.5, 1) + [1e-300, 1e-10, 0.9999, 1 - 1e-10, 1 - 2.0 ** -53, 0.5])),
    ("Ndtr", ndtr, erf_points + uniform(12, -38, 0) + uniform(6, 0, 8) + [-37.5, -0.6999, -0.7001]),
    ("Ndtri", ndtri, uniform(12, 0, 1) + log_uniform(10, 1e-300, 1e-3) + [5e-324, 0.25, 0.75, 0.7500001, 1 - 2.0 ** -53, 0.4999999]),
    ("LogNdtr", log_ndtr, erf_points + uniform(10, -100, 0) + uniform(8, 0, 37) + [-1e10, -1e4, -1.0, -0.99999]),
    ("Lgamma", lgamma, gamma_points + [10.0, 9.99999, 1e3, 1e10, 1e100, 2.5e305]),
    ("Gamma", mp.gamma, gamma_points),
    ("Digamma", mp.digamma, [x for x in gamma_points if abs(x) > 1e-200] + [10.0, 9.99999, 1e3, 1e10, 1e100]),
    ("Trigamma", lambda x: mp.psi(1, x), [x for x in gamma_points if abs(x) > 1e-100] + [10.0, 9.99999, 1e3, 1e10, 1e100]),
    ("I0", lambda x: mp.besseli(0, x), erf_points + uniform(8, 0, 8) + uniform(8, 8, 700) + [7.99999, 8.00001, 710.0, 713.5]),
    ("I0e", lambda x: mp.besseli(0, x) * mp.exp(-abs(x)), erf_points + uniform(8, 0, 8) + uniform(8, 8, 700) + [1e4]),
    ("I1", lambda x: mp.besseli(1, x), erf_points + uniform(8, 0, 8) + uniform(8, -700, -8) + [7.99999, 8.00001, 710.0, 713.5]),
    ("I1e", lambda x: mp.besseli(1, x) * mp.exp(-abs(x)), erf_points + uniform(8, 0, 8) + uniform(8, 8, 700) + [1e4]),
    ("Igamma", lower, shapes),
    ("Igammac", upper, shapes),
    ("IgammaDerivativeA", lower_slope, [(a, x) for a, x in shapes if a <= 1000]),
    ("Polygamma", polygamma, orders),
    ("Zeta", zeta, zetas),
    ("LogBeta", log_beta, pairs),
    ("Beta", lambda a, b: mp.exp(log_beta(a, b)), pairs[:13] + pairs[14:]),
]

print("# Reference values of special functions: name, exact float64 arguments, value.")
print("# Computed by special-reference.py with mpmath " + mp.__version__ + " in 50 to 400 digits, 30 shown. Points: seeded random ones and hard ones.")
for name, f, points in TABLE:
    for p in points:
        args = p if isinstance(p, tuple) else (p,)
        value = f(*[mp.mpf(a) for a in args])
        print(name, *[repr(a) for a in args], mp.nstr(value, 30, min_fixed=0, max_fixed=0))
