"""The page without a browser, as AppTest runs it: what is drawn on it, and what it says."""

import base64
import io
import json
import re
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

PROJECT = Path(__file__).parent.parent


def opened(**address: str) -> AppTest:
    """The page as it is opened, with these parameters in its address."""
    page = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=120)
    page.query_params.update(address)
    return page.run()


def drawing(width: int = 27) -> dict[str, Any]:
    """What the canvas sends after a zero was drawn: ink on a transparent ground."""
    picture = Image.new("RGBA", (432, 432))
    ImageDraw.Draw(picture).ellipse((120, 60, 300, 360), outline="white", width=width)
    png = io.BytesIO()
    picture.save(png, "PNG")
    url = "data:image/png;base64," + base64.b64encode(png.getvalue()).decode()
    return {"drawing": {"raw": {"objects": [{"type": "Path"}]}, "data": url}, "backgroundFit": None}


def said(page: AppTest) -> str:
    """What stands in the answer's place, without the markup."""
    (card,) = (part for part in page.get("html") if "<section" in part.proto.body)
    return re.sub("<[^>]+>", " ", card.proto.body)


def draw(page: AppTest, width: int = 27) -> AppTest:
    page.session_state["canvas"] = drawing(width)
    page.run()
    assert not page.exception
    return page


def told(page: AppTest, key: str) -> Any:
    """What the component with this key is told, None where it is not there."""
    return next((json.loads(part.proto.json) for part in page.get("bidi_component") if part.key == key), None)


def html(page: AppTest) -> str:
    """All markup of the page that is its own."""
    return "".join(part.proto.body for part in page.get("html"))
