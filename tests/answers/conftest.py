"""A cache of its own for the studies of each test module."""

from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder, one for all tests of a module."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def use_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep studies there and not in the user's cache."""
    monkeypatch.setenv("CHURNLAB_CACHE", str(cache))
