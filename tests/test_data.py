"""The sources of data: what each loader gives, how UNIPEN's format is read, and what is fetched from public addresses.

Where DIGITS_DATA_DIR names no data folder, only what needs no data is tested.
"""

import dataclasses
import json
import os
import tarfile
import threading
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from digits.data import drawings, scans, unipen, unipen_archive
from digits.data.digit_like import DIGIT_LIKE
from digits.data.fetching import fetch
from digits.data.fonts import Kind as FontKind
from digits.data.fonts import fonts
from digits.data.icon_shapes import svg_strokes
from digits.data.photographed_pages import handwriting_pages
from digits.data.sources import FILES, DataSetError
from digits.data.split import is_kept_out
from digits.data.unipen_archive import FORMS, scaled, thinned
from digits.data.unipen_format import parsed
from digits.pen import PenSample

DATA: Final = os.environ.get("DIGITS_DATA_DIR")


def ratio(points: NDArray[np.generic]) -> float:
    """Width over height of (n, 2) points."""
    width, height = np.ptp(points, axis=0)
    return float(width) / max(float(height), 1.0)


def of_scans(loaded: Iterable[scans.Scan], label: int) -> float:
    """Usual width over height of one digit's ink."""
    found = [np.argwhere(scan.picture > scan.picture.max() / 2)[:, ::-1] for scan in loaded if scan.label == label]
    return float(np.median([ratio(points) for points in found]))


def of_samples(loaded: Iterable[PenSample], label: str) -> float:
    return float(np.median([ratio(np.concatenate(one.strokes)) for one in loaded if one.label == label]))


if DATA:

    def test_unipen_has_hundreds_of_hands_of_which_a_fifth_is_kept_out() -> None:
        digits = unipen.unipen("digits")
        assert {sample.label for sample in digits} == set("0123456789")
        assert len(digits) == 11_685 - 112
        assert of_samples(digits, "1") < 0.6 * of_samples(digits, "0")
        writers = {sample.writer for kind in get_args(unipen.Kind) for sample in unipen.unipen(kind)}
        assert unipen.kept_out_writers() < writers
        assert 0.19 < len(unipen.kept_out_writers()) / len(writers) < 0.22
        assert not {writer.split("/")[0] for writer in writers} & unipen.MEASURED_ELSEWHERE

    def test_unipen_has_letters_signs_words_and_numbers() -> None:
        loaded = {kind: [sample.label for sample in unipen.unipen(kind)] for kind in get_args(unipen.Kind)}
        assert len(loaded["letters"]) == 68_275
        assert all(len(label) == 1 and label.isalpha() for label in loaded["letters"])
        assert all(len(label) == 1 and not label.isalnum() for label in loaded["symbols"])
        assert all(label.isdigit() and len(label) > 1 for label in loaded["numbers"])
        assert 0.5 < sum(label not in DIGIT_LIKE for label in loaded["letters"]) / len(loaded["letters"]) < 0.95

    @pytest.mark.parametrize(
        ("loaded", "count", "writers"),
        [(scans.numbers_swiss, 12_788 - 152, 22), (scans.semeion, 1_593, 1), (scans.optdigits, 1_934, 1)],
    )
    def test_scans_are_bright_ink_of_ten_digits(loaded: object, count: int, writers: int) -> None:
        assert callable(loaded)
        found = loaded()
        assert len(found) == count
        assert len({scan.writer for scan in found}) == writers
        assert Counter(scan.label for scan in found).keys() == set(range(10))
        assert float(np.mean([scan.picture.mean() for scan in found])) < 128
        assert of_scans(found[::5], 1) < of_scans(found[::5], 0)

    def test_four_ordinary_swiss_writers_are_kept_out() -> None:
        assert {scan.writer for scan in scans.numbers_swiss()} > scans.SWISS_KEPT_OUT
        assert len(scans.SWISS_KEPT_OUT) == 4

    @pytest.mark.parametrize(("kind", "count"), [("hand", 162), ("school", 12), ("block", 11), ("letters", 49)])
    def test_fonts_draw_digits_and_say_what_they_have_not(kind: FontKind, count: int) -> None:
        found = fonts(kind)
        assert len(found) == count
        assert any(font.kept_out for font in found)
        latin = next(font for font in found if "7" in font.characters)
        drawn = [ink for ink in (latin.glyph(digit, 64) for digit in "0123456789") if ink is not None]
        assert len(drawn) == 10
        assert all(ink.dtype == np.float32 and 0.9 < ink.max() <= 1 for ink in drawn)
        assert all(ink[0].any() and ink[-1].any() and ink[:, 0].any() and ink[:, -1].any() for ink in drawn)
        assert latin.glyph("\U0001f600", 64) is None
        assert latin.digits(3)[0] == "3"

    def test_families_of_fonts_are_kept_out_as_a_whole() -> None:
        found = {font.name: font.kept_out for kind in get_args(FontKind) for font in fonts(kind)}
        assert all(font.kept_out == found[font.name] for kind in get_args(FontKind) for font in fonts(kind))
        assert 0.19 < sum(found.values()) / len(found) < 0.21

    def test_things_that_are_no_digits() -> None:
        assert len(drawings.icons()) == 1_717
        assert drawings.quickdraw().shape == (3_000, 28, 28)
        assert drawings.quickdraw().mean() < 128
        assert len(drawings.hershey()) == 2_938
        assert len(drawings.emoji().characters) == 1_242
        shown = drawings.emoji().glyph("\N{UMBRELLA WITH RAIN DROPS}", 64)
        assert shown is not None
        assert all(page.ndim == 3 and min(page.shape[:2]) > 600 for page in handwriting_pages())

    @pytest.mark.parametrize("kind", ["digits", "letters"])
    def test_the_archive_of_a_laboratory_gives_the_very_samples(kind: str, tmp_path: Path) -> None:
        with tarfile.open(Path(DATA or "") / "unipen" / "raw-sample.tar.xz") as archive:
            safely: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # from Python 3.11.4
            archive.extractall(tmp_path, **safely)
        found = list(unipen_archive.rows(tmp_path, kind))
        assert {row["w"] for row in found} == {"aga"}
        recorded = set(unipen_archive.manifest(kind)[0])
        assert all(unipen_archive.sample_hash(row) in recorded for row in found)
        assert len(found) == {"digits": 405, "letters": 2_178}[kind]

    def test_the_manifest_of_the_archive_describes_the_samples() -> None:
        for kind in ("digits", "symbols", "numbers"):
            hashes, writers = unipen_archive.manifest(kind)
            lines = fetch_lines(f"unipen/{kind}.jsonl.gz")
            assert [row["w"] for row in lines] == writers
            assert [unipen_archive.sample_hash(row) for row in lines[:50]] == hashes[:50]

    def fetch_lines(path: str) -> list[unipen_archive.Row]:
        import gzip

        return [json.loads(line) for line in gzip.decompress(fetch(path).read_bytes()).splitlines()]


INCLUDED: Final = {
    "a/doc": ".COORD T Y X\n.HIERARCHY CHARACTER\n.WRITER_INFO\n\tnobody\n",
    "a/pen": """.INCLUDE a/doc
.PEN_DOWN
1 0 0
2 100 0
.PEN_UP
.PEN_DOWN
3 100 50
4 100 50
5 0 50
.PEN_UP
6 0 60
7 0 70
.START_BOX
.PEN_DOWN
8 7 7
.PEN_UP
""",
}
SEGMENTS: Final = r"""
.VERSION 1.0
.INCLUDE a/pen
.COMMENT .SEGMENT is not meant here "no"
.SEGMENT CHARACTER 0-1 OK "H"
.SEGMENT CHARACTER 0,2-3 ? "\\"
.SEGMENT CHARACTER 0:1-1:0 ? "\""
.SEGMENT CHARACTER ? ? "no components"
.SEGMENT CHARACTER 3 BAD "."
"""


@pytest.mark.quick
def test_unipen_format_with_includes_columns_ranges_and_escapes() -> None:
    found = list(parsed(SEGMENTS, INCLUDED.__getitem__))
    assert [(segment.label, segment.quality) for segment in found] == [
        ("H", "OK"),
        ("\\", "?"),
        ('"', "?"),
        (".", "BAD"),
    ]
    bar, both, part, dot = ([stroke.tolist() for stroke in segment.strokes] for segment in found)
    assert bar == [[[0, 0], [0, 100]], [[50, 100], [50, 100], [50, 0]]]
    assert both == [[[0, 0], [0, 100]], [[7, 7]]], "component 2 was written with the pen up"
    assert part == [[[0, 100]], [[50, 100]]]
    assert dot == [[[7, 7]]]


@pytest.mark.quick
def test_components_that_are_not_there_and_lines_without_coordinates_are_left_out() -> None:
    (found,) = parsed('.PEN_DOWN\n1 2\n3\n4 5\n.PEN_UP\n.SEGMENT CHARACTER 0-9 ? "1"\n', INCLUDED.__getitem__)
    assert [stroke.tolist() for stroke in found.strokes] == [[[1, 2], [4, 5]]]
    with pytest.raises(ValueError, match="far"):
        list(parsed(".PEN_DOWN\n1 far\n", INCLUDED.__getitem__))


@pytest.mark.quick
def test_strokes_are_scaled_and_thinned() -> None:
    first, *_, dot = parsed(SEGMENTS, INCLUDED.__getitem__)
    assert scaled(first.strokes, FORMS["digits"]) == [[0, 1000, 0, 0], [500, 0, 500, 1000]]
    assert scaled(first.strokes, FORMS["letters"]) == [[0, 500, 0, 0], [250, 0, 250, 500]]
    assert scaled(dot.strokes, FORMS["digits"]) == []
    line = np.array([[0, 0], [50, 3], [100, 0], [100, 50], [100, 100]], np.float64)
    assert thinned(line, 4).tolist() == [[0, 0], [100, 0], [100, 100]]
    assert thinned(line, 2).tolist() == [[0, 0], [50, 3], [100, 0], [100, 100]]


@pytest.mark.quick
def test_an_icon_is_drawn_in_strokes() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><circle cx="4" cy="4" r="2"/><path d="M1 1h5l-1 2z"/></svg>'
    circle, triangle = svg_strokes(svg.encode())
    assert np.hypot(*(circle / 40 - 4).T).round(2).tolist() == [2.0] * len(circle)
    assert triangle.tolist() == [[40, 40], [240, 40], [200, 120], [40, 40]]


@pytest.mark.quick
def test_every_fifth_is_kept_out_and_what_is_a_digit_without_context_is_known() -> None:
    assert [index for index in range(15) if is_kept_out(index)] == [4, 9, 14]
    assert set("OoIl|/()',-SZBbgqzD.") < DIGIT_LIKE
    assert not set("AaCcEeFfGHhKkMmNnPpQRrTtUuVvWwXxYy%&#@+=") & DIGIT_LIKE


@pytest.fixture
def public(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """What a server has at the public address of each file, by its path; no data folder. All else there is damaged."""
    monkeypatch.delenv("DIGITS_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    served: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(served.get(self.path[1:], b"a page that asks for a password"))

        def log_message(self, format: str, *arguments: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        for path, file in FILES.items():
            url = f"http://127.0.0.1:{server.server_port}/{path}"
            monkeypatch.setitem(FILES, path, dataclasses.replace(file, url=url))
        yield served
        server.shutdown()


SOURCES: Final = sorted({path.split("/")[0]: path for path in FILES}.values())
"""One file of each source."""


@pytest.mark.quick
@pytest.mark.parametrize("path", [*SOURCES, "icons/lucide.jsonl.gz"])
def test_what_is_not_as_recorded_ends_in_one_line_and_is_not_kept(
    path: str, public: dict[str, bytes], tmp_path: Path
) -> None:
    with pytest.raises(DataSetError) as caught:
        fetch(path)
    assert FILES[path].url in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


@pytest.mark.quick
def test_an_archive_without_the_samples_is_refused(public: dict[str, bytes], tmp_path: Path) -> None:
    path = "unipen/numbers.jsonl.gz"
    with tarfile.open(tmp_path / "empty.tgz", "w:gz"):
        pass
    public[path] = (tmp_path / "empty.tgz").read_bytes()
    with pytest.raises(DataSetError, match="347 of its 347 numbers"):
        fetch(path)


if DATA:

    def test_public_forms_give_what_is_in_the_data_folder(
        public: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = Path(DATA or "")
        monkeypatch.setenv("DIGITS_DATA_DIR", str(folder))
        rows = [scans.semeion.__wrapped__()]
        with zipfile.ZipFile(tmp_path / "semeion.zip", "w") as archive:
            archive.writestr("semeion.data", semeion_at_uci(folder))
        monkeypatch.delenv("DIGITS_DATA_DIR")
        public["semeion/semeion.data.gz"] = (tmp_path / "semeion.zip").read_bytes()
        public["fonts/block/geo.ttf"] = (folder / "fonts/block/geo.ttf").read_bytes()
        public["quickdraw/cats1000.bin"] = (folder / "quickdraw/cats1000.bin").read_bytes()
        public["pages/page05.jpg"] = (folder / "pages/page05.jpg").read_bytes()
        rows.append(scans.semeion.__wrapped__())
        assert [(one.label, one.picture.tolist()) for one in rows[0]] == [
            (one.label, one.picture.tolist()) for one in rows[1]
        ]
        for path in ("fonts/block/geo.ttf", "quickdraw/cats1000.bin"):
            assert fetch(path).read_bytes() == public[path]
        assert fetch("pages/page05.jpg").stat().st_size > 10_000

    def test_what_was_fetched_is_kept_until_it_is_damaged(public: dict[str, bytes]) -> None:
        path = "fonts/block/geo.ttf"
        public[path] = (Path(DATA or "") / path).read_bytes()
        kept = fetch(path)
        public.pop(path)
        assert fetch(path) == kept
        kept.write_bytes(b"damaged")
        with pytest.raises(DataSetError):
            fetch(path)

    def test_a_font_of_other_shapes_is_refused(public: dict[str, bytes]) -> None:
        public["fonts/block/geo.ttf"] = (Path(DATA or "") / "fonts/block/iceland.ttf").read_bytes()
        with pytest.raises(DataSetError, match="other shapes"):
            fetch("fonts/block/geo.ttf")

    def semeion_at_uci(folder: Path) -> str:
        """The rows as UCI has them: blanks between them, and ten bits for the label."""
        import gzip

        lines = []
        for line in gzip.decompress((folder / "semeion/semeion.data.gz").read_bytes()).decode("ascii").split():
            *bits, label = line.split(",")
            lines.append(" ".join((*bits, *("1" if label == str(digit) else "0" for digit in range(10)))))
        return " \n".join(lines)
