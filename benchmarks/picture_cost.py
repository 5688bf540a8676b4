"""What one picture costs: milliseconds and megabytes from its bytes to the answer, on one core, without HTTP.

    python -m benchmarks.picture_cost

A drawing of the canvas, a 28x28 icon, and telephone pictures of squared paper; each in a process of its own. The
memory is what the first picture adds to the resident memory of a process that has the model loaded (Linux only).
"""

import io
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from threadpoolctl import threadpool_limits

from benchmarks.api_rate import CANVAS_PNG
from digits.decode import decode
from digits.recogniser import Recogniser

RUNS = 30


def icon() -> bytes:
    """28x28 PNG."""
    small = io.BytesIO()
    Image.open(CANVAS_PNG).convert("L").resize((28, 28)).save(small, "PNG")
    return small.getvalue()


def telephone(width: int, height: int) -> bytes:
    """A seven on squared paper in uneven light with grain, as JPEG."""
    sheet = Image.new("L", (width, height), 215)
    pen = ImageDraw.Draw(sheet)
    step = width // 40
    for place in range(0, max(width, height), step):
        pen.line([(place, 0), (place, height)], 170, step // 20)
        pen.line([(0, place), (width, place)], 170, step // 20)
    stroke = [(0.35, 0.3), (0.62, 0.3), (0.45, 0.72)]
    pen.line([(x * width, y * height) for x, y in stroke], 60, width // 60, joint="curve")
    grain = np.random.default_rng(0).normal(0, 6, (height // 2, width // 2)).repeat(2, 0).repeat(2, 1)
    grey = np.asarray(sheet) * np.linspace(1, 0.7, width) + grain
    photo = io.BytesIO()
    Image.fromarray(grey.clip(0, 255).astype(np.uint8)).convert("RGB").save(photo, "JPEG", quality=90)
    return photo.getvalue()


PICTURES: dict[str, Callable[[], bytes]] = {
    "canvas PNG, 280x280": CANVAS_PNG.read_bytes,
    "icon PNG, 28x28": icon,
    "JPEG, 12 megapixels": lambda: telephone(4000, 3000),
    "JPEG, 48 megapixels": lambda: telephone(8000, 6000),
}


def resident(name: str) -> float:
    """Megabytes of this process."""
    status = Path("/proc/self/status")
    return int(status.read_text().partition(f"{name}:")[2].split()[0]) / 1024 if status.exists() else float("nan")


def cost(picture: bytes) -> tuple[float, float, int | None]:
    """Median milliseconds, megabytes of the first run, and the answer."""
    threadpool_limits(1)
    recogniser = Recogniser.load(Path(__file__).parent.parent)
    if (peak := Path("/proc/self/clear_refs")).exists():
        peak.write_text("5")
    before = resident("VmRSS")
    prediction = recogniser.recognise(decode(picture)).prediction
    added = resident("VmHWM") - before
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        recogniser.recognise(decode(picture))
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times), added, prediction


def main() -> None:
    """Measure every picture and print the table."""
    print("| picture | KiB | ms | MB | read as |\n|---|---:|---:|---:|---:|")
    for name, make in PICTURES.items():
        picture = make()
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            milliseconds, megabytes, prediction = process.submit(cost, picture).result()
        print(f"| {name} | {len(picture) // 1024} | {milliseconds:.1f} | {megabytes:.0f} | {prediction} |", flush=True)


if __name__ == "__main__":
    main()
