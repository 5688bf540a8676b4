"""What tests of the page stand on: a plugin of pytest, so that the files that name it share one of each."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from tests.app_run import opened
from tests.stand_in import StandIn, standing_in


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """In the place of the API that the page asks."""
    with standing_in() as stand_in:
        monkeypatch.setenv("API_URL", stand_in.url)
        yield stand_in


@pytest.fixture
def page(stand_in: StandIn) -> AppTest:
    return opened()
