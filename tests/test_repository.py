"""The repository itself: what lies in it, what its requirements pin, and that the README tells the truth."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import heatstream
from heatstream.core.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
THIS = Path(__file__).relative_to(ROOT).as_posix()

MUST = {
    *(".ci", ".streamlit", "assets", "heatstream", "pages", "tests", "app.py"),
    *(".gitignore", ".pre-commit-config.yaml", "pyproject.toml", "requirements.txt", "requirements-dev.txt"),
    *("README.md", "CHANGELOG.md", "LICENSE"),
}

LARGEST_BYTES = 5_000_000

#: Folders of whoever's machine it was: nobody else has them.
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:work|root|home|Users)/\w|(?<!\w)[A-Z]:\\Users\\")

UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK|NotImplementedError)\b")

#: What the tests' RTSP server imports: it runs on the system's Python, which has GStreamer's bindings.
OF_THE_SYSTEM = {"gi", "pygobject"}

#: Requirements that no line of ours imports: the detector's and tracker's own, and programs that are run.
NOT_IMPORTED = {"torch", "torchvision", "lap", "openvino", "pytest-timeout", "mypy", "ruff", "pre-commit"}


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    """The paths of the files under version control."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def readme() -> str:
    return (ROOT / "README.md").read_text("utf-8")


def _texts(tracked: list[str]) -> Iterator[tuple[str, str]]:
    for name in tracked:
        data = (ROOT / name).read_bytes()
        if name != THIS and b"\0" not in data:
            yield name, data.decode("utf-8")


def test_the_top_level_is_the_fixed_list(tracked: list[str]) -> None:
    assert {name.split("/")[0] for name in tracked} == MUST


def test_no_tracked_file_is_large(tracked: list[str]) -> None:
    sizes = {name: (ROOT / name).stat().st_size for name in tracked}
    assert {name: size for name, size in sizes.items() if size >= LARGEST_BYTES} == {}


def test_no_file_names_a_folder_of_one_machine(tracked: list[str]) -> None:
    found = [f"{name}: {match.group()}" for name, text in _texts(tracked) for match in MACHINE_PATH.finditer(text)]
    assert found == []


def test_nothing_is_left_unfinished(tracked: list[str]) -> None:
    code = ((name, text) for name, text in _texts(tracked) if name.endswith((".py", ".js", ".css", ".toml", "/run")))
    assert [f"{name}: {match.group()}" for name, text in code for match in UNFINISHED.finditer(text)] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("open('/home/ann/x.mp4')", True),
        ("see /work/x", True),
        ("C:\\Users\\ann", True),
        ("https://example.org/home/page", False),
        ("../shared/work/x", False),
        ("frames/work/x", False),
    ],
)
def test_a_machine_path_is_told_from_others(text: str, found: bool) -> None:
    assert bool(MACHINE_PATH.search(text)) is found


# --- requirements


def _requirements(name: str) -> list[str]:
    lines = (line.strip() for line in (ROOT / name).read_text("utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_pinned_exactly(name: str) -> None:
    lines = [line for line in _requirements(name) if line != "-r requirements.txt"]
    assert [
        line for line in lines if not re.fullmatch(r"[a-z0-9-]+==\d+(\.\d+)+(; sys_platform .= \"linux\")?", line)
    ] == []
    names = [line.partition("==")[0] for line in lines]
    assert sorted(set(names)) == sorted(names)


def test_development_builds_on_the_product() -> None:
    product = {line.partition("==")[0] for line in _requirements("requirements.txt")}
    development = _requirements("requirements-dev.txt")
    assert development[0] == "-r requirements.txt"
    assert product.isdisjoint(line.partition("==")[0] for line in development[1:])


def _imported(paths: list[Path]) -> set[str]:
    """The distributions whose modules these files import (the standard library and our own left out)."""
    modules = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                modules.add(node.module.split(".")[0])
    modules -= {*sys.stdlib_module_names, "heatstream", "tests", "app"}
    distributions = packages_distributions()
    return {distributions.get(module, [module])[0].lower().replace("_", "-") for module in modules}


def test_what_the_product_imports_is_required() -> None:
    required = {line.partition("==")[0] for line in _requirements("requirements.txt")}
    imported = _imported([ROOT / "app.py", *ROOT.glob("pages/*.py"), *ROOT.glob("heatstream/**/*.py")])
    assert imported - required == set()
    assert required - imported - NOT_IMPORTED == set()


def test_what_the_tests_import_is_required() -> None:
    required = {line.partition("==")[0] for name in ("", "-dev") for line in _requirements(f"requirements{name}.txt")}
    assert _imported(sorted(ROOT.glob("tests/**/*.py"))) - required - OF_THE_SYSTEM == set()


# --- the same checks everywhere


def test_ci_is_a_program() -> None:
    run = ROOT / ".ci/run"
    assert os.access(run, os.X_OK)
    assert subprocess.run(["bash", "-n", str(run)], check=False).returncode == 0


def test_commits_and_ci_are_checked_by_the_same_commands() -> None:
    hooks = re.findall(r"^\s+entry: (.+)$", (ROOT / ".pre-commit-config.yaml").read_text("utf-8"), re.MULTILINE)
    stages = re.findall(r'^stage "[^"]+" (.+)$', (ROOT / ".ci/run").read_text("utf-8"), re.MULTILINE)
    assert hooks == ["ruff check .", "ruff format --check .", "mypy"]
    assert set(hooks) <= set(stages)


def test_the_version_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == heatstream.__version__


def test_the_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in text
    assert "13. Remote Network Interaction" in text
    assert "END OF TERMS AND CONDITIONS" in text


# --- the README


def _commands(readme: str) -> list[str]:
    blocks = re.findall(r"^```bash\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.replace("\\\n", " ").splitlines() if line.strip()]


def test_the_readme_has_the_two_commands(readme: str) -> None:
    assert "pip install -r requirements.txt && streamlit run app.py" in _commands(readme)
    assert "pip install -r requirements-dev.txt && python -m pytest" in _commands(readme)


def test_what_the_readme_points_to_exists(readme: str) -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", readme)
    targets += re.findall(r"(?:streamlit run|-r) (\S+)", "\n".join(_commands(readme)))
    assert len(targets) >= 5
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_readme_lists_every_setting_as_it_is(readme: str) -> None:
    rows = re.findall(r"^\| `(HEATSTREAM_\w+)` \| (.*?) \| (.*?) \|$", readme, re.MULTILINE)
    expected = [
        (f"HEATSTREAM_{name.upper()}", f"`{field.default}`" if str(field.default) else "(none)", field.description)
        for name, field in Settings.model_fields.items()
    ]
    assert rows == expected


def test_the_readme_lists_every_option_of_run(readme: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "heatstream", "run", "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    offered = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", done.stdout)) - {"--help"}
    described = set(re.findall(r"^\| `(--[a-z-]+)", readme, re.MULTILINE))
    used = set(re.findall(r"(?<=\s)--[a-z][a-z-]+", "\n".join(c for c in _commands(readme) if "heatstream run" in c)))
    assert described == offered
    assert used <= offered
