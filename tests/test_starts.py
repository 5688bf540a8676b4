"""What a start may import: a module that creeps in costs each process its time and memory, and nobody notices."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from client import LOCAL_API
from page import local_api

ROOT: Final = Path(__file__).parent.parent

PICTURES: Final = {"PIL", "annotated_types", "cv2", "numpy", "pyspng", "threadpoolctl", "typing_extensions"}
CHECKS: Final = {"annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"}
STREAMLIT: Final = {"anyio", "click", "google", "packaging", "python_multipart", "starlette", "streamlit"}
API: Final = {
    "annotated_doc",
    "anyio",
    "dotenv",
    "fastapi",
    "fastapi_offline",
    "opentelemetry",
    "prometheus_client",
    "pydantic_settings",
    "python_multipart",
    "starlette",
}

MAY_LOAD: Final = {
    "digits.recogniser, digits.number": PICTURES,
    "service.worker": PICTURES | {"pydantic_core"},
    "digits.bulk.__main__": PICTURES | {"filelock", "psutil", "tqdm"},
    "main": API | CHECKS | {"PIL", "numpy", "pyspng"},
    "app": STREAMLIT | {"typing_extensions"},
}
"""For each start the libraries that are not Python's own; SciPy, SQLAlchemy, joblib and pyarrow are in none."""

SCRIPT: Final = """
import sys
import {modules}
names = [name for name, module in sys.modules.items() if "site-packages" in (getattr(module, "__file__", None) or "")]
print(*{{name.partition(".")[0] for name in names}})
"""


@pytest.mark.quick
@pytest.mark.parametrize("modules", MAY_LOAD)
def test_a_start_imports_nothing_that_it_does_not_need(modules: str) -> None:
    script = SCRIPT.format(modules=modules)
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name for name in done.stdout.split() if not name.startswith("_")}
    assert loaded <= MAY_LOAD[modules]


@pytest.mark.skipif("API_PORT" in os.environ, reason="another port is chosen")
def test_the_page_starts_its_api_where_others_look_for_it() -> None:
    assert f"http://{local_api.HOST}:{local_api.PORT}" == LOCAL_API
