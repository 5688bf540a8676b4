"""The API that tests share, and which tests are for some systems only."""

import os
import sys
from collections.abc import Iterator

import pytest

from tests.serving import ROOT, Api, ApiProcess, is_ready, running_api, served_api


def pytest_configure(config: pytest.Config) -> None:
    """Starlette leaves the file of an upload that breaks off to the garbage collector, at once but with a warning."""
    config.addinivalue_line("filterwarnings", "ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, is_here in (("posix", os.name == "posix"), ("linux", sys.platform == "linux")):
        if item.get_closest_marker(marker) and not is_here:
            pytest.skip(f"needs {marker}")


@pytest.fixture(scope="session")
def api() -> Iterator[Api]:
    """The API, ready, in a thread of the tests' own process."""
    with served_api() as api:
        assert is_ready(api)
        yield api


@pytest.fixture(scope="session")
def api_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiProcess]:
    """The API, ready, in a process of its own, with one worker: to be measured, and to be stopped for a while."""
    with running_api(ROOT, tmp_path_factory.mktemp("api") / "log", DIGITS_WORKERS="1") as api:
        assert is_ready(api)
        yield api
