"""MODEL_CARD.md: what a model is made of and how well it reads, told from its record."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from digits.evaluation.rejection import RejectionScore, rejection_table
from digits.evaluation.scores import Score, table
from digits.model import RECORD, ROOT, model_path
from digits.training.compare import COMPARISON, as_table

CARD: Final = "MODEL_CARD.md"
CONFUSION: Final = "confusion_matrix.png"
RELIABILITY: Final = "reliability.png"

CREDITS: Final = {
    "mnist": "MNIST: Y. LeCun, C. Cortes, C. Burges; CC BY-SA 3.0",
    "pendigits": "Pen-Based Recognition of Handwritten Digits (UCI 81): E. Alpaydin, F. Alimoglu; CC BY 4.0",
    "unipen": "UNIPEN train_r01_v07: I. Guyon, L. Schomaker, R. Plamondon, M. Liberman, S. Janet (ICPR 1994), "
    "International Unipen Foundation, DOI 10.5281/zenodo.1195803; CC BY 4.0 there, a note of 1999 inside asks for "
    "research purposes. Not redistributed",
    "numbers_swiss": "Numbers: A. Schröder and contributors (github.com/kensanata/numbers); CC0 1.0",
    "semeion": "Semeion Handwritten Digit (UCI 178): Semeion Research Center, Rome, and Tattile, Brescia; CC BY 4.0",
    "optdigits": "Optical Recognition of Handwritten Digits (UCI 80): E. Alpaydin, C. Kaynak; CC BY 4.0",
    "fonts": "authors and licences (OFL 1.1 and 1.0, Apache 2.0, BSD) in digits/data/fonts.csv",
    "icons": "Lucide: Lucide contributors, ISC, parts by C. Bemis, MIT; Noto Emoji: Google, OFL 1.1",
    "quickdraw": "Quick, Draw!: Google; CC BY 4.0",
    "omniglot": "Omniglot: B. Lake, R. Salakhutdinov, J. Tenenbaum (Science 350, 2015); MIT",
    "pages": "photographed pages: B. Hájek (github.com/Breta01/handwriting-ocr); MIT",
    "own": "digits of one's own, taken along by `train.py --with`",
    "hershey": "Hershey fonts: A. V. Hershey, U.S. National Bureau of Standards; format by J. Hurt; free with "
    "acknowledgement; packaged as Hershey-Fonts, MIT",
}
"""Whom each folder of data is owed to, and its licence."""

DOCS: Final = ROOT / "docs"
"""Where the card of the project's own model lies, with its pictures and the comparison."""

TEMPLATE: Final = """# Model card

A recogniser of single handwritten digits. Trained on {training[date]} by `python train.py`; its
record, `model_card.json`, says the same to programs.

## What it is

28x28 grey picture → HOG ({hog[orientations]} orientations, {views},
blocks of {hog[cells_per_block]}x{hog[cells_per_block]} cells, {hog[block_norm]}: {hog[length]:,} numbers)
→ `StandardScaler` → `MLPClassifier`, in which
{training[networks]} networks of {layers} hidden units, trained apart, stand side by side (the mean of their logits).
Class 10 is "not a digit".
The logits are divided by {training[temperature]:.3f} and that of class 10 is shifted by {training[shift]:.2f}, at
which the probabilities fit what was kept out of training when one picture in fifty is no digit.

| file | size | SHA-256 |
|---|---:|---|
{files}

Where `include=other_models` asks for it, the usual candidates, trained small, answer beside it and decide nothing
(`other_models.npz`, `digits/other_models.py`).

Where one view leaves doubt (no digit at 0.95 or more), twelve augmented views are averaged with it, and two networks of
other features are asked for a second opinion (`second_opinion.npz`, `digits/second_opinion.py`): signed directions of
gradients, to which sides the paper lies open, and typical patches, beside the classifier's last hidden layer. They
learnt from fresh examples on which the classifier is not surely right.
Before it, two small networks tell which pixels of a photograph are writing (`pixel_classifier.npz`), and another which
of several views of the ink to believe (`candidate_judge.npz`); both learnt from made pages. The segment verifier's
networks tell whether a segment of a number is one whole digit.
Made with {libraries}.

## How well it reads

Measured by `python train.py --measure`. `python -m digits.evaluation FOLDER` makes the same table of any folder, and a
contact sheet of what is misread in it. A rejected digit counts as an error; in the sets without digits, what is not
rejected does; sure answers are those of 0.99 and more. Settings of the model were chosen on what was kept out of
training, not on the MNIST test set. How drawings of few pixels are sharpened, and which augmented views are averaged
where the first view leaves doubt, were chosen with load_digits too. The real pictures are measured where the data
folder has them; they were never trained on, but the probability at which a picture is rejected and what thresholds find
in a photograph where the classifier of pixels leaves doubt were once chosen with an eye on the first drawings and
photographs and on the first pictures without a digit.

{scores}

![Confusion matrix on the MNIST test set]({confusion})
![Reliability diagram]({reliability})

## What is no digit

Drawings of 280x280 as PNG files: letters, signs and words by writers, icons, emoji, doodles and solid things that are
kept out of training, beside digits by writers who are kept out. Each gets a score, the probability that it is no digit;
how many of each kind pass is told at the thresholds that keep 95, 99 and 99.5 % of these digits, too.

{rejection}

## What it was trained on

{training[examples]:,} pictures of 28x28, made in {training[rounds]} rounds: each digit of MNIST's first 55,000 training
pictures as it is and, in each round, turned, slanted, stretched, bent and drawn with another pen; strokes, scans and
fonts of the other sources drawn anew with pens of many widths; styles that these lack, made from strokes; digits as
they are cut out of made photographs and scans; and things that are no digit. Each time one is seen it is moved by up to
a pixel, and {training[dropout]:.0%} of its features are hidden.

| source | pictures |
|---|---:|
{sources}

Kept out for choices and calibration: MNIST's last 5,000 training pictures, six writers of the Turkish pen digits, a
fifth of UNIPEN's writers, four Swiss writers, a fifth of the fonts' families, of the letters, icons, emoji and doodles.

| data | files | credit |
|---|---:|---|
{data}

The record has each file's SHA-256. Without a data folder, `train.py` gets them from their public addresses
(`digits/data/sources.py`), all but one Swiss writer and 14 fonts. The typefaces come with the project
(`digits/data/type_faces`, OFL 1.1).

## Why this model

`python train.py --compare` trains the usual candidates on the same features, a twentieth of the data sets each:

{compared}

## Where it is weak

- One digit in each picture; of several it only says that they are several. `POST /read/` reads numbers with it: see
  `docs/numbers.md`.
- A stroke as straight as a ruler may be taken for a printed line of the paper: beside a 2, such a 1 is not seen.
- Pencil on squared paper out of focus; a marker broader than a seventh of the picture.
- Letters that look like digits (o, l, z, s, b, q) are digits to it; one in ten of the others is still taken for one, as
  are some outlines (a pear, a hexagon) and the edge of a dark thing.
- Of digits by hands it does not know, slashed zeros, 1s with a long flag and 7s are misread most. Of printed digits, a
  1 without a foot that is small and blurred.
- It learnt from adults' digits, most of them of the 1990s. Children's writing and other numerals are unknown.
"""


def card_path(name: str, folder: Path | None = None) -> Path:
    """Where the card or what belongs to it lies: in that folder, or in the project's `DOCS` when it is None."""
    return (folder or DOCS) / name


def write_card(folder: Path | None = None) -> None:
    """Write the card that the record of a folder, or of the project's own model, tells."""
    record = json.loads(model_path(RECORD, folder).read_text("utf-8"))
    card_path(CARD, folder).write_text(card(record, card_path(COMPARISON, folder)), "utf-8")


def card(record: Mapping[str, Any], comparison: Path) -> str:
    """The card in Markdown.

    Args:
        record: of the model, with its scores.
        comparison: file that `digits.training.compare` wrote, which need not be there.

    """
    files, hog, training = record["files"], record["hog"], record["training"]
    cells = hog["side_and_pixels_per_cell"]
    return TEMPLATE.format(
        hog=hog,
        training=training,
        confusion=CONFUSION,
        reliability=RELIABILITY,
        views=" and ".join(f"cells of {cell} pixels over the middle {side}x{side}" for side, cell in cells),
        layers=" and ".join(map(str, training["hidden"])),
        files="\n".join(
            f"| `{name}` | {file['bytes'] / 1e6:.2f} MB | `{file['sha256']}` |" for name, file in files.items()
        ),
        libraries=", ".join(f"{name} {number}" for name, number in record["libraries"].items()),
        scores=table((name, Score(**figures)) for name, figures in record["scores"].items()),
        rejection=rejection_table({kind: RejectionScore(**found) for kind, found in record["rejection"].items()}),
        sources="\n".join(f"| {name} | {count:,} |" for name, count in training["sources"].items()),
        data="\n".join(
            f"| `{name}/` | {count} | {CREDITS[name]} |" for name, count in _folders(record["data"]).items()
        ),
        compared=as_table(json.loads(comparison.read_text("utf-8"))) if comparison.exists() else "Not made yet.",
    )


def _folders(paths: Iterable[str]) -> Counter[str]:
    """How many of these files lie in each folder of data."""
    return Counter(path.partition("/")[0] for path in paths)
