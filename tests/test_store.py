"""What is stored, what a profile teaches, and what withdrawing leaves: in a file of SQLite, and in PostgreSQL."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from digits.codes import ALPHABET, canonical, new_code
from digits.store import (
    MAX_OF_A_KIND,
    Added,
    Store,
    StoreError,
    TooManyError,
    UnknownCodeError,
    UnknownCorrectionError,
)
from tests.postgres import PostgreSQL, running_postgresql
from tests.stores import KINDS, MANY, entry, picture

NOBODY: Final = "K7QM-2XWB-9DTR"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with running_postgresql() as server:
        yield server


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'learnt' / 'digits.sqlite3'}"
    else:
        address = request.getfixturevalue("server").new_database()
    store = Store.open(address)
    yield store
    store.close()


def test_a_code_is_known_however_it_is_typed(store: Store) -> None:
    code = store.new_profile()
    assert len({new_code() for _ in range(1000)}) == 1000
    assert set(code) <= {*ALPHABET, "-"}
    for typed in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')}\n"):
        assert canonical(typed) == code
        assert store.has_profile(typed)
    for wrong in ("", code[:-1], f"{code}2", f"{code[:-1]}0", f"{code[:-1]}Ж", NOBODY):
        assert not store.has_profile(wrong)
        assert store.revision(wrong) is None


def test_who_is_unknown_is_told_so(store: Store) -> None:
    store.new_profile()
    calls: list[Callable[[str], object]] = [
        store.taught,
        store.profile,
        store.profile_digits,
        store.delete_profile,
        store.class_summary,
        store.class_digits,
        store.delete_class,
        store.new_profile,
        lambda code: store.add(code, [entry()], MANY),
        lambda code: store.withdraw(1, code),
        lambda code: store.profile_of(code, 5),
    ]
    for call in calls:
        for code in (NOBODY, "no code"):
            with pytest.raises(UnknownCodeError):
                call(code)
    for decide in (store.switch_off, lambda id: store.decide(id, True), lambda id: store.decide(id, False)):
        with pytest.raises(UnknownCorrectionError):
            decide(1)


def test_what_was_sent_is_stored(store: Store) -> None:
    code = store.new_profile()
    strokes = [[[1, 2.5], [3, 4]], [[5, 6]]]
    [first, second] = store.add(code, [entry(1, 4, 9, strokes=strokes), entry(2, 10, 2, believed=False)], MANY)
    assert [first.state, second.state] == ["believed", "waiting"]
    profile = store.profile(code)
    assert (profile.code, profile.class_code, profile.number) == (code, None, None)
    assert profile.counts == (0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1)
    newest, oldest = profile.digits
    assert [newest.id, oldest.id] == [second.id, first.id]
    assert (newest.label, newest.suggested, newest.state, newest.source) == (10, 2, "waiting", "correction")
    assert (oldest.label, oldest.suggested, oldest.confidence, oldest.distance) == (4, 9, 0.75, 0.25)
    assert oldest.active
    assert (oldest.picture == picture(1)).all()
    assert abs(datetime.now(UTC) - oldest.created) < timedelta(minutes=5)
    assert [digit.id for digit in store.profile(code, count=1).digits] == [second.id]
    assert [digit.id for digit in store.profile_digits(code)] == [first.id, second.id]


def test_a_profile_teaches_a_few_of_a_kind_misread_ones_first_and_the_newest(store: Store) -> None:
    code, other = store.new_profile(), store.new_profile()
    misread = [each.id for each in store.add(code, [entry(number) for number in range(15)], MANY)]
    confirmed = [each.id for each in store.add(code, [entry(number, 4, 4) for number in range(15, 30)], MANY)]
    [of_another_kind] = store.add(code, [entry(30, 10)], MANY)
    store.add(other, [entry(31)], MANY)
    taught = store.taught(code)
    assert set(taught.ids) == {*misread, *confirmed[-(MAX_OF_A_KIND - 15) :], of_another_kind.id}
    assert sorted(taught.labels) == [4] * MAX_OF_A_KIND + [10]
    assert (taught.pictures[taught.ids.index(misread[3])] == picture(3)).all()
    assert taught.pictures.shape == (21, 28, 28)
    assert taught.pictures.dtype == np.uint8
    store.add(code, [entry(number) for number in range(40, 60)], MANY)
    assert not {*misread, *confirmed} & {*store.taught(code).ids}
    assert store.taught(store.new_profile()).pictures.shape == (0, 28, 28)


def test_the_same_picture_again_is_known_or_has_its_label_replaced(store: Store) -> None:
    code = store.new_profile()
    [added] = store.add(code, [entry(1, 4)], MANY)
    assert store.add(code, [entry(1, 4, 4), entry(1, 4)], MANY) == [Added(added.id, "known")] * 2
    before = store.taught(code)
    again = store.add(code, [entry(1, 7, 4, believed=False), entry(2, 1), entry(2, 2), entry(2, 2)], MANY)
    assert [each.state for each in again] == ["waiting", "believed", "believed", "known"]
    assert len({each.id for each in again[1:]}) == 1
    after = store.taught(code)
    assert (before.labels.tolist(), sorted(after.labels)) == ([4], [2, 7])
    assert after.revision > before.revision
    assert after.revision == store.revision(code)
    assert added.id in after.ids


def test_what_is_switched_off_or_refused_teaches_no_more(store: Store) -> None:
    code = store.new_profile()
    off, refused, believed, _ = store.add(code, [entry(n, n, believed=False) for n in range(4)], MANY)
    assert [*store.taught(code).labels] == [0, 1, 2, 3]
    revisions = [store.revision(code)]
    changes: list[Callable[[], None]] = [
        lambda: store.switch_off(off.id),
        lambda: store.decide(refused.id, False),
        lambda: store.decide(believed.id, True),
    ]
    for change in changes:
        change()
        revisions.append(store.revision(code))
    assert len({*revisions}) == 4
    assert [*store.taught(code).labels] == [2, 3]
    assert {digit.label: (digit.state, digit.active) for digit in store.profile(code).digits} == {
        0: ("waiting", False),
        1: ("refused", False),
        2: ("believed", True),
        3: ("waiting", True),
    }
    assert store.profile(code).counts[:4] == (1, 0, 1, 1)
    assert [digit.label for digit in store.profile_digits(code)] == [0, 2, 3]
    store.add(code, [entry(0, 0), entry(1, 1)], MANY)  # taught again; a refused one stays refused
    assert [*store.taught(code).labels] == [0, 2, 3]


def test_what_waits_is_listed_by_distance(store: Store) -> None:
    code = store.new_profile()
    distances = [0.5, 0.125, 0.75, 0.25]
    added = store.add(code, [entry(n, believed=False, distance=far) for n, far in enumerate(distances)], MANY)
    store.add(code, [entry(9)], MANY)
    assert [digit.distance for digit in store.waiting(3)] == [0.125, 0.25, 0.5]
    store.decide(added[1].id, True)
    store.decide(added[3].id, False)
    assert [digit.id for digit in store.waiting(9)] == [added[0].id, added[2].id]


def test_what_is_believed_is_for_everybody_and_one_in_five_for_tests(store: Store) -> None:
    codes = store.new_profile(), store.new_profile()
    for code in codes:
        store.add(code, [entry(number) for number in range(200)], MANY)
    [waits, off] = store.add(codes[0], [entry(200, believed=False), entry(201)], MANY)
    store.switch_off(off.id)
    believed = store.believed()
    assert len(believed.ids) == 400
    assert not {waits.id, off.id} & {*believed.ids}
    assert believed.profiles == (codes[0],) * 200 + (codes[1],) * 200
    assert (believed.pictures[7] == picture(7)).all()
    assert believed.fingerprints[:200] == believed.fingerprints[200:]
    assert len({*believed.fingerprints}) == 200
    assert (believed.held_out[:200] == believed.held_out[200:]).all()
    assert 0.1 < believed.held_out.mean() < 0.3
    assert (believed.labels == 4).all()


def test_undo_wipes_the_digit(store: Store) -> None:
    code, other = store.new_profile(), store.new_profile()
    [added, kept] = store.add(code, [entry(1, strokes=[[[1, 2]]]), entry(2, 5)], MANY)
    before = store.revision(code)
    with pytest.raises(UnknownCorrectionError):
        store.withdraw(added.id, other)
    store.withdraw(added.id, code)
    assert store.revision(code) != before
    with pytest.raises(UnknownCorrectionError):
        store.withdraw(added.id, code)
    with pytest.raises(UnknownCorrectionError):
        store.decide(added.id, True)
    assert store.taught(code).ids == store.believed().ids == (kept.id,)
    assert [digit.id for digit in store.profile(code).digits] == [kept.id]
    [again] = store.add(code, [entry(1)], MANY)
    assert again.state == "believed"
    assert again.id not in (added.id, kept.id)


def test_nothing_of_what_was_deleted_stays_in_the_file(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'digits.sqlite3'}")
    code, other = store.new_profile(), store.new_profile()
    [undone, _] = store.add(code, [entry(1), entry(2)], MANY)
    store.add(other, [entry(3)], MANY)

    def stored() -> list[int]:
        content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        return [number for number in (1, 2, 3) if picture(number).tobytes()[:64] in content]

    assert stored() == [1, 2, 3]
    store.withdraw(undone.id, code)
    assert stored() == [2, 3]
    store.delete_profile(code)
    assert stored() == [3]
    store.purge(-1)
    assert stored() == []
    store.close()


def test_of_a_deleted_profile_nothing_is_found(store: Store) -> None:
    code, other = store.new_profile(), store.new_profile()
    store.add(code, [entry(1, believed=False)], MANY)
    [kept] = store.add(other, [entry(1)], MANY)
    store.delete_profile(code)
    assert not store.has_profile(code)
    assert store.waiting(9) == []
    assert store.believed().ids == (kept.id,)
    with pytest.raises(UnknownCodeError):
        store.delete_profile(code)


def test_a_number_is_never_given_twice(store: Store) -> None:
    code, other = store.new_profile(), store.new_profile()
    [added] = store.add(code, [entry()], MANY)
    store.delete_profile(code)
    assert store.add(other, [entry()], MANY)[0].id > added.id


def test_a_profile_may_not_send_too_many_in_an_hour(store: Store) -> None:
    code = store.new_profile()
    [added, *_] = store.add(code, [entry(number) for number in range(8)], 10)
    store.withdraw(added.id, code)  # undoing makes no room
    with pytest.raises(TooManyError) as error:
        store.add(code, [entry(number) for number in range(10, 13)], 10)
    assert 3000 < error.value.retry_after <= 3600
    assert len(store.taught(code).ids) == 7
    assert store.add(code, [entry(number) for number in (1, 2, 10, 11)], 10)[3].state == "believed"
    assert store.add(code, [entry(1), entry(2, 6)], 10)[0].state == "known"
    with pytest.raises(TooManyError):
        store.add(store.new_profile(), [entry(number) for number in range(11)], 10)


def test_what_is_old_is_deleted(store: Store) -> None:
    code, empty, group = store.new_profile(), store.new_profile(), store.new_class()
    pupil = store.profile_of(group, 1)
    store.add(code, [entry(1), entry(2)], MANY)
    store.add(pupil, [entry(1)], MANY)
    assert store.purge(1) == 0
    assert all(map(store.has_profile, (code, empty, pupil)))
    assert store.purge(0) == 3
    assert not any(map(store.has_profile, (code, empty, pupil)))
    with pytest.raises(UnknownCodeError):
        store.class_summary(group)


def test_a_class_has_its_pupils(store: Store) -> None:
    group, other = store.new_class(), store.new_class()
    fifth, first = store.profile_of(group, 5), store.profile_of(group, 1)
    assert store.profile_of(group.lower(), 5) == fifth
    assert len({fifth, first, store.profile_of(other, 5)}) == 3
    store.add(fifth, [entry(1, 0), entry(2, 0), entry(3, 10)], MANY)
    store.add(first, [entry(1, 9)], MANY)
    [refused] = store.add(first, [entry(2, 8)], MANY)
    store.decide(refused.id, False)
    summary = store.class_summary(group)
    assert [(pupil.number, pupil.counts) for pupil in summary.pupils] == [
        (1, (0,) * 9 + (1, 0)),
        (5, (2,) + (0,) * 9 + (1,)),
    ]
    assert [(digit.number, digit.label) for digit in store.class_digits(group)] == [(1, 9), (5, 0), (5, 0), (5, 10)]
    assert store.profile(fifth).class_code == group
    assert store.profile(fifth).number == 5
    assert store.class_summary(group).version == summary.version
    nameless = store.new_profile(group)
    assert nameless not in (fifth, first)
    assert store.class_summary(group).version != summary.version
    assert sorted(pupil.number or 0 for pupil in store.class_summary(group).pupils) == [0, 1, 5]
    version = store.class_summary(group).version
    store.delete_profile(first)
    assert store.class_summary(group).version != version
    store.delete_class(group)
    assert not store.has_profile(fifth)
    assert not store.has_profile(nameless)
    assert len(store.class_summary(other).pupils) == 1


def test_nothing_is_on_disk_before_somebody_agreed(tmp_path: Path) -> None:
    folder = tmp_path / "learnt"
    address = f"sqlite:///{folder / 'digits.sqlite3'}"
    store, another = Store.open(address), Store.open(address)
    store.prepare()
    assert store.kind == "sqlite"
    assert not store.has_profile(NOBODY)
    assert store.waiting(9) == []
    assert len(store.believed().ids) == store.purge(1) == 0
    with pytest.raises(UnknownCodeError):
        store.new_profile(NOBODY)
    with pytest.raises(UnknownCodeError):
        store.add(NOBODY, [entry()], MANY)
    assert not folder.exists()
    code = store.new_profile()
    assert another.has_profile(code)
    for path in folder.iterdir():
        path.unlink()
    assert not store.has_profile(code)
    assert store.has_profile(store.new_profile())
    for each in (store, another):
        each.close()


@pytest.mark.parametrize(
    "address", ["", "digits.sqlite3", "sqlite://", "sqlite:///:memory:", "mysql://localhost/digits"]
)
def test_what_is_no_address_says_what_is(address: str) -> None:
    with pytest.raises(StoreError, match="sqlite:///FILE"):
        Store.open(address)


def test_a_database_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    (tmp_path / "damaged").write_bytes(b"no database" * 1000)
    (tmp_path / "folder").mkdir()
    for address in (
        f"sqlite:///{tmp_path / 'damaged'}",
        f"sqlite:///{tmp_path / 'folder'}",
        f"sqlite:///{tmp_path / 'damaged' / 'digits.sqlite3'}",
        f"postgresql://postgres:secret@/digits?host={tmp_path}",
    ):
        store = Store.open(address)
        with pytest.raises(StoreError) as error:
            store.new_profile()
        assert len(str(error.value).splitlines()) == 1
        assert "secret" not in str(error.value)
        store.close()


@pytest.mark.parametrize("label", [-1, 11])
def test_a_label_is_a_class(store: Store, label: int) -> None:
    code = store.new_profile()
    with pytest.raises(Exception, match="label_is_a_class"):
        store.add(code, [entry(1), entry(2, label)], MANY)
    assert store.taught(code).ids == ()
