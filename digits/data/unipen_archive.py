"""The samples of UNIPEN out of its public archive: scaled, thinned, and taken by their SHA-256."""

import json
import re
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np

from digits.data.packing import packed_json
from digits.data.unipen_format import Include, Points, Segment, parsed

MANIFEST: Final = Path(__file__).with_name("unipen_samples.npz")
"""For each kind the first four bytes of each sample's SHA-256, in the order of the samples, and who wrote it."""

MIN_FOUND: Final = 0.99
"""Share of the recorded samples that must be found."""

MEMBER: Final = re.compile(r"(?:^|/)((?:data/(?P<category>\w+)|include)/(?P<laboratory>\w+)/.+)$")
"""The files of the archive that are read, in whatever folder they lie."""

NUMBER: Final = re.compile(r'"\d+"')


Row = dict[str, Any]
"""A sample: label `l`, laboratory or writer `w`, category `k`, quality `q`, strokes `s`."""


@dataclass(frozen=True)
class Form:
    """How samples of one kind are stored.

    Attributes:
        categories: of the archive that have them.
        side: of the larger side, in whole units.
        tolerance: of Douglas and Peucker's thinning in those units; None where only repeated points are left out.
        halved: whether all is halved after that.

    """

    categories: tuple[str, ...]
    side: int
    tolerance: float | None
    halved: bool


FORMS: Final = {
    "digits": Form(("1a",), 1000, None, halved=False),
    "letters": Form(("1b", "1c"), 1000, 4, halved=True),
    "symbols": Form(("1d",), 1000, 4, halved=True),
    "words": Form(("6",), 2000, 4, halved=True),
    "numbers": Form(("7", "8"), 2000, None, halved=False),
}


def from_archive(kind: str, archive: Path) -> bytes:
    """The JSON lines of one kind, packed by gzip, out of unipen-CDROM-train_r01_v07.tgz.

    Which samples these are, in which order and by whom, the manifest says: in the archive some writers have names, and
    some samples are of no use. A sample that is not in the archive is the line `null`.

    Args:
        kind: one of `FORMS`.
        archive: the file as it was downloaded.

    Raises:
        ValueError: fewer than 99 % of the samples are in the archive.

    """
    hashes, writers = manifest(kind)
    wanted = set(hashes)
    with tempfile.TemporaryDirectory() as folder:
        _unpack(archive, Path(folder), kind, {writer.split("/")[0] for writer in writers})
        found = {value: row for row in rows(Path(folder), kind) if (value := sample_hash(row)) in wanted}
    missing = sum(value not in found for value in hashes)
    if missing > (1 - MIN_FOUND) * len(hashes):
        raise ValueError(f"{missing} of its {len(hashes)} {kind} are not as they were recorded")
    lines = [found.get(value) and {**found[value], "w": writer} for value, writer in zip(hashes, writers, strict=True)]
    return packed_json(lines)


def manifest(kind: str) -> tuple[list[int], list[str]]:
    """The hash of each sample of one kind, and its writer."""
    with np.load(MANIFEST) as stored:
        names = stored["writers"]
        return stored[f"{kind}_hashes"].tolist(), names[stored[f"{kind}_writers"]].tolist()


def sample_hash(row: Row) -> int:
    """The first four bytes of the SHA-256 of a sample: of its laboratory, label and strokes."""
    told = json.dumps([row["w"].split("/")[0], row["l"], row["s"]])
    return int.from_bytes(sha256(told.encode("ascii")).digest()[:4])


def rows(folder: Path, kind: str) -> Iterator[Row]:
    """The samples of one kind in the unpacked archive: label, laboratory, category, quality and strokes."""
    form = FORMS[kind]

    def include(path: str) -> str:
        return (folder / "include" / path).read_text("latin-1")

    for category in form.categories:
        for file in sorted((folder / "data" / category).rglob("*.dat")):
            text = file.read_text("latin-1")
            if kind == "numbers" and not NUMBER.search(text):
                continue
            laboratory = file.relative_to(folder / "data" / category).parts[0]
            for segment in _readable(text, include):
                if (kind != "numbers" or segment.label.isdigit()) and (strokes := scaled(segment.strokes, form)):
                    quality, label = segment.quality, segment.label
                    yield {"l": label, "w": laboratory, "k": category, "q": quality, "s": strokes}


def _readable(text: str, include: Include) -> Iterator[Segment]:
    """The segments of a file; none of a file that is broken, which the share of samples that are found accounts for."""
    try:
        yield from parsed(text, include)
    except (OSError, ValueError):
        return


def scaled(strokes: list[Points], form: Form) -> list[list[int]]:
    """Strokes as [x0, y0, x1, y1, ...], y downwards from 0; nothing for what has no extent."""
    points = np.concatenate(strokes) if strokes else np.zeros((1, 2))
    side = float(np.ptp(points, axis=0).max())
    if side == 0:
        return []
    origin = np.array([points[:, 0].min(), points[:, 1].max()])
    numbers = []
    for stroke in strokes:
        whole = np.round((stroke - origin) * (1, -1) * (form.side / side))
        moved = np.concatenate(([True], (np.diff(whole, axis=0) != 0).any(axis=1)))
        thin = whole[moved] if form.tolerance is None else thinned(whole[moved], form.tolerance)
        numbers.append((np.round(thin / 2) if form.halved else thin).astype(int).ravel().tolist())
    return numbers


def thinned(points: Points, tolerance: float) -> Points:
    """Douglas & Peucker (1973): fewer points, none of those left out farther from the line than the tolerance."""
    keep = np.zeros(len(points), bool)
    keep[[0, -1]] = True
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        between, (x, y) = points[first + 1 : last] - points[first], points[last] - points[first]
        length = float(np.hypot(x, y))
        aside = np.abs(between[:, 0] * y - between[:, 1] * x) / length if length else np.hypot(*between.T)
        farthest = int(aside.argmax())
        if aside[farthest] > tolerance:
            middle = first + 1 + farthest
            keep[middle] = True
            spans += [(first, middle), (middle, last)]
    return points[keep]


def _unpack(archive: Path, folder: Path, kind: str, laboratories: set[str]) -> None:
    with tarfile.open(archive, "r|*") as files:
        for member in files:
            found = MEMBER.search(member.name)
            if found and found["laboratory"] in laboratories and found["category"] in (None, *FORMS[kind].categories):
                member.name = found[1]
                files.extract(member, folder, filter="data")
