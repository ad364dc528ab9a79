"""A Chromium that opens pages of a report, and what it notes of each."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
AA = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
"""What axe looks for: WCAG up to 2.2, levels A and AA."""

CONTRAST = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
"""What may differ with the colour scheme alone."""

PHONE, DESK, PAPER = 360, 1200, 673
"""Widths in CSS pixels; that of paper is A4 between the margins of the style sheet."""


def needs_chromium() -> None:
    """Skip where there is no browser to look with."""
    pytest.importorskip("playwright", reason="playwright is not installed")
    pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")


@contextmanager
def chromium() -> Iterator[Any]:
    """Start the system's Chromium, and close it."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- may not be installed

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@dataclass(slots=True)
class Noted:
    """What happened while a page was open."""

    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)


class Look:
    """One tab that opens page after page and keeps what happened."""

    def __init__(self, browser: Any, *, width: int = DESK, dark: bool = False, scripts: bool = True) -> None:
        self._context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        self.page = self._context.new_page()
        self.noted = Noted()
        self.page.on("request", lambda request: self.noted.requests.append(request.url))
        self.page.on("console", lambda message: self.noted.messages.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.noted.messages.append(str(error)))
        self.page.on("dialog", self._dialog)

    def __enter__(self) -> "Look":
        return self

    def __exit__(self, *_: object) -> None:
        self._context.close()

    def _dialog(self, dialog: Any) -> None:
        self.noted.alerts.append(dialog.message)
        dialog.dismiss()

    def open(self, path: Path) -> Noted:
        """Open a page, and return what happened."""
        self.noted = Noted()
        self.page.goto(path.as_uri())
        self.noted.requests = [url for url in self.noted.requests if url != path.as_uri()]
        return self.noted

    def violations(self, rules: Mapping[str, Any] = AA) -> list[str]:
        """What axe finds on the open page."""
        from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 -- may not be installed

        found = Axe().run(self.page, options=rules).response["violations"]
        return [f"{one['id']}: {one['nodes'][0]['html'][:200]} ({len(one['nodes'])})" for one in found]

    def beyond(self, width: int) -> list[str]:
        """Elements that reach beyond a width, apart from what scrolls in a box of its own."""
        return self.page.evaluate(
            """width => [...document.querySelectorAll('body *')]
               .filter(one => one.getBoundingClientRect().right > width + 1)
               .map(one => one.tagName + ' ' + one.textContent.trim().slice(0, 60)).slice(0, 5)""",
            width,
        )

    def scrolls_sideways(self) -> bool:
        """Whether the page itself is wider than the window."""
        return self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
