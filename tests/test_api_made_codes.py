"""How many profiles and classes one machine may make in an hour."""

from pathlib import Path

import requests

from tests.asking import SEVEN_PNG, is_russian, problem
from tests.learning_calls import prediction, url_of
from tests.serving import WAIT_SECONDS, served_api


def test_a_machine_makes_so_many_codes_an_hour_and_others_make_theirs(tmp_path: Path) -> None:
    with served_api(database_url=url_of(tmp_path), workers=1, codes_per_hour=2) as api:

        def make(what: str, machine: str) -> requests.Response:
            told = {"X-Forwarded-For": machine, "Accept-Language": "ru"}  # as a proxy on this machine tells it
            return requests.post(f"{api.url}/{what}/", headers=told, timeout=WAIT_SECONDS)

        code = make("profiles", "203.0.113.7").json()["profile"]
        assert make("classes", "203.0.113.7").status_code == 201
        for what in ("profiles", "classes"):
            refused = make(what, "203.0.113.7")
            details = problem(refused, 429, "too-many-codes")
            assert is_russian(details["detail"])
            assert "2" in details["detail"]
            assert 3500 < int(refused.headers["Retry-After"]) <= 3600
        made = [make("profiles", machine).status_code for machine in ("203.0.113.8", "2001:db8::1", "2001:db8::2")]
        assert made == [201, 201, 201]
        assert [make("profiles", machine).status_code for machine in ("2001:db8::3", "2001:db8:0:1::3")] == [429, 201]
        assert prediction(api, SEVEN_PNG, profile=code) == 7
