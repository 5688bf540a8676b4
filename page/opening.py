"""The document that opens the page, which names all that the page will load.

Streamlit's own names what every app needs; a browser learns of the parts of this page only when the first run of it has
come, of their parts when it has those, and of the canvas last. Named at once, they come while it is still starting.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse

PARTS: Final = ("BidiComponent", "ButtonGroup", "Checkbox", "ColorPicker", "FileUploader", "Html", "Slider")
"""Streamlit's own, of which a page to draw on is made."""

CANVAS: Final = "_stcore/bidi-components/streamlit-drawable-canvas.streamlit_drawable_canvas"
UNSTYLED: Final = "<style>.stMain:not(:has(.stException)) { visibility: hidden; }</style>"
"""Until the page's own style is there, which shows it: what is seen before that lies elsewhere a moment later."""

_IMPORTED: Final = re.compile(r'(?:from|import)\s*"\./([\w.-]+\.js)"')


async def open_page(_: Request) -> HTMLResponse:
    """The document, which is asked for anew each time; what it names is kept by the browser."""
    return HTMLResponse(document(), headers={"Cache-Control": "no-cache"})


@cache
def document() -> str:
    """Streamlit's document with links to what is loaded later, and the page hidden as long as it has no style."""
    static = Path(str(files("streamlit"))) / "static"
    html = (static / "index.html").read_text(encoding="utf-8")
    scripts = static / "static" / "js"
    parts = [path.name for part in PARTS for path in scripts.glob(f"{part}.*.js")]
    needed = [f"static/js/{name}" for name in _with_imports(scripts, parts) if name not in html]
    links = [f'<link rel="modulepreload" crossorigin href="./{name}">' for name in [*needed, *_canvas("index-*.js")]]
    links += [f'<link rel="preload" as="style" href="./{name}">' for name in _canvas("*.css")]
    return html.replace("</head>", "".join(links) + UNSTYLED + "</head>")


def _with_imports(scripts: Path, names: Iterable[str]) -> list[str]:
    found: dict[str, None] = {}
    left = list(names)
    while left:
        name = left.pop()
        if name not in found:
            found[name] = None
            left += _IMPORTED.findall((scripts / name).read_text(encoding="utf-8"))
    return list(found)


def _canvas(names: str) -> list[str]:
    package = find_spec("streamlit_drawable_canvas")
    folder = Path(package.origin or "").parent / "frontend" / "build" if package else Path()
    return [f"{CANVAS}/{path.name}" for path in folder.glob(names)]
