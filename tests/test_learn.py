"""A model of corrections: promoted where it reads nothing worse and the corrections better, refused where they lie.

What is learnt is a way to write a zero: `tests.learn_measured` says whose.
"""

import json
import os
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from string import Formatter
from typing import Any

import numpy as np
import pytest

from digits.known import known_digits
from digits.learn import promoted_folder
from digits.learn.__main__ import TEXTS, main
from digits.learn.folder import forget_withdrawn
from digits.learn.gate import ALL_DIGITS, MIN_MISREAD, compared, judge
from digits.learn.pictures import read_each
from digits.learn.pointer import POINTER, go_back, promote
from digits.model import FILES, MEMORY, RECORD, ModelNotReadyError, model_path
from digits.recogniser import Recogniser
from digits.store import Store
from digits.taught import NO_DIGIT, Taught, write_taught
from tests.commands import ended_here
from tests.learn_measured import Digit, address, read, teach, teachers_and_others
from tools.drawing import draw, encoded


@pytest.fixture
def learnt(tmp_path: Path) -> Path:
    folder = tmp_path / "learnt"
    folder.mkdir()
    return folder


@pytest.fixture
def store(learnt: Path) -> Iterator[Store]:
    opened = Store.open(address(learnt))
    yield opened
    opened.close()


class TestPointer:
    """Which model answers."""

    @pytest.fixture
    def model(self, learnt: Path) -> Path:
        """A folder with the project's model."""
        return a_model(learnt / "models" / "one")

    def test_without_one_the_projects_own_answers(self, learnt: Path) -> None:
        assert promoted_folder(learnt) is None
        assert promoted_folder(learnt / "nowhere") is None
        assert go_back(learnt) is None

    def test_the_last_promoted_answers_until_it_is_taken_back(self, learnt: Path, model: Path) -> None:
        other = a_model(learnt / "models" / "two")
        promote(model, learnt)
        promote(other, learnt)
        assert promoted_folder(learnt) == other
        go_back(learnt)
        assert promoted_folder(learnt) == model
        go_back(learnt)
        assert promoted_folder(learnt) is None

    @pytest.mark.parametrize(
        "content", ["", "[]", "{", '{"promoted": [{}]}', '{"promoted": [{"folder": "../x", "card": "", "date": ""}]}']
    )
    def test_a_damaged_one_is_told(self, learnt: Path, content: str) -> None:
        (learnt / POINTER).write_text(content, "utf-8")
        with pytest.raises(ModelNotReadyError, match=POINTER):
            promoted_folder(learnt)

    def test_another_card_than_the_promoted_one_is_refused(self, learnt: Path, model: Path) -> None:
        promote(model, learnt)
        (model / RECORD).write_text((model / RECORD).read_text("utf-8") + "\n", "utf-8")
        with pytest.raises(ModelNotReadyError, match=RECORD):
            promoted_folder(learnt)
        (model / RECORD).unlink()
        with pytest.raises(ModelNotReadyError, match=RECORD):
            promoted_folder(learnt)


def a_model(folder: Path, taught: Taught | None = None) -> Path:
    """A folder with the project's model, and a memory of these."""
    folder.mkdir(parents=True)
    for name in (*FILES, RECORD):
        shutil.copy(model_path(name), folder)
    if taught is not None:
        write_taught(folder / MEMORY, taught)
        record = json.loads((folder / RECORD).read_text("utf-8"))
        record["files"][MEMORY] = {"sha256": sha256((folder / MEMORY).read_bytes()).hexdigest()}
        record["learnt"] = {"kind": "memory", "remembered": len(taught) - 1}
        (folder / RECORD).write_text(json.dumps(record), "utf-8")
    return folder


def test_what_is_withdrawn_is_forgotten_by_promoted_models(learnt: Path, store: Store) -> None:
    """All but the last picture are corrections, that one is not."""
    pictures = np.random.default_rng(0).integers(0, 256, (4, 28, 28), np.uint8)
    profiles = teach(store, [Digit(pictures[label], label, str(label)) for label in range(3)])
    assert forget_withdrawn(store, learnt) == 0
    promote(a_model(learnt / "models" / "one", Taught(pictures, np.arange(4))), learnt)
    store.delete_profile(profiles["1"])
    assert forget_withdrawn(store, learnt) == 1
    folder = promoted_folder(learnt)
    assert folder is not None
    memory = Recogniser.load(folder).model.memory
    assert memory is not None
    assert memory.taught.labels.tolist() == [0, 2, 3]
    assert [each.name for each in (learnt / "models").iterdir()] == [folder.name]
    assert forget_withdrawn(store, learnt) == 0


@pytest.mark.parametrize(
    ("fixed", "broken", "wins", "loses"),
    [
        (MIN_MISREAD, 0, True, False),
        (MIN_MISREAD - 1, 0, False, False),
        (20, 8, True, False),
        (0, 6, False, True),
        (10, 20, False, False),
        (9, 22, False, True),
        (0, 0, False, False),
    ],
)
def test_a_difference_counts_where_chance_does_not_make_it(fixed: int, broken: int, wins: bool, loses: bool) -> None:
    before = np.array([False] * fixed + [True] * broken + [True] * 100)
    now = np.array([True] * fixed + [False] * broken + [True] * 100)
    found = compared("a set", before, now)
    assert (found.fixed, found.broken, found.wins, found.loses) == (fixed, broken, wins, loses)


def test_a_candidate_that_confuses_two_digits_is_refused() -> None:
    """Its fours are nines and its nines fours; what is set aside says that they are."""
    own = Recogniser.load()
    weights, biases = own.model.classifier[-1]
    swapped = [0, 1, 2, 3, 9, 5, 6, 7, 8, 4, 10]
    confused = replace(own.model, classifier=[*own.model.classifier[:-1], (weights[:, swapped], biases[swapped])])
    digits = known_digits()
    golden = digits.at(np.flatnonzero(digits.labels != NO_DIGIT)[::5])
    fours = digits.pictures[digits.labels == 4]
    sets = {"known digits": partial(read_each, taught=golden)}
    found = judge({"lying": Recogniser(confused)}, [own], Taught(fours, np.full(len(fours), 9)), sets)["lying"]
    assert found.kept_out.wins
    assert [each.name for each in found.golden if each.loses] == ["known digits", ALL_DIGITS]
    assert not found.passes


def test_both_languages_have_the_same_sentences() -> None:
    english, russian = (tomllib.loads((TEXTS / f"{language}.toml").read_text("utf-8")) for language in ("en", "ru"))
    assert flat(english).keys() == flat(russian).keys()
    for name, sentence in flat(english).items():
        assert fields(sentence) == fields(flat(russian)[name]), name


def flat(table: dict[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in table.items():
        found |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return found


def fields(sentence: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(sentence)} - {None}


def learn(learnt: Path, *options: str) -> tuple[object, str]:
    """How `python -m digits.learn` ends, and what it prints, with a twentieth of the slow golden sets."""
    return ended_here(main, "--folder", str(learnt), "--database", address(learnt), "--share", "0.05", *options)


def report_of(learnt: Path) -> str:
    [path] = (learnt / "reports").iterdir()
    return path.read_text("utf-8")


def assert_refused(learnt: Path) -> None:
    end, printed = learn(learnt)
    assert isinstance(end, str), printed
    assert end in report_of(learnt)
    assert promoted_folder(learnt) is None
    assert not list((learnt / "models").glob("*"))


def test_where_nobody_has_taught_nothing_is_learnt(learnt: Path) -> None:
    assert_refused(learnt)


if os.environ.get("DIGITS_DATA_DIR"):

    @pytest.fixture(scope="module", name="teachers_and_others")
    def all_digits() -> tuple[list[Digit], list[Digit]]:
        return teachers_and_others()

    @pytest.fixture(autouse=True)
    def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The public data sets, and three drawings as pictures by strangers."""
        folder, strangers = tmp_path / "data", tmp_path / "data" / "real" / "strangers"
        strangers.mkdir(parents=True)
        for each in Path(os.environ["DIGITS_DATA_DIR"]).iterdir():
            if each.name != "real":
                (folder / each.name).symlink_to(each)
        for label in (2, 3, 7):
            (strangers / f"{label}.png").write_bytes(encoded(draw(label)))
        monkeypatch.setenv("DIGITS_DATA_DIR", str(folder))

    def test_what_profiles_agree_on_is_learnt_and_taken_back(
        learnt: Path, store: Store, teachers_and_others: tuple[list[Digit], list[Digit]]
    ) -> None:
        teachers, others = teachers_and_others
        teach(store, teachers)
        end, printed = learn(learnt)
        assert end is None, printed
        folder = promoted_folder(learnt)
        assert folder is not None
        before, now = read(Recogniser.load(), others), read(Recogniser.load(folder), others)
        assert np.count_nonzero(~now) <= np.count_nonzero(~before) * 2 / 3
        assert "strangers" in report_of(learnt)
        assert json.loads((folder / RECORD).read_text("utf-8"))["learnt"]["profiles"] > 2
        assert learn(learnt, "--back")[0] is None
        assert promoted_folder(learnt) is None
        assert isinstance(learn(learnt, "--back")[0], str)

    @pytest.mark.parametrize("together", [False, True])
    def test_a_poisoned_batch_is_refused(
        learnt: Path, store: Store, teachers_and_others: tuple[list[Digit], list[Digit]], together: bool
    ) -> None:
        """Thirty of a hundred labels are wrong: at random, or all in the same way, so that they bear each other out."""
        rng = np.random.default_rng(0)
        lies = [
            each._replace(label=(each.label + (1 if together else int(rng.integers(1, 10)))) % 10)
            if rng.random() < 0.3
            else each
            for each in teachers_and_others[0]
        ]
        teach(store, lies)
        assert_refused(learnt)

    def test_one_profile_alone_teaches_nobody_else(
        learnt: Path, store: Store, teachers_and_others: tuple[list[Digit], list[Digit]]
    ) -> None:
        teach(store, [digit._replace(writer="one") for digit in teachers_and_others[0]])
        assert_refused(learnt)
