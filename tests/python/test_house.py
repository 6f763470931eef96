"""The shape of the house (cpp/CMakeLists.txt and DESIGN) held to the code: who may know whom, and what stays where."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import journeykit

ROOT = Path(__file__).parents[2]
CPP = ROOT / "cpp"
PYTHON = ROOT / "python" / "journeykit"

# Rooms that only Python has, lowest first; each may use every C++ room and the rooms before it.
PYTHON_ROOMS = ("interop", "scale", "datasets", "testing", "view", "cli")
# The door from a result to its picture: _repr_html_ and save() open it inside a function.
PICTURES = "view"
# Short forms (log.variants() is discovery.variants(log), map.to_networkx()) open these doors, also inside a function.
SHORT_FORMS = {("events", "discovery"), ("events", "metrics"), ("journey", "interop")}

# What the package may import: what it requires, its extras for users, and numpy, which callers may hand us.
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
USER_EXTRAS = ("pandas", "polars", "xes", "networkx", "spark", "testing", "notebook")
EXTRAS = [PROJECT["optional-dependencies"][name] for name in USER_EXTRAS]
DECLARED = {re.split(r"[><=]", line)[0] for lines in (PROJECT["dependencies"], *EXTRAS) for line in lines} | {"numpy"}

# What only some rooms may include, and which.
RESERVED = {
    r"nlohmann/": {"io"},
    r"boost/graph/": {"journey", "discovery", "markov"},
    r"Eigen/": {"markov", "attribution"},
    r"nanoarrow": {"events"},
    r"(fstream|filesystem|cstdio|unistd\.h|fcntl\.h)>": {"io"},
    r"(iostream|regex|random|ctime|cstdlib)>": set(),
    r"(pybind11/|Python\.h)": set(),
}
# error.cpp writes its escapes with snprintf into a buffer of its own.
EXCUSED = {("base", "cstdio>")}


def uses() -> dict[str, list[str]]:
    """Room to the rooms it USES, in the order of cpp/CMakeLists.txt."""
    text = (CPP / "CMakeLists.txt").read_text("utf-8")
    rooms = re.findall(r"(?m)^journeykit_room\((\w+)(?:\s+USES((?:\s+\w+)*?))?(?:\s+LINKS[^)]*)?\)", text)
    return {name: used.split() for name, used in rooms}


USES = uses()


def included(path: Path) -> list[str]:
    """What a C++ file includes, without the opening bracket."""
    return re.findall(r'(?m)^\s*#\s*include\s*[<"]([^"\n]+)"?', path.read_text("utf-8"))


def sources(room: str) -> list[Path]:
    return sorted((CPP / "journeykit" / room).glob("*.[ch]pp"))


def imports(path: Path) -> list[tuple[list[str], bool]]:
    """The parts of each dotted name that a Python file imports, and whether it waits to do so until a function runs."""
    found = []

    def visit(node: ast.AST, later: bool) -> None:
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute in this house"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        found.extend((name.split("."), later) for name in names)
        later = later or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        later = later or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
        for child in ast.iter_child_nodes(node):
            visit(child, later)

    visit(ast.parse(path.read_text("utf-8")), False)
    return found


def test_every_room_uses_only_rooms_listed_before_it() -> None:
    seen: list[str] = []
    for room, used in USES.items():
        assert set(used) <= set(seen), f"{room} uses {sorted(set(used) - set(seen))}, listed after it or not at all"
        seen.append(room)
    assert seen[0] == "base"


def test_every_folder_of_code_is_a_listed_room() -> None:
    folders = {path.parent.name for path in (CPP / "journeykit").glob("*/*.hpp")}
    assert folders <= set(USES), "folders of cpp/journeykit against cpp/CMakeLists.txt"
    packages = {path.parent.name for path in PYTHON.glob("*/__init__.py")}
    assert packages <= {*USES, *PYTHON_ROOMS}
    bindings = {path.stem for path in (CPP / "bindings").glob("*.cpp")}
    assert bindings <= {
        *USES,
        "module",
        "allocation",
        *(f"{room}_{part}" for room in USES for part in ("reading", "state")),
    }
    tests = {path.parent.name for path in (ROOT / "tests" / "cpp").glob("*/*_test.cpp")}
    assert tests <= set(USES)


@pytest.mark.parametrize("room", USES)
def test_a_cpp_room_includes_only_what_it_uses(room: str) -> None:
    allowed = {room, *USES[room]}
    for path in sources(room):
        for name in included(path):
            if name.startswith("journeykit/"):
                assert name.split("/")[1] in allowed, f"{path.name} includes {name}; {room} USES {USES[room]}"
            else:
                assert "/" in name or name.endswith(">"), f'{path.name}: write #include "journeykit/{room}/{name}"'


@pytest.mark.parametrize("pattern", RESERVED)
def test_a_reserved_library_stays_in_its_rooms(pattern: str) -> None:
    for room in USES:
        for path in sources(room):
            guests = [name for name in included(path) if re.match(pattern, name) and (room, name) not in EXCUSED]
            assert not guests or room in RESERVED[pattern], f"{room}/{path.name} includes {guests}"


def test_no_public_header_shows_a_library_of_others() -> None:
    for room in USES:
        for path in sources(room):
            if path.suffix == ".hpp" and not path.stem.startswith("detail"):
                foreign = [name for name in included(path) if "/" in name and not name.startswith("journeykit/")]
                assert not foreign, f"{room}/{path.name} includes {foreign}; an installed header must stand alone"


@pytest.mark.parametrize("path", sorted(PYTHON.rglob("*.py")), ids=lambda path: str(path.relative_to(PYTHON)))
def test_a_python_room_imports_no_room_above_it(path: Path) -> None:
    inside = path.relative_to(PYTHON).parts
    if len(inside) == 1:
        return  # journeykit/__init__.py is the table of contents over all rooms
    room = inside[0]
    if room in USES:
        allowed = {room, "_core", *USES[room]}
    else:
        allowed = {room, "_core", *USES, *PYTHON_ROOMS[: PYTHON_ROOMS.index(room)]}
    for (package, *rest), later in imports(path):
        if package != "journeykit" or not rest:
            continue
        other = rest[0]
        if other[0].isupper() or other in {"__version__", *journeykit.__all__}:
            assert room == "cli", f"{'/'.join(inside)} imports {other} from journeykit; name the room it lives in"
            continue
        door = later and (other == PICTURES or (room, other) in SHORT_FORMS)
        assert other in allowed or door, f"{'/'.join(inside)} imports journeykit.{other}"


@pytest.mark.parametrize("path", sorted(PYTHON.rglob("*.py")), ids=lambda path: str(path.relative_to(PYTHON)))
def test_the_package_needs_only_what_it_declares_and_loads_it_late(path: Path) -> None:
    room = path.relative_to(PYTHON).parts[0]
    for (package, *_), later in imports(path):
        if package in sys.stdlib_module_names or package in {"journeykit", "_typeshed"}:
            continue
        assert package in DECLARED, f"{room} imports {package}, which pyproject.toml neither requires nor offers"
        assert later or (room == "cli" and package in {"typer", "rich"}), f"import {package} inside the function"


def test_every_public_name_loads_from_its_room() -> None:
    assert len(set(journeykit.__all__)) == len(journeykit.__all__)
    for name in journeykit.__all__:
        assert getattr(journeykit, name) is not None
        assert name in dir(journeykit)


def test_importing_journeykit_loads_no_heavy_library() -> None:
    heavy = ("pyarrow", "numpy", "pandas", "polars", "jinja2", "typer", "rich", "asyncio")
    code = f"import journeykit, sys; print([name for name in {heavy} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_the_version_is_that_of_the_build() -> None:
    text = (ROOT / "CMakeLists.txt").read_text("utf-8")
    assert f"project(journeykit VERSION {journeykit.__version__} " in text
