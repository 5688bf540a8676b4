"""How much work one picture of a number may make, whatever it shows: counted, so that the answer is always the same."""

from dataclasses import astuple, dataclass
from typing import Final

MAX_COMPONENTS: Final = 400
"""Connected components that are looked at in one ink candidate, the longest ones. Set by hand: a page of twenty lines
of twenty digits."""

MAX_COMPONENT_PIXELS: Final = 8_000_000
"""Pixels of the boxes around the components of one ink candidate together: eight pages of 1024 x 1024. Digits side by
side fill less than one page; lines and rings around each other may fill two hundred. Set by hand."""

MAX_SEGMENTS: Final = 300
"""Segments into which the doubtful text lines of a picture are cut, about. Set by hand; see `MAX_HYPOTHESES`."""

MAX_SEAM_PIXELS: Final = 300_000
"""Pixels, after reduction, in which seams are looked for: about 0.3 µs each. Set by hand; see `MAX_HYPOTHESES`."""

MAX_HYPOTHESES: Final = 1_500
"""Segment hypotheses of a picture that the model is asked about. Set by hand; 320 composed numbers of up
to six digits needed at most 632. `python -m tools.benchmarks.page_cost` measures what pages cost."""

MAX_HYPOTHESIS_PIXELS: Final = 12_000_000
"""Pixels of the boxes around these hypotheses together, about 9 ns each. Set by hand; see `MAX_HYPOTHESES`."""

MAX_AUGMENTED: Final = 100
"""Segments of a picture that are judged from augmented views too, about 0.7 ms each. Set by hand; see
`MAX_HYPOTHESES`."""


TURN_PART: Final = 18
"""A page that may lie on its side is tried at each turn with an eighteenth of all that. Set by hand."""


@dataclass
class Budget:
    """What is left to spend on one picture, over all its ink candidates.

    What is over the budget is not cut, not joined with its neighbours, and judged from one view. Each component is
    looked at alone in any case, so that a count may fall below 0.

    Attributes:
        segments: into which lines may still be cut.
        seam_pixels: in which seams may still be looked for.
        hypotheses: about which the model may still be asked.
        pixels: of such hypotheses.
        augmented: segments that may still be judged from augmented views.

    """

    segments: int = MAX_SEGMENTS
    seam_pixels: int = MAX_SEAM_PIXELS
    hypotheses: int = MAX_HYPOTHESES
    pixels: int = MAX_HYPOTHESIS_PIXELS
    augmented: int = MAX_AUGMENTED

    @classmethod
    def of_a_turn(cls) -> "Budget":
        """What may be spent on telling whether a page lies on its side."""
        return cls(*(limit // TURN_PART for limit in astuple(cls())))

    @property
    def allows_hypotheses(self) -> bool:
        """Whether segments may still be joined."""
        return self.hypotheses > 0 and self.pixels > 0

    @property
    def is_spent(self) -> bool:
        """Whether no further ink candidate is tried: judged from one view its digits would seem surer than others."""
        return not self.allows_hypotheses or self.augmented <= 0
