"""How long people wait for the page: to open it, and from mouse-up to the answer; both processes run already.

    python -m tools.benchmarks.page_latency [ROUNDS] [--openings 10] [--other CHECKOUT]

The clocks are the browser's own. One starts where a browser that has nothing in its cache begins to load the page, and
stops when the canvas can be drawn on; the other starts with the ``mouseup`` event and stops in the animation frame that
shows what the whole drawing is read as, and in the one that shows all that the page says of it. With the checkout of
another version (``git worktree add ../before REVISION``) both are measured in turns, and the ratio of a turn is told.
"""

import argparse
import statistics
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from playwright.sync_api import Browser, expect, sync_playwright

from tools.browser import FINAL, SEVEN, Visitor, launch, visit, zero
from tools.servers import PROJECT, both_servers

WAIT_MILLISECONDS: Final = 60_000
"""For an answer, on a machine that has much else to do."""

STEP_MILLISECONDS: Final = 12
"""Between two points of a stroke, which so takes as long as a person's."""

STOPWATCH: Final = """
() => {
  window.samples = [];
  let start = null, before = null, first = null;
  window.addEventListener("mouseup", event => {
    if (event.composedPath()[0].tagName !== "CANVAS") return;
    [start, first] = [performance.now(), null];
    before = document.querySelector(".following .large");
  }, true);
  new MutationObserver(() => {
    if (start === null) return;
    const shown = document.querySelector(".answer .large:not(.following *)")
      ?? document.querySelector(".following .large");
    if (!shown || shown === before) return;
    const [isFinal, begun] = [shown.matches(".answer .large:not(.following *)"), start];
    if (isFinal) start = null;
    requestAnimationFrame(() => {
      first ??= performance.now() - begun;
      if (isFinal) window.samples.push([first, performance.now() - begun]);
    });
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}
"""

Samples = dict[str, list[float]]
Measurable = TypeVar("Measurable")


def opening(browser: Browser, address: str) -> float:
    """Milliseconds from an empty browser to a page that can be drawn on."""
    with visit(browser, address) as visitor:
        return float(visitor.page.evaluate("performance.now()"))


@contextmanager
def watched(browser: Browser, address: str, reading: int) -> Iterator[Visitor]:
    """A visitor whose drawings are timed, read as a digit (0) or as a number (1)."""
    with visit(browser, address) as visitor:
        visitor.choose_reading(reading)
        visitor.page.wait_for_timeout(1000)
        visitor.page.evaluate(STOPWATCH)
        yield visitor


def answering(visitor: Visitor, round_: int) -> tuple[float, float]:
    """Milliseconds from mouse-up to what the drawing is read as, and to the whole answer; each round draws another."""
    shift = 0.001 * (round_ // 2)
    shape = zero() if round_ % 2 else SEVEN
    visitor.stroke([(x + shift, y) for x, y in shape], pause=STEP_MILLISECONDS)
    visitor.page.wait_for_function("count => window.samples.length > count", arg=round_, timeout=WAIT_MILLISECONDS)
    visitor.button("clear").click()
    expect(visitor.page.locator(f"{FINAL} .large")).to_have_count(0, timeout=WAIT_MILLISECONDS)
    first, whole = visitor.page.evaluate("window.samples.at(-1)")
    return first, whole


def measured(browser: Browser, addresses: Sequence[str], rounds: int, openings: int) -> list[Samples]:
    """Of each address the same samples, taken in turns."""
    taken: list[Samples] = [{} for _ in addresses]
    for address in addresses:
        opening(browser, address)
    for round_ in range(openings):
        for samples, address in in_turn(round_, taken, addresses):
            samples.setdefault("to open the page", []).append(opening(browser, address))
    for reading, name in enumerate(("digit", "number")):
        with ExitStack() as stack:
            visitors = [stack.enter_context(watched(browser, address, reading)) for address in addresses]
            for round_ in range(rounds):
                for samples, visitor in in_turn(round_, taken, visitors):
                    visitor.page.bring_to_front()
                    first, whole = answering(visitor, round_)
                    if name == "digit":  # a number is not followed
                        samples.setdefault("from mouse-up to digit", []).append(first)
                    samples.setdefault(f"from mouse-up to the whole answer, {name}", []).append(whole)
    return taken


def in_turn(
    round_: int, taken: Sequence[Samples], measurable: Sequence[Measurable]
) -> list[tuple[Samples, Measurable]]:
    """Each with its samples; every second round begins with the last one."""
    pairs = list(zip(taken, measurable, strict=True))
    return pairs[::-1] if round_ % 2 else pairs


def main() -> None:
    """Time each, and print what came."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", type=int, nargs="?", default=40, help="drawings read as a digit, as many as a number")
    parser.add_argument("--openings", type=int, default=10)
    parser.add_argument("--other", type=Path, metavar="CHECKOUT")
    chosen = parser.parse_args()
    checkouts = [PROJECT, *([chosen.other.absolute()] if chosen.other else [])]
    with ExitStack() as stack:
        addresses = [stack.enter_context(both_servers(checkout=checkout)) for checkout in checkouts]
        browser = launch(stack.enter_context(sync_playwright()))
        this, *others = measured(browser, addresses, chosen.rounds, chosen.openings)
    for name, samples in this.items():
        print(f"{name}, {len(samples)} times: {_told(samples)}")
        for other in others:
            ratio = statistics.median(ours / theirs for ours, theirs in zip(samples, other[name], strict=True))
            print(f"    the other: {_told(other[name])}; this by other in a turn: median {ratio:.2f}")


def _told(samples: Sequence[float]) -> str:
    fastest, median, most = np.percentile(samples, [0, 50, 95])
    return f"median {median:.0f} ms, fastest {fastest:.0f} ms, 95 % within {most:.0f} ms"


if __name__ == "__main__":
    main()
