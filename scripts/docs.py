"""Write the API reference of the installed package into docs/api: one page for the public names, one for each room."""

import importlib
import pkgutil
import shutil
from pathlib import Path

import pdoc

import journeykit

TARGET = Path(__file__).parents[1] / "docs" / "api"

rooms = [
    f"journeykit.{module.name}"
    for module in pkgutil.iter_modules(journeykit.__path__)
    if module.ispkg and getattr(importlib.import_module(f"journeykit.{module.name}"), "__all__", None)
]
# The page of the package shows what __all__ names; this line leads from it to the rooms.
journeykit.__doc__ = f"{journeykit.__doc__}\nRooms: {', '.join(f'`{room}`' for room in rooms)}.\n"
shutil.rmtree(TARGET, ignore_errors=True)
pdoc.render.configure(docformat="numpy", show_source=False)
pdoc.pdoc("journeykit", *rooms, output_directory=TARGET)
print(f"{TARGET / 'index.html'}: journeykit and {len(rooms)} rooms")
