"""How fast is POST /predict/? Side by side with an empty endpoint and with the original program's way.

    python -m tools.benchmarks.api_rate             a drawing of the canvas; three minutes
    python -m tools.benchmarks.api_rate --all       three pictures; a quarter of an hour
    python -m tools.benchmarks.api_rate --workers 2 with two workers each

Three uvicorn servers take turns under load, so that what else the machine does weighs on all of them alike. The load
comes from wrk where it is installed, else from a small asyncio client that costs more of the machine. A server that
takes more than `MAX_SECONDS` for one picture is asked once only.
"""

import argparse
import asyncio
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import requests

from tools.benchmarks.pictures import CANVAS_PNG, PICTURES
from tools.processes import cpu_seconds, forget_peak, megabytes

ROOT = Path(__file__).parent.parent.parent
MAX_SECONDS: Final = 2.0
"""For one picture, up to which a server is put under load."""

START_SECONDS: Final = 120.0
"""That a server may take to start, and for one picture."""

SERVERS: Final = {
    "empty": "tools.benchmarks.empty:app",
    "this project": "main:app",
    "original": "tools.benchmarks.original:app",
}
SUPPORT_VECTORS_SETTING: Final = "ORIGINAL_SUPPORT_VECTORS"
"""Environment variable by which the original's stand-in learns how large to be."""

BOUNDARY: Final = "----benchmark"

WRK_SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "multipart/form-data; boundary={boundary}"
local body = io.open("{body}", "rb")
wrk.body = body:read("*a")
body:close()
function done(summary, latency, requests)
    local failed = summary.errors
    io.write(string.format('\\n{{"requests": %d, "seconds": %f, "median": %f, "p99": %f, "failed": %d}}\\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        failed.connect + failed.read + failed.write + failed.status + failed.timeout))
end
"""


@dataclass(frozen=True)
class Load:
    """What one round of load found; latencies in milliseconds."""

    requests: int
    seconds: float
    median: float
    p99: float
    failed: int


@dataclass(frozen=True)
class Server:
    """A uvicorn of its own: where it listens, its process, and how many megabytes it has before any load."""

    port: int
    process: int
    idle: float

    def grown(self) -> float:
        """Megabytes that it has added at most, since peaks were forgotten, to what it had when idle."""
        return megabytes(self.process, peak=True) - self.idle


@dataclass(frozen=True)
class Turn:
    """One round of load on one server; CPU in milliseconds for each request, memory in megabytes above idle."""

    picture: str
    clients: int
    server: str
    load: Load
    cpu: float
    memory: float


def multipart(picture: bytes) -> bytes:
    """The body of a POST with `picture` in the field `file`."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="picture"\r\n\r\n'
    return head.encode() + picture + f"\r\n--{BOUNDARY}--\r\n".encode()


@contextmanager
def running(app: str, workers: int, checkout: Path = ROOT, **environment: str) -> Iterator[Server]:
    """A uvicorn of its own with so many workers, of this checkout or another, which answers when this yields."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen([*command, "--workers", str(workers)], cwd=checkout, env={**os.environ, **environment})
    try:
        first_answer(port, multipart(CANVAS_PNG.read_bytes()))
        yield Server(port, process.pid, megabytes(process.pid))
    finally:
        process.terminate()
        process.wait()


def first_answer(port: int, body: bytes) -> float:
    """Wait until the server answers the picture with 200, and how many seconds that answer took; raises otherwise."""
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    url = f"http://127.0.0.1:{port}/predict/"
    deadline = time.monotonic() + START_SECONDS
    while True:
        started = time.monotonic()
        try:
            response = requests.post(url, body, headers=headers, timeout=START_SECONDS)
            if response.status_code != requests.codes.service_unavailable or started > deadline:
                response.raise_for_status()
                return time.monotonic() - started
        except requests.ConnectionError:
            if started > deadline:
                raise
        time.sleep(0.1)


def wrk(port: int, body: bytes, clients: int, seconds: float) -> Load:
    """Load by wrk."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "body").write_bytes(body)
        script = Path(folder) / "post.lua"
        script.write_text(WRK_SCRIPT.format(boundary=BOUNDARY, body=Path(folder) / "body"))
        command = ["wrk", "-t1", f"-c{clients}", f"-d{max(1, round(seconds))}s", "--timeout", "60s", "-s", str(script)]
        url = f"http://127.0.0.1:{port}/predict/"
        said = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    return Load(**json.loads(said.strip().splitlines()[-1]))


def own_client(port: int, body: bytes, clients: int, seconds: float) -> Load:
    """Load by connections that are kept alive, in this process."""
    request = (
        f"POST /predict/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n"
    ).encode() + body
    latencies: list[float] = []
    failed = 0

    async def client(until: float) -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (start := time.perf_counter()) < until:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
            latencies.append(1e3 * (time.perf_counter() - start))
            failed += not head.startswith(b"HTTP/1.1 200")
        writer.close()
        await writer.wait_closed()

    async def all_clients(until: float) -> None:
        await asyncio.gather(*(client(until) for _ in range(clients)))

    start = time.perf_counter()
    with ThreadPoolExecutor(1) as thread:  # in its own, as the caller's may have a loop that runs already
        thread.submit(asyncio.run, all_clients(start + seconds)).result()
    passed = time.perf_counter() - start
    median, p99 = np.percentile(latencies, [50, 99])
    return Load(len(latencies), passed, float(median), float(p99), failed)


def turn(name: str, picture: str, body: bytes, server: Server, clients: int, seconds: float) -> Turn | None:
    """Load one server; None where one picture alone takes too long for several clients."""
    load = wrk if shutil.which("wrk") else own_client
    forget_peak(server.process)
    before = cpu_seconds(server.process)
    alone = first_answer(server.port, body)
    if alone <= MAX_SECONDS:
        before = cpu_seconds(server.process)
        found = load(server.port, body, clients, seconds)
    elif clients == 1:
        found = Load(1, alone, 1000 * alone, 1000 * alone, 0)
    else:
        return None
    cpu = 1000 * (cpu_seconds(server.process) - before) / max(found.requests, 1)
    return Turn(picture, clients, name, found, cpu, server.grown())


def table(turns: Sequence[Turn]) -> Iterator[str]:
    """A line for each picture, number of clients and server, of the medians over the rounds."""
    yield "| picture | clients | server | requests/s | of empty | times original | median ms | p99 ms | CPU ms | MB |"
    yield "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|"
    for picture, clients in dict.fromkeys((each.picture, each.clients) for each in turns):
        found = {
            name: [each for each in turns if (each.picture, each.clients, each.server) == (picture, clients, name)]
            for name in SERVERS
        }
        rates = {
            name: statistics.median(each.load.requests / each.load.seconds for each in taken)
            for name, taken in found.items()
            if taken
        }
        for name, rate in rates.items():
            measures = [(each.load.median, each.load.p99, each.cpu, each.memory) for each in found[name]]
            median, p99, cpu, memory = map(statistics.median, zip(*measures, strict=True))
            times = f"{rate / rates['original']:.1f}" if "original" in rates else "–"
            yield (
                f"| {picture} | {clients} | {name} | {rate:.4g} | {rate / rates['empty']:.1%} | {times}"
                f" | {median:.3g} | {p99:.3g} | {cpu:.3g} | {memory:.0f} |"
            )


def main() -> None:
    """Run the servers, load them in turns, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="three pictures")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of load on one server in one round")
    parser.add_argument("--clients", type=int, nargs="+", default=(1, 4, 32), help="at once (default: 1 4 32)")
    parser.add_argument("--support-vectors", type=int, help="of the original's stand-in, for a quick trial")
    chosen = parser.parse_args()
    bodies = {name: multipart(make()) for name, make in list(PICTURES.items())[: 3 if chosen.all else 1]}

    size = {SUPPORT_VECTORS_SETTING: str(chosen.support_vectors)} if chosen.support_vectors else {}
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(running(app, chosen.workers, ROOT, **size)) for name, app in SERVERS.items()
        }
        for server in servers.values():
            own_client(server.port, next(iter(bodies.values())), 1, min(1, chosen.seconds))
        turns = [
            taken
            for picture, body in bodies.items()
            for _ in range(chosen.rounds)
            for clients in chosen.clients
            for name, server in servers.items()
            if (taken := turn(name, picture, body, server, clients, chosen.seconds)) is not None
        ]
    print("\n".join(table(turns)))
    if failures := sum(taken.load.failed for taken in turns):
        sys.exit(f"{failures} requests failed: the figures mean nothing")


if __name__ == "__main__":
    main()
