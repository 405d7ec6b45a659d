"""The house has floors: imports go down or stay on their floor, and some libraries live in one room only.

The imports are read from the source with ``ast``, also those inside functions and those by ``import_module("name")``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "heatstream"

#: Top floor first. A room is a module or a package inside ``heatstream``; the longest name that fits is its room.
FLOORS = [
    (7, ["app", "pages"]),
    (6, ["heatstream.ui"]),
    (5, ["heatstream.web"]),
    (4, ["heatstream.host", "heatstream.cli", "heatstream.__main__"]),
    (3, ["heatstream.engine"]),
    (
        2,
        [
            "heatstream.sources",
            "heatstream.vision",
            "heatstream.output",
            "heatstream.store",
            "heatstream.demo",
            "heatstream.solutions",
            "heatstream.tools",
        ],
    ),
    (1, ["heatstream.core"]),
    (0, ["heatstream.core.types", "heatstream.core.errors", "heatstream"]),
]

#: What may be imported only in the rooms named. ``module.Name`` stands for that attribute, however it is reached.
ONLY_IN = {
    "streamlit": ["app", "pages", "heatstream.ui", "heatstream.web.app"],
    "streamlit_drawable_canvas": ["heatstream.ui"],
    "ultralytics": ["heatstream.vision", "heatstream.tools"],
    "sqlalchemy": ["heatstream.store"],
    "alembic": ["heatstream.store"],
    "sqlite3": ["heatstream.store"],
    "cryptography": ["heatstream.store"],
    "threading.Thread": ["heatstream.engine.worker"],
    "threading.Timer": ["heatstream.engine.worker"],
    # library: a moment's thread in which a network is compiled, gone before its caller goes on
    "concurrent.futures.ThreadPoolExecutor": ["heatstream.engine.worker", "heatstream.vision.library"],
    "multiprocessing.pool.ThreadPool": ["heatstream.engine.worker"],
    "multiprocessing.dummy": ["heatstream.engine.worker"],
    "_thread": ["heatstream.engine.worker"],
}

#: The pages are thin: of the package they know these rooms only.
PAGES_KNOW = ["heatstream.ui", "heatstream.web", "heatstream.core"]

#: No clock, thread or file in these, nor in anything of ours that they import.
PURE = ["heatstream.core.geometry", "heatstream.core.heat", "heatstream.core.counting", "heatstream.core.render"]
IMPURE = {
    *("time", "datetime", "random"),
    *("threading", "asyncio", "multiprocessing", "concurrent"),
    *("logging", "io", "os", "pathlib", "shutil", "socket", "subprocess"),
}


@dataclass(frozen=True)
class Module:
    """A source file: what it imports (full dotted names) and which outer attributes it uses (``threading.Thread``)."""

    name: str
    imports: frozenset[str]
    uses: frozenset[str]


def within(name: str, room: str) -> bool:
    """Whether ``name`` is ``room`` or lies inside it."""
    return name == room or name.startswith(room + ".")


def floor_of(name: str) -> int | None:
    """The number of the floor on which a module lies; None if no room fits."""
    fitting = [
        (len(room), number)
        for number, rooms in FLOORS
        for room in rooms
        if (name == room if room == PACKAGE else within(name, room))
    ]
    return max(fitting)[1] if fitting else None


def _from_base(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parent = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
    return f"{parent}.{node.module}" if node.module else parent


def read_module(name: str, source: str, *, is_package: bool = False) -> Module:
    """Parse one source file."""
    tree = ast.parse(source)
    package = name if is_package else name.rpartition(".")[0]
    imports: set[str] = set()
    local: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                imports.add(alias.name)
                first = alias.name.partition(".")[0]
                local[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom):
            base = _from_base(node, package)
            for alias in node.names:
                imports.add(f"{base}.{alias.name}")
                local[alias.asname or alias.name] = f"{base}.{alias.name}"
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in {"import_module", "__import__"} and isinstance(node.args[0].value, str):
                imports.add(node.args[0].value)
    uses = set(local.values())
    for node in ast.walk(tree):
        dotted = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
        head, _, rest = dotted.partition(".")
        if rest and head in local:
            uses.add(f"{local[head]}.{rest}")
    return Module(name, frozenset(imports), frozenset(uses))


def read_project(root: Path) -> dict[str, Module]:
    """Every module of the package, the pages and ``app.py``, by dotted name."""
    modules = {}
    for path in sorted([*root.glob("app.py"), *root.glob("pages/*.py"), *root.glob(f"{PACKAGE}/**/*.py")]):
        parts = path.relative_to(root).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        modules[name] = read_module(name, path.read_text("utf-8"), is_package=is_package)
    return modules


def inner_imports(module: Module, modules: Mapping[str, Module]) -> set[str]:
    """The project's own modules that a module imports (``from a.b import c``: a.b.c if that is a module, else a.b)."""
    targets = set()
    for name in module.imports:
        target = name
        while target and target not in modules:
            target = target.rpartition(".")[0]
        targets.add(target)
    return targets - {module.name, ""}


def unplaced(modules: Mapping[str, Module]) -> Iterator[str]:
    """Modules for which the table has no room."""
    yield from (f"{name} has no room in FLOORS" for name in modules if floor_of(name) is None)


def upward(modules: Mapping[str, Module]) -> Iterator[str]:
    """Imports that go up."""
    for name, module in modules.items():
        here = floor_of(name)
        for target in sorted(inner_imports(module, modules)):
            there = floor_of(target)
            if here is not None and there is not None and there > here:
                yield f"{name} (floor {here}) imports {target} (floor {there})"


def cycles(modules: Mapping[str, Module]) -> Iterator[str]:
    """Modules that need each other."""
    try:
        TopologicalSorter({name: inner_imports(module, modules) for name, module in modules.items()}).prepare()
    except CycleError as error:
        yield "a cycle: " + " <- ".join(error.args[1])


def out_of_room(modules: Mapping[str, Module]) -> Iterator[str]:
    """Libraries, threads and floors used where they do not belong."""
    for name, module in modules.items():
        for thing, rooms in ONLY_IN.items():
            used = any(within(found, thing) for found in module.imports | module.uses)
            if used and not any(within(name, room) for room in rooms):
                yield f"{name} uses {thing}, which belongs in {', '.join(rooms)}"
        if floor_of(name) == FLOORS[0][0]:
            for target in sorted(inner_imports(module, modules)):
                if not any(within(target, room) for room in [*PAGES_KNOW, *FLOORS[0][1]]):
                    yield f"{name} is a page and imports {target}"


def impure(modules: Mapping[str, Module]) -> Iterator[str]:
    """Clocks, threads and files in the pure modules and in what they import."""
    waiting, seen = [name for name in PURE if name in modules], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for found in sorted(modules[name].imports):
            if found.partition(".")[0] in IMPURE:
                yield f"{name} imports {found}, and the pure modules rest on it"
        waiting.extend(inner_imports(modules[name], modules))


RULES = [unplaced, upward, cycles, out_of_room, impure]


@pytest.fixture(scope="module")
def project() -> dict[str, Module]:
    return read_project(ROOT)


def test_the_project_is_read(project: dict[str, Module]) -> None:
    assert {"heatstream", "heatstream.core.types", "heatstream.core.controls"} <= set(project)
    assert inner_imports(project["heatstream.core.controls"], project) == {
        "heatstream.core.errors",
        "heatstream.core.types",
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps_to_its_floors(project: dict[str, Module], rule) -> None:
    assert list(rule(project)) == []


def _house(**sources: str) -> dict[str, Module]:
    """Modules from ``a__b="source"``."""
    names = {key.replace("__", "."): source for key, source in sources.items()}
    return {name: read_module(name, source) for name, source in names.items()}


@pytest.mark.parametrize(
    ("rule", "modules", "complaint"),
    [
        (unplaced, _house(heatstream__attic=""), "heatstream.attic has no room in FLOORS"),
        (
            upward,
            _house(heatstream__engine__camera="", heatstream__core__heat="from heatstream.engine import camera"),
            "heatstream.core.heat (floor 1) imports heatstream.engine.camera (floor 3)",
        ),
        (
            upward,
            _house(heatstream__core__types="from .heat import decay", heatstream__core__heat=""),
            "heatstream.core.types (floor 0) imports heatstream.core.heat (floor 1)",
        ),
        (
            upward,
            _house(heatstream__core="", heatstream="from heatstream.core import heat"),
            "heatstream (floor 0) imports heatstream.core (floor 1)",
        ),
        (
            upward,
            _house(heatstream__web__app="", heatstream__cli="def f():\n    import_module('heatstream.web.app')"),
            "heatstream.cli (floor 4) imports heatstream.web.app (floor 5)",
        ),
        (
            cycles,
            _house(heatstream__vision__a="def f():\n    from . import b", heatstream__vision__b="from .a import f"),
            "a cycle",
        ),
        (
            out_of_room,
            _house(heatstream__web__stream="import streamlit.runtime as r"),
            "heatstream.web.stream uses streamlit,",
        ),
        (
            out_of_room,
            _house(heatstream__engine__camera="from ultralytics import YOLO"),
            "heatstream.engine.camera uses ultralytics,",
        ),
        (
            out_of_room,
            _house(heatstream__engine__camera="import threading as t\nt.Thread(target=print)"),
            "heatstream.engine.camera uses threading.Thread,",
        ),
        (
            out_of_room,
            _house(heatstream__host__hub="from concurrent.futures import ThreadPoolExecutor as Pool"),
            "heatstream.host.hub uses concurrent.futures.ThreadPoolExecutor,",
        ),
        (
            out_of_room,
            _house(heatstream__engine__camera="", pages__live="from heatstream.engine.camera import Camera"),
            "pages.live is a page and imports heatstream.engine.camera",
        ),
        (
            impure,
            _house(heatstream__core__heat="from . import grids", heatstream__core__grids="from os import environ"),
            "heatstream.core.grids imports os.environ",
        ),
    ],
)
def test_a_rule_notices_what_breaks_it(rule, modules: dict[str, Module], complaint: str) -> None:
    found = list(rule(modules))
    assert len(found) == 1, found
    assert found[0].startswith(complaint)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_rule_lets_pass_what_is_allowed(rule) -> None:
    modules = _house(
        heatstream="__version__ = '1'",
        heatstream__core__errors="class HeatStreamError(Exception): ...",
        heatstream__core__heat="import numpy\nfrom heatstream.core.errors import HeatStreamError",
        heatstream__engine__mailbox="import threading\nlock = threading.Lock()",
        heatstream__engine__worker="import threading\nthreading.Thread()",
        heatstream__vision__detector="from ultralytics import YOLO\nfrom heatstream.core import heat",
        heatstream__cli="import time\nfrom heatstream import __version__\nfrom heatstream.vision import detector",
        heatstream__ui__live="import streamlit as st\nfrom heatstream.cli import main",
        app="import streamlit as st\nfrom heatstream.ui import live",
    )
    assert list(rule(modules)) == []
