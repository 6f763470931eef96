"""Whoever builds from source and lacks a package is told its name and how to get it. Configure-only runs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CMAKE = shutil.which("cmake") or shutil.which("cmake", path=str(Path(sys.executable).parent))

pytestmark = pytest.mark.skipif(CMAKE is None, reason="cmake is not installed")


def configure(folder: Path, *options: str, headers: dict[str, str] | None = None) -> str:
    """Message of a configuration that fails. The machine has no other headers than `headers` (path to text)."""
    if headers is not None:
        for path, text in {"README": "", **headers}.items():
            (folder / "root" / "include" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "root" / "include" / path).write_text(text)
        # Searches for headers see this root and nothing of the machine or of the interpreter's packages.
        options += (f"-DCMAKE_FIND_ROOT_PATH={folder / 'root'}", "-DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY")
    command = [str(CMAKE), "-S", str(ROOT), "-B", str(folder / "build"), f"-DPython_EXECUTABLE={sys.executable}"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=120)
    assert done.returncode != 0, done.stdout
    return " ".join(done.stderr.split())


BOOST = {"boost/graph/adjacency_list.hpp": "", "boost/version.hpp": "#define BOOST_VERSION 108800\n"}
JSON = {
    "nlohmann/json.hpp": "",
    "nlohmann/detail/abi_macros.hpp": "#define NLOHMANN_JSON_VERSION_MAJOR 3\n#define NLOHMANN_JSON_VERSION_MINOR 12\n",
}
EIGEN = {
    "Eigen/SparseCore": "",
    "Eigen/src/Core/util/Macros.h": "#define EIGEN_WORLD_VERSION 3\n#define EIGEN_MAJOR_VERSION 4\n",
}


def test_missing_boost_is_named_with_the_ways_to_get_it(tmp_path: Path) -> None:
    message = configure(tmp_path, headers={})
    assert "boost/graph/adjacency_list.hpp not found" in message
    assert "pip install libboost-headers==1.88.0 | apt install libboost1.81-dev" in message
    assert "-DBoost_ROOT=" in message


def test_boost_older_than_1_81_is_refused_with_its_number(tmp_path: Path) -> None:
    old = {**BOOST, "boost/version.hpp": "#define BOOST_VERSION 107400\n"}
    message = configure(tmp_path, headers=old)
    assert "Boost 1.81 or newer is needed, got BOOST_VERSION 107400" in message


def test_missing_json_is_named_with_the_ways_to_get_it(tmp_path: Path) -> None:
    message = configure(tmp_path, headers=BOOST)
    assert "nlohmann/json.hpp not found" in message
    assert "pip install nlohmann-json==3.12.0 | apt install nlohmann-json3-dev" in message


def test_json_older_than_3_11_is_refused(tmp_path: Path) -> None:
    message = configure(tmp_path, headers={**BOOST, "nlohmann/json.hpp": ""})
    assert "nlohmann/json 3.11 or newer is needed" in message


def test_missing_eigen_is_named_with_the_ways_to_get_it(tmp_path: Path) -> None:
    message = configure(tmp_path, headers={**BOOST, **JSON})
    assert "Eigen/SparseCore not found" in message
    assert "pip install cmeel-eigen==3.4.1 | apt install libeigen3-dev" in message
    assert "-DEigen3_ROOT=" in message


def test_eigen_older_than_3_4_is_refused_with_its_number(tmp_path: Path) -> None:
    old = {"Eigen/src/Core/util/Macros.h": "#define EIGEN_WORLD_VERSION 3\n#define EIGEN_MAJOR_VERSION 3\n"}
    message = configure(tmp_path, headers={**BOOST, **JSON, **EIGEN, **old})
    assert "Eigen 3.4 or newer is needed, got 3.3" in message


def test_missing_python_headers_are_named(tmp_path: Path) -> None:
    message = configure(tmp_path, "-DJOURNEYKIT_BUILD_PYTHON=ON", headers={**BOOST, **JSON, **EIGEN})
    assert "C headers (Python.h) not found" in message
    assert "apt install python3-dev" in message


def test_missing_pybind11_is_named_with_its_interpreter(tmp_path: Path) -> None:
    message = configure(tmp_path, "-DJOURNEYKIT_BUILD_PYTHON=ON", "-DCMAKE_DISABLE_FIND_PACKAGE_pybind11=ON")
    assert f"pybind11 3.1 or newer not found for {sys.executable}" in message
    assert "pip install 'pybind11>=3.1,<4'" in message


def test_missing_googletest_is_named_with_the_ways_to_get_it(tmp_path: Path) -> None:
    options = ("-DJOURNEYKIT_BUILD_TESTS=ON", "-DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON")
    message = configure(tmp_path, *options, headers={**BOOST, **JSON, **EIGEN})
    assert "GoogleTest 1.11 or newer not found" in message
    assert "apt install libgtest-dev" in message
    assert "-DJOURNEYKIT_FETCH_GTEST=ON" in message
