"""A client generated from the OpenAPI document has names that a person would choose, and asks the real API."""

import base64
import importlib
import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from tests.asking import SEVEN_PNG, get
from tests.serving import Api, served_api
from tools.drawing import STROKES

NAME: Final = "generated_digits"

OPERATIONS: Final = {
    "reading": {"predict", "predict_batch", "read"},
    "state": {"live", "ready", "model", "metrics"},
    "learning": {"learning", "new_profile", "profile", "forget_profile", "export_profile", "correct", "withdraw"},
    "review": {"waiting_corrections", "decide"},
    "sheets": {"blank_sheets", "read_sheet", "take_sheet"},
    "classes": {"new_class", "class_view", "class_digits", "export_class", "forget_class"},
}


def test_operations_and_schemas_have_names_of_their_own(tmp_path: Path) -> None:
    with served_api(workers=1, database_url=f"sqlite:///{tmp_path}/digits.sqlite3") as api:
        document = get(api, "/openapi.json").json()
    named: dict[str, set[str]] = {}
    for path in document["paths"].values():
        for operation in path.values():
            (tag,) = operation["tags"]
            named.setdefault(tag, set()).add(operation["operationId"])
            for content in operation.get("requestBody", {}).get("content", {}).values():
                schema = content["schema"]
                assert "properties" not in schema, "a shape without a name"
    assert named == OPERATIONS
    assert not [name for name in document["components"]["schemas"] if re.search("Body|_", name)]


def test_what_is_not_kept_has_no_shapes(api: Api) -> None:
    schemas = get(api, "/openapi.json").json()["components"]["schemas"]
    assert {"PictureForm", "PictureInText", "PenStrokes"} < set(schemas)
    assert not {"CorrectionForm", "Decision"} & set(schemas)


@pytest.fixture
def generated(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The package that openapi-python-client makes of the document, and what imports its modules."""
    document = tmp_path / "openapi.json"
    document.write_bytes(get(api, "/openapi.json").content)
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(document)]
    command += ["--output-path", str(tmp_path / NAME), "--meta", "none"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    monkeypatch.syspath_prepend(str(tmp_path))
    yield lambda module: importlib.import_module(f"{NAME}.{module}")
    for module in [each for each in sys.modules if each.split(".")[0] == NAME]:
        del sys.modules[module]


def test_a_generated_client_asks_in_every_way(api: Api, generated: Any) -> None:
    models, types = generated("models"), generated("types")
    predict, read, batch = (generated(f"api.reading.{name}") for name in ("predict", "read", "predict_batch"))

    def file() -> Any:
        return types.File(io.BytesIO(SEVEN_PNG), "seven.png", "image/png")

    strokes = [[[float(x), float(y)] for x, y in stroke] for stroke in STROKES[7]]
    with generated("client").Client(api.url) as client:
        text = models.PictureInText(base64.b64encode(SEVEN_PNG).decode())
        ways: list[Callable[[], Any]] = [
            lambda: models.PictureForm(file()),
            lambda: models.PenStrokes(strokes),
            lambda: text,
            file,
        ]
        for body in ways:
            answer = predict.sync(client=client, body=body())
            assert isinstance(answer, models.DigitAnswer)
            assert (answer.prediction, answer.rejected) == (7, None)
            [line] = read.sync(client=client, body=body(), length="1").lines
            assert line.text == "7"
        several = batch.sync(client=client, body=models.PicturesForm([file(), file()]))
        assert [each.prediction for each in several.answers] == [7, 7]
        refused = predict.sync(client=client, body=models.PictureInText("no Base64!"))
        assert isinstance(refused, models.Problem)
        assert refused.status == 422
        assert generated("api.state.live").sync(client=client).status == "live"
        assert generated("api.state.model").sync(client=client).name == "digits"
