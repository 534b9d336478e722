"""Procedural textures for the stuff of the vocabulary: ground, walls and skies.

`sheet(name, variant)` is a pure function of its arguments. Stuff is recognisable by its structure, not by colour alone:
two variants may have no colour in common.
"""

import colorsys
import zlib
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .patterns import COLUMNS, ROWS, SIDE, grain, hsv, mix, noise, per_cell, ramp, step, to_multiple, warp

VARIANTS = 24  # per stuff, for training; variants VARIANTS .. 2 * VARIANTS - 1 are kept for testing


@cache
def sheet(name: str, variant: int) -> np.ndarray:
    """Variant 0..2*VARIANTS-1 of a stuff -> uint8 (320, 320, 3)."""
    rng = np.random.default_rng([zlib.crc32(name.encode()), variant])
    pixels = PAINTERS[name](rng)
    return np.ascontiguousarray((np.clip(pixels, 0, 1) * 255 + 0.5).astype(np.uint8))


# --- skies ------------------------------------------------------------------------------------------------------------


def sky(rng):
    hue = rng.uniform(0.53, 0.62)
    top = hsv(rng, (hue, hue + 0.02), (0.45, 0.9), (0.55, 0.95))
    low = hsv(rng, (hue - 0.03, hue), (0.08, 0.4), (0.85, 1.0))
    pixels = ramp([top, low], [0, rng.uniform(0.8, 1.3)])
    shape = noise(rng, rng.integers(2, 6), rng.integers(1, 4), 6, rng.uniform(0.45, 0.62))
    cover = step(shape, rng.uniform(0.45, 0.68), rng.uniform(0.15, 0.4))
    shade = step(shape - np.roll(shape, 9, 0), 0, 0.5)  # clouds are darker at the bottom
    white = hsv(rng, (0.55, 0.62), (0, 0.06), (0.93, 1.0))
    grey = white * rng.uniform(0.68, 0.88)
    return mix(pixels, mix(white, grey, shade), cover * rng.uniform(0.75, 1.0))


def night_sky(rng):
    hue = rng.uniform(0.55, 0.8)
    top = hsv(rng, (hue, hue), (0.5, 1.0), (0.02, 0.16))
    low = hsv(rng, (hue - 0.06, hue + 0.06), (0.4, 0.9), (0.1, 0.36))
    pixels = ramp([top, low], [0, 1])
    haze = noise(rng, 2, 3, 5) ** 2
    pixels = pixels + haze[..., None] * hsv(rng, (hue - 0.12, hue + 0.15), (0.3, 0.8), (0.05, 0.35))
    stars = np.zeros((SIDE, SIDE), np.float32)
    for count, radius, peak in ((rng.integers(120, 400), 0.6, 2.2), (rng.integers(30, 90), 1.0, 6), (12, 1.8, 20)):
        points = np.zeros((SIDE, SIDE), np.float32)
        points[tuple(rng.integers(0, SIDE, (2, count)))] = rng.uniform(0.3, 1, count) * 255
        blurred = Image.fromarray(points).convert("L").filter(ImageFilter.GaussianBlur(radius))
        stars += np.asarray(blurred, np.float32) / 255 * peak
    return pixels + np.clip(stars, 0, 1)[..., None] * hsv(rng, (0.1, 0.65), (0, 0.25), (0.9, 1.0))


def sunset(rng):
    top = hsv(rng, (0.62, 0.85), (0.35, 0.8), (0.2, 0.6))
    middle = hsv(rng, (0.9, 1.02), (0.5, 0.85), (0.6, 0.95))
    low = hsv(rng, (0.04, 0.1), (0.7, 1.0), (0.9, 1.0))
    foot = hsv(rng, (0.11, 0.15), (0.4, 0.8), (0.95, 1.0))
    pixels = ramp([top, middle, low, foot], [0, rng.uniform(0.25, 0.5), rng.uniform(0.6, 0.8), 1])
    row, column = rng.uniform(0.5, 0.95) * SIDE, rng.uniform(0.15, 0.85) * SIDE
    distance = np.hypot(ROWS - row, COLUMNS - column)
    pixels += np.exp(-distance / rng.uniform(40, 90))[..., None] * np.array([0.5, 0.35, 0.1], np.float32)
    disc = np.array([1, 0.97, rng.uniform(0.6, 0.9)], np.float32)
    pixels = mix(pixels, disc, step(-distance, -rng.uniform(10, 30), 3))
    streaks = step(noise(rng, rng.integers(6, 14), 2, 4), rng.uniform(0.5, 0.66), 0.22)
    tint = hsv(rng, (0.75, 1.05), (0.3, 0.8), (0.25, 0.95))
    return mix(pixels, tint, streaks * rng.uniform(0.4, 0.8))


# --- grounds ----------------------------------------------------------------------------------------------------------


def grass(rng):
    hue = rng.uniform(0.19, 0.36)
    base = hsv(rng, (hue, hue), (0.5, 0.9), (0.2, 0.42))
    picture = Image.fromarray((np.clip(base + 0.1 * noise(rng, 9, 9)[..., None], 0, 1) * 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    length, count = rng.uniform(7, 24), 5200
    lean = rng.uniform(-0.4, 0.4)
    roots = rng.uniform(-10, SIDE + 10, (count, 2))
    bends = rng.normal(lean, 0.35, count)
    for (x, y), bend, pick in zip(roots[np.argsort(roots[:, 1])], bends, rng.random(count), strict=True):
        colour = colorsys.hsv_to_rgb(hue + 0.05 * (pick - 0.5), 0.45 + 0.45 * pick, 0.3 + 0.55 * ((pick * 7) % 1))
        blade = length * (0.5 + (pick * 3) % 1)
        draw.line(
            [x, y, x + blade * bend, y - blade], fill=tuple(int(255 * c) for c in colour), width=1 + (pick < 0.25)
        )
    if rng.random() < 0.3:  # small flowers
        petal = tuple(int(255 * c) for c in hsv(rng, (0, 1), (0, 0.7), (0.85, 1)))
        for x, y in rng.uniform(0, SIDE, (rng.integers(25, 90), 2)):
            draw.ellipse([x - 2, y - 2, x + 2, y + 2], fill=petal)
    return np.asarray(picture, np.float32) / 255 * (0.8 + 0.4 * noise(rng, 3, 3)[..., None])


def sand(rng):
    base = hsv(rng, (0.07, 0.14), (0.2, 0.55), (0.7, 0.97))
    rows, columns = warp(rng, rng.uniform(20, 90))
    angle, period = rng.uniform(-0.5, 0.5), rng.uniform(9, 34)
    phase = (rows * np.cos(angle) + columns * np.sin(angle)) / period
    crest = (phase % 1) ** rng.uniform(1, 2.5)  # ripples are steep on one side
    light = 0.86 + rng.uniform(0.1, 0.24) * (crest - 0.4) + 0.2 * noise(rng, 3, 3)
    speckle = 1 - rng.uniform(0.2, 0.5) * (rng.random((SIDE, SIDE)) < 0.03)
    return base * (light * speckle)[..., None] + grain(rng, rng.uniform(0.03, 0.07))


def snow(rng):
    lit = hsv(rng, (0.5, 0.65), (0, 0.05), (0.93, 1.0))
    shade = hsv(rng, (0.55, 0.68), (0.1, 0.35), (0.68, 0.9))
    drifts = noise(rng, rng.integers(3, 7), rng.integers(1, 4), 3, 0.35)
    slope = (np.roll(drifts, 5, 0) - drifts) * rng.uniform(5, 9) + 0.5
    pixels = mix(lit, shade, step(slope, 0.55, 0.9))
    lumps = noise(rng, 40, 40, 3)
    pixels = pixels * (0.94 + 0.1 * lumps[..., None])
    sparkle = rng.random((SIDE, SIDE)) < rng.uniform(0.002, 0.012)
    pixels = pixels - 0.06 * sparkle[..., None] * rng.random((SIDE, SIDE, 1))
    if rng.random() < 0.45:  # a trail of footprints
        x, y, turn = rng.uniform(40, 280), -10.0, rng.uniform(-6, 6)
        side = 1
        while y < SIDE:
            hole = np.hypot((ROWS - y) / 1.6, COLUMNS - x - 8 * side)
            pixels = mix(pixels, shade * 0.82, step(-hole, -5, 2.5) * 0.8)
            x, y, side = x + turn, y + rng.uniform(20, 26), -side
    return pixels + grain(rng, 0.012)


def water(rng):
    hue = rng.uniform(0.44, 0.62)
    deep, light = hsv(rng, (hue, hue), (0.6, 1), (0.25, 0.6)), hsv(rng, (hue - 0.05, hue), (0.25, 0.6), (0.7, 1))
    if rng.random() < 0.35:  # shallow: caustics on the ground
        rows, columns = warp(rng, 60, 6)
        period = rng.uniform(16, 34)
        net = 1 - np.abs(np.sin(rows / period) + np.sin(columns / period + np.sin(rows / period * 0.7))) / 2
        return mix(
            mix(deep, light, 0.35 + 0.3 * noise(rng, 3, 3)), 1.0, net ** rng.uniform(5, 9) * rng.uniform(0.5, 0.9)
        )
    rows, _ = warp(rng, rng.uniform(30, 60), 7)
    swell = noise(rng, rng.integers(14, 30), rng.integers(3, 7), 4, 0.55)
    waves = 0.55 * swell + 0.45 * (0.5 + 0.5 * np.sin(rows / rng.uniform(2.5, 7)))
    pixels = mix(deep, light, step(waves, 0.5, 0.7))
    return mix(pixels, 1.0, step(waves, rng.uniform(0.74, 0.82), 0.1) * rng.uniform(0.4, 0.95))


def road(rng):
    shade = rng.uniform(0.2, 0.5)
    pixels = np.full((SIDE, SIDE, 3), shade, np.float32) * hsv(rng, (0.55, 1.1), (0, 0.08), (0.95, 1))
    pixels = pixels * (0.85 + 0.3 * noise(rng, 4, 4)[..., None]) + grain(rng, rng.uniform(0.03, 0.06))
    for _ in range(rng.integers(0, 4)):  # cracks
        across = np.cumsum(rng.normal(0, 9, 22)) + rng.uniform(0, SIDE)
        path = list(zip(across, np.linspace(0, SIDE, 22), strict=True))
        crack = Image.new("L", (SIDE, SIDE))
        ImageDraw.Draw(crack).line(path, fill=255, width=1)
        pixels = mix(pixels, shade * 0.4, np.asarray(crack, np.float32) / 255 * 0.7)
    paint = np.zeros((SIDE, SIDE), np.float32)
    width, lanes = rng.uniform(5, 12), int(rng.integers(2, 5))
    dash, offset = rng.uniform(50, 100), rng.uniform(0, 100)
    for lane in range(lanes + 1):  # solid at the edges, dashed between, sometimes double
        centre = SIDE * (0.04 + 0.92 * lane / lanes)
        line = np.abs(COLUMNS - centre) < width / 2
        if 0 < lane < lanes:
            line = line & ((ROWS + offset) % dash < 0.55 * dash)
            if rng.random() < 0.25:
                line = np.abs(np.abs(COLUMNS - centre) - width * 0.7) < width * 0.3
        paint = np.maximum(paint, line)
    if rng.random() < 0.25:  # a zebra crossing
        top, bar = rng.uniform(20, 200), rng.uniform(14, 24)
        paint = np.maximum(paint, (top < ROWS) & (top + 80 > ROWS) & (COLUMNS % (2 * bar) < bar))
    colour = hsv(rng, (0.11, 0.15), (0.7, 0.95), (0.8, 0.95)) if rng.random() < 0.3 else rng.uniform(0.8, 0.97)
    worn = 0.95 - rng.uniform(0, 0.6) * (noise(rng, 30, 30) > 0.62)
    pixels = mix(pixels, colour, paint * worn)
    return pixels.transpose(1, 0, 2) if rng.random() < 0.25 else pixels


# --- walls, floors, cloths --------------------------------------------------------------------------------------------


def brick_wall(rng):
    height = rng.uniform(15, 40)
    width, gap = height * rng.uniform(1.8, 2.8), rng.uniform(1.5, 4)
    rows, columns = warp(rng, rng.uniform(0, 4), 8)
    row = np.floor(rows / height).astype(int)
    shifted = columns + np.where(row % 2, 0.5, 0) * width + 4 * width
    cells = (row - row.min()) * 64 + np.floor(shifted / width).astype(int)
    edge = np.minimum(to_multiple(rows, height), to_multiple(shifted, width))
    hue, saturation = ((0.98, 1.05), (0.4, 0.75)) if rng.random() < 0.75 else ((0, 1), (0.02, 0.35))
    brick = hsv(rng, hue, saturation, (0.4, 0.9)) * per_cell(rng, cells, rng.uniform(0.06, 0.16))
    brick = brick * (0.85 + 0.3 * noise(rng, 50, 50, 3)[..., None])
    mortar = hsv(rng, (0.05, 0.15), (0, 0.2), (0.3, 0.92)) * (0.9 + 0.2 * noise(rng, 60, 60, 2)[..., None])
    lit = 1 + 0.18 * (step(rows % height, gap + 2, 4) - 1) * rng.choice([-1, 1])
    return mix(mortar, brick * lit[..., None], step(edge, gap / 2, 1.6)) + grain(rng, 0.02)


def stone_wall(rng):
    count = int(rng.integers(28, 110))
    stretch = rng.uniform(1.0, 1.7)  # stones lie flat
    seeds = rng.uniform(-20, SIDE + 20, (count, 2)).astype(np.float32)
    for _ in range(2):  # spread the seeds so that no stone is a sliver
        apart = seeds[:, None] - seeds[None]
        near = np.exp(-np.sum(apart**2, -1, keepdims=True) / (0.25 * SIDE * SIDE / count))
        seeds += 0.45 * np.sum(apart * near, axis=1)
    rows, columns = warp(rng, 18, 10)
    distance = np.hypot((rows[..., None] - seeds[:, 0]) * stretch, columns[..., None] - seeds[:, 1])
    nearest = np.partition(distance, 1, axis=-1)
    edge, cells = nearest[..., 1] - nearest[..., 0], distance.argmin(-1)
    tint = hsv(rng, (0.04, 0.14) if rng.random() < 0.6 else (0.5, 0.7), (0.02, 0.25), (0.45, 0.8))
    warm = (1 + 0.03 * rng.standard_normal((count, 3)).astype(np.float32))[cells]
    stone = tint * warm * per_cell(rng, cells, rng.uniform(0.08, 0.2)) * (0.75 + 0.5 * noise(rng, 30, 30)[..., None])
    stone = stone * (0.72 + 0.32 * step(edge, 8, 18))[..., None]  # rounded: darker near the joint
    joint = hsv(rng, (0.05, 0.15), (0, 0.2), (0.12, 0.3) if rng.random() < 0.6 else (0.7, 0.9))
    return mix(joint, stone, step(edge, rng.uniform(3, 6), 3)) + grain(rng, 0.025)


def wood(rng):
    width = rng.uniform(26, 90)
    plank = np.floor(COLUMNS / width).astype(int)
    jump = rng.uniform(0, 400, plank.max() + 1).astype(np.float32)
    shifted = ROWS + jump[plank]
    length = rng.uniform(150, 500)
    cells = plank * 16 + np.floor(shifted / length).astype(int)
    bend = noise(rng, 2, 9, 3)
    knots = np.zeros((SIDE, SIDE), np.float32)
    for x, y in rng.uniform(0, SIDE, (rng.integers(0, 7), 2)):
        knots += np.exp(-np.hypot((ROWS - y) / 2.2, COLUMNS - x) / rng.uniform(4, 8))
    rings = np.sin((COLUMNS + jump[plank] + 34 * bend + 22 * knots) / rng.uniform(1.2, 3.2))
    fibre = noise(rng, 3, 150, 2)
    base = hsv(rng, (0.04, 0.11), (0.25, 0.75), (0.35, 0.9))
    light = 0.9 + rng.uniform(0.06, 0.14) * rings + 0.25 * (fibre - 0.5) - 0.35 * np.clip(knots, 0, 1)
    gap = np.minimum(COLUMNS % width, shifted % length)
    pixels = base * light[..., None] * per_cell(rng, cells, 0.09)
    pixels = mix(pixels * 0.3, pixels, step(gap, rng.uniform(0.8, 2.2), 1.5))
    return pixels.transpose(1, 0, 2) if rng.random() < 0.5 else pixels


def checkered_cloth(rng):
    rows, columns = warp(rng, rng.uniform(0, 10), 3)
    angle, size = rng.choice([0, 0, np.pi / 4, rng.uniform(0, np.pi)]), rng.uniform(11, 32)
    u = (rows * np.cos(angle) + columns * np.sin(angle)) / size
    v = (columns * np.cos(angle) - rows * np.sin(angle)) / size
    one, two = ((np.abs(w % 2 - 1) - 0.5) * size for w in (u, v))  # signed distance to the next line
    one, two = step(one, 0, 1.2), step(two, 0, 1.2)
    ground = hsv(rng, (0, 1), (0, 0.12), (0.88, 1)) if rng.random() < 0.8 else hsv(rng, (0, 1), (0.3, 0.7), (0.8, 1))
    colour = (
        hsv(rng, (0, 1), (0.5, 1), (0.25, 0.85)) if rng.random() < 0.85 else hsv(rng, (0, 1), (0, 0.2), (0.05, 0.3))
    )
    gingham = rng.random() < 0.6  # half the colour where one thread crosses, all where both do; otherwise a chessboard
    pixels = mix(ground, colour, (one + two) / 2 if gingham else one * two + (1 - one) * (1 - two))
    weave = 0.5 + 0.25 * np.sin(ROWS * 2.1) + 0.25 * np.sin(COLUMNS * 2.1)
    folds = 0.82 + 0.3 * noise(rng, 2, 3, 2)
    return pixels * ((0.93 + 0.08 * weave) * folds)[..., None]


def carpet(rng):
    count = int(rng.integers(3, 6))
    hue = rng.random()
    hues = [hue + 0.5 * (i % 2) for i in range(count)]  # two groups of opposite hues
    palette = np.stack([hsv(rng, (h, h + 0.12), (0.35, 0.9), (0.2, 0.85)) for h in hues])
    if rng.random() < 0.6:
        palette[-1] = hsv(rng, (0.1, 0.14), (0.1, 0.4), (0.8, 0.95))
    tile = int(rng.choice([40, 54, 64, 80, 107]))
    y, x = (np.abs(((c % tile) / tile) - 0.5) * 2 for c in (ROWS, COLUMNS))  # mirrored, 0 at the centre of the tile
    radius, turn = np.hypot(x, y), np.arctan2(y, x)
    kind = rng.integers(4)
    motif = [
        x + y,  # diamonds in diamonds
        radius + 0.16 * np.cos(turn * 4 * rng.integers(1, 3)),  # flowers
        np.maximum(x, y) + 0.25 * np.minimum(x, y),  # octagons
        np.abs(np.sin(2.5 * x) + np.cos(3.5 * y)) + 0.4 * radius,  # arabesques
    ][kind]
    cells = np.floor(motif * rng.uniform(2.2, 4.2)).astype(int) % count
    pixels = palette[cells]
    band = int(rng.integers(60, 120))
    if rng.random() < 0.5:  # horizontal bands of a second pattern
        stripe = (ROWS % (band + 40)) < 34
        zigzag = np.floor((ROWS + np.abs(COLUMNS % 24 - 12)) / 8).astype(int) % count
        pixels = np.where(stripe[..., None], palette[zigzag], pixels)
    soft = Image.fromarray((pixels * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.7))
    pile = 0.8 + 0.25 * noise(rng, 100, 100, 2) + 0.1 * noise(rng, 3, 3)
    return np.asarray(soft, np.float32) / 255 * pile[..., None] + grain(rng, 0.035)


PAINTERS = {
    "sky": sky,
    "night sky": night_sky,
    "grass": grass,
    "sand": sand,
    "water": water,
    "brick wall": brick_wall,
    "wood": wood,
    "snow": snow,
    "checkered cloth": checkered_cloth,
    "road": road,
    "stone wall": stone_wall,
    "carpet": carpet,
    "sunset": sunset,
}
