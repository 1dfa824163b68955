#!/usr/bin/env python3
"""Draws accuracy against cost as small SVG files.

usage: plot.py CURVES.json FOLDER

CURVES.json is what table.py writes: [{"name", "points": [{"k", "right", "calls", "tokens"}]}].
FOLDER gets calls.svg and tokens.svg; the axis of the cost is logarithmic.
"""
import json
import math
import os
import sys
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 56, 190, 16, 44
COLOURS = ["#444444", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d31", "#7f3c8d"]


def ticks(low, high):
    """Round values between two shares, at most eight steps."""
    step = next(s for s in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2) if (high - low) / s <= 8)
    first = math.floor(low / step)
    return [i * step for i in range(first, math.ceil(high / step - 1e-9) + 1)]


def cost_ticks(low, high):
    found = [m * 10 ** e for e in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
             for m in (1, 2, 5) if low <= m * 10 ** e <= high]
    return found or [low, high]


def draw(curves, cost):
    points = [p for c in curves for p in c["points"] if p[cost] > 0]
    rows = ticks(min(p["right"] for p in points), max(p["right"] for p in points))
    low, high = min(p[cost] for p in points), max(p[cost] for p in points)
    wide = math.log(high / low) or 1

    def x(value):
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(value / low) / wide

    def y(share):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (share - rows[0]) / (rows[-1] - rows[0] or 1)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
    for share in rows:
        out.append(f'<path d="M{LEFT} {y(share):.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>')
        out.append(f'<text x="{LEFT - 6}" y="{y(share) + 4:.1f}" text-anchor="end">{100 * share:g} %</text>')
    for value in cost_ticks(low, high):
        out.append(f'<path d="M{x(value):.1f} {HEIGHT - BOTTOM}v4" stroke="#444444"/>')
        out.append(f'<text x="{x(value):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{value:g}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(cost)} a problem</text>')
    for i, curve in enumerate(curves):
        colour = COLOURS[i % len(COLOURS)]
        places = [(x(p[cost]), y(p["right"])) for p in curve["points"] if p[cost] > 0]
        out.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="' +
                   " ".join(f"{a:.1f},{b:.1f}" for a, b in places) + '"/>')
        out += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2.5" fill="{colour}"/>' for a, b in places]
        row = TOP + 12 + 18 * i
        out.append(f'<path d="M{WIDTH - RIGHT + 12} {row}h18" stroke="{colour}" stroke-width="2"/>')
        out.append(f'<text x="{WIDTH - RIGHT + 36}" y="{row + 4}">{escape(curve["name"])}</text>')
    return "\n".join(out + ["</svg>", ""])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as f:
        curves = json.load(f)
    for cost in ("calls", "tokens"):
        with open(os.path.join(sys.argv[2], f"{cost}.svg"), "w", encoding="utf-8") as f:
            f.write(draw(curves, cost))


if __name__ == "__main__":
    main()
