#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws size against speed as an SVG: speed on a log axis, and the frontier of what nothing else beats.

    bench/plot.py [bench/results/compare.json]      # draws compare.svg beside it again, without measuring
"""

import json
import math
import sys
from html import escape
from pathlib import Path

WIDTH, HEIGHT = 860, 540
LEFT, RIGHT, TOP, BOTTOM = 72, 26, 84, 62
OURS = "ssmz"
INK, SOFT, GRID, FAINT = "#1e293b", "#64748b", "#e2e8f0", "#f1f5f9"
ACCENT, PEER = "#c2410c", "#475569"
FONT_SIZE = 12.5
RADIUS = 4.5


def points_of(rows):
    """(name, group, kB/s, bits per byte) of the rows of bench/compare, over the files that every program managed."""
    files = {row["file"] for row in rows}
    together = []
    for name in dict.fromkeys(row["program"] for row in rows):
        own = [row for row in rows if row["program"] == name]
        if {row["file"] for row in own} != files:
            continue
        original = sum(row["original"] for row in own)
        seconds = sum(row["compress_seconds"] for row in own)
        together.append((name, own[0]["group"], original / seconds / 1000,
                         8 * sum(row["bytes"] for row in own) / original))
    return together


def title_of(rows):
    """What the plot is of."""
    names = list(dict.fromkeys(row["file"] for row in rows))
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def frontier(points):
    """The points (name, group, speed, size) that no other one beats in both speed and size, fastest first."""
    best, kept = math.inf, []
    for point in sorted(points, key=lambda p: (-p[2], p[3])):
        if point[3] < best:
            best = point[3]
            kept.append(point)
    return kept


def log_ticks(low, high):
    """(value, is it a power of ten?): 1, 2, 5 per decade."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [(m * 10.0**d, m == 1) for d in decades for m in (1, 2, 5) if low <= m * 10.0**d <= high]


def linear_ticks(low, high):
    """About six round values."""
    raw = (high - low) / 6 or 1
    power = 10.0**math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw)
    first = math.ceil(low / step)
    return [k * step for k in range(first, math.floor(high / step) + 1)]


def speed_label(kilobytes):
    """Kilobytes a second in a form people read."""
    return f"{kilobytes / 1000:g} MB/s" if kilobytes >= 1000 else f"{kilobytes:g} kB/s"


class Axes:
    """Where a speed and a size stand on the page."""

    def __init__(self, points):
        speeds = [p[2] for p in points]
        sizes = [p[3] for p in points]
        margin = (max(sizes) - min(sizes)) * 0.08 or max(sizes) * 0.05
        self.speed = min(speeds) / 1.7, max(speeds) * 1.9
        self.size = min(sizes) - margin, max(sizes) + margin

    def x(self, speed):
        low, high = self.speed
        return LEFT + math.log(speed / low) / math.log(high / low) * (WIDTH - LEFT - RIGHT)

    def y(self, size):
        low, high = self.size
        return TOP + (high - size) / (high - low) * (HEIGHT - TOP - BOTTOM)


def text_width(text):
    """About what a label takes in the usual sans-serif fonts."""
    return 0.58 * FONT_SIZE * len(text)


def overlap(a, b):
    """Area that two boxes (left, top, right, bottom) share."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def candidates(x, y, width):
    """(penalty, left, baseline, anchor) of places for a label around a point, the preferred one first."""
    gap, line = RADIUS + 5, FONT_SIZE
    yield 0, x + gap, y + 4, "start"
    yield 4, x + gap - 2, y + line + 3, "start"
    yield 4, x + gap - 2, y - 6, "start"
    yield 6, x - gap - width, y + 4, "end"
    yield 8, x - gap - width + 2, y - 6, "end"
    yield 8, x - gap - width + 2, y + line + 3, "end"
    yield 10, x - width / 2, y - 12, "middle"
    yield 10, x - width / 2, y + line + 9, "middle"


def place_labels(spots, obstacles):
    """(x, y, text) -> (x, baseline, anchor, text), each where it covers least of labels, points and `obstacles`."""
    boxes = [(x - RADIUS - 1, y - RADIUS - 1, x + RADIUS + 1, y + RADIUS + 1) for x, y, _ in spots] + obstacles
    placed = []
    for x, y, text in spots:
        width = text_width(text)

        def cost(place, width=width):
            penalty, left, baseline, _ = place
            box = left, baseline - FONT_SIZE, left + width, baseline + 3
            outside = max(0, left + width - (WIDTH - RIGHT)) + max(0, LEFT - left)
            return penalty + 40 * outside + sum(overlap(box, other) for other in boxes)

        _, left, baseline, anchor = min(candidates(x, y, width), key=cost)
        boxes.append((left, baseline - FONT_SIZE, left + width, baseline + 3))
        placed.append((left + width * {"start": 0, "middle": 0.5, "end": 1}[anchor], baseline, anchor, text))
    return placed


def along(line, step=6.0):
    """Small boxes along a polyline, for labels to keep off."""
    boxes = []
    for (x0, y0), (x1, y1) in zip(line, line[1:]):
        count = max(1, int(math.hypot(x1 - x0, y1 - y0) / step))
        for k in range(count + 1):
            x, y = x0 + (x1 - x0) * k / count, y0 + (y1 - y0) * k / count
            boxes.append((x - 2, y - 2, x + 2, y + 2))
    return boxes


def grid(axes, size_name):
    """Lines, ticks and names of both axes."""
    out = []
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for tick, major in log_ticks(*axes.speed):
        x = axes.x(tick)
        out.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}" stroke="{GRID if major else FAINT}"/>')
        colour, size = (INK, 12) if major else (SOFT, 10)
        out.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle" font-size="{size}" fill="{colour}">'
                   f'{speed_label(tick) if major else f"{tick / (1000 if tick >= 1000 else 1):g}"}</text>')
    for tick in linear_ticks(*axes.size):
        y = axes.y(tick)
        out.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="{GRID}"/>')
        out.append(f'<text x="{LEFT - 10}" y="{y + 4:.1f}" text-anchor="end" font-size="12" fill="{INK}">'
                   f'{tick:.3g}</text>')
    out.append(f'<line x1="{LEFT}" y1="{bottom}" x2="{right}" y2="{bottom}" stroke="{SOFT}"/>')
    out.append(f'<text x="{(LEFT + right) / 2:.0f}" y="{HEIGHT - 16}" text-anchor="middle" fill="{INK}">'
               f'compression speed (log scale), faster to the right</text>')
    out.append(f'<text transform="translate(22 {(TOP + bottom) / 2:.0f}) rotate(-90)" text-anchor="middle" '
               f'fill="{INK}">{escape(size_name)}, smaller below</text>')
    return out


def polyline(line, style):
    """An SVG polyline through (x, y)."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in line)
    return f'<polyline points="{path}" fill="none" {style}/>'


def legend():
    """What the marks mean, under the title."""
    y = 56
    return [f'<circle cx="{LEFT + 5}" cy="{y - 4}" r="{RADIUS}" fill="{ACCENT}"/>',
            f'<text x="{LEFT + 16}" y="{y}" font-size="12" fill="{INK}">{OURS}</text>',
            f'<circle cx="{LEFT + 70}" cy="{y - 4}" r="{RADIUS}" fill="{PEER}"/>',
            f'<text x="{LEFT + 81}" y="{y}" font-size="12" fill="{INK}">others on the frontier</text>',
            f'<circle cx="{LEFT + 228}" cy="{y - 4}" r="{RADIUS - 0.75}" fill="#ffffff" stroke="{PEER}" '
            'stroke-width="1.5"/>',
            f'<text x="{LEFT + 239}" y="{y}" font-size="12" fill="{INK}">beaten in both speed and size</text>',
            f'<line x1="{LEFT + 440}" y1="{y - 4}" x2="{LEFT + 466}" y2="{y - 4}" stroke="{SOFT}" '
            'stroke-dasharray="5 4" stroke-width="1.5"/>',
            f'<text x="{LEFT + 473}" y="{y}" font-size="12" fill="{INK}">frontier</text>']


def draw(points, title, size_name):
    """SVG text for points (name, group, speed in kB/s, size); `size_name` labels the vertical axis."""
    axes = Axes(points)
    best = frontier(points)
    # A step: at a speed between two points, the slower one is what one can have.
    line = []
    for point in best:
        x, y = axes.x(point[2]), axes.y(point[3])
        if line:
            line.append((x, line[-1][1]))
        line.append((x, y))
    line.append((LEFT, line[-1][1]))
    line.insert(0, (line[0][0], TOP))
    area = " ".join(f"{x:.1f},{y:.1f}" for x, y in [(LEFT, TOP), *line])
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
           f'height="{HEIGHT}" font-family="system-ui, -apple-system, \'Segoe UI\', \'DejaVu Sans\', sans-serif" '
           f'font-size="{FONT_SIZE}">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#ffffff"/>',
           f'<text x="{LEFT}" y="32" font-size="17" font-weight="600" fill="{INK}">'
           f'Size against speed <tspan font-weight="400" fill="{SOFT}">{escape(title)}</tspan></text>',
           f'<polygon points="{area}" fill="#f8fafc"/>',
           *grid(axes, size_name), *legend(),
           polyline(line, f'stroke="{SOFT}" stroke-dasharray="5 4" stroke-width="1.5"')]
    for name, group, speed, size in points:
        colour = ACCENT if group == OURS else PEER
        kept = any(name == other[0] for other in best)
        style = f'fill="{colour}"' if kept else f'fill="#ffffff" stroke="{colour}" stroke-width="1.5"'
        out.append(f'<circle cx="{axes.x(speed):.1f}" cy="{axes.y(size):.1f}" r="{RADIUS if kept else RADIUS - 0.75}" '
                   f'{style}><title>{escape(name)}: {speed:.0f} kB/s, {size:.3f} {escape(size_name)}</title></circle>')
    groups = {p[0]: p[1] for p in points}
    spots = [(axes.x(p[2]), axes.y(p[3]), p[0]) for p in sorted(points, key=lambda p: (p[1] != OURS, p[3]))]
    for x, baseline, anchor, text in place_labels(spots, along(line)):
        ours = groups[text] == OURS
        out.append(f'<text x="{x:.1f}" y="{baseline:.1f}" text-anchor="{anchor}" fill="{ACCENT if ours else INK}"'
                   f'{" font-weight=" + chr(34) + "600" + chr(34) if ours else ""}>{escape(text)}</text>')
    out.append("</svg>")
    return "\n".join(out) + "\n"


def main():
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "results/compare.json"
    rows = json.loads(source.read_text(encoding="utf-8"))["rows"]
    source.with_suffix(".svg").write_text(draw(points_of(rows), title_of(rows), "bits per byte"), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
