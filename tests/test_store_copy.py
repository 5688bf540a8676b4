"""What is stored moves from one database into another one, and the API goes on there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from digits.store import Store, StoreError
from digits.store.__main__ import main
from tests.commands import ended_here, run
from tests.postgres import PostgreSQL, running_postgresql
from tests.stores import KINDS, MANY, entry

STROKES = [[[1.5, 2.0], [3.0, 4.25]]]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with running_postgresql() as server:
        yield server


def address_of(kind: str, server: PostgreSQL, folder: Path) -> str:
    return server.new_database() if kind == "postgresql" else f"sqlite:///{folder / 'new' / 'digits.sqlite3'}"


def everything(address: str, code: str, class_code: str) -> object:
    """All that a store says of a profile and a class."""
    store = Store.open(address)
    try:
        profile, summary = store.profile(code), store.class_summary(class_code)
        taught, believed = store.taught(code), store.believed()
        digits = [(*store.profile_digits(code), *store.class_digits(class_code), *store.waiting(9))]
        shown = [vars(each) | {"picture": each.picture.tobytes()} for each in digits[0]]
        return (
            vars(profile) | {"digits": len(profile.digits)},
            summary,
            shown,
            (taught.revision, taught.ids, taught.pictures.tobytes(), taught.labels.tolist()),
            (believed.ids, believed.fingerprints, believed.held_out.tolist()),
        )
    finally:
        store.close()


@pytest.mark.parametrize(("source", "target"), [KINDS, KINDS[::-1], ("sqlite", "sqlite")])
def test_everything_is_copied_and_goes_on(source: str, target: str, server: PostgreSQL, tmp_path: Path) -> None:
    old, new = address_of(source, server, tmp_path / "old"), address_of(target, server, tmp_path)
    store = Store.open(old)
    class_code = store.new_class()
    code, pupil = store.new_profile(), store.profile_of(class_code, 7)
    store.add(code, [entry(0), entry(1, 3, 3, strokes=STROKES), entry(2, believed=False)], MANY)
    store.add(pupil, [entry(number) for number in range(3, 30)], MANY)
    [last] = store.add(code, [entry(99)], MANY)
    store.withdraw(store.add(code, [entry(98)], MANY)[0].id, code)
    store.delete_profile(store.new_profile())
    store.close()

    end, said = ended_here(main, "--database", old, "--copy-to", new)
    assert end is None
    assert [each for each in ("1", "2", "32") if f" {each}" not in said] == []
    assert everything(new, code, class_code) == everything(old, code, class_code)
    there = Store.open(new)
    [added] = there.add(code, [entry(100)], MANY)
    assert added.id == last.id + 2  # no number is given twice, that of the one withdrawn neither
    assert there.add(code, [entry(99)], MANY)[0].id == last.id
    there.close()
    assert ended_here(main, "--database", old, "--copy-to", new)[0] not in (0, None)
    assert everything(old, code, class_code) != everything(new, code, class_code)


def test_what_cannot_be_copied_is_said_in_a_line(tmp_path: Path) -> None:
    new = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    nothing = f"sqlite:///{tmp_path / 'nothing.sqlite3'}"
    (tmp_path / "text").write_text("I am no database." * 99)
    for arguments in (
        ["--database", nothing, "--copy-to", new],
        ["--database", f"sqlite:///{tmp_path / 'text'}", "--copy-to", new],
        ["--database", nothing, "--copy-to", "mysql://here"],
    ):
        end, said = ended_here(main, *arguments)
        assert isinstance(end, str)
        assert "\n" not in end
        assert not said
    done = run("-m", "digits.store", "--copy-to", new, DIGITS_DATABASE_URL="")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    with pytest.raises(StoreError):
        Store.open("mysql://here")
