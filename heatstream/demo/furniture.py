"""What stands on the demo plaza, painted part by part: trees, fountain, kiosk, advertising pillar, lamps, benches."""

from __future__ import annotations

import itertools
import math

import numpy as np

from heatstream.demo.canvas import Canvas, Colour, ring
from heatstream.demo.layout import FOUNTAIN, KIOSK, PILLAR, SHADOW_M, SUN_BEARING, Tree

#: Towards the sun: a unit vector of the world.
_LENGTH = math.hypot(1.0, SHADOW_M)
TO_SUN = np.array([-math.sin(SUN_BEARING) * SHADOW_M, -math.cos(SUN_BEARING) * SHADOW_M, 1.0]) / _LENGTH


def lit(colour: Colour, normal: tuple[float, float, float]) -> Colour:
    """``colour`` of a face that looks along ``normal`` (a unit vector), in sun and sky light."""
    sun = max(float(np.dot(TO_SUN, normal)), 0.0)
    blue, green, red = colour
    return (
        min(blue * (0.66 + 0.40 * sun), 255),
        min(green * (0.62 + 0.50 * sun), 255),
        min(red * (0.60 + 0.56 * sun), 255),
    )


def _front_pipe(canvas: Canvas, x: float, y: float, spans: list[tuple[float, float]], colour: Colour) -> None:
    """An upright body of rings, each (z, radius), shaded in strips: the half that the camera sees."""
    away = math.atan2(x, y)
    strips = 24
    for (z0, r0), (z1, r1) in itertools.pairwise(spans):
        for n in range(strips):
            a = away + math.pi / 2 + math.pi * (n - 0.2) / strips
            b = away + math.pi / 2 + math.pi * (n + 1.2) / strips
            corners = [
                (x + r * math.sin(t), y + r * math.cos(t), z)
                for t, r, z in ((a, r0, z0), (b, r0, z0), (b, r1, z1), (a, r1, z1))
            ]
            middle = (a + b) / 2
            canvas.polygon(corners, lit(colour, (math.sin(middle), math.cos(middle), 0.0)))


def paint_fountain(canvas: Canvas, rng: np.random.Generator) -> None:
    """A round basin with water, a column, a bowl, and falling water."""
    x, y, radius = FOUNTAIN
    stone: Colour = (176, 190, 200)
    _front_pipe(canvas, x, y, [(0.0, radius + 0.12), (0.12, radius + 0.12), (0.14, radius), (0.52, radius)], stone)
    canvas.hull(ring(x, y, 0.52, radius + 0.08), lit(stone, (0, 0, 1)))
    canvas.hull(ring(x, y, 0.50, radius - 0.28), (120, 120, 104))
    canvas.hull(ring(x + 0.05, y + 0.06, 0.40, radius - 0.34), (186, 160, 104))
    for _ in range(90):
        turn, out = rng.uniform(0, math.tau), radius * math.sqrt(rng.uniform(0.12, 0.66))
        px, py, half = x + out * math.sin(turn), y + out * math.cos(turn), rng.uniform(0.06, 0.24)
        canvas.line(
            [(px - half, py, 0.42), (px + half, py, 0.42)],
            (222, 208, 168) if rng.random() < 0.6 else (150, 128, 76),
            0.7,
        )
    _front_pipe(canvas, x, y, [(0.4, 0.36), (0.55, 0.26), (1.25, 0.17), (1.4, 0.30)], stone)
    _front_pipe(canvas, x, y, [(1.35, 0.25), (1.62, 1.0), (1.70, 1.02)], stone)
    _streams(canvas, (x, y, 1.66), (1.0, 1.34), 26)
    canvas.hull(ring(x, y, 1.70, 1.02), lit(stone, (0, 0, 1)))
    canvas.hull(ring(x, y, 1.70, 0.90), (206, 184, 132))
    _streams(canvas, (x, y, 2.24), (0.1, 0.72), 12)
    _front_pipe(canvas, x, y, [(1.68, 0.16), (2.15, 0.10), (2.2, 0.22)], stone)
    canvas.hull(ring(x, y, 2.2, 0.22), lit(stone, (0, 0, 1)))


def _streams(canvas: Canvas, top: tuple[float, float, float], reach: tuple[float, float], count: int) -> None:
    """Thin arcs of water from a rim at ``top`` (middle), falling outward from the first radius to the second."""
    x, y, z = top
    fall = z - 0.45 if z < 2 else z - 1.7
    for n in range(count):
        turn = math.tau * n / count
        arc = []
        for step in range(9):
            share = step / 8
            out = reach[0] + (reach[1] - reach[0]) * share
            rise = 0.18 * math.sin(math.pi * share) if z > 2 else 0.0
            arc.append((x + out * math.sin(turn), y + out * math.cos(turn), z + rise - fall * share**2))
        canvas.line(arc, (240, 234, 214) if n % 2 else (228, 216, 188), 0.9)


def paint_tree(canvas: Canvas, tree: Tree, rng: np.random.Generator) -> None:
    """A trunk with its grate, and a crown of many small leaves, lit from the sun's side."""
    bark: Colour = (74, 96, 122)
    _front_pipe(canvas, tree.x, tree.y, [(0.0, 0.19), (0.3, 0.13), (tree.crown_z - 0.4, 0.10)], bark)
    for n in range(5):
        turn = math.tau * n / 5
        tip = (tree.x + 0.6 * tree.radius * math.sin(turn), tree.y + 0.6 * tree.radius * math.cos(turn), tree.crown_z)
        canvas.line([(tree.x, tree.y, tree.crown_z - 0.9 * tree.radius * 0.75), tip], bark, 1.5)
    leaves = crown(tree, rng)
    away = np.array([math.sin(math.atan2(tree.x, tree.y)), math.cos(math.atan2(tree.x, tree.y)), 0.0])
    middle = np.array([tree.x, tree.y, tree.crown_z])
    offset = leaves[:, :3] - middle
    order = np.argsort(-(offset @ away) + 0.3 * offset[:, 2])
    for n in order.tolist():
        outward = offset[n] / (np.linalg.norm(offset[n]) + 1e-6)
        depth = float(np.linalg.norm(offset[n])) / tree.radius
        sun = float(np.dot(outward, TO_SUN))
        light = np.clip(0.60 + 0.34 * sun + 0.14 * depth + rng.normal(0, 0.07), 0.28, 1.22)
        base = np.array([58, 138, 122]) if sun < 0.35 else np.array([66, 158, 152])
        blue, green, red = (base * light).tolist()
        size = float(leaves[n, 3])
        px, py, pz = leaves[n, :3].tolist()
        tilt = rng.uniform(0, math.pi)
        canvas.hull(
            [
                (
                    px + size * math.cos(a) * math.cos(tilt),
                    py,
                    pz + size * (0.75 * math.sin(a) + 0.3 * math.cos(a) * math.sin(tilt)),
                )
                for a in np.linspace(0, math.tau, 7, endpoint=False)
            ],
            (blue, green, red),
        )


def crown(tree: Tree, rng: np.random.Generator) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Leaves (N, 4) of a crown: x, y, z and radius, m; in several rounded clumps."""
    clumps = [(0.0, 0.0, 0.1, 0.72)]
    for n in range(7):
        turn = math.tau * n / 7 + rng.uniform(-0.3, 0.3)
        clumps.append((0.58 * math.sin(turn), 0.58 * math.cos(turn), rng.uniform(-0.28, 0.28), rng.uniform(0.36, 0.48)))
    clumps.append((0.0, 0.0, 0.5, 0.46))
    leaves = []
    for x, y, z, size in clumps:
        for _ in range(int(230 * size)):
            way = rng.standard_normal(3)
            way *= size * rng.uniform(0.55, 1.0) / np.linalg.norm(way)
            px, py, pz = (x + way[0]) * tree.radius, (y + way[1]) * tree.radius, (z + way[2]) * tree.radius * 0.86
            leaves.append((tree.x + px, tree.y + py, tree.crown_z + pz, rng.uniform(0.10, 0.20)))
    return np.array(leaves)


def paint_pillar(canvas: Canvas, rng: np.random.Generator) -> None:
    """A round advertising pillar with posters and a small roof."""
    x, y, radius = PILLAR
    _front_pipe(canvas, x, y, [(0.0, radius + 0.08), (0.35, radius + 0.08)], (110, 120, 110))
    _front_pipe(canvas, x, y, [(0.35, radius), (2.75, radius)], (206, 214, 214))
    away = math.atan2(x, y)
    posters: tuple[Colour, ...] = (
        (70, 90, 210),
        (180, 140, 70),
        (80, 190, 230),
        (110, 150, 90),
        (140, 90, 150),
        (60, 130, 220),
    )
    for n, low in enumerate((0.5, 1.55, 0.62, 1.62, 0.48, 1.5)):
        start = away + math.pi / 2 + 0.12 + (n // 2) * 0.98
        turns = np.linspace(start, start + 0.82, 6)
        high = low + 0.92
        for a, b in itertools.pairwise(turns):
            corners = [
                (x + (radius + 0.01) * math.sin(t), y + (radius + 0.01) * math.cos(t), z)
                for t, z in ((a, low), (b, low), (b, high), (a, high))
            ]
            canvas.polygon(corners, lit(posters[n], (math.sin((a + b) / 2), math.cos((a + b) / 2), 0.0)))
        for line in range(3):
            z = high - 0.2 - 0.2 * line
            trail = [(x + (radius + 0.02) * math.sin(t), y + (radius + 0.02) * math.cos(t), z) for t in turns[1:-1]]
            canvas.line(trail, (226, 232, 236), 1.0)
    green: Colour = (92, 112, 76)
    _front_pipe(canvas, x, y, [(2.75, radius + 0.14), (2.92, radius + 0.14), (3.25, 0.22), (3.32, 0.1)], green)
    canvas.hull(ring(x, y, 3.3, 0.12), lit(green, (0, 0, 1)))


def paint_kiosk(canvas: Canvas, rng: np.random.Generator) -> None:
    """An eight-sided newsstand with a pointed roof."""
    x, y, radius = KIOSK
    turns = [math.tau * (n + 0.5) / 8 for n in range(9)]
    away = math.atan2(x, y)
    for a, b in itertools.pairwise(turns):
        middle = (a + b) / 2
        if math.cos(middle - away) > 0.1:
            continue
        normal = (math.sin(middle), math.cos(middle), 0.0)

        def face(low: float, high: float, inset: float, a: float = a, b: float = b) -> list[tuple[float, float, float]]:
            r = radius + 0.005
            ends = [(x + r * math.sin(t), y + r * math.cos(t)) for t in (a, b)]
            (ax, ay), (bx, by) = ends
            p = (ax + (bx - ax) * inset, ay + (by - ay) * inset)
            q = (bx + (ax - bx) * inset, by + (ay - by) * inset)
            return [(*p, low), (*q, low), (*q, high), (*p, high)]

        canvas.polygon(face(0.0, 2.5, 0.0), lit((88, 104, 66), normal))
        canvas.polygon(face(0.25, 0.85, 0.1), lit((104, 126, 80), normal))
        canvas.polygon(face(1.0, 2.05, 0.1), lit((90, 78, 70), normal))
        for n in range(4):
            tint = ((80, 90, 200), (190, 190, 180), (80, 180, 220), (160, 120, 80))[n]
            ends = face(1.05, 1.4, 0.14 + 0.02 * n)
            p, q = np.array(ends[0]), np.array(ends[1])
            s, t = p + (q - p) * (n / 4 + 0.02), p + (q - p) * ((n + 1) / 4 - 0.03)
            canvas.polygon([(*s[:2], 1.05), (*t[:2], 1.05), (*t[:2], 1.45), (*s[:2], 1.45)], lit(tint, normal))
        canvas.polygon(face(2.12, 2.42, 0.06), lit((200, 216, 222), normal))
    eave = radius + 0.42
    tip = (x, y, 3.5)
    for a, b in sorted(itertools.pairwise(turns), key=lambda ab: -math.cos(sum(ab) / 2 - away)):
        middle = (a + b) / 2
        rim = [(x + eave * math.sin(t), y + eave * math.cos(t), 2.5) for t in (a, b)]
        tilt = (0.6 * math.sin(middle), 0.6 * math.cos(middle), 0.8)
        canvas.polygon([*rim, tip], lit((74, 104, 142), tilt))
        drop = [(px, py, 2.38) for px, py, _ in rim[::-1]]
        if math.cos(middle - away) < 0.1:
            canvas.polygon([*rim, *drop], lit((60, 84, 120), (math.sin(middle), math.cos(middle), 0.0)))


def paint_lamp(canvas: Canvas, x: float, y: float) -> None:
    """A post with two lanterns."""
    iron: Colour = (70, 74, 66)
    _front_pipe(canvas, x, y, [(0.0, 0.17), (0.35, 0.12), (0.4, 0.06), (3.3, 0.045)], iron)
    canvas.line([(x - 0.42, y, 3.15), (x, y, 3.3), (x + 0.42, y, 3.15)], iron, 1.2)
    for side in (-0.42, 0.42):
        _front_pipe(canvas, x + side, y, [(2.78, 0.08), (3.08, 0.15)], (176, 226, 240))
        _front_pipe(canvas, x + side, y, [(3.08, 0.18), (3.22, 0.03)], iron)


def paint_bench(canvas: Canvas, x: float, y: float, front: float) -> None:
    """A wooden bench whose front looks along the bearing ``front``."""
    ahead = np.array([math.sin(front), math.cos(front)])
    side = np.array([math.cos(front), -math.sin(front)])

    def at(forward: float, right: float, z: float) -> tuple[float, float, float]:
        px, py = np.array([x, y]) + forward * ahead + right * side
        return float(px), float(py), z

    wood: Colour = (82, 124, 168)
    for right in (-0.75, 0.75):
        canvas.line([at(-0.2, right, 0.0), at(-0.2, right, 0.85)], (56, 56, 54), 1.5)
        canvas.line([at(0.2, right, 0.0), at(0.2, right, 0.45)], (56, 56, 54), 1.5)
    planks = [(f, f + 0.13, 0.45, 0.45) for f in (-0.2, -0.05, 0.1)]
    backs = [(-0.24, -0.26, z, z + 0.13) for z in (0.55, 0.73)]
    pieces = planks + backs if math.cos(front - math.atan2(x, y)) < 0 else [*planks, *backs]
    for f0, f1, z0, z1 in pieces:
        level = z0 == z1
        corners = [at(f0, -0.9, z0), at(f0, 0.9, z0), at(f1, 0.9, z1), at(f1, -0.9, z1)]
        normal = (0.0, 0.0, 1.0) if level else (float(ahead[0]), float(ahead[1]), 0.0)
        canvas.polygon(corners, lit(wood, normal))


def paint_planter(canvas: Canvas, x: float, y: float, rng: np.random.Generator) -> None:
    """A round stone tub with flowers."""
    _front_pipe(canvas, x, y, [(0.0, 0.42), (0.5, 0.58), (0.56, 0.62), (0.62, 0.62)], (150, 160, 170))
    canvas.hull(ring(x, y, 0.62, 0.56), (60, 76, 90))
    flowers: tuple[Colour, ...] = ((70, 64, 214), (112, 96, 226), (90, 200, 240), (222, 226, 236))
    hue = flowers[int(rng.integers(len(flowers)))]
    spots = sorted(
        ((rng.normal(0, 0.24), rng.normal(0, 0.24), rng.uniform(0.66, 0.98)) for _ in range(110)), key=lambda s: -s[1]
    )
    for dx, dy, z in spots:
        size = rng.uniform(0.04, 0.075)
        tint = hue if rng.random() < 0.42 else (58, 128 + rng.uniform(-24, 24), 104)
        shade = 0.8 + 0.5 * (z - 0.66)
        canvas.hull(
            [(x + dx + size * math.cos(a), y + dy, z + size * math.sin(a)) for a in np.linspace(0, math.tau, 6)[:-1]],
            (tint[0] * shade, tint[1] * shade, tint[2] * shade),
        )


def paint_parasol(canvas: Canvas, x: float, y: float, number: int) -> None:
    """A café table with chairs under a parasol."""
    wood: Colour = (90, 120, 150)
    for turn in (0.6, 2.7, 4.6):
        cx, cy = x + 0.8 * math.sin(turn), y + 0.8 * math.cos(turn)
        for dx in (-0.17, 0.17):
            canvas.line([(cx + dx, cy, 0.0), (cx + dx, cy, 0.45)], (60, 60, 60), 0.8)
        canvas.hull(ring(cx, cy, 0.45, 0.24, 12), lit((60, 110, 170), (0, 0, 1)))
        bx, by = x + 1.02 * math.sin(turn), y + 1.02 * math.cos(turn)
        canvas.line([(bx - 0.2, by, 0.8), (bx + 0.2, by, 0.8)], (60, 110, 170), 2.0)
    _front_pipe(canvas, x, y, [(0.0, 0.22), (0.06, 0.2), (0.07, 0.04), (0.74, 0.03)], (80, 80, 78))
    canvas.hull(ring(x, y, 0.75, 0.45, 20), lit(wood, (0, 0, 1)))
    _front_pipe(canvas, x, y, [(0.74, 0.03), (2.5, 0.03)], (190, 196, 200))
    tint: Colour = ((78, 84, 196), (206, 222, 230), (70, 150, 214))[number % 3]
    away = math.atan2(x, y)
    turns = [math.tau * n / 10 for n in range(11)]
    for n, (a, b) in sorted(enumerate(itertools.pairwise(turns)), key=lambda p: -math.cos(sum(p[1]) / 2 - away)):
        rim = [(x + 1.45 * math.sin(t), y + 1.45 * math.cos(t), 2.15) for t in (a, b)]
        middle = (a + b) / 2
        colour = tint if n % 2 else (220, 230, 236)
        canvas.polygon([*rim, (x, y, 2.75)], lit(colour, (0.4 * math.sin(middle), 0.4 * math.cos(middle), 0.92)))
        if math.cos(middle - away) < 0:
            canvas.polygon(
                [*rim, *((px, py, 1.97) for px, py, _ in rim[::-1])],
                lit(colour, (math.sin(middle), math.cos(middle), 0.0)),
            )
