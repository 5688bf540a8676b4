"""UNIPEN: digits, letters, signs, words and numbers as pens of many hands in many countries moved."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Final, Literal, get_args

import numpy as np

from digits.data.fetching import fetch
from digits.data.split import kept_out
from digits.pen import PenSample

Kind = Literal["digits", "letters", "symbols", "words", "numbers"]

MEASURED_ELSEWHERE: Final = frozenset(("val", "gmd", "uqb", "tos", "art", "pri", "ceb", "cea", "lou"))
"""Laboratories whose writers are kept back to measure on."""

SUSPECTS: Final = Path(__file__).with_name("suspects_unipen_digits.txt")
"""Numbers, from 0, of the digits that look like no other writer's; a third of them are wrong labels."""

SAME_AS_KEPT_OUT: Final = frozenset(("ibm/02", "ibm/21"))
"""Writers who share samples with ibm/10, who is kept out."""

NO_SIGN: Final = "\\@"
"""Label of 1,225 single strokes out of joined-up writing, which are no signs."""


@cache
def unipen(kind: Kind) -> list[PenSample]:
    """The samples of one kind, but for suspects and for laboratories that are measured on elsewhere.

    Guyon, Schomaker, Plamondon, Liberman & Janet, UNIPEN project of on-line data exchange and recognizer benchmarks
    (ICPR 1994): train_r01_v07, International Unipen Foundation, DOI 10.5281/zenodo.1195803, CC BY 4.0. The larger side
    is 1000 units (letters and signs 500, numbers 2000). Writers are called laboratory/writer.
    """
    suspects = {int(number) for number in SUSPECTS.read_text("utf-8").split()} if kind == "digits" else set()
    samples = []
    for number, line in enumerate(gzip.decompress(fetch(f"unipen/{kind}.jsonl.gz").read_bytes()).splitlines()):
        row = json.loads(line)
        if row is None or number in suspects or row["l"] == NO_SIGN:
            continue
        if row["w"].split("/")[0] not in MEASURED_ELSEWHERE:
            strokes = [np.array(stroke, np.float32).reshape(-1, 2) for stroke in row["s"]]
            samples.append(PenSample(strokes, row["l"], row["w"]))
    return samples


@cache
def kept_out_writers() -> frozenset[str]:
    """Every fifth writer of all kinds, sorted by name, and who is the same: kept out of all training."""
    return kept_out(sample.writer for kind in get_args(Kind) for sample in unipen(kind)) | SAME_AS_KEPT_OUT
