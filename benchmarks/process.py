"""What a process has used of the machine, as Linux tells it in /proc; NaN elsewhere."""

import os
from pathlib import Path


def megabytes(pid: int, peak: bool = False) -> float:
    """Resident memory of a process now, or at its highest since `forget_peak`."""
    status = Path(f"/proc/{pid}/status")
    name = "VmHWM:" if peak else "VmRSS:"
    return int(status.read_text().partition(name)[2].split()[0]) / 1024 if status.exists() else float("nan")


def forget_peak(pid: int) -> None:
    """From now on the peak is what the process has now, or comes to have."""
    if (memory := Path(f"/proc/{pid}/clear_refs")).exists():
        memory.write_text("5")


def cpu_seconds(pid: int) -> float:
    """Time that processors have spent on a process, in its own code and in the system's for it."""
    times = Path(f"/proc/{pid}/stat")
    if not times.exists():
        return float("nan")
    user, system = times.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
