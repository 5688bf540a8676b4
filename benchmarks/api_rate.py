"""How fast is POST /predict/? Side by side with an empty endpoint and with the original program's way.

    python -m benchmarks.api_rate

Three uvicorn servers, one worker each, take turns under load, so that what else the machine does weighs on
all of them alike. The load comes from wrk where it is installed, else from a small asyncio client that costs
more of the machine. The picture is what a canvas sends: 280x280 RGBA, a white 7 on black, as Chromium writes it.
"""

import argparse
import asyncio
import json
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

ROOT = Path(__file__).parent.parent
CANVAS_PNG = Path(__file__).parent / "canvas.png"
SERVERS = {"empty": "benchmarks.empty:app", "this project": "main:app", "original": "benchmarks.original:app"}
BOUNDARY = "----benchmark"

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


def multipart(picture: bytes) -> bytes:
    """The body of a POST with `picture` in the field `file`."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="picture"\r\n\r\n'
    return head.encode() + picture + f"\r\n--{BOUNDARY}--\r\n".encode()


@contextmanager
def server(app: str) -> Iterator[int]:
    """A uvicorn of its own with one worker; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


def first_answer(port: int, body: bytes, patience: float = 120) -> None:
    """Wait until the server answers the picture with 200; raises when it does not."""
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    deadline = time.monotonic() + patience
    while True:
        try:
            requests.post(
                f"http://127.0.0.1:{port}/predict/", body, headers=headers, timeout=60
            ).raise_for_status()
            return
        except requests.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def wrk(port: int, body: bytes, clients: int, seconds: float) -> Load:
    """Load by wrk."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "body").write_bytes(body)
        script = Path(folder) / "post.lua"
        script.write_text(WRK_SCRIPT.format(boundary=BOUNDARY, body=Path(folder) / "body"))
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds:.0f}s", "--timeout", "60s", "-s", str(script)]
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
    asyncio.run(all_clients(start + seconds))
    passed = time.perf_counter() - start
    p99 = statistics.quantiles(latencies, n=100)[98]
    return Load(len(latencies), passed, statistics.median(latencies), p99, failed)


def main() -> None:
    """Run the servers, load them in turns, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--picture", type=Path, default=CANVAS_PNG, help="another picture than the canvas PNG")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of load on one server in one round")
    chosen = parser.parse_args()
    picture = chosen.picture.read_bytes()
    body = multipart(picture)
    load, source = (wrk, "wrk") if shutil.which("wrk") else (own_client, "asyncio client")

    with ExitStack() as running:
        ports = {name: running.enter_context(server(app)) for name, app in SERVERS.items()}
        for port in ports.values():
            first_answer(port, body)
            load(port, body, 1, 1)
        turns = [
            (clients, name, load(ports[name], body, clients, chosen.seconds))
            for _ in range(chosen.rounds)
            for clients in chosen.clients
            for name in SERVERS
        ]

    print(f"{len(picture)} bytes a picture; {chosen.rounds} rounds of {chosen.seconds:g} s; load: {source}\n")
    print("clients  server          requests/s  median ms   p99 ms  of empty  times original")
    for clients in chosen.clients:
        loads = {name: [found for c, n, found in turns if (c, n) == (clients, name)] for name in SERVERS}
        rates = {
            name: statistics.median(x.requests / x.seconds for x in found) for name, found in loads.items()
        }
        for name, found in loads.items():
            median = statistics.median(x.median for x in found)
            p99 = statistics.median(x.p99 for x in found)
            print(
                f"{clients:7}  {name:14} {rates[name]:11.0f} {median:10.2f} {p99:8.2f}"
                f" {rates[name] / rates['empty']:9.1%} {rates[name] / rates['original']:15.1f}"
            )
    if failures := sum(found.failed for _, _, found in turns):
        sys.exit(f"{failures} requests failed: the figures mean nothing")


if __name__ == "__main__":
    main()
