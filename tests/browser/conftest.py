"""A headless Chromium that records everything a page tries to do."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass
class Visit:
    """An open page and what happened on it."""

    page: Any
    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def assert_quiet(self) -> None:
        """Nothing was logged, thrown, asked or fetched, and no trap was touched."""
        assert (self.console, self.errors, self.dialogs) == ([], [], [])
        assert len(self.requests) == 1  # the file itself
        assert self.page.evaluate("window.trapped") == 0


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (extra [test])")
    named = os.environ.get("JOURNEYKIT_CHROMIUM")
    path = named or next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium here: install the package chromium, or name one in JOURNEYKIT_CHROMIUM")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Any, tmp_path: Path) -> Callable[..., AbstractContextManager[Visit]]:
    """`with visit(markup) as seen`: the markup as a file, opened with the network cut and a trap at `window.x`."""

    @contextmanager
    def opened(markup: str, *, suffix: str = ".html", width: int = 1400, **options: Any) -> Iterator[Visit]:
        path = tmp_path / f"page{suffix}"
        path.write_text(markup, encoding="utf-8")
        context = chromium.new_context(viewport={"width": width, "height": 1000}, offline=True, **options)
        page = context.new_page()
        page.add_init_script("window.trapped = 0; window.x = () => { window.trapped += 1 }; window.alert = window.x")
        seen = Visit(page)
        page.on("console", lambda message: seen.console.append(message.text))
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("dialog", lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri())
        yield seen
        context.close()

    return opened
