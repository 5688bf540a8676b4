"""The page without a browser, as AppTest runs it: what is drawn on it, and what it says."""

import base64
import io
import re
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

PROJECT = Path(__file__).parent.parent


def opened() -> AppTest:
    return AppTest.from_file(str(PROJECT / "app.py"), default_timeout=120).run()


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


def html(page: AppTest) -> str:
    """All markup of the page that is its own."""
    return "".join(part.proto.body for part in page.get("html"))
