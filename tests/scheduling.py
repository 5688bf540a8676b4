"""Which process runs which file of tests, where several do: what is costly is started, or read, by one of them."""

from typing import Final

import pytest
from xdist.scheduler.loadfile import LoadFileScheduling

SHARED: Final = {
    "one page, one API behind it and one browser": ("browser",),
    "the data sets": (
        "training",
        "candidate_judge",
        "second_opinion",
        "pixel_classifier",
        "sign_training",
        "segment_verifier",
        "rejection_scores",
        "data",
        "learn",
    ),
    "one API": ("load", "hostile", "api", "bulk", "client", "bombs"),
}
"""What files share whose names begin with these words."""

LONG: Final = ("benchmarks", "memory", "handwriting", "sheet", "store_servers")
"""Others that take long: a process that begins one at the end leaves the others idle."""


def shared(file: str) -> str | None:
    """What a file shares with others; None if it takes nothing that lasts."""
    for thing, names in SHARED.items():
        if _begins(file, names):
            return thing
    return None


def _begins(file: str, names: tuple[str, ...]) -> bool:
    return file.rpartition("/")[2].startswith(tuple(f"test_{name}" for name in names))


class SharingScheduling(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Whole files, as with `--dist loadfile`, but not in the order of how many tests they have.

    A process goes on with what it has already, then begins what no other process has, then what nobody shares. At last
    it helps the others.
    """

    def __init__(self, config: pytest.Config) -> None:
        super().__init__(config)
        self._held: dict[object, set[str]] = {}

    def _assign_work_unit(self, node: object) -> None:
        own = self._held.setdefault(node, set())
        others = set[str]().union(*(things for other, things in self._held.items() if other is not node))

        def rank(file: str) -> int:
            thing = shared(file)
            if thing is None:
                return len(SHARED) + (not _begins(file, LONG))
            return -1 if thing in own else len(SHARED) + 2 if thing in others else list(SHARED).index(thing)

        chosen = min(self.workqueue, key=rank)
        if thing := shared(chosen):
            own.add(thing)
        self.workqueue.move_to_end(chosen, last=False)
        super()._assign_work_unit(node)
