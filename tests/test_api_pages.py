"""Files of several pages through a real socket: numbers, corrections and sheets, a page at a time."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import requests
from PIL import Image

from client import ApiError, read
from client.learning import correct, new_class, new_profile, read_sheet, take_sheet
from digits.learning_answers import SheetTaken
from tests.asking import SEVEN_PNG, is_russian, problem
from tests.learning_calls import url_of
from tests.pdfs import pdf_drawn, pdf_of_pictures, written
from tests.serving import WAIT_SECONDS, Api, served_api
from tests.test_client import client, said
from tools.drawing import draw, encoded
from tools.filled_sheets import scan

BLANK: Final = Image.new("L", (280, 280))
THREE_PAGES: Final = pdf_of_pictures([draw(3), BLANK, draw(5)])


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An API that keeps what it is taught."""
    with served_api(database_url=url_of(tmp_path_factory.mktemp("school")), workers=1) as api:
        yield api


def ask(api: Api, file: bytes, accept: str = "*/*", **query: str) -> requests.Response:
    headers = {"Accept": accept, "Accept-Language": "ru"}
    return requests.post(f"{api.url}/read/", data=file, params=query, headers=headers, timeout=WAIT_SECONDS)


def tiff_with_a_broken_page() -> bytes:
    file = io.BytesIO()
    draw(3).save(file, "TIFF", save_all=True, append_images=[draw(4), draw(6)], compression="tiff_lzw")
    content = bytearray(file.getvalue())
    with Image.open(io.BytesIO(content)) as opened:
        opened.seek(1)
        start = opened.tag_v2[273][0]  # type: ignore[attr-defined]
        content[start : start + 40] = bytes(40)
    return bytes(content)


def test_each_page_is_read_by_its_number(api: Api) -> None:
    answers = [ask(api, THREE_PAGES, page=page).json() for page in "123"]
    assert [[line["text"] for line in answer["lines"]] for answer in answers] == [["3"], [], ["5"]]
    assert [(answer["page"], answer["pages"], answer["rejected"]) for answer in answers] == [
        (1, 3, None),
        (2, 3, "blank"),
        (3, 3, None),
    ]
    assert ask(api, THREE_PAGES).json() == answers[0]
    assert ask(api, THREE_PAGES, "text/plain", page="3", format="integer").text == "5"
    assert [ask(api, SEVEN_PNG).json()[key] for key in ("page", "pages")] == [1, 1]


def test_a_page_that_is_not_there_or_broken_costs_only_itself(api: Api) -> None:
    assert is_russian(problem(ask(api, THREE_PAGES, page="4"), 422, "no-such-page")["detail"])
    assert "3" in problem(ask(api, THREE_PAGES, page="256"), 422, "no-such-page")["detail"]
    problem(ask(api, SEVEN_PNG, page="2"), 422, "no-such-page")
    for page in ("0", "257", "-1", "two", "1.0", ""):
        assert "page" in problem(ask(api, THREE_PAGES, page=page), 422, "wrong-fields")["detail"]
    problem(ask(api, pdf_drawn(written(7), password="secret"), page="2"), 422, "unreadable-picture")
    tiff = tiff_with_a_broken_page()
    problem(ask(api, tiff, page="2"), 422, "unreadable-picture")
    assert ask(api, tiff, "text/plain", page="3").text == "6"


def test_the_client_prints_a_line_for_each_page(api: Api, tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(THREE_PAGES)
    (tmp_path / "broken.tiff").write_bytes(tiff_with_a_broken_page())
    names = tmp_path / "scan.pdf", tmp_path / "broken.tiff"
    status, output, errors = said(client("--number", *names, "--api", api.url))
    read_as = [(Path(name).name, text[:1]) for name, _, text in (line.partition(": ") for line in output)]
    assert status == 1
    assert read_as[0::2] == [("scan.pdf#page=1", "3"), ("scan.pdf#page=3", "5"), ("broken.tiff#page=3", "6")]
    assert [Path(name).name for name, _, _ in (line.partition(": ") for line in errors)] == ["broken.tiff#page=2"]


def test_a_digit_of_a_later_page_is_put_right(school: Api) -> None:
    code = new_profile(school.url, "en")
    pages = pdf_of_pictures([BLANK, draw(3)])
    [line] = read(school.url, pages, "en", page=2).lines
    correct(school.url, pages, "8", code, "en", box=line.box, page=2)
    assert [line.text for line in read(school.url, pages, "en", profile=code, page=2).lines] == ["8"]
    with pytest.raises(ApiError) as refused:
        correct(school.url, pages, "8", code, "en", box=line.box)
    assert refused.value.kind == "nothing_to_learn"


def test_each_page_of_a_scan_is_a_sheet_of_its_own(school: Api) -> None:
    code = new_class(school.url, "en")
    sheet = Image.open(io.BytesIO(scan(code, 9))).convert("L").reduce(2)
    pages = pdf_of_pictures([BLANK, sheet])
    seen = read_sheet(school.url, pages, "en", page=2)
    assert (seen.class_code, seen.number, seen.page, seen.pages) == (code, 9, 2, 2)
    taken = take_sheet(school.url, pages, "en", class_code=code, leave_out=[0, 1], page=2)
    assert taken == SheetTaken(taken.profile, 9, 97, 3, 2, 2)
    for page, kind in ((1, "no_sheet"), (3, "no_such_page")):
        with pytest.raises(ApiError) as refused:
            take_sheet(school.url, pages, "en", class_code=code, page=page)
        assert refused.value.kind == kind


def test_a_sheet_is_asked_for_with_nothing_but_its_page(school: Api) -> None:
    answer = requests.post(f"{school.url}/sheets/read/?side=2", files={"file": encoded(BLANK)}, timeout=WAIT_SECONDS)
    problem(answer, 422, "wrong-fields")
