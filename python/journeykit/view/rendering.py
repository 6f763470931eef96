"""Templates to markup. The one place where text becomes part of a page: everything not already markup is cleaned and
escaped here, whatever the template says."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from journeykit.view.labels import clean_label
from journeykit.view.texts import Texts

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


def render(template: str, /, *, lang: str, **values: Any) -> Markup:
    """The template's markup; `t` in it looks words up in the catalogue."""
    from markupsafe import Markup

    return Markup(_environment().get_template(template).render(t=Texts(lang), lang=lang, **values))  # noqa: S704 (autoescaped)


@cache
def palette_css(*, standalone: bool) -> Markup:
    """The colours of every role: as variables for pages, as plain colours for stand-alone pictures."""
    palette = json.loads(files("journeykit.view").joinpath("styles", "palette.json").read_text(encoding="utf-8"))
    return render("palette.css.j2", lang="en", palette=palette, standalone=standalone)


def style(name: str) -> Markup:
    """One of our own style sheets. It holds no user data, so it needs no escaping."""
    from markupsafe import Markup

    return Markup(files("journeykit.view").joinpath("styles", name).read_text(encoding="utf-8"))  # noqa: S704 (our file)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def cleaned(value: Any) -> Any:
        return value if isinstance(value, (Markup, int, float)) else clean_label(value)

    environment = Environment(
        loader=PackageLoader("journeykit.view"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=cleaned,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(style=style, palette_css=palette_css)
    return environment
