"""Pictures that are pasted, dropped anywhere on the page, or taken by the phone's own camera app.

Streamlit's uploader takes what is chosen or dropped on it, and browsers give a page its camera only over https or on
the visitor's own machine. A small component (`brought.js`) hands the uploader what comes in another way.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import streamlit as st

from digits.texts import Texts
from page import upload

PANEL: Final = "brought"

_FOLDER: Final = Path(__file__).parent
_component = st.components.v2.component(
    "brought",
    html=(_FOLDER / "brought.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "brought.css").read_text(encoding="utf-8"),
    js="".join((_FOLDER / name).read_text(encoding="utf-8") for name in ("typing.js", "brought.js")),
)


def take_what_is_brought(mode: str, modes: Sequence[str], texts: Texts) -> None:
    """Mounts the component; where a picture is brought in another mode, the mode becomes that of uploaded pictures.

    In the mode of the camera it stands in the camera's place where the browser gives none.
    """
    with st.container(key=PANEL):
        _component(
            key="brought_pictures",
            data={
                "mode": mode,
                "uploads": modes.index("upload"),
                "panel": upload.PANEL,
                "texts": {
                    "over": texts("upload.over"),
                    "nothing": texts("upload.nothing_pasted"),
                    "no_camera": texts("photograph.no_camera"),
                    "choose": texts("photograph.choose"),
                },
            },
        )
