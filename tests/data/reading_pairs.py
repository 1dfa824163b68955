#!/usr/bin/env python3
"""Pairs of answers, by kind, whose truth is known by construction; writes reading.tsv beside it.

Rows: "equal" (exact or compatible) or "unequal" (different or unknown), two answers. Each kind stands
under a comment that says why its rows are true.

    reading_pairs.py [--seed S] [--rows N] > reading.tsv
"""
import argparse
import random

UNIT_LETTERS = "mgshLlJNWVAKCF"
LETTERS = "abcdfhkmnpqrstuvwxyz"


def inequalities(r):
    x, a = r.choice("xyabtk"), r.randint(-9, 9)
    b = a + r.randint(1, 9)
    k = r.randint(2, 5)
    y = r.choice([c for c in "mnpquv" if c != x])
    up, at_least = f"{x} > ", f"{x} \\ge "
    word = r.choice([" and ", " \\text{ and } ", " \\land "])
    yield "equal", f"{up}{b}", f"{up}{a}{word}{up}{b}"
    yield "unequal", f"{up}{a}", f"{up}{a}{word}{up}{b}"
    yield "equal", f"{x} < {a}", f"{x} < {a}{word}{x} < {b}"
    yield "unequal", f"{x} < {b}", f"{x} < {a}{word}{x} < {b}"
    yield "unequal", f"[{a},\\infty)", f"{at_least}{a}{word}{at_least}{b}"
    yield "equal", f"[{b},\\infty)", f"{at_least}{a}{word}{at_least}{b}"
    yield "equal", f"({a},{b})", f"{up}{a}{word}{x} < {b}"
    yield "equal", "\\emptyset", f"{x} < {a}{word}{up}{b}"
    yield "equal", f"{up}{a}", f"{up}{a} or {up}{b}"
    yield "unequal", f"{up}{b}", f"{up}{a} or {up}{b}"
    yield "equal", f"{x} > {y}", f"{y} < {x}"
    yield "unequal", f"{x} > {y}", f"{y} > {x}"
    yield "unequal", f"{x} > {y}", f"{y} \\le {x}"
    yield "equal", f"-{x} > {a}", f"{x} < {-a}"
    yield "unequal", f"-{x} > {a}", f"{x} > {-a}"
    yield "equal", f"{k}{x} + {b} \\le {k * 3 + b}", f"{x} \\le 3"
    yield "equal", f"{x} + {y} > {b}", f"{y} > {b} - {x}"
    yield "equal", f"{x}^2 < {k * k}", f"-{k} < {x} < {k}"
    yield "equal", f"{x}^2 \\ge {k}", f"(-\\infty,-\\sqrt{{{k}}}]\\cup[\\sqrt{{{k}}},\\infty)"
    yield "unequal", f"{x}^2 > {k * k}", f"{x} > {k}"
    yield "equal", f"{x}^2 > {k * k} and {x} > 0", f"({k},\\infty)"
    yield "equal", f"{a} < {x}-{k} < {b}", f"{a + k} < {x} < {b + k}"


def conditions(r):
    x, y, z = r.sample("abkmnpqrstuvwxyz", 3)
    a, b = r.sample(range(-9, 10), 2)
    one, two = r.choice([
        (f"{x} > {a}", f"{y} > {b}"), (f"{x} = {a}", f"{y} = {b}"), (f"{x} \\ne {a}", f"{y} \\ne {b}"),
        (f"{x} + {y} > {a}", f"{x} - {y} \\le {b}"), (f"{x} + {y} = {a}", f"{x} - {y} = {b}"),
        (f"{x} \\in (0,1)", f"{y} \\in (2,3)"), (f"{x} > {y}", f"{x} > {z}")])
    also, either = r.choice([(" and ", " or "), (" \\text{ and } ", " \\text{ or } "),
                             (" \\land ", " \\lor ")])
    third = f"{z} < {a}"
    yield "equal", f"{one}{also}{two}", f"{two}{also}{one}"
    yield "equal", f"{one}{also}{two}", f"{two}, {one}"
    yield "equal", f"{one}{either}{two}", f"{two}{either}{one}"
    yield "unequal", f"{one}{either}{two}", f"{one}{also}{two}"
    yield "unequal", f"{one}{either}{two}", f"{one}, {two}"
    yield "unequal", f"({one}{either}{two})", f"({one}{also}{two})"
    yield "equal", f"({one}{either}{two}){also}{third}", f"{third}{also}({two}{either}{one})"
    yield "unequal", f"({one}{either}{two}){also}{third}", f"({one}{also}{two}){either}{third}"
    yield "unequal", f"{one}{also}{two}{either}{third}", f"{one}{either}{two}{also}{third}"
    yield "equal", f"{one}{also}{two}{either}{third}", f"{third}{either}({two}{also}{one})"
    yield "unequal", f"{one}{also}{two}{either}{third}", f"{one}{also}({two}{either}{third})"
    yield "equal", f"{x} > {a}{either}{x} = {a - 1}", f"({a},\\infty)\\cup\\{{{a - 1}\\}}"
    yield "equal", f"{x}={a},{y}={b}; {x}={b},{y}={a}", f"{y}={a},{x}={b}; {x}={a},{y}={b}"
    yield "equal", f"{x}={a},{y}={b} or {x}={b},{y}={a}", f"({x},{y})=({a},{b}) or ({x},{y})=({b},{a})"
    yield "unequal", f"{x}={a},{y}={b}; {x}={b},{y}={a}", f"{x}={a},{y}={a}; {x}={b},{y}={b}"
    yield "unequal", f"{x}={a},{y}={b}, {x}={b},{y}={a}", f"{x}={a},{x}={b}, {y}={b},{y}={a}"
    pairs = f"{x}={a}{also}{y}={b}{either}{x}={b}{also}{y}={a}"
    yield "equal", pairs, f"{x}={a},{y}={b} or {x}={b},{y}={a}"
    yield "equal", pairs, f"({x},{y})=({b},{a}) or ({x},{y})=({a},{b})"
    yield "unequal", pairs, f"{x}={a}{either}{y}={b}{also}{x}={b}{either}{y}={a}"
    yield "unequal", pairs, f"{x}={a}{either}{y}={b}, {x}={b}{either}{y}={a}"
    yield "unequal", f"{x}={a},{b}; {y}=10", f"{x}={a}; {y}={b},10"


def qualified(r):
    n = r.randint(2, 99)
    digits = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    d, e = r.randint(1, 9), r.randint(1, 9)
    for words in ("or more", "or fewer", "or less", "or higher", "is not a solution", "does not work",
                  "less", "more", "is extraneous", "at least", "at most", "(rejected)", "or so",
                  "ago", "in the hole", "in debt", "in the red", "behind", "days ago", "dollars in debt", "too few",
                  "backwards", "feet underground", "from the end", "dollars overdrawn"):
        style = r.choice(["{} {}", "{} \\text{{ {}}}", "${}$ {}"])
        yield "unequal", str(n), style.format(n, words)
    yield "equal", f"{d}.{e}", f"{digits[d]} point {digits[e]}"
    yield "unequal", str(d), f"{digits[d]} point {digits[e]}"
    yield "unequal", str(n), f"{n} below zero"
    yield "equal", str(-d), f"{r.choice(['minus', 'negative'])} {r.choice([digits[d], str(d)])}"
    yield "unequal", str(d), f"minus {digits[d]}"
    yield "unequal", str(n), f"double {n}"
    noun = r.choice(["clips", "apples", "different ways", "students", "red balls", "possible values"])
    yield "equal", str(n), f"{n} {noun}"
    yield "equal", str(n), f"{n} \\text{{ {noun}}}"


def letters(r):
    k = r.randint(2, 9)
    u = r.choice(UNIT_LETTERS)
    v, w = r.sample([c for c in LETTERS if c != u], 2)
    yield "equal", f"{k} {u} {v} {w}", f"{k}{w}{v}{u}"
    yield "equal", f"{k} {u}^2 {v} - {w}", f"-{w}+{k}{v}{u}^2"
    yield "equal", f"\\frac12 {u} {v}^2", f"\\frac{{{u} {v}^2}}{{2}}"
    yield "equal", f"{v}^2 + {k} {u} {v}", f"{v}({v}+{k}{u})"
    yield "equal", f"\\sqrt{{{k} {u} {v}}}", f"\\sqrt{{{k}{v}{u}}}"
    yield "unequal", f"{k} {u} {v} {w}", f"{k} {u} {v}"
    yield "equal", f"{v}{w}-{w}", f"{w}({v}-1)"
    yield "equal", f"a{v}-b{w}", f"-b{w}+{v}a"
    yield "unequal", f"a{v}-b{w}", f"a{w}-b{v}"
    yield "equal", f"{k}\\mathrm{{e}}-1", f"-1+{k}e"
    yield "equal", f"{k}+\\mathrm{{i}}", f"i+{k}"
    yield "equal", f"\\mathrm{{e}}^{{\\mathrm{{i}}\\pi}}+{k}", str(k - 1)
    yield "unequal", f"{k}\\mathrm{{e}}", f"{k}\\mathrm{{i}}"
    yield "equal", f"{k}{{{v}}}_{{{w}}}", f"{v}_{w}\\cdot {k}"
    yield "unequal", f"{{{v}}}_{{{w}}}", v


def notation(r):
    n, k, a = r.randint(1, 999), r.randint(2, 9), r.randint(1, 9)
    big = f"{r.randint(1, 99)},{r.randint(0, 999):03d},{r.randint(0, 999):03d}"
    plain = big.replace(",", "")
    for mark in (",\\!", ",\\! ", "{,}", "\\,", " ", ",\\!\\!"):
        yield "equal", big.replace(",", mark), plain
    d = r.choice(["1", "5", "25", "75", "1415"])
    yield "equal", f"{n}{{,}}{d}", f"{n}.{d}"
    yield "unequal", f"{n}{{,}}{d}", f"{n}{d}"
    yield "equal", f"{k}[x+{a}]", f"{k}x+{k * a}"
    yield "equal", f"{k}\\left[x-{a}\\right]", f"{k}x-{k * a}"
    yield "equal", "|x||y|", "|xy|"
    yield "equal", f"log{k}(x)", f"\\log_{{{k}}} x"
    yield "unequal", f"log{k}(x)", "\\ln x"
    yield "equal", f"{k}Pi", f"{k}\\pi"
    yield "equal", f"exp({n})", f"e^{{{n}}}"
    yield "equal", f"\\\\frac{{{a}}}{{{k}}}", f"{a}/{k}"
    yield "equal", f"\\\\sqrt{{{k}}}", f"\\sqrt{{{k}}}"
    yield "equal", f"{n} million USD", f"\\${n},000,000"
    yield "equal", f"{n * 100} million USD", f"${n / 10:g}B"
    yield "equal", repr(k ** 0.5), f"\\sqrt{{{k}}}"
    m = r.randint(101, 999)
    yield "equal", f"{1 / m:.4e}", f"1/{m}"
    yield "equal", f"A:B = {a}:{k}", f"{a}:{k}"
    yield "equal", f"A:B = {a}:{k}", f"B:A = {k}:{a}"
    yield "equal", f"S = {n}", str(n)
    yield "equal", f"\\log^2_{k} x", f"(\\log_{k} x)^2"
    yield "equal", f"\\framebox{{{n}}}", str(n)
    yield "equal", f"\\{{x \\in \\mathbb{{R}} | x > {n}\\}}", f"({n},\\infty)"
    yield "equal", f"[{a},{a + 3}] \\cap ({a + 1},{a + 9})", f"({a + 1},{a + 3}]"
    yield "unequal", "\\max(i,1)", "1"
    yield "equal", f"GCD({k * n}, {k})", str(k)
    yield "equal", f"LCM({k * n}, {k})", str(k * n)


def units(r):
    n, m, s = r.randint(1, 99), r.randint(1, 59), r.randint(1, 59)
    yield "equal", f"{n} pct", f"{n}%"
    yield "equal", f"{n} percentage", f"{n}%"
    for sign in "°º˚":
        yield "equal", f"{n}{sign}", f"{n}^\\circ"
    yield "equal", f"{n}°{m}′", f"\\frac{{{n * 60 + m}}}{{60}}^\\circ"
    yield "equal", f"{n}°{m}′{s}″", f"\\frac{{{n * 3600 + m * 60 + s}}}{{3600}}^\\circ"
    yield "unequal", f"{n}°{m}′", f"{n + 1}.{m}°"
    for unit in ("A", "m", "g", "s"):
        yield "equal", f"{n} µ{unit}", f"{n} μ{unit}"
        yield "equal", f"{n} µ{unit}", f"{n} u{unit}"
        yield "equal", f"{n} \\mu\\text{{{unit}}}", f"{n}000 n{unit}"
        yield "unequal", f"{n} µ{unit}", f"{n} m{unit}"
    yield "equal", f"{n} kΩ", f"{n}000 Ω"
    yield "unequal", f"{n} MΩ", f"{n} mΩ"
    for small, large in zip(("kb", "Mb", "Gb", "Mm", "Ml", "mPa", "mHz", "mW", "cal", "Pa", "Nm"),
                            ("kB", "MB", "GB", "mm", "ml", "MPa", "MHZ", "MW", "Cal", "PA", "nm")):
        yield "unequal", f"{n} {small}", f"{n} {large}"
        yield "unequal", f"{n} \\text{{ {small}/s}}", f"{n} \\text{{ {large}/s}}"
    yield "equal", f"{8 * n} Mb", f"{n} MB"
    yield "equal", f"{n} KB", f"{n} kB"
    yield "equal", f"{n} Kg", f"{n} kg"
    yield "equal", f"{n} bytes", f"{8 * n} bits"
    yield "equal", f"{n} Hz", f"{n} s^{{-1}}"
    yield "equal", f"{n} Hz", f"{n} 1/s"
    yield "equal", f"{n} tesla", f"{n}000 mT"
    yield "equal", f"{n} T", f"{n} tesla"
    yield "equal", f"{n} ha", f"{n}0000 m²"
    yield "equal", f"{n} Å", f"{n} angstroms"
    yield "equal", f"{n}0 Å", f"{n} nm"
    for prefix in "kMm":
        yield "equal", f"{n} {prefix}\\Omega", f"{n} {prefix}Ω"
        yield "equal", f"{n}\\,\\mathrm{{{prefix}\\Omega}}", f"{n} {prefix}ohm"
    yield "unequal", f"{n} M\\Omega", f"{n} m\\Omega"
    yield "equal", f"{n} hPa", f"{n * 100} Pa"
    yield "equal", f"{n} N m", f"{n} Nm"
    yield "equal", f"{n} N m", f"{n} J"
    yield "equal", f"{n} J/s", f"{n} W"
    yield "equal", f"{n} V/A", f"{n} Ω"
    yield "equal", f"{n} kg*m/s^2", f"{n} N"
    yield "equal", f"{n} m s^{{-2}}", f"{n} m/s^2"
    yield "equal", f"{n} m*s^-1", f"{n} m/s"
    yield "unequal", f"{n} m/s", f"{n} m s"
    yield "equal", f"{n} V", f"{n} J/C"
    yield "equal", f"{n} A s", f"{n} C"
    yield "equal", f"{n} \\mu m", f"{n} μm"
    yield "equal", f"{n} °C/min", f"{n} degC/min"
    yield "equal", f"{n} C", f"{n} celsius"
    yield "equal", f"{n} 千米", f"{n} km"
    yield "equal", f"{n} cm : {m} cm", f"{n}:{m}"
    yield "unequal", f"{n}:1", f"{n} {r.choice(['cm', 'dollars', 'apples', '€'])}"
    yield "equal", f"{n}:1", str(n)


def names(r):
    """Names that belong to values, and letters that are functions."""
    a, b = r.sample(range(2, 40), 2)
    k, c = r.randint(2, 9), r.randint(1, 9)
    x, y = r.sample("xyzt", 2)
    f, g = r.sample(["f", "g", "F", "\\phi", "\\psi", "f'", "g'"], 2)
    one, two = r.sample(["mean", "mode", "median", "range", "area", "width", "height", "depth"], 2)
    between = r.choice(["; ", ", ", " and "])
    for sign in (": ", " = ", " is "):
        yield "unequal", f"{one}{sign}{a}{between}{two}{sign}{b}", f"{one}{sign}{b}{between}{two}{sign}{a}"
        yield "unequal", f"{one}{sign}{a}{between}{two}{sign}{b}", str(b)
        yield "equal", f"{one}{sign}{a}", str(a)
        yield "unequal", f"{one}{sign}{a}", f"{two}{sign}{b}"
    for sign in (": ", " = "):
        yield "unequal", f"{one}{sign}{a}", f"{two}{sign}{a}"
    yield "unequal", f"P(A|B) = 1/{k}", f"P(B|A) = 1/{k}"
    yield "unequal", "x dy", "y dx"
    yield "unequal", f"{f}({k}{x})", f"{k}{f}({x})"
    yield "equal", f"{f}({k}{x}+{c})", f"{f}({c}+{x}*{k})"
    yield "equal", f"{k}{f}({x})+{c}", f"{c}+{f}({x})*{k}"
    yield "unequal", f"{f}({g}({x}))", f"{g}({f}({x}))"
    yield "unequal", f"{f}({x}){g}({y})", f"{f}({y}){g}({x})"
    yield "unequal", f"{f}(0)", "0"
    yield "unequal", f"{f}({x}+{y})", f"{f}({x})+{f}({y})"
    yield "unequal", f"{f}({a})", f"{f}({b})"
    yield "unequal", f"{x}(0)", "0"
    yield "equal", f"{x}({x}+{c})", f"{x}^2+{c}{x}"
    yield "equal", f"{x}({y}+{c})", f"{x}{y}+{c}{x}"
    for frac in ("\\frac{d%s}{d%s}", "d%s/d%s", "\\frac{\\partial %s}{\\partial %s}"):
        yield "unequal", frac % (x, y), f"{x}/{y}"
        yield "unequal", frac % (x, y), frac % (y, x)
        yield "equal", f"{k}{frac % (x, y)}", f"{frac % (x, y)}*{k}"
    yield "unequal", f"\\frac{{d^2{x}}}{{d{y}^2}}", f"\\frac{{d{x}}}{{{y}^2}}"
    points = r.sample("ABCDEFGH", 3)
    angle = "".join(points)
    yield "equal", f"\\angle {angle}", f"\\angle {angle[::-1]}"
    yield "unequal", f"\\angle {angle}", f"\\angle {angle[1:] + angle[0]}"


def directed(r):
    """What cannot change places, or is another sign."""
    a, b, c = r.sample("ABCDPQST", 3)
    u, v = r.sample("abuvw", 2)
    n, m = sorted(r.sample(range(1, 30), 2))
    for sign in ("\\in", "\\mid", "\\to", "\\mapsto", "\\Rightarrow", "\\implies", "\\subset", "\\circ",
                 "\\cong", "\\leftrightarrow", "\\uparrow"):
        yield "unequal", f"{a} {sign} {b}", f"{b} {sign} {a}" if sign not in ("\\cong", "\\leftrightarrow") else \
            f"{a} {sign} {c}"
        yield "equal", f"{a} {sign} {b}", f"{a}{sign} {b}"
    yield "unequal", f"{a}\\times {b}", f"{b}\\times {a}"
    yield "unequal", f"\\overrightarrow{{{a}{b}}}", f"{a}{b}"
    yield "unequal", f"{a}{b} \\parallel {c}{a}", f"{a}{b} \\perp {c}{a}"
    yield "unequal", f"{a}{b} \\parallel {c}{a}", f"{a}{c} \\parallel {b}{a}"
    for vector in ("\\vec{%s}", "\\vec %s", "\\mathbf{%s}", "\\boldsymbol{%s}"):
        x, y = vector % u, vector % v
        yield "unequal", f"{x}\\times {y}", f"{y}\\times {x}"
        yield "unequal", f"{x} × {y}", f"{y} × {x}"
        yield "unequal", f"{x}\\times {y}", f"{x}\\cdot {y}"
        yield "equal", f"{x}\\cdot {y}", f"{y}\\cdot {x}"
    yield "unequal", f"\\hat{{{u}}}{v}", f"{u}\\hat{{{v}}}"
    yield "equal", f"2\\hat{{{u}}}+3\\hat{{{v}}}", f"3\\hat {v}+2\\hat {u}"
    yield "unequal", f"increasing on [{n},{m}]", f"increasing on ({n},{m})"
    yield "unequal", f"x in [{n},{m}]", f"x in [{n},{m})"
    yield "unequal", f"{n}'", f'{n}"'
    yield "unequal", f"point {a}'", f"point {a}"
    for one, two in (("Co", "CO"), ("CoCl2", "COCl2"), ("AaBb", "aabb"), ("AaBb", "AABB"), ("Hf", "HF"), ("Mg", "mg"),
                     ("PbS", "PBS")):
        yield "unequal", one, two
    yield "equal", "Red", "red"
    yield "equal", "FRIDAY", "Friday"


def constants(r):
    """Constants that are easily lost, bases, what is not real everywhere."""
    x, z = r.choice("xyt"), r.choice("zw")
    n, k = r.randint(200, 1500), r.randint(2, 9)
    b = r.choice([2, 3, 5, 7])
    digits = "".join(r.choice("01") for _ in range(3))
    yield "unequal", f"\\sin {x}+e^{{-{n}}}", f"\\sin {x}"
    yield "unequal", f"{x}+10^{{-{n}}}", x
    yield "unequal", f"{x}+\\pi^{{-{n}}}", x
    yield "equal", f"\\sin {x}+e^{{-{n}}}", f"e^{{-{n}}}+\\sin {x}"
    yield "unequal", f"1{digits} (base {b})", f"1{digits}"
    yield "unequal", f"1{digits} (base {b})", f"1{digits} (base {b + 1})"
    yield "unequal", f"\\lg {k}", f"\\ln {k}"
    yield "unequal", f"\\lg {x}", f"\\ln {x}"
    yield "equal", f"\\lg 10^{k}", str(k)
    yield "equal", f"{9 * k + 32} °F", f"{5 * k} °C"
    yield "unequal", f"{9 * k} °F", f"{5 * k} °C"
    yield "equal", f"{k} °C", f"{k + 273}.15 K"
    yield "equal", f"{k} lakh", f"{k}00000"
    yield "equal", "a dozen", "12"
    yield "equal", f"|{k}{z}|", f"{k}|{z}|"


def product(x, roots):
    """The polynomial with these roots, multiplied out, as text."""
    c = [1]
    for root in roots:
        c = [(c[i - 1] if i else 0) - root * (c[i] if i < len(c) else 0) for i in range(len(c) + 1)]
    terms = [f"{v:+d}{x}^{i}" if i else f"{v:+d}" for i, v in reversed(list(enumerate(c))) if v]
    return "".join(terms).removeprefix("+")


def roots(r):
    """Polynomials of degree three and more, which change their sign at odd roots alone."""
    x = r.choice("xyt")
    a, b, c = sorted(r.sample(range(-6, 7), 3))
    k, n = r.randint(2, 5), r.choice([3, 5])
    p = product(x, [a, b, c])
    above, below = f"({a},{b})\\cup({c},\\infty)", f"(-\\infty,{a})\\cup({b},{c})"
    closed = f"[{a},{b}]\\cup[{c},\\infty)"
    yield "equal", f"{p} > 0", above
    yield "equal", f"{p} < 0", below
    yield "unequal", f"{p} > 0", below
    yield "equal", f"{p} \\ge 0", closed
    yield "unequal", f"{p} > 0", closed
    yield "equal", f"{p} > 0", f"{a} < {x} < {b} or {x} > {c}"
    yield "unequal", f"{p} > 0", f"{x} > {c}"
    yield "equal", f"{product(x, [a, b, b])} > 0", f"({a},{b})\\cup({b},\\infty)"
    yield "unequal", f"{product(x, [a, b, b])} > 0", f"({a},\\infty)"
    yield "equal", f"{product(x, [a, b, b])} \\ge 0", f"[{a},\\infty)"
    yield "equal", f"{x}^{n} > {k}", f"{x} > \\sqrt[{n}]{{{k}}}"
    yield "unequal", f"{x}^{n} > {k}", f"{x} > \\sqrt[{n}]{{{k + 1}}}"
    yield "equal", f"{x}^4 < {k ** 4}", f"-{k} < {x} < {k}"
    yield "unequal", f"{x}^4 < {k ** 4}", f"{x} < {k}"
    yield "equal", f"({x}^2-{k})({x}^2+{k}) \\le 0", f"[-\\sqrt{{{k}}},\\sqrt{{{k}}}]"


def parts(r):
    """Parts of an answer, and numbers in two units or with what says how they count."""
    one, two = r.sample(["mean", "mode", "median", "area", "perimeter", "length", "Ann", "Bob"], 2)
    a, b = r.sample(range(2, 90), 2)
    feet, inches, k = r.randint(2, 9), r.randint(1, 11), r.randint(2, 12)
    base = r.choice([2, 3, 5, 7])
    digits = "1" + "".join(r.choice("01") for _ in range(3))
    yield "equal", f"{one}: {a}; {two}: {b}", f"{two}: {b}; {one}: {a}"
    yield "equal", f"{one} = {a}, {two} = {b}", f"{two}: {b} and {one}: {a}"
    yield "unequal", f"{one}: {a}; {two}: {b}", f"{one}: {b}; {two}: {a}"
    yield "unequal", f"{one}: {a}; {two}: {b}", f"{two}: {a}; {one}: {b}"
    yield "equal", f"{feet}'{inches}\"", f"{12 * feet + inches} in"
    yield "equal", f"{feet}' {inches}''", f"{feet} ft {inches} in"
    yield "unequal", f"{feet}'{inches}\"", f"{feet}.{inches} ft" if inches != 5 else f"{feet}.4 ft"
    yield "unequal", f"{feet}'{inches}\"", f"{10 * feet + inches} in"
    yield "equal", f"{digits} (base {base})", str(int(digits, base))
    yield "equal", f"{digits} in base {base}", f"{digits}_{base}"
    yield "unequal", f"{digits} (base {base})", str(int(digits, base + 1))
    yield "equal", f"0.{a:02d} $", f"{a} ¢"
    yield "unequal", f"0.{a:02d} $", f"{b} ¢"
    yield "equal", f"{k} gross", str(144 * k)
    yield "equal", f"{k} score", str(20 * k)
    yield "unequal", f"{k} gross", str(12 * k)
    yield "equal", f"{k} to 1", f"{3 * k}:3"
    yield "unequal", f"{k} to 1", f"1:{k}"


KINDS = [
    (inequalities, "\"and\" intersects and \"or\" unites; a relation may be turned round or solved"),
    (conditions, "conditions hold together or one of them does; solutions of several unknowns stay together"),
    (qualified, "words that bound a number, take it back or make it another are no unit"),
    (letters, "a letter is a factor where algebra stands around it; upright e and i are e and i"),
    (notation, "other ways to write one number, function or set"),
    (units, "one unit in several notations, and products of units"),
    (names, "labels stay with their values; f before a bracket is applied; dy/dx is one name"),
    (directed, "sides that cannot change places, accents, brackets, primes and the case of symbols"),
    (constants, "small constants, bases, logarithms and temperatures"),
    (roots, "a polynomial changes its sign at its odd roots alone"),
    (parts, "labelled parts in any order, feet and inches, bases, money behind its number, counting words"),
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=6, help="times each kind is written")
    o = parser.parse_args()
    print("# Written by reading_pairs.py; verdict, two answers; symmetric")
    for kind, why in KINDS:
        print(f"# {kind.__name__}: {why}")
        rows = {}
        for i in range(o.rows):
            for row in kind(random.Random(f"{o.seed} {kind.__name__} {i}")):
                rows.setdefault(row)
        for verdict, a, b in rows:
            print(f"{verdict}\t{a}\t{b}")


if __name__ == "__main__":
    main()
