"""Numbers in boxes, combs, grids and tables, and on pages that lie on their side."""

from typing import Final

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from tests.forms import LEFT, TOP, Texts, form, photographed, read, texts_of
from tools.drawing import STROKES, draw

GRID: Final[Texts] = [["5", "", "7", "2"], ["", "3", "", "9"], ["8", "4", "6", ""]]
TABLE: Final[Texts] = [["12", "407", ""], ["35", "", "6"], ["80", "291", "4"]]


@pytest.mark.quick
def test_a_drawn_grid_is_read_cell_by_cell() -> None:
    answer = read(form(GRID, [70, 70, 70, 70], 70))
    assert texts_of(answer) == GRID
    assert [line.text for line in answer.lines] == ["5 72", "3 9", "846"]
    assert answer.table is not None
    for number, row in enumerate(answer.table):
        for place, cell in enumerate(row):
            left, top = LEFT + 70 * place, TOP + 70 * number
            assert cell.box == pytest.approx((left, top, left + 70, top + 70), abs=5)
            assert cell.table == 1


@pytest.mark.quick
def test_no_row_of_a_table_stands_outside_of_its_cells() -> None:
    answer = read(form([["5", "3", "7", "2"], ["8", "4", "6", "9"]], [70, 70, 70, 70], 70, line=7))
    assert [["".join(cell.text for cell in row)] for row in answer.rows if isinstance(row, tuple)] == [
        ["5372"],
        ["8469"],
    ]
    assert len(answer.rows) == 2


@pytest.mark.quick
def test_numbers_in_cells_are_words_of_their_own() -> None:
    answer = read(form(TABLE, [110, 150, 90], 60))
    assert texts_of(answer) == TABLE
    assert [[word.text for word in line.words] for line in answer.lines] == [
        ["12", "407"],
        ["35", "6"],
        ["80", "291", "4"],
    ]


@pytest.mark.parametrize("degrees", [0, 4, -7])
def test_a_photographed_comb_is_one_number(degrees: float) -> None:
    answer = read(photographed(form([list("20268")], 5 * [64], 70), degrees), "JPEG")
    assert texts_of(answer) == [list("20268")]
    (line,) = answer.lines
    assert (line.text, [word.text for word in line.words]) == ("20268", ["20268"])


def test_a_photographed_table_has_its_empty_cells() -> None:
    assert texts_of(read(photographed(form(TABLE, [110, 150, 90], 64), 3), "JPEG")) == TABLE


@pytest.mark.parametrize("shift", [(0, 16), (0, -16), (17, 0)], ids=["below", "above", "aside"])
def test_digits_that_touch_the_lines_stay_whole(shift: tuple[float, float]) -> None:
    texts = [["3", "6", "2"], ["5", "", "9"]]
    assert texts_of(read(form(texts, [80, 80, 80], 80, shift=shift))) == texts


def comb_of_ticks(text: str, wide: int = 64) -> Image.Image:
    """Digits, or a space, over a line with ticks between them."""
    base, right = 150, LEFT + len(text) * wide
    sheet = Image.new("L", (right + LEFT, 200), 255)
    draw = ImageDraw.Draw(sheet)
    draw.line([(LEFT, base), (right, base)], 0, 2)
    for left in range(LEFT, right + 1, wide):
        draw.line([(left, base), (left, base - 24)], 0, 2)
    for place, digit in enumerate(text):
        for stroke in STROKES[int(digit)] if digit != " " else ():
            points = [(LEFT + place * wide + 14 + 36 * x, base - 60 + 52 * y) for x, y in stroke]
            draw.line(points, 0, 4, joint="curve")
    return sheet


@pytest.mark.parametrize("camera", [False, True], ids=["drawn", "photographed"])
def test_a_comb_of_ticks_has_cells(camera: bool) -> None:
    sheet = comb_of_ticks("2 0731")
    assert texts_of(read(photographed(sheet, 1) if camera else sheet)) == [["2", "", "0", "7", "3", "1"]]


@pytest.mark.parametrize(("line", "pen"), [(1, 5), (3, 4)])
def test_strokes_that_run_along_a_side_stay(line: int, pen: int) -> None:
    texts = [["2", "7", "5"], ["7", "2", "4"]]
    assert texts_of(read(form(texts, [80, 80, 80], 80, fill=0.94, line=line, pen=pen))) == texts


def test_digits_of_three_cells_that_touch_are_three() -> None:
    texts = [["", "3", "7"], ["", "5", "2"], ["", "9", "4"]]
    sheet = form(texts, [80, 80, 80], 60, fill=0.7)
    draw = ImageDraw.Draw(sheet)
    for row, digit in enumerate("836"):
        for stroke in STROKES[int(digit)]:
            points = [(LEFT + 22 - 10 * (row % 2) + 48 * x, TOP + 60 * row - 1 + 62 * y) for x, y in stroke]
            draw.line(points, 0, 4, joint="curve")
    assert texts_of(read(sheet)) == [[first, *row[1:]] for first, row in zip("836", texts, strict=True)]


def test_noise_makes_an_empty_cell_less_sure() -> None:
    def sure(noise: float) -> float:
        sheet = np.asarray(photographed(form(GRID, [70, 70, 70, 70], 70)), np.float64)
        noisy = sheet + np.random.default_rng(0).normal(0, noise, (*sheet.shape[:2], 1))
        answer = read(Image.fromarray(noisy.clip(0, 255).astype(np.uint8)))
        assert texts_of(answer) == GRID
        assert answer.table is not None
        return min(cell.confidence for row in answer.table for cell in row if not cell.text)

    assert sure(12) < 0.9 < sure(0) < 1


@pytest.mark.quick
@pytest.mark.parametrize("text", ["0", "8", "4", "80", "4086"])
def test_loops_of_digits_are_no_cells(text: str) -> None:
    sheet = Image.new("L", (LEFT + 120 * len(text), 200), 255)
    draw = ImageDraw.Draw(sheet)
    for place, digit in enumerate(text):
        for stroke in STROKES[int(digit)]:
            draw.line([(LEFT + 110 * place + 70 * x, 50 + 100 * y) for x, y in stroke], 0, 7, joint="curve")
    answer = read(sheet)
    assert answer.table is None
    assert [line.text for line in answer.lines] == [text]


@pytest.mark.parametrize("turn", [90, 270])
def test_a_page_on_its_side_is_turned_upright(turn: int) -> None:
    sheet = Image.new("L", (620, 300), 255)
    draw = ImageDraw.Draw(sheet)
    for row, text in enumerate(["47253", "23574"]):
        for place, digit in enumerate(text):
            for stroke in STROKES[int(digit)]:
                draw.line([(60 + 90 * place + 56 * x, 40 + 130 * row + 80 * y) for x, y in stroke], 0, 6, joint="curve")
    upright = read(sheet)
    answer = read(sheet.rotate(turn, expand=True))
    assert (upright.turn, answer.turn) == (0, turn)
    assert [line.text for line in answer.lines] == [line.text for line in upright.lines] == ["47253", "23574"]
    assert (answer.width, answer.height) == (300, 620)
    for line, other in zip(answer.lines, upright.lines, strict=True):
        left, top, right, bottom = other.box
        at = (top, 620 - right, bottom, 620 - left) if turn == 90 else (300 - bottom, left, 300 - top, right)
        assert line.box == pytest.approx(at, abs=3)


@pytest.mark.parametrize("turn", [90, 180])
def test_a_photographed_table_that_lies_is_turned_upright(turn: int) -> None:
    answer = read(photographed(form(TABLE, [110, 150, 90], 64)).rotate(turn, expand=True))
    assert (answer.turn, texts_of(answer)) == (turn, TABLE)
    assert answer.table is not None
    first, last = answer.table[0][0].box, answer.table[-1][-1].box
    assert first[1] > last[3] if turn == 90 else first[0] > last[2]


@pytest.mark.parametrize(
    ("texts", "widths"),
    [
        ([["88", "1718"], ["80", "9315"], ["18", "0569"]], [110, 150]),
        ([["68", "91"], ["08", "17"], ["86", "19"]], [90, 90]),
    ],
)
def test_a_table_upside_down_is_turned_though_much_of_it_is_digits_as_it_lies(texts: Texts, widths: list[int]) -> None:
    answer = read(photographed(form(texts, widths, 60, fill=0.6).rotate(180)))
    assert (answer.turn, texts_of(answer)) == (180, texts)


def puzzle(side: int, pen: int) -> Image.Image:
    """Nine times nine cells of so many pixels a side, of thin lines all."""
    texts = [[str((3 * row + column) % 9 + 1) if (row + column) % 3 else "" for column in range(9)] for row in range(9)]
    return form(texts, 9 * [side], side, fill=0.6, line=1, pen=pen)


def assert_each_cell_is_found(thin: Image.Image, side: int, thick: int) -> None:
    """In a photograph of the puzzle, which gets its thick lines before."""
    whole, draw = 9 * side, ImageDraw.Draw(thin)
    for place in range(0, whole + 1, 3 * side):
        draw.line([(LEFT + place, TOP), (LEFT + place, TOP + whole)], 0, thick)
        draw.line([(LEFT, TOP + place), (LEFT + whole, TOP + place)], 0, thick)
    answer = read(photographed(thin, 2), "JPEG")
    assert answer.table is not None
    assert [len(row) for row in answer.table] == 9 * [9]


def test_a_small_photographed_puzzle_has_all_its_cells() -> None:
    assert_each_cell_is_found(puzzle(30, pen=2), 30, thick=3)


@pytest.mark.parametrize("degrees", [0, 3])
def test_a_gap_in_a_line_loses_no_cell(degrees: float) -> None:
    sheet = form(TABLE, [110, 150, 90], 64)
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((LEFT + 150, TOP + 60, LEFT + 170, TOP + 68), 255)
    draw.rectangle((LEFT + 256, TOP + 80, LEFT + 264, TOP + 96), 255)
    assert texts_of(read(photographed(sheet, degrees), "JPEG")) == TABLE


@pytest.mark.quick
def test_a_table_goes_up_to_the_rim_of_the_picture() -> None:
    sheet = form(TABLE, [110, 150, 90], 64)
    answer = read(sheet.crop((LEFT + 4, TOP + 4, LEFT + 346, TOP + 3 * 64 - 4)))
    assert texts_of(answer) == TABLE


@pytest.mark.parametrize("turn", [90, 270])
def test_a_table_on_its_side_is_turned_upright(turn: int) -> None:
    sheet = form(TABLE, [110, 150, 90], 64)
    answer = read(sheet.rotate(turn, expand=True))
    assert answer.turn == turn
    assert texts_of(answer) == TABLE


def with_lines(sheet: Image.Image, lines: list[tuple[int, int, int, int]], grey: int) -> Image.Image:
    """The sheet with lines of that grey, over those that are black there; ends by where the table begins."""
    draw = ImageDraw.Draw(sheet)
    for left, top, right, bottom in lines:
        for fill, width in ((255, 2), (grey, 1)):
            draw.line([(LEFT + left, TOP + top), (LEFT + right, TOP + bottom)], fill, width)
    return sheet


def test_a_puzzle_s_thin_lines_may_be_much_lighter_than_its_thick_ones() -> None:
    thin = [place for place in range(0, 361, 40) if place % 120]
    lines = [line for at in thin for line in ((1, at, 359, at), (at, 1, at, 359))]
    assert_each_cell_is_found(with_lines(puzzle(40, pen=3), lines, 225), 40, thick=4)


def test_one_line_of_a_regular_table_may_be_very_faint() -> None:
    texts = [["5", "", "7", "2"], ["", "3", "", "9"], ["8", "4", "6", ""], ["", "2", "5", "3"], ["4", "", "9", "5"]]
    sheet = with_lines(form(texts, 4 * [64], 64), [(2, 128, 254, 128)], 235)
    answer = read(photographed(sheet), "JPEG")
    assert answer.table is not None
    assert [len(row) for row in answer.table] == 5 * [4]


def test_a_row_of_boxes_may_be_cut_off_above_and_below() -> None:
    sheet = photographed(form([list("20468")], 5 * [64], 70))
    answer = read(sheet.crop((LEFT - 20, TOP + 5, LEFT + 340, TOP + 66)))
    assert texts_of(answer) == [list("20468")]


@pytest.mark.parametrize("degrees", [0, -0.6])
def test_sides_of_uneven_cells_cut_off_above_and_below_are_no_ones(degrees: float) -> None:
    row = form([["33", "85", "27", "62"]], [84, 60, 52, 70], 60, fill=0.5, pen=3, grey=90)
    soft = row.filter(ImageFilter.GaussianBlur(0.8)).rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)
    answer = read(soft.crop((LEFT - 14, TOP + 12, row.width - LEFT + 14, TOP + 50)))
    assert [line.text.replace(" ", "") for line in answer.lines] == ["33852762"]


@pytest.mark.parametrize("camera", [False, True])
@pytest.mark.parametrize(
    ("texts", "widths"),
    [(["3", "7", "2", "972", "8"], [70, 70, 70, 190, 120]), (["3", "7", "2", "5", "972", "4"], 4 * [64] + [180, 64])],
)
def test_a_broad_cell_of_a_row_is_one(texts: list[str], widths: list[int], camera: bool) -> None:
    sheet = form([texts], widths, 64, fill=0.7)
    assert texts_of(read(photographed(sheet) if camera else sheet)) == [texts]


@pytest.mark.quick
@pytest.mark.parametrize("text", ["1111", "13131", "10111"])
def test_ones_that_are_cut_out_tightly_are_no_boxes(text: str) -> None:
    sheet = Image.new("L", (50 * len(text), 64), 255)
    draw = ImageDraw.Draw(sheet)
    for place, digit in enumerate(text):
        for stroke in [[(0.3, 0), (0.3, 1)]] if digit == "1" else STROKES[int(digit)]:
            draw.line([(50 * place + 8 + 40 * x, 63 * y) for x, y in stroke], 0, 5, joint="curve")
    assert read(sheet).table is None


@pytest.mark.parametrize("apart", [4, 6, 9, 40])
def test_lines_from_rim_to_rim_close_beside_each_other_are_no_boxes(apart: int) -> None:
    sheet = draw(7, (240, 120), "black", "white", width=5, height=0.5, centre=(0.6, 0.5), mode="L")
    pen = ImageDraw.Draw(sheet)
    for place in range(3):
        pen.line([(40 + apart * place, 0), (40 + apart * place, 120)], 0, 2)
    answer = read(photographed(sheet))
    assert answer.table is None or [cell.text for row in answer.table for cell in row if cell.text] == ["7"]


def boxes_apart(texts: list[str], side: int = 60, room: int = 24, grey: int = 0) -> Image.Image:
    """Single boxes in a row, in each what is written in it; their lines as dark as `grey`, 0 for ink."""
    sheet = Image.new("L", (2 * LEFT + len(texts) * (side + room), 2 * TOP + side), 255)
    draw = ImageDraw.Draw(sheet)
    for place, text in enumerate(texts):
        left = LEFT + place * (side + room)
        draw.rectangle([left, TOP, left + side, TOP + side], outline=grey, width=3)
        for digit in text:
            strokes = [
                [(left + 0.2 * side + 0.55 * side * a, TOP + side * (0.2 + 0.6 * b)) for a, b in s]
                for s in STROKES[int(digit)]
            ]
            for stroke in strokes:
                draw.line(stroke, 0, 4, joint="curve")
    return sheet


def crossed(sheet: Image.Image, boxes: list[int], side: int = 60, room: int = 24) -> Image.Image:
    """The sheet, a 1 from side to side in each of those boxes."""
    draw = ImageDraw.Draw(sheet)
    for place in boxes:
        middle = LEFT + place * (side + room) + side / 2
        draw.line([(middle + 5, TOP - 4), (middle - 4, TOP + side + 4)], 0, 5)
    return sheet


@pytest.mark.parametrize("camera", [False, True])
def test_a_stroke_from_side_to_side_does_not_divide_a_box(camera: bool) -> None:
    sheet = crossed(boxes_apart(["3", "", "7", "", "5", "8"]), [1, 3])
    assert texts_of(read(photographed(sheet) if camera else sheet)) == [["3", "1", "7", "1", "5", "8"]]


def test_a_box_with_a_gap_in_its_side_is_one_of_its_row() -> None:
    sheet = boxes_apart(["3", "2", "7", "", "5", "8"])
    ImageDraw.Draw(sheet).rectangle([LEFT + 3 * 84 - 4, TOP + 12, LEFT + 3 * 84 + 6, TOP + 44], fill=255)
    ImageDraw.Draw(sheet).rectangle([LEFT + 84 + 54, TOP + 20, LEFT + 84 + 66, TOP + 50], fill=255)
    answer = read(sheet)
    assert texts_of(answer) == [["3", "2", "7", "", "5", "8"]]


def test_a_comb_of_light_lines_is_no_number_with_more_ones() -> None:
    sheet = form([list("046225")], [50] * 6, 50)
    lines = np.asarray(form([[""] * 6], [50] * 6, 50, line=1))
    written = np.asarray(form([list("046225")], [50] * 6, 50, line=1))
    grey = np.where(lines == 0, 190, 255)
    sheet = Image.fromarray(np.where((written == 0) & (lines > 0), 0, grey).astype(np.uint8))
    assert texts_of(read(sheet)) == [list("046225")]


def test_a_narrow_table_is_no_digit() -> None:
    texts = [["4", "3"], ["2", "2"], ["5", "7"], ["7", "5"], ["7", "5"], ["8", "4"], ["7", "3"], ["5", ""], ["3", "1"]]
    answer = read(form(texts, [50, 50], 44, fill=0.9))
    assert [len(row) for row in texts_of(answer)] == [2] * len(texts)


def test_a_comb_of_ticks_seen_from_one_side_has_cells() -> None:
    sheet = comb_of_ticks("2 073146")
    size, nearer = (2 * sheet.width, sheet.height), (1, 0, 0, 0, 1, 0, -0.0003, 0)
    seen = sheet.transform(size, Image.Transform.PERSPECTIVE, nearer, Image.Resampling.BICUBIC, fillcolor=255)
    assert texts_of(read(photographed(seen))) == [["2", "", *"073146"]]


@pytest.mark.parametrize("camera", [False, True], ids=["drawn", "photographed"])
def test_a_bent_line_may_leave_the_picture_below(camera: bool) -> None:
    sheet = Image.new("L", (640, 480), 255)
    along = np.linspace(0, 1, 80)
    bent = 415 + 65 * along + 60 * along * (1 - along)
    ImageDraw.Draw(sheet).line(list(zip((639 * along).tolist(), bent.tolist(), strict=True)), 0, 5)
    sheet = draw(STROKES[6], ink=0, paper=sheet, width=9, height=0.4, centre=(0.5, 0.4))
    assert "6" in [line.text for line in read(photographed(sheet) if camera else sheet).lines]


@pytest.mark.parametrize("broad", [6, 14])
def test_the_edge_of_a_sheet_beside_a_table_is_no_digit(broad: int) -> None:
    picture = photographed(form(TABLE, [110, 150, 90], 64))
    left = picture.width - 26
    edge = [(left, 0), (left + broad, 0), (left + broad - 8, 150), (left - 8, 150)]
    ImageDraw.Draw(picture).polygon(edge, (110, 110, 110))
    answer = read(picture, "JPEG")
    assert texts_of(answer) == TABLE
    assert [line.text.replace(" ", "") for line in answer.lines] == ["".join(row) for row in TABLE]


def test_a_blot_does_not_turn_its_table() -> None:
    texts = [["94", "377", "4"], ["67", "611", "1663"], ["", "524", "7"], ["59", "281", "7"]]
    sheet = form(texts, [120, 200, 190], 56)
    ImageDraw.Draw(sheet).line([(LEFT + 230, TOP + 88), (LEFT + 320, TOP + 80)], 0, 16)
    answer = read(photographed(sheet))
    assert answer.turn == 0
    assert [row for row in texts_of(answer) if row[0] != "67"] == [row for row in texts if row[0] != "67"]


def test_faint_type_beside_a_pen_is_read() -> None:
    written = [["3", "", "7", ""], ["", "5", "", "2"], ["8", "", "4", ""]]
    printed = [["", "9", "", "6"], ["4", "", "8", ""], ["", "2", "", "5"]]
    dark, faint = (np.asarray(form(texts, [44] * 4, 44)) for texts in (written, printed))
    sheet = Image.fromarray(np.where((dark > 0) & (faint == 0), 200, dark).astype(np.uint8))
    both = [[one or other for one, other in zip(*rows, strict=True)] for rows in zip(written, printed, strict=True)]
    assert texts_of(read(photographed(sheet))) == both


def columns(texts: Texts, wide: int = 150, high: int = 70) -> Image.Image:
    """Two columns with one line between them, and lines from rim to rim between the rows."""
    sheet = form(texts, [wide, wide], high, grey=255).crop((LEFT, TOP, LEFT + 2 * wide, TOP + len(texts) * high))
    draw = ImageDraw.Draw(sheet)
    for row in range(1, len(texts)):
        draw.line([(0, row * high), (sheet.width, row * high)], 120, 2)
    draw.line([(wide, 0), (wide, sheet.height)], 120, 2)
    return sheet


def test_one_line_parts_two_columns() -> None:
    texts = [["52", "36"], ["715", "97"], ["271", "94"], ["823", "5"], ["16", "408"]]
    assert texts_of(read(photographed(columns(texts)))) == texts
