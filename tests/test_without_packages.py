"""What still works where a package is not installed."""

import hashlib
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from digits.decode import decode
from tests.commands import ROOT, run
from tools.drawing import draw, encoded

pytestmark = pytest.mark.quick

DIGESTS: Final = """
import hashlib, sys
sys.modules["pyspng"] = None
from pathlib import Path
from digits.decode import decode
for path in sorted(Path(sys.argv[1]).iterdir()):
    picture = decode(path.read_bytes())
    print(path.name, picture.pixels.shape, hashlib.sha256(picture.pixels.tobytes()).hexdigest())
"""


def test_without_pyspng_the_same_pictures_have_the_same_pixels(tmp_path: Path) -> None:
    (tmp_path / "grey.png").write_bytes(encoded(draw(3, mode="L")))
    (tmp_path / "colour.png").write_bytes(encoded(draw(5, ink="navy", paper="ivory")))
    transparent = draw(7, (640, 480), ink=(20, 30, 40, 255), paper=(0, 0, 0, 0), mode="RGBA")
    (tmp_path / "transparent.png").write_bytes(encoded(transparent))
    (tmp_path / "large.png").write_bytes(encoded(draw(2, (1500, 900))))
    (tmp_path / "palette.png").write_bytes(encoded(draw(8).convert("P", palette=Image.Palette.ADAPTIVE)))
    (tmp_path / "photograph.jpg").write_bytes(encoded(draw(9, (800, 600)), "JPEG"))
    expected = []
    for path in sorted(tmp_path.iterdir()):
        pixels = decode(path.read_bytes()).pixels
        expected.append(f"{path.name} {pixels.shape} {hashlib.sha256(pixels.tobytes()).hexdigest()}")
    done = run("-c", DIGESTS, str(tmp_path))
    assert done.stdout.splitlines() == expected, done.stderr


def test_without_atheris_the_fuzzer_says_what_to_install() -> None:
    done = run("-m", "tools.fuzz_decode", str(ROOT / "tests" / "corpus"), without=["atheris"])
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "atheris" in done.stderr
