"""What was thanked for outlives the process and the server; several servers agree; older databases are migrated."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, text

from digits.store import Store, StoreError, TooManyError
from digits.store.migrations import configuration
from digits.store.tables import metadata
from tests.commands import ROOT, cells, printed, printed_here, run
from tests.postgres import USER, PostgreSQL, running_postgresql
from tests.stores import KINDS, MANY, MODEL, entry, picture
from tools.benchmarks import store_cost

CODE: Final = "K7QM-2XWB-9DTR"
TIME: Final = "2026-11-01 12:00:00.000000"

SEND: Final = """
import sys
from digits.store import Store
from tests.stores import MANY, entry
store = Store.open(sys.argv[1])
for number in range(1000):
    [added] = store.add(sys.argv[2], [entry(number)], MANY)
    print(added.id, flush=True)
"""

MAKE: Final = """
import sys
from digits.store import Store
store = Store.open(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
print(store.new_profile())
store.close()
"""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with running_postgresql() as server:
        yield server


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'digits.sqlite3'}"
    return str(request.getfixturevalue("server").new_database())


@contextmanager
def opened(address: str) -> Iterator[Store]:
    store = Store.open(address)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def connected(address: str) -> Iterator[Connection]:
    """A connection past the store, as whoever looks after the database has it."""
    engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:"), poolclass=NullPool)
    with engine.begin() as connection:
        yield connection


def started(script: str, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-W", "error", "-c", script, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def thanked_before_it_was_killed(address: str, code: str) -> set[int]:
    """The numbers that a process had said are stored when it was killed in the middle of its work."""
    with started(SEND, address, code) as process:
        assert process.stdout
        thanked = [process.stdout.readline() for _ in range(400)]
        process.send_signal(signal.SIGKILL)
        thanked += process.stdout.readlines()
    assert process.returncode == -signal.SIGKILL
    assert 400 <= len(thanked) < 1000
    return {int(line) for line in thanked if line.endswith("\n")}


def test_a_database_that_was_made_for_no_language_is_used(server: PostgreSQL) -> None:
    with psycopg.connect(host=str(server.folder), user=USER, dbname=USER, autocommit=True) as connection:
        connection.execute("CREATE DATABASE plain TEMPLATE template0 ENCODING 'SQL_ASCII'")
    with opened(f"postgresql://{USER}@/plain?host={server.folder}") as store:
        code = store.new_profile()
        store.add(code, [entry(7)], MANY)
        assert (store.profile_digits(code)[0].picture == picture(7)).all()


@pytest.mark.posix
def test_what_was_thanked_for_outlives_a_killed_process(address: str) -> None:
    with opened(address) as store:
        code = store.new_profile()
        thanked = thanked_before_it_was_killed(address, code)
        digits = {digit.id: digit for digit in store.profile_digits(code)}
        assert digits.keys() >= thanked
        assert len(digits) <= len(thanked) + 1
        for number, id in enumerate(sorted(thanked)):
            assert (digits[id].picture == picture(number)).all()
        assert store.add(code, [entry(0)], MANY)[0].state == "known"
        assert store.add(code, [entry(5000)], MANY)[0].state == "believed"


def test_what_was_thanked_for_outlives_a_crash_of_postgresql(server: PostgreSQL) -> None:
    with opened(server.new_database()) as store:
        code = store.new_profile()
        thanked = [store.add(code, [entry(number)], MANY)[0].id for number in range(20)]
        server.stop()
        with pytest.raises(StoreError) as error:
            store.taught(code)
        assert len(str(error.value).splitlines()) == 1
        server.start()
        assert [digit.id for digit in store.profile_digits(code)] == thanked


def test_two_servers_agree(address: str) -> None:
    with opened(address) as one, opened(address) as other:
        code = one.new_profile()
        assert other.taught(code).ids == ()
        for number, (store, its_neighbour) in enumerate([(one, other), (other, one)] * 3):
            [added] = store.add(code, [entry(number)], MANY)
            assert added.id in its_neighbour.taught(code).ids
            assert store.revision(code) == its_neighbour.revision(code)
            its_neighbour.withdraw(added.id, code)
            assert store.taught(code).ids == ()
        other.delete_profile(code)
        assert one.revision(code) is None


def test_servers_that_write_at_once_lose_nothing(address: str) -> None:
    with opened(address) as one, opened(address) as other, ThreadPoolExecutor(8) as threads:
        group = one.new_class()
        pupils = [*threads.map(lambda number: (one, other)[number % 2].profile_of(group, number // 8), range(32))]
        assert len({*pupils}) == len(one.class_summary(group).pupils) == 4

        code = one.new_profile()
        before = one.revision(code) or 0
        # Each picture comes twice, from both servers, with two labels; only the one that comes last is kept.
        sent = threads.map(lambda n: (one, other)[n % 2].add(code, [entry(n // 2, n % 2)], MANY), range(80))
        ids = [added.id for [added] in sent]
        assert ids[::2] == ids[1::2]
        assert len({*ids}) == len(other.profile_digits(code)) == 40
        assert (other.revision(code) or 0) >= before + 80

        def send(number: int) -> bool:
            try:
                (one, other)[number % 2].add(limited, [entry(number)], 10)
            except TooManyError:
                return False
            return True

        limited = one.new_profile()
        assert sum(threads.map(send, range(30))) == len(one.profile_digits(limited)) == 10


def test_servers_that_start_at_once_make_one_database(address: str) -> None:
    servers = [started(MAKE, address) for _ in range(2)]
    for server in servers:
        assert server.stdout
        assert server.stdout.readline() == "ready\n"
    for server in servers:
        assert server.stdin
        server.stdin.write("\n")
        server.stdin.flush()
    codes = [server.communicate()[0].strip() for server in servers]
    with opened(address) as store:
        assert all(map(store.has_profile, codes))
    assert len({*codes}) == 2


INSERT_PROFILE: Final = "INSERT INTO profiles (code, created, revision) VALUES (:code, :time, 7)"

INSERT_CORRECTION: Final = """
INSERT INTO corrections (profile_code, picture, fingerprint, strokes, suggested, confidence, label, source, state,
    active, held_out, distance, model_sha256, created)
VALUES (:code, :picture, 'abc', '[[[1, 2]]]', 9, 0.5, 4, 'correction', 'believed', true, false, 0.25, :model, :time)
"""


def test_a_database_of_the_version_before_is_migrated(address: str) -> None:
    with connected(address) as connection:
        command.upgrade(configuration(connection), "0001")
        values = {"code": CODE, "picture": picture(1).tobytes(), "model": MODEL, "time": TIME}
        for statement in (INSERT_PROFILE, INSERT_CORRECTION):
            connection.execute(text(statement), values)
    with opened(address) as store:
        profile = store.profile(CODE)
        [digit] = profile.digits
        assert (profile.revision, profile.created.isoformat()) == (7, "2026-11-01T12:00:00+00:00")
        assert (digit.label, digit.suggested, digit.number, digit.created.day) == (4, 9, None, 1)
        assert (store.taught(CODE).pictures[0] == picture(1)).all()
        group = store.new_class()
        assert store.profile(store.profile_of(group, 3)).class_code == group
        store.delete_profile(CODE)
        assert store.believed().ids == ()


def test_the_migrations_make_the_tables_that_the_store_uses(address: str) -> None:
    with opened(address) as store:
        store.new_profile()
    with connected(address) as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    if address.startswith("sqlite"):  # SQLAlchemy overlooks "ON DELETE CASCADE" of a column that was added later
        differences = [each for each in differences if each[0] not in ("add_fk", "remove_fk")]
    assert differences == []


def test_a_database_of_a_later_version_is_left_alone(address: str) -> None:
    with opened(address) as store:
        code = store.new_profile()
    with connected(address) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with opened(address) as store, pytest.raises(StoreError, match="9999"):
        store.has_profile(code)
    with connected(address) as connection:
        assert connection.scalar(text("SELECT count(*) FROM profiles")) == 1


def test_who_may_make_no_tables_is_told_so(server: PostgreSQL) -> None:
    address = server.new_database()
    with connected(address) as connection:
        connection.execute(text("CREATE ROLE guest LOGIN"))
    with opened(address.replace("postgres@", "guest@")) as store, pytest.raises(StoreError, match="schema"):
        store.new_profile()


FILL: Final = """
INSERT INTO corrections (profile_code, picture, fingerprint, suggested, confidence, label, source, state, active,
    held_out, distance, model_sha256, created)
WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 99999),
    places AS (SELECT code, row_number() OVER (ORDER BY code) - 1 AS place FROM profiles)
SELECT code, :picture, CAST(n AS text), n % 10, 0.5, n % 11, 'correction', 'waiting', true, false, n * 0.001,
    :model, :time
FROM numbers JOIN places ON place = n % 100
"""


def plans(address: str, ask: Callable[[], object]) -> list[str]:
    """How the database finds what it is asked for, each statement."""
    statements: list[tuple[str, Any]] = []

    def keep(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        statements.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", keep)
    try:
        ask()
    finally:
        event.remove(Engine, "before_cursor_execute", keep)
    explain = "EXPLAIN QUERY PLAN " if address.startswith("sqlite") else "EXPLAIN "
    with connected(address) as connection:
        return [
            "\n".join(str(row[-1]) for row in connection.exec_driver_sql(explain + statement, parameters))
            for statement, parameters in statements
        ]


def test_of_many_corrections_only_those_that_are_asked_for_are_looked_at(address: str) -> None:
    with opened(address) as store:
        codes = [store.new_profile() for _ in range(100)]
        with connected(address) as connection:
            values = {"picture": picture(0).tobytes(), "model": MODEL, "time": datetime.fromisoformat(TIME)}
            connection.execute(text(FILL), values)
        with connected(address) as connection:
            connection.execute(text("ANALYZE"))
        store.add(codes[0], [entry(1, label) for label in range(11)], MANY)
        for ask, index in (
            (lambda: store.revision(codes[0]), "profiles"),
            (lambda: store.taught(codes[0]), "corrections_taught"),
            (lambda: store.waiting(10), "corrections_to_review"),
        ):
            found = plans(address, ask)
            assert index in found[-1]
            assert "Seq Scan on corrections" not in found[-1]
            assert "SCAN corrections\n" not in found[-1]
            assert "TEMP B-TREE" not in found[-1]


def test_the_benchmark_tells_what_each_request_costs(server: PostgreSQL) -> None:
    address = server.new_database()
    said = printed_here(store_cost.main, "--address", address, "--digits", "250", "--runs", "2").splitlines()
    assert len(said) == 6
    assert all(float(cost) >= 0 for row in said[2:] for cost in cells(row)[1:])
    with connected(address) as connection:
        assert connection.scalar(text("SELECT count(*) FROM corrections")) == 0


def test_without_the_driver_postgresql_says_what_to_install() -> None:
    script = "from digits.store import Store; Store.open('postgresql://localhost/digits')"
    done = run("-c", f"import sys; sys.modules['psycopg'] = None; {script}")
    assert "requirements-postgresql.txt" in done.stderr.splitlines()[-1]
    assert printed("-c", "from digits.store import Store; print(Store.open().kind)").strip() == "sqlite"
