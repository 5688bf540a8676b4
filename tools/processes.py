"""What a process and all that it has started use of the machine, as Linux tells it in /proc; NaN elsewhere."""

import os
from pathlib import Path


def children(pid: int) -> list[int]:
    """The processes that a process has started; none off Linux."""
    return [int(child) for task in Path(f"/proc/{pid}/task").glob("*/children") for child in task.read_text().split()]


def family(pid: int) -> list[int]:
    """A process and all that descend from it; only itself off Linux."""
    return [pid, *(member for child in children(pid) for member in family(child))]


def megabytes(pid: int, peak: bool = False) -> float:
    """Resident memory now, or at its highest since `forget_peak`; what several share counts for each of them."""
    return sum(_megabytes(member, "VmHWM:" if peak else "VmRSS:") for member in family(pid))


def _megabytes(pid: int, name: str) -> float:
    status = Path(f"/proc/{pid}/status")
    return int(status.read_text().partition(name)[2].split()[0]) / 1024 if status.exists() else float("nan")


def private_megabytes(pid: int) -> float:
    """Memory that each has for itself now."""
    return sum(map(_private_megabytes, family(pid)))


def _private_megabytes(pid: int) -> float:
    mapped = Path(f"/proc/{pid}/smaps_rollup")
    if not mapped.exists():
        return float("nan")
    lines = mapped.read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def forget_peak(pid: int) -> None:
    """From now on the peak is what each has now, or comes to have."""
    for member in family(pid):
        if (memory := Path(f"/proc/{member}/clear_refs")).exists():
            memory.write_text("5")


def cpu_seconds(pid: int) -> float:
    """Seconds that processors have spent so far, on their own code and in the system for it."""
    return sum(map(_cpu_seconds, family(pid)))


def _cpu_seconds(pid: int) -> float:
    times = Path(f"/proc/{pid}/stat")
    if not times.exists():
        return float("nan")
    user, system = times.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
