"""A picture from a file or from the camera, and a preview of it that no broken file can upset."""

import io

import streamlit as st
from PIL import Image, ImageOps

from digits.client import MAX_MEGABYTES
from page.texts import Texts

PANEL = "uploading"
ENDINGS = ["png", "jpg", "jpeg"]
PREVIEW_SIDE = 840
PREVIEW_PIXELS = 64_000_000


def uploaded(texts: Texts) -> bytes | None:
    """The bytes of the file that the user chose, None before."""
    with st.container(key=PANEL):
        file = st.file_uploader(texts("upload.label"), type=ENDINGS, key="upload")
    return None if file is None else file.getvalue()


def photographed(texts: Texts) -> bytes | None:
    """The bytes of the picture that the user took with the camera, None before."""
    photo = st.camera_input(texts("photograph.label"), key="photograph")
    return None if photo is None else photo.getvalue()


def show_preview(data: bytes, texts: Texts) -> None:
    """The picture as the user knows it, upright; nothing at all when it cannot be decoded."""
    picture = preview(data)
    if picture is not None:
        with st.container(key="preview"):
            st.image(picture, width="stretch", alt=texts("upload.picture"))


def preview(data: bytes) -> Image.Image | None:
    """A picture of at most `PREVIEW_SIDE` pixels a side; None where it is no PNG or JPEG, or broken."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > PREVIEW_PIXELS:
                return None
            opened.draft("RGB", (PREVIEW_SIDE, PREVIEW_SIDE))
            opened.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), reducing_gap=2.0)
            return ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def interface_texts(texts: Texts) -> str:
    """CSS that puts our words over those that Streamlit's own uploader and camera say in English only."""
    chip = '[data-testid="stFileChip"][aria-invalid="true"]'
    right_type = ", ".join(f'{chip} [title$=".{ending}" i]' for ending in ENDINGS)
    limits = texts("upload.limits", megabytes=MAX_MEGABYTES)
    camera = '[data-testid="stCameraInput"]'
    replaced = {
        '[data-testid="stFileUploaderDropzone"] > span > button p': texts("upload.button"),
        '[data-testid="stFileUploaderDropzoneInstructions"] span': limits,
        '[data-testid="stFileUploaderDropzone"] > input + div:not([data-testid]) > span': texts("upload.drop"),
        f'{camera} div > [data-testid="stCameraInputButton"]': texts("photograph.take"),
        f'{camera} > [data-testid="stCameraInputButton"]': texts("photograph.again"),
    }
    refused = {
        f".stFileUploader:has({chip})": texts("upload.not_a_picture"),
        f".stFileUploader:has({right_type})": texts("upload.too_large", megabytes=MAX_MEGABYTES),
    }
    hide = "".join(f"{place} {{ font-size: 0 !important; }}\n" for place in replaced)
    say = (f"{place}::after {{ content: {_quoted(words)}; }}\n" for place, words in (replaced | refused).items())
    return hide + "".join(say)


def _quoted(words: str) -> str:
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'
