"""Tests of a file run in one worker, so that what the file makes for all its tests is made once.

So do all tests of the sample's answers, which share the user's cache: they are in the group "sample".
"""

import pytest

collect_ignore_glob = ["*conftest.py"]
"""They hold no doctests, and as modules all have one name."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group tests by file where they name no group themselves."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.as_posix()))
