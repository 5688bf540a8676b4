"""How long people wait for the page: to open it, and from mouse-up to the answer; both processes run already.

    python -m tools.benchmarks.page_latency [ROUNDS] [--openings 10]

The clocks are the browser's own. One starts where a browser that has nothing in its cache begins to load the page, and
stops when the canvas can be drawn on; the other starts with the ``mouseup`` event and stops in the animation frame
that shows the digit, or the number.
"""

import argparse
from typing import Final

import numpy as np
from playwright.sync_api import Browser, expect, sync_playwright

from tools.browser import SEVEN, launch, visit, zero
from tools.servers import both_servers

WAIT_MILLISECONDS: Final = 60_000
"""For an answer, on a machine that has much else to do."""

STOPWATCH: Final = """
() => {
  window.samples = [];
  let start = null;
  window.addEventListener("mouseup", event => {
    if (event.composedPath()[0].tagName === "CANVAS") start = performance.now();
  }, true);
  new MutationObserver(() => {
    if (start === null || !document.querySelector(".answer .large")) return;
    const begun = start;
    start = null;
    requestAnimationFrame(() => window.samples.push(performance.now() - begun));
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}
"""


def opening(browser: Browser, address: str) -> float:
    """Milliseconds from an empty browser to a page that can be drawn on."""
    with visit(browser, address) as visitor:
        return float(visitor.page.evaluate("performance.now()"))


def answering(browser: Browser, address: str, rounds: int, reading: int) -> list[float]:
    """Milliseconds from mouse-up to the answer, of `rounds` drawings, read as a digit (0) or as a number (1)."""
    with visit(browser, address) as visitor:
        visitor.choose_reading(reading)
        visitor.page.wait_for_timeout(1000)
        visitor.page.evaluate(STOPWATCH)
        for round_ in range(rounds):
            shift = 0.001 * (round_ // 2)
            shape = zero() if round_ % 2 else SEVEN
            visitor.stroke([(x + shift, y) for x, y in shape])
            visitor.page.wait_for_function(
                "count => window.samples.length > count", arg=round_, timeout=WAIT_MILLISECONDS
            )
            visitor.button("clear").click()
            expect(visitor.page.locator(".answer .large")).to_have_count(0, timeout=WAIT_MILLISECONDS)
        return [float(sample) for sample in visitor.page.evaluate("window.samples")]


def main() -> None:
    """Time each of the three, and print what came."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", type=int, nargs="?", default=40, help="drawings read as a digit, as many as a number")
    parser.add_argument("--openings", type=int, default=10)
    chosen = parser.parse_args()
    with both_servers() as address, sync_playwright() as playwright:
        browser = launch(playwright)
        opening(browser, address)
        for name, samples in {
            "to open the page": [opening(browser, address) for _ in range(chosen.openings)],
            "from mouse-up to digit": answering(browser, address, chosen.rounds, 0),
            "from mouse-up to number": answering(browser, address, chosen.rounds, 1),
        }.items():
            fastest, median, most = np.percentile(samples, [0, 50, 95])
            print(f"{name}, {len(samples)} times: median {median:.0f} ms,", end=" ")
            print(f"fastest {fastest:.0f} ms, 95 % within {most:.0f} ms")


if __name__ == "__main__":
    main()
