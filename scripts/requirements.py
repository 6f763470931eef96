"""Print requirements from pyproject.toml, their only home, one a line.

Without an argument: what a build without pip's isolation needs. With the name of an extra: what that extra needs.
"""

import sys
import tomllib
from pathlib import Path

settings = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))
if len(sys.argv) > 1:
    requirements = settings["project"]["optional-dependencies"][sys.argv[1]]
else:
    headers = settings["tool"]["scikit-build"]["build"]["requires"]
    requirements = [*settings["build-system"]["requires"], *headers, "cmake>=3.25", "ninja"]
sys.stdout.write("\n".join(requirements) + "\n")
