"""The contract of the API through a real socket: digits, batches, illustrations, model, metrics, documentation."""

import io
import json
import re

import numpy as np
import pytest
import requests
import sklearn
from PIL import Image, ImageDraw
from pydantic import TypeAdapter

from digits.answers import NUMBER_FORMATS, NumberAnswer
from digits.decode import MAX_NUMBER_SIDE, decode
from digits.number import read_number
from digits.number.hints import Hints
from service.messages import MAX_MEMORIES, Payload, Reader, TaughtDigits, Written
from tests.asking import BLANK_PNG, SEVEN_PNG, get, measured, pixels_of, post, post_all
from tests.reading import recogniser
from tests.serving import ROOT, WAIT_SECONDS, Api, ApiProcess, served_api, wait_until
from tools.drawing import STROKES, draw, encoded, stroke_mask

pytestmark = pytest.mark.quick

NUMBER = TypeAdapter(NumberAnswer)


@pytest.mark.parametrize("digit", range(10))
def test_reads_a_drawn_digit(api: Api, digit: int) -> None:
    answer = post(api, encoded(draw(digit)))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    said = answer.json()
    assert set(said) == {"prediction", "confidence", "probabilities", "rejected"}
    assert said["prediction"] == digit
    assert said["rejected"] is None
    assert len(said["probabilities"]) == 10
    assert sum(said["probabilities"]) == pytest.approx(1, abs=1e-6)
    assert max(range(10), key=said["probabilities"].__getitem__) == digit
    assert 0.5 < said["confidence"] <= 1


def test_nothing_drawn_is_no_digit(api: Api) -> None:
    said = post(api, encoded(Image.new("RGBA", (280, 280), "black"))).json()
    assert said["prediction"] is None
    assert said["rejected"] == "blank"
    assert 0 <= said["confidence"] <= 1


def test_a_batch_is_answered_in_order_as_each_picture_alone(api: Api) -> None:
    pictures = [encoded(draw(digit, width=width)) for width in (4, 20) for digit in range(10)] + [BLANK_PNG, SEVEN_PNG]
    response = post_all(api, pictures, params={"include": "picture"})
    assert response.status_code == 200, response.text
    for found, picture in zip(response.json()["answers"], pictures, strict=True):
        alone = post(api, picture, params={"include": "picture"}).json()
        for name, number in (("confidence", found.pop("confidence")), ("probabilities", found.pop("probabilities"))):
            assert alone.pop(name) == pytest.approx(number, abs=1e-5), name
        assert found == alone


def test_a_bad_file_of_a_batch_costs_only_its_own_entry(api: Api) -> None:
    pictures = [SEVEN_PNG, b"", b"no picture", SEVEN_PNG[:200], SEVEN_PNG]
    for language, word in (("en", "picture"), ("ru", "изображен")):
        response = post_all(api, pictures, headers={"Accept-Language": language})
        first, empty, foreign, cut_off, last = response.json()["answers"]
        assert first["prediction"] == last["prediction"] == 7
        assert [(found["type"], found["status"]) for found in (empty, foreign, cut_off)] == [
            ("/problems/no-file", 400),
            ("/problems/not-a-picture", 415),
            ("/problems/unreadable-picture", 422),
        ]
        assert word in foreign["title"].lower()


def test_counts_requests_and_pictures(api: Api) -> None:
    before = measured(api)
    post_all(api, [SEVEN_PNG, BLANK_PNG, b"no picture"])
    post(api, SEVEN_PNG)
    post(api, b"no picture")
    after = measured(api)
    grown = {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)}
    assert grown["digits_requests_total", "/predict/", "200"] == 1
    assert grown["digits_requests_total", "/predict/", "415"] == 1
    assert grown["digits_request_seconds_count", "/predict/batch/"] == 1
    outcomes = {name[1]: count for name, count in grown.items() if name[0] == "digits_pictures_total"}
    assert outcomes == {"digit": 2, "blank": 1, "unreadable": 2}
    assert after["digits_recognitions_under_way",] == 0
    assert any(name[0] == "digits_model" for name in after)


def test_every_answer_has_an_id_that_the_log_knows(api_process: ApiProcess) -> None:
    asked = {"mine-1": "mine-1", "with space": None, "x" * 65: None, "": None}
    answered = [(mine, post(api_process, SEVEN_PNG, headers={"X-Request-ID": sent})) for sent, mine in asked.items()]
    answered.append((None, get(api_process, "/nothing")))
    last = answered[-1][1].headers["X-Request-ID"]
    wait_until(lambda: last in api_process.log.read_text("utf-8"))  # a request is logged once it is answered
    logged = [json.loads(line) for line in api_process.log.read_text("utf-8").splitlines() if line.startswith("{")]
    for mine, response in answered:
        given = response.headers["X-Request-ID"]
        assert given == mine if mine else re.fullmatch(r"[0-9a-f]{32}", given)
        (line,) = [line for line in logged if line["request_id"] == given]
        assert line["status"] == response.status_code
        assert line["milliseconds"] > 0


def test_says_which_model_answers(api: Api) -> None:
    said = get(api, "/model").json()
    recorded = json.loads((ROOT / "digits" / "weights" / "model_card.json").read_text("utf-8"))
    assert {name: said[name] for name in recorded} == recorded
    assert set(said) - set(recorded) == {"name", "version"}


def test_shows_how_it_came_to_its_answer(api: Api) -> None:
    said = post(api, SEVEN_PNG, params={"include": ["ink", "picture", "hog", "influence"]}).json()
    assert said["prediction"] == 7
    ink = np.asarray(pixels_of(said["ink"]))
    assert 0.02 < np.mean(ink > 127) < 0.6
    seen = np.asarray(pixels_of(said["picture"]))
    assert seen.shape == (28, 28)
    assert seen.max() > 200
    hog = pixels_of(said["hog"])
    assert min(hog.size) >= 28
    assert np.asarray(hog).std() > 0


def test_shows_which_ink_speaks_for_and_against(api: Api) -> None:
    """A seven is told by its ink, so most of it speaks for it; the stub of a bar that a 7 lacks speaks against it."""
    plain = np.asarray(pixels_of(post(api, SEVEN_PNG, params={"include": "influence"}).json()["influence"]), int)
    red, blue = plain[..., 0], plain[..., 2]
    assert np.count_nonzero(blue > red + 20) > 5 * np.count_nonzero(red > blue + 20)
    seen = np.asarray(pixels_of(post(api, SEVEN_PNG, params={"include": "picture"}).json()["picture"]))
    inked = np.kron(seen > 100, np.ones((8, 8), bool))
    assert (plain[inked].max(axis=1) > 50).all()
    assert not plain[np.kron(seen == 0, np.ones((8, 8), bool))].any()
    tailed = draw(7)
    ImageDraw.Draw(tailed).line([(110, 235), (200, 235)], fill="white", width=16)
    said = post(api, encoded(tailed), params={"include": "influence"}).json()
    coloured = np.asarray(pixels_of(said["influence"]), int)
    low = coloured[coloured.shape[0] // 2 :]
    assert np.count_nonzero(low[..., 0] > low[..., 2] + 20) > 50


def test_shows_only_what_was_asked_for(api: Api) -> None:
    assert "hog" not in post(api, SEVEN_PNG, params={"include": "picture"}).json()
    blank = post(api, BLANK_PNG, params={"include": ["ink", "picture", "hog", "influence"]})
    assert blank.status_code == 200
    assert {blank.json()[name] for name in ("ink", "picture", "hog", "influence")} == {None}


def test_answers_without_the_last_slash(api: Api) -> None:
    answer = requests.post(f"{api.url}/predict", files={"file": SEVEN_PNG}, timeout=WAIT_SECONDS)
    assert (answer.status_code, answer.json()["prediction"]) == (200, 7)


def test_other_fields_of_text_do_no_harm(api: Api) -> None:
    assert post(api, SEVEN_PNG, data={"submit": "Send"}).json()["prediction"] == 7


def test_accepts_48_megapixels(api: Api) -> None:
    photo = encoded(draw(7, (8000, 6000)), "JPEG")
    assert post(api, photo).json()["prediction"] == 7


def test_health(api: Api) -> None:
    assert get(api, "/health/live").json() == {"status": "live"}
    ready = get(api, "/health/ready")
    assert ready.status_code == 200
    assert (ready.json()["status"], ready.json()["service"]) == ("ready", "digits")
    assert sklearn.__version__ in str(ready.json()["model"])


def test_documents_every_answer_with_examples(api: Api) -> None:
    page = get(api, "/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    needed = re.findall(r"""(?:src|href)=["']([^"']+)""", page.text)
    assert any(address.endswith(".js") for address in needed)
    for address in needed:
        assert get(api, address).status_code == 200, address
    document = get(api, "/openapi.json").json()
    route = document["paths"]["/predict/"]["post"]
    ways = route["requestBody"]["content"]
    assert {"multipart/form-data", "application/json", "image/png", "application/octet-stream"} < set(ways)
    assert len(ways["application/json"]["examples"]) == 3
    for path, prediction in (("/predict/", 7), ("/read/", "7")):
        for example in ways["application/json"]["examples"].values():
            said = requests.post(api.url + path, json=example["value"], timeout=WAIT_SECONDS).json()
            assert (said["prediction"] if path == "/predict/" else said["lines"][0]["text"]) == prediction
    text = route["responses"]["200"]["content"]["text/plain"]["examples"]
    assert [example["value"] for example in text.values()] == ["7", "blank"]
    keys = {"prediction", "confidence", "probabilities", "rejected"}
    examples = route["responses"]["200"]["content"]["application/json"]["examples"]
    assert all(keys <= set(example["value"]) for example in examples.values())
    shown = {example["value"]["rejected"] for example in examples.values()}
    assert shown == {None, "blank", "not_a_digit", "several_digits"}
    batch = document["paths"]["/predict/batch/"]["post"]["responses"]["200"]["content"]["application/json"]["examples"]
    assert all(example["value"]["answers"] for example in batch.values())
    assert {"400", "413", "415", "422", "500", "503", "504"} <= set(route["responses"])
    for status, response in route["responses"].items():
        if status != "200":
            (media_type,) = response["content"]
            assert media_type == "application/problem+json"
            for example in response["content"][media_type]["examples"].values():
                assert example["value"]["status"] == int(status)


def test_documents_numbers_with_hints_signs_and_tables(api: Api) -> None:
    route = get(api, "/openapi.json").json()["paths"]["/read/"]["post"]
    examples = route["responses"]["200"]["content"]["application/json"]["examples"].values()
    answers = [NUMBER.validate_json(json.dumps(example["value"]), strict=True) for example in examples]
    for answer in answers:
        for line in answer.lines:
            assert line.text == " ".join(word.text for word in line.words)
            signs = ["?" if digit.sign is None else digit.sign for digit in line.digits]
            read = [str(digit.prediction) for digit in line.digits]
            said = [sign if digit == "None" else digit for sign, digit in zip(signs, read, strict=True)]
            assert "".join(said) == line.text.replace(" ", "")
    assert any(digit.sign for answer in answers for line in answer.lines for digit in line.digits)
    assert any(word.alternatives for answer in answers for line in answer.lines for word in line.words)
    assert any(answer.table for answer in answers)
    assert any(answer.turn for answer in answers)
    parameters = {parameter["name"]: parameter for parameter in route["parameters"]}
    assert parameters["format"]["schema"]["enum"] == list(NUMBER_FORMATS)
    for parameter in (parameters["format"], parameters["length"]):
        for example in parameter["examples"].values():
            hinted = {parameter["name"]: example["value"]}
            files = {"file": SEVEN_PNG}
            assert requests.post(f"{api.url}/read/", files=files, params=hinted, timeout=WAIT_SECONDS).ok, hinted


def test_a_number_is_read_with_the_hints_of_its_query(api: Api) -> None:
    """Three digits that touch: how many they are is what the hint says."""
    sheet = Image.new("L", (520, 280))
    for place, digit in enumerate((2, 0, 3)):
        sheet.paste(255, (40 + 118 * place, 60), stroke_mask(STROKES[digit], 160, 18))
    picture = encoded(sheet)
    hints = {"": Hints(), "format=integer&length=3": Hints("integer", (3, 3)), "length=1-2": Hints(None, (1, 2))}
    for query, hint in hints.items():
        response = requests.post(f"{api.url}/read/?{query}", files={"file": picture}, timeout=WAIT_SECONDS)
        expected = read_number(recogniser(), decode(picture, MAX_NUMBER_SIDE), hint)
        assert [line["text"] for line in response.json()["lines"]] == [line.text for line in expected.lines]


def test_what_is_asked_of_a_process_arrives_as_it_was_asked() -> None:
    payloads = [
        Payload("number", [b"one"], format="date", lengths=(4, 6)),
        Payload("digits", [b"", b"two"], ["ink", "hog"]),
        Payload("number", [b"three"], [], is_drawn=True),
        Payload("lesson", [b"four"], memory=TaughtDigits("a", bytes(784), b"\4"), label=4, box=(1, 2, 3.5, 4), page=3),
    ]
    arrived = Reader(io.BytesIO(Written()(payloads))).read()
    assert [[*vars(each).values()] for each in arrived] == [
        ["number", [b"one"], [], "date", (4, 6), None, None, None, False, 1],
        ["digits", [b"", b"two"], ["ink", "hog"], None, None, None, None, None, False, 1],
        ["number", [b"three"], [], None, None, None, None, None, True, 1],
        ["lesson", [b"four"], [], None, None, TaughtDigits("a", bytes(784), b"\4"), 4, (1, 2, 3.5, 4), False, 3],
    ]


def test_remembered_digits_are_sent_once_as_long_as_the_process_keeps_them() -> None:
    """Whatever the order in which profiles come, both ends know the same of what is kept."""
    random = np.random.default_rng(19)
    memories = [TaughtDigits(str(name), bytes([name]) * 784, b"\1") for name in range(MAX_MEMORIES + 8)]
    asked = [memories[place] for place in (random.random(600) ** 3 * len(memories)).astype(int)]
    written = Written()
    messages = [written([Payload("digits", [b"x"], memory=memory)]) for memory in asked]
    assert sum(map(len, messages)) < 300 * 784
    reader = Reader(io.BytesIO(b"".join(messages)))
    assert [payload.memory for _ in asked for payload in reader.read()] == asked


def test_applications_in_one_process_share_nothing(api: Api) -> None:
    before = measured(api)
    with served_api(workers=1) as other:
        assert post(other, SEVEN_PNG).json()["prediction"] == 7
        assert measured(other)["digits_pictures_total", "digit"] == 1
    read = "digits_pictures_total", "digit"
    assert measured(api).get(read) == before.get(read)
    assert post(api, SEVEN_PNG).json()["prediction"] == 7
