"""What is no digit, or more than one, is told apart; and any picture has an answer."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tests.photographs import grey_picture, light, photograph
from tests.reading import read, said
from tools.drawing import STROKES, Strokes, arc, draw, encoded

Make = Callable[[], Image.Image]


def noise(amount: float, side: int = 280) -> NDArray[np.float64]:
    return np.random.default_rng(0).normal(0, amount, (side, side))


BLANK: Final[dict[str, Make]] = {
    "black": lambda: Image.new("RGB", (280, 280), "black"),
    "white": lambda: Image.new("RGB", (280, 280), "white"),
    "red": lambda: Image.new("RGB", (280, 280), "red"),
    "grey": lambda: Image.new("L", (640, 480), 128),
    "one bit": lambda: Image.new("1", (280, 280), 1),
    "nothing at all": lambda: Image.new("RGBA", (280, 280), (0, 0, 0, 0)),
    "half transparent": lambda: Image.new("RGBA", (280, 280), (255, 0, 0, 128)),
    "one pixel": lambda: Image.new("L", (1, 1), 255),
    "one row": lambda: Image.new("L", (300, 1), 255),
    "one column": lambda: Image.new("RGB", (1, 300), "blue"),
    "12 megapixels": lambda: Image.new("L", (4000, 3000), 255),
    "gradient": lambda: grey_picture(np.tile(np.linspace(150, 230, 640), (480, 1))),
    "steep gradient": lambda: grey_picture(light("gradient")),
    "corner light": lambda: grey_picture(light("corner")),
    "grain": lambda: grey_picture(128 + noise(2)),
    "coarse grain": lambda: grey_picture(200 + noise(6, 640)),
}


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("blank", BLANK.values(), ids=BLANK)
def test_nothing_is_blank(blank: Make, kind: str) -> None:
    picture = blank()
    if kind == "JPEG":
        picture = picture.convert("RGB")
    assert said(encoded(picture, kind, **({"quality": 30} if kind == "JPEG" else {}))) == "blank"


def beside_each_other(*shown: int) -> Image.Image:
    picture = Image.new("RGB", (480, 280), "black")
    for place, digit in enumerate(shown):
        picture = draw(digit, ink="white", paper=picture, width=16, centre=((place + 0.5) / len(shown), 0.5))
    return picture


@pytest.mark.parametrize("shown", [(1, 2), (7, 7), (3, 5), (0, 0), (6, 9)], ids=str)
def test_two_digits_are_several(shown: tuple[int, int]) -> None:
    assert said(encoded(beside_each_other(*shown))) == "several_digits"


@pytest.mark.parametrize("shown", [(1, 2), (7, 7), (3, 5), (0, 0), (6, 9)], ids=str)
def test_two_photographed_digits_are_several(shown: tuple[int, int]) -> None:
    both = [(STROKES[digit], (0.25 + 0.5 * place, 0.5)) for place, digit in enumerate(shown)]
    assert said(encoded(photograph(both, light("gradient")), "JPEG")) == "several_digits"


@pytest.mark.parametrize("shown", [(1, 5), (1, 6), (9, 5)], ids=str)
def test_two_photographed_digits_that_nearly_touch_are_several(shown: tuple[int, int]) -> None:
    both = [(STROKES[digit], (0.4 + 0.2 * place, 0.5)) for place, digit in enumerate(shown)]
    assert said(encoded(photograph(both, light("even"), 0.25), "JPEG")) == "several_digits"


def scribble(seed: int) -> Image.Image:
    knots = np.random.default_rng(seed).uniform(0, 1, (30, 2))
    return draw([[(float(x), float(y)) for x, y in knots]], width=6, height=0.7)


def filled(outline: Strokes) -> Image.Image:
    picture = Image.new("L", (280, 280))
    ImageDraw.Draw(picture).polygon([(280 * x, 280 * y) for x, y in outline[0]], 255)
    return picture


NO_DIGITS: Final[dict[str, Make]] = {
    **{f"scribble {seed}": partial(scribble, seed) for seed in range(4)},
    "block": lambda: filled([[(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)]]),
    "disc": lambda: filled([arc(0.5, 0.5, 0.3, 0.3, 0, 360)]),
    "triangle": lambda: filled([[(0.5, 0.15), (0.85, 0.8), (0.15, 0.8)]]),
    "chequers": lambda: grey_picture(255.0 * np.kron(np.indices((9, 9)).sum(0) % 2, np.ones((30, 30)))),
    "snow": lambda: grey_picture(128 + noise(90)),
    "star": lambda: draw([[(0.5 - x, 0.5 - y), (0.5 + x, 0.5 + y)] for x, y in arc(0, 0, 0.5, 0.5, 0, 156)[::10]]),
}


@pytest.mark.parametrize("nonsense", NO_DIGITS.values(), ids=NO_DIGITS)
def test_nonsense_is_no_digit(nonsense: Make) -> None:
    answer = read(encoded(nonsense()))
    assert answer.rejected is not None


LETTERS: Final[dict[str, Strokes]] = {
    "a": [arc(0.25, 0.75, 0.22, 0.25, 60, 420), [(0.47, 0.5), (0.47, 0.9), (0.55, 1)]],
    "b": [[(0.05, 0), (0.05, 1)], arc(0.25, 0.72, 0.22, 0.27, -90, 250)],
    "h": [[(0.05, 0), (0.05, 1)], [(0.05, 0.65), (0.25, 0.5), (0.42, 0.65), (0.42, 1)]],
    "k": [[(0.05, 0), (0.05, 1)], [(0.4, 0.5), (0.05, 0.75), (0.42, 1)]],
    "m": [[(0, 0.5), (0, 1)], [(0, 0.6), (0.25, 0.5), (0.32, 0.65), (0.32, 1)], [(0.32, 0.6), (0.6, 0.55), (0.64, 1)]],
    "o": [arc(0.25, 0.75, 0.24, 0.25, 0, 365)],
    "t": [[(0.2, 0), (0.2, 0.9), (0.4, 1)], [(0, 0.4), (0.4, 0.4)]],
    "w": [[(0, 0.5), (0.17, 1), (0.35, 0.55), (0.5, 1), (0.7, 0.5)]],
    "x": [[(0, 0.5), (0.45, 1)], [(0.45, 0.5), (0, 1)]],
    "A": [[(0, 1), (0.35, 0), (0.7, 1)], [(0.15, 0.62), (0.55, 0.62)]],
    "E": [[(0.6, 0), (0.05, 0), (0.05, 1), (0.6, 1)], [(0.05, 0.5), (0.5, 0.5)]],
    "H": [[(0, 0), (0, 1)], [(0.65, 0), (0.65, 1)], [(0, 0.5), (0.65, 0.5)]],
    "K": [[(0.05, 0), (0.05, 1)], [(0.6, 0), (0.05, 0.55), (0.65, 1)]],
    "M": [[(0, 1), (0.1, 0), (0.4, 0.7), (0.7, 0), (0.8, 1)]],
    "N": [[(0, 1), (0, 0), (0.65, 1), (0.65, 0)]],
    "R": [[(0.05, 1), (0.05, 0), (0.5, 0.1), (0.5, 0.4), (0.05, 0.5), (0.6, 1)]],
    "W": [[(0, 0), (0.2, 1), (0.45, 0.2), (0.7, 1), (0.9, 0)]],
    "X": [[(0, 0), (0.65, 1)], [(0.65, 0), (0, 1)]],
}
"""Letters as written by hand, those of small height too on the same line; the unit is the height of a tall one."""


def word(text: str) -> Strokes:
    """Letters beside each other, none of which touches the next."""
    strokes: list[list[tuple[float, float]]] = []
    end = 0.0
    for letter in text:
        strokes += [[(x + end, y) for x, y in stroke] for stroke in LETTERS[letter]]
        end = max(x for stroke in strokes for x, _ in stroke) + 0.3
    return strokes


@pytest.mark.parametrize("letter", sorted(LETTERS.keys() - {"o", "b", "h", "a", "t"}))
def test_letters_are_no_digits(letter: str) -> None:
    assert said(encoded(draw(LETTERS[letter], width=14))) == "not_a_digit"


@pytest.mark.parametrize("text", ["bath", "box", "oath", "what", "hobo"])
def test_words_are_no_digits(text: str) -> None:
    """Even where one of their letters would be a digit if it stood alone."""
    drawn = draw(word(text), size=(560, 280), width=9, height=0.4)
    assert read(encoded(drawn)).rejected is not None
    taken = photograph([(word(text), (0.5, 0.5))], light("gradient"))
    assert read(encoded(taken, "JPEG")).rejected is not None


def test_a_digit_with_marks_around_it_is_one() -> None:
    """A dot, a comma, a line under it and a speck of dust are no letters of a word."""
    dot, comma = arc(0.95, 0.97, 0.02, 0.02, 0, 360), [(0.95, 0.95), (0.9, 1.12)]
    underline, dust = [(-0.2, 1.35), (0.9, 1.35)], arc(-0.3, 0.4, 0.03, 0.03, 0, 360)
    for shown in (2, 3, 5, 8, 9):
        for mark in (dot, comma, underline, dust):
            assert said(encoded(draw([*STROKES[shown], mark], width=14, height=0.5))) == shown


def test_a_broad_marker_writes_digits() -> None:
    for shown, strokes in STROKES.items():
        for width in (0.16, 0.2):
            assert said(encoded(draw(strokes, width=width * 180, height=180 / 280))) == shown


FACE: Final = [
    arc(0.5, 0.5, 0.5, 0.5, 0, 365),
    arc(0.32, 0.35, 0.03, 0.05, 0, 360),
    arc(0.68, 0.35, 0.03, 0.05, 0, 360),
]
SMILEY: Final = [*FACE, arc(0.5, 0.5, 0.3, 0.3, 110, 250)]
CLOCK: Final = [arc(0.5, 0.5, 0.5, 0.5, 0, 365), [(0.5, 0.2), (0.5, 0.5), (0.72, 0.62)]]
HOUSE: Final = [
    [(0, 1), (0, 0.45), (0.5, 0), (1, 0.45), (1, 1), (0, 1)],
    [(0.4, 1), (0.4, 0.65), (0.6, 0.65), (0.6, 1)],
]


@pytest.mark.parametrize("thing", [SMILEY, CLOCK, HOUSE], ids=["smiley", "clock", "house"])
def test_drawn_things_are_no_digits(thing: Strokes) -> None:
    """What has parts inside its ring is no 0."""
    assert read(encoded(draw(thing, width=10))).rejected is not None


MITTEN: Final = [
    (0.3, 0.85),
    (0.3, 0.6),
    (0.15, 0.45),
    (0.2, 0.38),
    (0.33, 0.45),
    (0.36, 0.2),
    (0.5, 0.12),
    (0.64, 0.2),
    (0.66, 0.85),
]
SOLIDS: Final[dict[str, list[tuple[float, float]]]] = {
    "mitten": MITTEN,
    "heart": [
        (0.5, 0.85),
        (0.15, 0.45),
        (0.2, 0.22),
        (0.38, 0.18),
        (0.5, 0.32),
        (0.62, 0.18),
        (0.8, 0.22),
        (0.85, 0.45),
    ],
    "book": [(0.25, 0.15), (0.72, 0.12), (0.78, 0.8), (0.3, 0.88)],
    "bottle": [
        (0.44, 0.1),
        (0.56, 0.1),
        (0.56, 0.3),
        (0.68, 0.42),
        (0.68, 0.9),
        (0.32, 0.9),
        (0.32, 0.42),
        (0.44, 0.3),
    ],
}


@pytest.mark.parametrize("outline", SOLIDS.values(), ids=SOLIDS)
def test_solid_things_are_no_digits(outline: list[tuple[float, float]]) -> None:
    assert read(encoded(filled([outline]))).rejected is not None


OTHER_THINGS: Final = (
    "cell", "chelsea", "clock_motion", "coffee", "horse", "ihc", "motorcycle_left", "motorcycle_right", "page",
    "rocket", "text",
)  # fmt: skip


def test_photographs_of_other_things_are_no_digits() -> None:
    """Pictures that scikit-image brings along, none of them learnt from: of 11 and their middles at most four are taken
    for digits.
    """
    taken = []
    for name in OTHER_THINGS:
        with Image.open(next(Path(skimage.data.__file__).parent.glob(f"{name}.*g"))) as opened:
            whole = opened.convert("RGB")
        width, height = whole.size
        middle = whole.crop((width // 4, height // 4, 3 * width // 4, 3 * height // 4)).resize((640, 480))
        for part, picture in (("whole", whole), ("middle", middle)):
            if read(encoded(picture, "JPEG")).prediction is not None:
                taken.append((name, part))
    assert len(taken) <= 4, taken


def test_any_small_picture_has_an_answer() -> None:
    """Odd sizes and few pixels, where a step may find nothing to measure."""
    chance = np.random.default_rng(0)
    for number in range(200):
        height, width = (int(side) for side in chance.integers(1, 40, 2))
        colours = chance.integers(0, 256, (int(chance.integers(1, 4)), 3), np.uint8)
        pixels = colours[chance.integers(0, len(colours), (height, width))]
        if number % 2:
            top, left = int(chance.integers(0, height)), int(chance.integers(0, width))
            pixels[:] = colours[0]
            pixels[top:, left:] = colours[-1]
        read(encoded(Image.fromarray(pixels[:, :, 0] if number % 3 else pixels)))


def test_ink_on_both_sides_of_the_paper_has_an_answer() -> None:
    """As much darker as brighter ink: neither side is the likelier one."""
    picture = np.full((90, 90), 100, np.uint8)
    picture[20:40, 20:70], picture[50:70, 20:70] = 50, 150
    read(encoded(Image.fromarray(picture)))
    half = np.zeros((60, 60), np.uint8)
    half[30:] = 200
    read(encoded(Image.fromarray(half)))


def test_one_bright_pixel_among_faint_ones_has_an_answer() -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[30:60, 30:60, 1] = 12
    picture[80, 80, 0] = 255
    read(encoded(Image.fromarray(picture)))
