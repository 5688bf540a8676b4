"""A PostgreSQL server for tests, as Debian installs it, in a folder of its own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

INSTALLED: Final = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
USER: Final = "postgres"
NAMES: Final = count()


@dataclass(frozen=True)
class PostgreSQL:
    """A server that listens on a socket in its folder only."""

    programs: Path
    folder: Path
    account: dict[str, Any] = field(default_factory=lambda: {"user": USER, "group": USER, "extra_groups": []})

    def run(self, program: str, *arguments: str) -> None:
        """Run one of its programs to its end; as root, who may not run it, as its own user."""
        subprocess.run(
            [self.programs / program, "--pgdata", self.folder / "data", *arguments],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            **self.account if os.geteuid() == 0 else {},
        )

    def start(self) -> None:
        options = f"--unix_socket_directories={self.folder} --listen_addresses="
        self.run("pg_ctl", "start", "--wait", "--silent", "--log", str(self.folder / "log"), "--options", options)

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "--wait", "--silent", "--mode", "immediate")

    def new_database(self) -> str:
        """The address of an empty one: a schema, which is made and removed faster than 300 files of a database."""
        name = f"digits{next(NAMES)}"
        with psycopg.connect(host=str(self.folder), user=USER, dbname=USER) as connection:
            connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(name)))
        return f"postgresql://{USER}@/{USER}?host={self.folder}&options=-csearch_path%3D{name}"


@contextmanager
def running_postgresql() -> Iterator[PostgreSQL]:
    """A server that runs; the test is skipped where none is installed."""
    if not INSTALLED:
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="postgresql"))  # a socket's path may have about 100 characters
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, USER, USER)
        server = PostgreSQL(INSTALLED[-1], folder)
        server.run("initdb", "--auth", "trust", "--username", USER, "--encoding", "UTF8", "--no-sync")
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
