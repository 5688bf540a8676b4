"""The store as the API uses it: never in the event loop, its errors as problems, what profiles teach at hand."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
from starlette.concurrency import run_in_threadpool

from digits.codes import UnknownCodeError, canonical
from digits.store import Kind, Remembered, StoreError, TooManyError, UnknownCorrectionError
from service.made_codes import MadeCodes
from service.messages import TaughtDigits
from service.pool import POINTER
from service.problems import ProblemError
from service.recent import Recent
from service.settings import Settings

if TYPE_CHECKING:
    from digits.store import Store

FRESH_SECONDS: Final = 0.25
"""For so long what a profile teaches is taken as it was, unless this process itself has changed it: others may have."""

MAX_PROFILES: Final = 200
"""So many profiles' digits are at hand, of up to 0.2 MB each."""

PURGE_SECONDS: Final = 86_400.0
"""So often what is too old is deleted."""

Result = TypeVar("Result")

log = logging.getLogger("uvicorn.error")


@dataclass(frozen=True)
class Held:
    """What a profile taught when it was looked at.

    Attributes:
        code: of the profile.
        revision: of what it teaches.
        ids: of the corrections, in the order of the digits.
        digits: what it teaches; None where that is nothing.
        looked_at: when, by the clock `time.monotonic`.
        changes: how many changes this process had made by then.

    """

    code: str
    revision: int
    ids: tuple[int, ...]
    digits: TaughtDigits | None
    looked_at: float
    changes: int


class Storage:
    """The store of one application, and how many codes were made for whom."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.database_url
        self._opened: Store | None = None
        self._opening = Lock()
        self._held = Recent[Held](MAX_PROFILES)
        self._changes = 0
        self.kind: Kind = "sqlite" if self._url.startswith("sqlite") else "postgresql"
        self.retention_days = settings.retention_days
        self.corrections_per_hour = settings.corrections_per_hour
        self.made_codes = MadeCodes(settings.codes_per_hour)
        self.review_token = settings.review_token

    def _store(self) -> "Store":
        """The store; opened when it is first needed, as its import takes as long as that of the rest of the service."""
        from digits.store import Store

        with self._opening:
            self._opened = self._opened or Store.open(self._url)
            return self._opened

    async def ask(self, work: Callable[["Store"], Result], unknown: str = "unknown-profile") -> Result:
        """What the work with the store returns; `unknown` is the problem where it meets a code that nobody has.

        Raises ProblemError: `unknown`, unknown-correction, too-many-corrections, storage-unavailable.
        """
        try:
            return await run_in_threadpool(lambda: work(self._store()))
        except UnknownCodeError:
            raise ProblemError(unknown) from None
        except UnknownCorrectionError:
            raise ProblemError("unknown-correction") from None
        except TooManyError as error:
            limit = str(self.corrections_per_hour)
            raise ProblemError("too-many-corrections", retry_after=error.retry_after, limit=limit) from None
        except StoreError as error:
            log.error("The store cannot be used: %s", error)
            raise ProblemError("storage-unavailable") from None

    async def change(self, work: Callable[["Store"], Result], unknown: str = "unknown-profile") -> Result:
        """The same for work that may change what a profile teaches: this process then looks at it anew."""
        try:
            return await self.ask(work, unknown)
        finally:
            self._changes += 1

    async def delete(self, work: Callable[["Store"], Result], unknown: str = "unknown-profile") -> None:
        """The same for work after which digits are no longer stored or believed: promoted models forget them, too."""
        await self.change(work, unknown)
        await run_in_threadpool(lambda: _forgotten_by_models(self._store()))

    async def held(self, typed: str) -> Held:
        """What the profile of this code, however it was typed, teaches; raises ProblemError as `ask` does."""
        try:
            code = canonical(typed)
        except UnknownCodeError:
            raise ProblemError("unknown-profile") from None
        before, now, changes = self._held.get(code), time.monotonic(), self._changes
        if before is not None and before.changes == changes and now < before.looked_at + FRESH_SECONDS:
            return before
        found = replace(await self.ask(lambda store: _looked_at(store, code, before)), looked_at=now, changes=changes)
        self._held.put(code, found)
        return found

    async def purge_for_ever(self) -> None:
        """Delete what is older than it may be, now and again and again."""
        while True:
            try:
                deleted = await self.change(lambda store: store.purge(self.retention_days))
            except ProblemError:
                pass  # it is in the log, and the next time may do
            else:
                if deleted:
                    log.info("Deleted %d digits older than %d days", deleted, self.retention_days)
                await run_in_threadpool(lambda: _forgotten_by_models(self._store()))
            await asyncio.sleep(PURGE_SECONDS)

    async def close(self) -> None:
        """Give its connections back."""
        if self._opened is not None:
            await run_in_threadpool(self._opened.close)


def _forgotten_by_models(store: "Store") -> None:
    """Have promoted models forget what is no longer stored or believed.

    Where `digits.learn` is at work, or it cannot be done now, that is left to its next run, or to the next deletion.
    """
    if not POINTER.exists():
        return
    from filelock import Timeout

    from digits.learn.folder import forget_withdrawn  # what it imports takes a second and 40 MB
    from digits.learn.pointer import alone
    from digits.model import ModelNotReadyError

    try:
        with alone(POINTER.parent):
            forget_withdrawn(store, POINTER.parent)
    except (Timeout, ModelNotReadyError, StoreError, OSError) as error:
        log.error("Promoted models could not forget now: %s", error)


def _looked_at(store: "Store", code: str, before: Held | None) -> Held:
    """What the profile teaches now; where that is what it taught before, only its revision is asked for."""
    if before is not None and store.revision(code) == before.revision:
        return before
    return _held(code, store.taught(code))


def _held(code: str, taught: Remembered) -> Held:
    digits = None
    if taught.ids:
        labels = taught.labels.astype(np.uint8).tobytes()
        digits = TaughtDigits(f"{code} {taught.revision}", taught.pictures.tobytes(), labels)
    return Held(code, taught.revision, taught.ids, digits, looked_at=0.0, changes=0)
