# SPDX-License-Identifier: Apache-2.0
"""Draws size against speed as an SVG: speed on a log axis, and the frontier of what nothing else beats."""

import math

WIDTH, HEIGHT = 860, 520
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 46, 56
COLOURS = {"ssmz": "#c2410c"}
PEER = "#334155"


def frontier(points):
    """The points (name, group, speed, size) that no other one beats in both speed and size, fastest first."""
    best, kept = math.inf, []
    for point in sorted(points, key=lambda p: (-p[2], p[3])):
        if point[3] < best:
            best = point[3]
            kept.append(point)
    return kept


def log_ticks(low, high):
    """1, 2, 5 per decade, or decades alone where that would be too many."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if len(decades) <= 4 else (1,)
    return [m * 10.0**d for d in decades for m in steps if low <= m * 10.0**d <= high]


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


def place_labels(placed):
    """Moves labels (x, y, text) apart downwards where they would cover one another."""
    done = []
    for x, y, text in sorted(placed, key=lambda item: item[1]):
        for other_x, other_y, other_text in done:
            close = x < other_x + 7 * len(other_text) and other_x < x + 7 * len(text)
            if close and abs(y - other_y) < 13:
                y = other_y + 13
        done.append((x, y, text))
    return done


def draw(points, title, size_name):
    """SVG text for points (name, group, speed in kB/s, size); `size_name` labels the vertical axis."""
    speeds = [p[2] for p in points]
    sizes = [p[3] for p in points]
    low_x, high_x = min(speeds) / 1.6, max(speeds) * 1.6
    margin = (max(sizes) - min(sizes)) * 0.06 or max(sizes) * 0.05
    low_y, high_y = min(sizes) - margin, max(sizes) + margin

    def x_of(speed):
        share = math.log(speed / low_x) / math.log(high_x / low_x)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y_of(size):
        return TOP + (high_y - size) / (high_y - low_y) * (HEIGHT - TOP - BOTTOM)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
           f'height="{HEIGHT}" font-family="system-ui, sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
           f'<text x="{LEFT}" y="24" font-size="15" fill="#0f172a">{escape(title)}</text>']
    for tick in log_ticks(low_x, high_x):
        x = x_of(tick)
        out.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{HEIGHT - BOTTOM}" stroke="#e2e8f0"/>')
        out.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#475569">'
                   f'{speed_label(tick)}</text>')
    for tick in linear_ticks(low_y, high_y):
        y = y_of(tick)
        out.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#e2e8f0"/>')
        out.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#475569">{tick:g}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 14}" text-anchor="middle" fill="#0f172a">'
               'compression speed (log scale)</text>')
    out.append(f'<text transform="translate(18 {(TOP + HEIGHT - BOTTOM) / 2:.0f}) rotate(-90)" '
               f'text-anchor="middle" fill="#0f172a">{escape(size_name)}</text>')
    path = " ".join(f"{x_of(p[2]):.1f},{y_of(p[3]):.1f}" for p in frontier(points))
    out.append(f'<polyline points="{path}" fill="none" stroke="#94a3b8" stroke-dasharray="5 4" stroke-width="1.5"/>')
    for name, group, speed, size in points:
        colour = COLOURS.get(group, PEER)
        out.append(f'<circle cx="{x_of(speed):.1f}" cy="{y_of(size):.1f}" r="4.5" fill="{colour}">'
                   f'<title>{escape(name)}: {speed:.0f} kB/s, {size:.4g}</title></circle>')
    labels = place_labels([(x_of(p[2]) + 8, y_of(p[3]) + 4, p[0]) for p in points])
    groups = {p[0]: p[1] for p in points}
    for x, y, text in labels:
        colour = COLOURS.get(groups[text], PEER)
        out.append(f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}">{escape(text)}</text>')
    out.append(f'<text x="{WIDTH - RIGHT}" y="{TOP - 8}" text-anchor="end" fill="#64748b">'
               'lower and further right is better; dashed: frontier</text>')
    out.append("</svg>")
    return "\n".join(out) + "\n"


def escape(text):
    """For XML text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
