"""How well the ink of photographs is found: by the classifier of pixels, by thresholds, by Sauvola's and Niblack's.

    python -m tools.benchmarks.ink_ways [--pages 200]

Pages with one digit by hands that are kept out of training are composed with the truth for every pixel; prints for each
way the mean F1 of the pixels of writing and the share of the digits that the model reads right from that ink alone.
"""

import argparse
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.filters import threshold_niblack, threshold_sauvola

from digits.decode import MAX_SIDE, Picture
from digits.ink.candidates import InkCandidate, ink_candidates
from digits.ink.components import Grey
from digits.ink.digit import digit_in
from digits.normalise import normalise
from digits.recogniser import Recogniser, use_one_thread
from digits.training.page_layout import Content
from digits.training.pages import WRITING, composed_page, page_hands

CONTENTS: Final[tuple[Content, ...]] = ("one digit", "tight")

WINDOW: Final = 25
"""Pixels a side of the windows of Sauvola's and Niblack's thresholds, scikit-image's k for both."""


def f1_of(ink: Grey, truth: NDArray[np.bool_]) -> float:
    """F1 of the pixels of writing."""
    inked = ink > 0.5
    either = int(np.count_nonzero(inked)) + int(np.count_nonzero(truth))
    return 2 * int(np.count_nonzero(inked & truth)) / max(either, 1)


def local_threshold(
    picture: NDArray[np.uint8], truth: NDArray[np.bool_], threshold: Callable[..., NDArray[np.float64]]
) -> Grey:
    """Ink by a threshold of its surroundings, dark on bright or bright on dark, whichever is nearer to the truth."""
    grey = np.asarray(Image.fromarray(picture).convert("L"))
    sides = [(values < threshold(values, WINDOW)).astype(np.float32) for values in (grey, 255 - grey)]
    return max(sides, key=lambda ink: f1_of(ink, truth))


def inks(recogniser: Recogniser, picture: NDArray[np.uint8], truth: NDArray[np.bool_]) -> dict[str, Grey]:
    """The ink of the picture in each of the ways, (height, width) float32."""
    none = np.zeros(picture.shape[:2], np.float32)
    found = {"classifier of pixels": none, "threshold without ruling": none, "threshold": none}
    names = {"classified": "classifier of pixels", "unruled": "threshold without ruling", "thresholded": "threshold"}
    for candidate in ink_candidates(picture, recogniser.model.pixel_classifier, one_digit=False):
        name = names.get(candidate.way)
        if name is not None and candidate.ink.shape == none.shape and not found[name].any():
            found[name] = candidate.ink
    found["Sauvola"] = local_threshold(picture, truth, threshold_sauvola)
    found["Niblack"] = local_threshold(picture, truth, threshold_niblack)
    return found


def read_as(recogniser: Recogniser, ink: Grey) -> int | None:
    """The digit that the model sees in this ink, whatever it thinks of it; None where there is no ink."""
    source = InkCandidate(ink, False, True, False, None, "classified", None)
    digit = digit_in(source)
    if digit is None:
        return None
    return int(recogniser.predict_proba(normalise(digit.ink)[None])[0, :10].argmax())


def photographs(pages: int) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.bool_], int]]:
    """Pictures of one digit that are no drawings, what is writing in them, and the digit."""
    hands = page_hands(kept_out=True)
    for number in range(pages):
        page = composed_page(np.random.default_rng((number, 2)), hands, CONTENTS[number % len(CONTENTS)])
        picture = Picture.of_pixels(page.picture).within(MAX_SIDE).pixels
        size = picture.shape[1], picture.shape[0]
        truth = np.asarray(Image.fromarray(page.truth).resize(size, Image.Resampling.NEAREST))
        yield picture, truth == WRITING, page.labels[0]


def main() -> None:
    """Compose the pages, find and read their ink in every way, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=200, metavar="N", help="default: %(default)s")
    wanted = parser.parse_args()
    use_one_thread()
    recogniser = Recogniser.load()
    scores: dict[str, list[tuple[float, bool]]] = {}
    for picture, truth, label in photographs(wanted.pages):
        for name, ink in inks(recogniser, picture, truth).items():
            scores.setdefault(name, []).append((f1_of(ink, truth), read_as(recogniser, ink) == label))
    print("| ink | F1 of the pixels of writing | digits read right |\n|---|---:|---:|")
    for name, found in scores.items():
        f1, right = np.mean(found, axis=0)
        print(f"| {name} | {f1:.3f} | {right:.1%} |")


if __name__ == "__main__":
    main()
