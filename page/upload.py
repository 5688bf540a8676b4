"""A picture from a file or from the camera, and a preview of it that no broken file can upset."""

import io
from collections.abc import Callable
from typing import NamedTuple

import streamlit as st
from PIL import Image, ImageOps
from streamlit.delta_generator import DeltaGenerator

from digits.decode import BadPictureError, Pages
from digits.formats import JPEG, PNG, SUFFIXES, format_of, names
from digits.limits import MAX_FILE_MEGABYTES, MAX_PIXELS
from digits.texts import Texts

PANEL = "uploading"
ENDINGS = [suffix.removeprefix(".") for suffix in SUFFIXES]
PREVIEW_SIDE = 840


class File(NamedTuple):
    """A file that the user chose."""

    name: str
    data: bytes


def uploaded(texts: Texts, reading: str, on_change: Callable[[], None]) -> list[File]:
    """The files that the user chose, none before; `on_change` is called when they are others."""
    with st.container(key=PANEL):
        files = st.file_uploader(
            texts(f"upload.{reading}"), type=ENDINGS, accept_multiple_files=True, key="upload", on_change=on_change
        )
    return [File(file.name, file.getvalue()) for file in files]


def photographed(texts: Texts, reading: str) -> list[File]:
    """The picture that the user took with the camera, none before."""
    photo = st.camera_input(texts(f"photograph.{reading}"), key="photograph", resolution="1080p")
    return [] if photo is None else [File(photo.name, photo.getvalue())]


def show_preview(data: bytes, place: DeltaGenerator, texts: Texts, page: int = 1) -> None:
    """The picture as the user knows it, upright; nothing at all when it cannot be decoded."""
    picture = preview(data, page)
    if picture is not None:
        with place.container(key="preview"):
            st.image(picture, width="stretch", alt=texts("upload.picture"))


def preview(data: bytes, page: int = 1) -> Image.Image | None:
    """A picture, or a page, of at most `PREVIEW_SIDE` pixels a side; None where it is none, or broken."""
    if format_of(data) not in (PNG, JPEG):
        return _decoded(data, page)
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                return None
            opened.draft("RGB", (PREVIEW_SIDE, PREVIEW_SIDE))
            opened.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), reducing_gap=2.0)
            return ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


@st.cache_data(max_entries=16, show_spinner=False)
def _decoded(data: bytes, page: int) -> Image.Image | None:
    """A page of a file that no browser may show; kept, as some take half a second."""
    try:
        return Image.fromarray(Pages(data).decode(page - 1, PREVIEW_SIDE).pixels).convert("RGBA")
    except BadPictureError:
        return None


def interface_texts(texts: Texts) -> str:
    """CSS that puts our words over those that Streamlit's own uploader and camera say in English only."""
    chip = '[data-testid="stFileChip"][aria-invalid="true"]'
    right_type = ", ".join(f'{chip} [title$=".{ending}" i]' for ending in ENDINGS)
    limits = texts("upload.limits", megabytes=MAX_FILE_MEGABYTES)
    camera = '[data-testid="stCameraInput"]'
    instructions = f'.st-key-{PANEL} [data-testid="stFileUploaderDropzoneInstructions"] span'
    replaced = {
        '[data-testid="stFileUploaderDropzone"] > span > button p': texts("upload.button"),
        instructions: limits,
        '[data-testid="stFileUploaderDropzone"] > input + div:not([data-testid]) > span': texts("upload.drop"),
        f'{camera} div > [data-testid="stCameraInputButton"]': texts("photograph.take"),
        f'{camera} > [data-testid="stCameraInputButton"]': texts("photograph.again"),
    }
    refused = {
        f".stFileUploader:has({chip})": texts("upload.not_a_picture", names=names(texts("upload.or"))),
        f".stFileUploader:has({right_type})": texts("upload.too_large", megabytes=MAX_FILE_MEGABYTES),
    }
    hide = "".join(f"{place} {{ font-size: 0 !important; }}\n" for place in replaced)
    say = (f"{place}::after {{ content: {_quoted(words)}; }}\n" for place, words in (replaced | refused).items())
    paste = f"{instructions}::before {{ content: {_quoted(texts('upload.paste'))}; }}"
    return f"{hide}{''.join(say)}@media (hover: hover) and (pointer: fine) {{ {paste} }}\n"


def _quoted(words: str) -> str:
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'
