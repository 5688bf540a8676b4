"""Profiles and corrections through a real socket: what is put right, remembered, withdrawn, limited and forgotten."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import requests
from PIL import Image

from tests.asking import BLANK_PNG, SEVEN_PNG, get, is_russian, pixels_of, post, problem
from tests.learning_calls import correct, corrected, new_profile, number, prediction, url_of, withdraw
from tests.postgres import running_postgresql
from tests.serving import ROOT, WAIT_SECONDS, Api, running_api, served_api, wait_until
from tools.drawing import STROKES, draw, encoded, stroke_mask

NOBODYS: Final = "2222-3333-4444"
PROXIED: Final = {"X-Forwarded-For": "203.0.113.7"}


@pytest.fixture(scope="module")
def learner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An API that keeps what it is taught, and takes 12 corrections an hour."""
    url = url_of(tmp_path_factory.mktemp("learner"))
    with served_api(database_url=url, workers=1, corrections_per_hour=12) as api:
        yield api


@pytest.fixture
def profile(learner: Api) -> str:
    return new_profile(learner)


def side_by_side(*digits: int) -> bytes:
    """The digits side by side."""
    sheet = Image.new("L", (140 * len(digits) + 40, 280))
    for place, digit in enumerate(digits):
        sheet.paste(255, (40 + 140 * place, 60), stroke_mask(STROKES[digit], 160, 18))
    return encoded(sheet)


@pytest.mark.quick
def test_the_same_drawing_comes_out_as_it_was_taught_and_for_nobody_else(learner: Api, profile: str) -> None:
    other = new_profile(learner)
    before = post(learner, SEVEN_PNG).json()
    said = corrected(learner, SEVEN_PNG, label="4", profile=profile)
    assert {name: said[name] for name in ("profile", "label", "suggested")} == {
        "profile": profile,
        "label": "4",
        "suggested": "7",
    }
    assert said["state"] in ("believed", "waiting")
    for typed in (profile, profile.lower(), profile.replace("-", ""), profile.replace("-", " ")):
        assert prediction(learner, SEVEN_PNG, profile=typed) == 4
    assert prediction(learner, SEVEN_PNG, profile=other) == 7
    assert post(learner, SEVEN_PNG).json() == before
    assert corrected(learner, SEVEN_PNG, label="4", profile=profile) == {**said, "state": "known", "suggested": "4"}
    assert withdraw(learner, said["id"], other).status_code == 404
    assert withdraw(learner, said["id"], profile).status_code == 204
    assert post(learner, SEVEN_PNG, params={"profile": profile}).json() == before
    problem(withdraw(learner, said["id"], profile), 404, "unknown-correction")


@pytest.mark.quick
def test_another_label_takes_the_place_of_the_first(learner: Api, profile: str) -> None:
    for label, expected in (("4", 4), ("none", None), ("1", 1)):
        corrected(learner, SEVEN_PNG, label=label, profile=profile)
        assert prediction(learner, SEVEN_PNG, profile=profile) == expected
    kept = get(learner, f"/profiles/{profile}").json()
    assert [(digit["label"], digit["active"]) for digit in kept["digits"]] == [("1", True)]
    assert kept["counts"] == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]


def test_a_right_answer_is_confirmed(learner: Api, profile: str) -> None:
    assert corrected(learner, SEVEN_PNG, label="7", profile=profile)["state"] == "believed"
    kept = get(learner, f"/profiles/{profile}").json()
    [digit] = kept["digits"]
    assert (digit["source"], digit["suggested"], digit["state"], digit["active"]) == (
        "confirmation",
        "7",
        "believed",
        True,
    )
    seen = pixels_of(post(learner, SEVEN_PNG, params={"include": "picture"}).json()["picture"])
    assert (np.asarray(pixels_of(digit["picture"])) == np.asarray(seen)).all()


def test_what_is_no_digit_is_taught_too(learner: Api, profile: str) -> None:
    cross = encoded(draw([[(0, 0), (0.6, 1)], [(0.6, 0), (0, 1)], [(0, 0.5), (0.6, 0.5)], [(0.3, 0), (0.3, 1)]]))
    assert prediction(learner, cross) is None
    corrected(learner, cross, label="8", profile=profile)
    assert prediction(learner, cross, profile=profile) == 8
    corrected(learner, cross, label="none", profile=profile)
    assert prediction(learner, cross, profile=profile) is None


@pytest.mark.quick
def test_a_digit_of_a_number_is_put_right_where_its_box_is(learner: Api, profile: str) -> None:
    picture = side_by_side(4, 7, 2)
    read = number(learner, picture)
    assert read["lines"][0]["text"] == "472"
    box = ",".join(map(str, read["lines"][0]["digits"][1]["box"]))
    said = corrected(learner, picture, label="1", profile=profile, box=box, format="integer", length="3")
    assert (said["label"], said["suggested"]) == ("1", "7")
    assert number(learner, picture, profile=profile)["lines"][0]["text"] == "412"
    assert number(learner, picture)["lines"][0]["text"] == "472"
    aside = correct(learner, picture, label="1", profile=profile, box="0,0,5,5")
    assert "/read/" in problem(aside, 422, "nothing-to-learn")["detail"]


def test_a_batch_is_read_with_the_profile(learner: Api, profile: str) -> None:
    corrected(learner, SEVEN_PNG, label="4", profile=profile)
    files = [("file", SEVEN_PNG), ("file", encoded(draw(3))), ("file", SEVEN_PNG)]
    address = f"{learner.url}/predict/batch/"
    answers = requests.post(address, files=files, params={"profile": profile}, timeout=WAIT_SECONDS).json()["answers"]
    assert [answer["prediction"] for answer in answers] == [4, 3, 4]


def test_a_remembered_digit_that_causes_a_wrong_answer_is_switched_off(learner: Api, profile: str) -> None:
    """A seven that was said to be a four makes its like a four; one of them is put right, and the first is blamed."""
    first, second, third = (encoded(draw(7, width=width)) for width in (16, 17, 18))
    false = corrected(learner, first, label="4", profile=profile)
    assert [prediction(learner, seven, profile=profile) for seven in (first, second)] == [4, 4]
    corrected(learner, second, label="7", profile=profile)
    kept = {digit["id"]: digit for digit in get(learner, f"/profiles/{profile}").json()["digits"]}
    assert [digit["active"] for digit in kept.values()] == [True, False]
    assert kept[false["id"]]["active"] is False
    assert [prediction(learner, seven, profile=profile) for seven in (first, second, third)] == [7, 7, 7]


def test_shows_what_it_looks_like(learner: Api, profile: str) -> None:
    corrected(learner, SEVEN_PNG, label="7", profile=profile)
    nearest = post(learner, SEVEN_PNG, params={"include": "nearest", "profile": profile}).json()["nearest"]
    assert len(nearest) == 5
    assert (nearest[0]["yours"], nearest[0]["label"]) == (True, "7")
    assert nearest[0]["similarity"] == pytest.approx(1, abs=1e-5)
    assert not any(near["yours"] for near in nearest[1:])
    assert {pixels_of(near["picture"]).size for near in nearest} == {(28, 28)}
    alone = post(learner, SEVEN_PNG, params={"include": "nearest"}).json()["nearest"]
    assert [near["label"] for near in alone].count("7") >= 3
    assert "nearest" not in post(learner, SEVEN_PNG, params={"profile": profile}).json()
    assert post(learner, BLANK_PNG, params={"include": "nearest"}).json()["nearest"] is None


WRONG: Final[dict[str, tuple[int, str, bytes, dict[str, str]]]] = {
    "nothing drawn": (422, "nothing-to-learn", BLANK_PNG, {}),
    "no picture": (415, "not-a-picture", b"GIF90a", {}),
    "cut off": (422, "unreadable-picture", SEVEN_PNG[:200], {}),
    "no label": (422, "wrong-fields", SEVEN_PNG, {"label": ""}),
    "another label": (422, "wrong-fields", SEVEN_PNG, {"label": "10"}),
    "unknown field": (422, "wrong-fields", SEVEN_PNG, {"name": "Ann"}),
    "box of three": (422, "wrong-fields", SEVEN_PNG, {"box": "1,2,3"}),
    "box that is none": (422, "wrong-fields", SEVEN_PNG, {"box": "9,2,3,nan"}),
    "box that is endless": (422, "wrong-fields", SEVEN_PNG, {"box": "0,0,inf,inf"}),
    "strokes that are none": (422, "wrong-fields", SEVEN_PNG, {"strokes": "[[1, 2]]"}),
    "too many strokes": (422, "wrong-fields", SEVEN_PNG, {"strokes": json.dumps([[[1, 2]] * 10_001])}),
    "strokes without end": (422, "wrong-fields", SEVEN_PNG, {"strokes": "[" * 100_000}),
    "unknown format": (422, "wrong-fields", SEVEN_PNG, {"format": "roman"}),
    "unknown profile": (404, "unknown-profile", SEVEN_PNG, {"profile": NOBODYS}),
    "no code": (404, "unknown-profile", SEVEN_PNG, {"profile": "' OR 1=1 --"}),
}


@pytest.mark.parametrize(("status", "name", "picture", "fields"), WRONG.values(), ids=WRONG)
def test_a_correction_that_cannot_be_taken_says_why(
    learner: Api, profile: str, status: int, name: str, picture: bytes, fields: dict[str, str]
) -> None:
    sent = {"label": "4", "profile": profile} | fields
    for language in ("en", "ru"):
        address, spoken = f"{learner.url}/corrections/", {"Accept-Language": language}
        answer = requests.post(address, files={"file": picture}, data=sent, headers=spoken, timeout=WAIT_SECONDS)
        details = problem(answer, status, name)
        assert is_russian(details["detail"]) == is_russian(details["title"]) == (language == "ru")
        assert len(details["detail"]) < 250
    assert get(learner, f"/profiles/{profile}").json()["digits"] == []


def test_unknown_codes_and_numbers_are_said_to_be_unknown(learner: Api) -> None:
    for path in ("/profiles/" + NOBODYS, "/profiles/nonsense", f"/profiles/{NOBODYS}/export?format=idx"):
        problem(get(learner, path), 404, "unknown-profile")
    for query in (NOBODYS, "", "x" * 1000, "К7QM-2XWB-9DTR"):
        problem(post(learner, SEVEN_PNG, params={"profile": query}), 404, "unknown-profile")
    problem(post(learner, SEVEN_PNG, params={"profile": ["a", "b"]}), 422, "wrong-fields")
    code = new_profile(learner)
    problem(withdraw(learner, 9**30, code), 404, "unknown-correction")
    no_profile = requests.delete(f"{learner.url}/corrections/1", timeout=WAIT_SECONDS)
    problem(no_profile, 422, "wrong-fields")
    in_no_class = requests.post(f"{learner.url}/profiles/", params={"class": NOBODYS}, timeout=WAIT_SECONDS)
    problem(in_no_class, 404, "unknown-class")


@pytest.mark.quick
def test_a_profile_is_forgotten_with_all_that_it_was_taught(learner: Api, profile: str) -> None:
    corrected(learner, SEVEN_PNG, label="4", profile=profile)
    assert prediction(learner, SEVEN_PNG, profile=profile) == 4
    address = f"{learner.url}/profiles/{profile}"
    assert requests.delete(address, timeout=WAIT_SECONDS).status_code == 204
    problem(post(learner, SEVEN_PNG, params={"profile": profile}), 404, "unknown-profile")
    problem(requests.delete(address, timeout=WAIT_SECONDS), 404, "unknown-profile")


def test_so_many_corrections_an_hour_and_no_more(learner: Api, profile: str) -> None:
    pictures = [encoded(draw(digit, width=width)) for digit in (2, 3) for width in (10, 12, 14, 16, 18, 20, 22)]
    taken = [correct(learner, picture, label="4", profile=profile) for picture in pictures[:12]]
    assert {answer.status_code for answer in taken} == {201}
    refused = correct(learner, pictures[12], label="4", profile=profile)
    assert "12" in problem(refused, 429, "too-many-corrections")["detail"]
    assert 3000 < int(refused.headers["Retry-After"]) <= 3600
    assert sum(get(learner, f"/profiles/{profile}").json()["counts"]) == 12
    corrected(learner, pictures[12], label="4", profile=new_profile(learner))


def test_what_is_kept_is_no_more_than_was_said(tmp_path: Path) -> None:
    """Nothing is on the disk before the first profile; then neither the picture that was sent nor who sent it."""
    log = tmp_path / "log"
    with running_api(ROOT, log, DIGITS_WORKERS="1", DIGITS_DATABASE_URL=url_of(tmp_path)) as api:
        assert get(api, "/learning").json() == {"stored_in": "sqlite", "retention_days": 365}
        problem(post(api, SEVEN_PNG, params={"profile": NOBODYS}), 404, "unknown-profile")
        assert not (tmp_path / "learnt").exists()
        profile = new_profile(api)
        strokes = [[[30.0, 25.5], [88.0, 25.0]], [[50.0, 98.0]]]
        corrected(api, SEVEN_PNG, label="7", profile=profile, strokes=json.dumps(strokes))
        get(api, f"/profiles/{profile}")
        get(api, f"/profiles/{profile}/nothing")
        asked = post(api, SEVEN_PNG, params={"profile": profile}).headers["X-Request-ID"]
        wait_until(lambda: asked in log.read_text("utf-8"))
        assert profile not in log.read_text("utf-8")
        assert profile not in get(api, "/metrics").text
    with sqlite3.connect(tmp_path / "learnt" / "digits.sqlite3") as database:
        database.row_factory = sqlite3.Row
        [row] = map(dict, database.execute("SELECT * FROM corrections"))
    database.close()
    assert (row["profile_code"], row["label"], row["suggested"], len(row["picture"])) == (profile, 7, 7, 784)
    assert json.loads(row["strokes"]) == strokes
    recorded = json.loads((ROOT / "digits" / "weights" / "model_card.json").read_text("utf-8"))
    assert row["model_sha256"] == recorded["files"]["best_classification_model.pkl"]["sha256"]
    assert not any(value in (SEVEN_PNG, "127.0.0.1", "picture") for value in row.values())


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty store."""
    if request.param == "sqlite":
        yield url_of(tmp_path)
    else:
        with running_postgresql() as server:
            yield server.new_database()


def test_two_services_with_one_store_agree(url: str) -> None:
    """What one was taught the other knows soon, and what one forgot too."""
    with served_api(database_url=url, workers=1) as one, served_api(database_url=url, workers=1) as other:
        assert get(one, "/learning").json()["stored_in"] == url.partition(":")[0]
        profile = new_profile(one)
        assert prediction(other, SEVEN_PNG, profile=profile) == 7
        said = corrected(one, SEVEN_PNG, label="4", profile=profile)
        wait_until(lambda: prediction(other, SEVEN_PNG, profile=profile) == 4)
        assert withdraw(other, said["id"], profile).status_code == 204
        assert prediction(other, SEVEN_PNG, profile=profile) == 7
        wait_until(lambda: prediction(one, SEVEN_PNG, profile=profile) == 7)
        assert requests.delete(f"{one.url}/profiles/{profile}", timeout=WAIT_SECONDS).status_code == 204
        wait_until(lambda: post(other, SEVEN_PNG, params={"profile": profile}).status_code == 404)


def test_many_teach_at_the_same_time(learner: Api) -> None:
    profiles = [new_profile(learner) for _ in range(6)]

    def teach(place: int) -> int | None:
        corrected(learner, SEVEN_PNG, label=str(place), profile=profiles[place])
        return prediction(learner, SEVEN_PNG, profile=profiles[place])

    with ThreadPoolExecutor(6) as people:
        assert [*people.map(teach, range(6))] == [0, 1, 2, 3, 4, 5]


def test_recognition_goes_on_where_the_store_cannot_be_reached(tmp_path: Path) -> None:
    (tmp_path / "learnt").mkdir()
    (tmp_path / "learnt" / "digits.sqlite3").write_bytes(b"no database at all" * 1000)
    with served_api(database_url=url_of(tmp_path), workers=1) as api:
        assert prediction(api, SEVEN_PNG) == 7
        made = requests.post(f"{api.url}/profiles/", timeout=WAIT_SECONDS)
        for answer in (made, post(api, SEVEN_PNG, params={"profile": NOBODYS})):
            problem(answer, 503, "storage-unavailable")


@pytest.mark.quick
def test_off_is_off(api: Api) -> None:
    """As if nothing of it were there."""
    for method, path in (
        ("GET", "/learning"),
        ("POST", "/profiles/"),
        ("GET", f"/profiles/{NOBODYS}"),
        ("POST", "/corrections/"),
        ("GET", "/corrections/?state=waiting"),
        ("POST", "/sheets/read/"),
        ("GET", "/sheets/blank/"),
        ("POST", "/classes/"),
    ):
        problem(requests.request(method, api.url + path, timeout=WAIT_SECONDS), 404, "not-found")
    assert prediction(api, SEVEN_PNG, profile=NOBODYS) == 7
    asked = requests.post(f"{api.url}/read/?profile={NOBODYS}", files={"file": SEVEN_PNG}, timeout=WAIT_SECONDS)
    assert "profile" in problem(asked, 422, "wrong-fields")["detail"]
    assert "profile" not in json.dumps(get(api, "/openapi.json").json()["paths"])


# What waits for a person


def waiting(api: Api, **headers: str) -> requests.Response:
    return get(api, "/corrections/?state=waiting", headers=headers)


def decide(api: Api, correction: int, state: Any, **headers: str) -> requests.Response:
    address = f"{api.url}/corrections/{correction}"
    return requests.patch(address, json={"state": state}, headers=headers, timeout=WAIT_SECONDS)


@pytest.mark.quick
def test_what_is_doubted_waits_and_is_decided_about(learner: Api, profile: str) -> None:
    said = corrected(learner, SEVEN_PNG, label="6", profile=profile)
    assert said["state"] == "waiting"
    listed = waiting(learner).json()["corrections"]
    distances = [each["distance"] for each in listed]
    assert distances == sorted(distances)
    [mine] = [each for each in listed if each["id"] == said["id"]]
    assert (mine["label"], mine["suggested"]) == ("6", "7")
    assert pixels_of(mine["picture"]).size == (28, 28)
    assert prediction(learner, SEVEN_PNG, profile=profile) == 6
    for state in ("waiting", None, 7, ["believed"]):
        problem(decide(learner, said["id"], state), 422, "wrong-fields")
    assert decide(learner, said["id"], "refused").status_code == 204
    assert prediction(learner, SEVEN_PNG, profile=profile) == 7
    assert said["id"] not in [each["id"] for each in waiting(learner).json()["corrections"]]
    problem(decide(learner, 2**60, "refused"), 404, "unknown-correction")
    problem(get(learner, "/corrections/?state=all"), 422, "wrong-fields")


@pytest.mark.parametrize(
    "headers",
    [PROXIED, {"Forwarded": "for=203.0.113.7"}, {"Host": "digits.example"}, {"Host": "digits.example:8000"}],
)
def test_only_this_machine_decides(learner: Api, headers: dict[str, str]) -> None:
    problem(waiting(learner, **headers), 403, "this-machine-only")
    problem(decide(learner, 1, "believed", **headers), 403, "this-machine-only")


def test_with_a_token_it_is_asked_of_all(tmp_path: Path) -> None:
    with served_api(database_url=url_of(tmp_path), workers=1, review_token="ключ") as api:
        problem(waiting(api), 403, "this-machine-only")
        problem(waiting(api, Authorization="Bearer no"), 403, "this-machine-only")
        token = "Bearer ключ".encode().decode("latin-1")
        assert waiting(api, Authorization=token, **PROXIED).json() == {"corrections": []}


def test_documents_what_is_learnt(learner: Api) -> None:
    document = get(learner, "/openapi.json").json()
    paths = document["paths"]
    for path in ("/predict/", "/predict/batch/", "/read/"):
        assert "profile" in [parameter["name"] for parameter in paths[path]["post"]["parameters"]]
    for path in ("/learning", "/profiles/", "/profiles/{code}", "/corrections/", "/sheets/", "/classes/{code}"):
        for operation in paths[path].values():
            assert operation["summary"]
            assert any(status.startswith("2") for status in operation["responses"])
    form = paths["/corrections/"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form == {"$ref": "#/components/schemas/CorrectionForm"}
    assert set(document["components"]["schemas"]["CorrectionForm"]["properties"]) == {
        "file",
        "label",
        "profile",
        "box",
        "format",
        "length",
        "page",
        "strokes",
    }


def test_keeps_to_its_openapi_document(tmp_path: Path) -> None:
    """Schemathesis: right and wrong requests for every operation; statuses, headers and bodies as documented."""
    with served_api(database_url=url_of(tmp_path), workers=1) as api:
        command = [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--config-file", str(ROOT / "tests" / "schemathesis.toml")),
            *("run", f"{api.url}/openapi.json", "--no-color", "--seed", "1", "--phases", "examples,fuzzing"),
            *("--max-examples", "5"),
        ]
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[:10_000] + run.stderr
