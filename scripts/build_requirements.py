"""Print what a build without pip's isolation needs, one requirement a line: read from pyproject.toml, its only home."""

import sys
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))
requirements = [*project["build-system"]["requires"], *project["tool"]["scikit-build"]["build"]["requires"], "cmake>=3.25", "ninja"]
sys.stdout.write("\n".join(requirements) + "\n")
