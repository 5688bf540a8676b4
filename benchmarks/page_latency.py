"""From mouse-up to the digit on the screen, in the browser, with both processes running.

    python -m benchmarks.page_latency [ROUNDS]

The clock is the browser's own: it starts with the ``mouseup`` event and stops in the animation frame
that shows the digit.
"""

import statistics
import sys

from playwright.sync_api import expect, sync_playwright

from tests.browser import SEVEN, both_servers, launch, visit, zero

STOPWATCH = """
() => {
  window.samples = [];
  let start = null;
  window.addEventListener("mouseup", event => {
    if (event.composedPath()[0].tagName === "CANVAS") start = performance.now();
  }, true);
  new MutationObserver(() => {
    if (start === null || !document.querySelector(".answer.digit .large")) return;
    const begun = start;
    start = null;
    requestAnimationFrame(() => window.samples.push(performance.now() - begun));
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}
"""


def measure(rounds: int) -> list[float]:
    """Milliseconds of `rounds` drawings on a fresh page, sorted."""
    with both_servers() as address, sync_playwright() as playwright, visit(launch(playwright), address) as visitor:
        visitor.page.evaluate(STOPWATCH)
        for round_ in range(rounds):
            shift = 0.001 * (round_ // 2)
            shape = zero() if round_ % 2 else SEVEN
            visitor.stroke([(x + shift, y) for x, y in shape])
            visitor.page.wait_for_function("count => window.samples.length > count", arg=round_)
            visitor.button("clear").click()
            expect(visitor.digit).to_have_count(0)
        return sorted(float(sample) for sample in visitor.page.evaluate("window.samples"))


def main() -> None:
    samples = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
    print(f"mouse-up to digit over {len(samples)} drawings: median {statistics.median(samples):.0f} ms,")
    print(f"fastest {samples[0]:.0f} ms, 95 % within {samples[int(0.95 * (len(samples) - 1))]:.0f} ms")


if __name__ == "__main__":
    main()
