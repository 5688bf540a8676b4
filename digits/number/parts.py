"""Connected parts of a graph."""

import numpy as np
from numpy.typing import NDArray


def connected_parts(count: int, one: NDArray[np.integer], other: NDArray[np.integer]) -> tuple[int, NDArray[np.intp]]:
    """How many parts there are, and the part of each of `count` nodes, numbered in the order of their first nodes.

    Args:
        count: of nodes.
        one: (edges,) the node at one end of each edge.
        other: (edges,) the node at its other end.

    """
    lowest = np.arange(count)  # each node points at a lower one of its part, in the end at the lowest
    while (apart := lowest[one] != lowest[other]).any():
        ends = lowest[one[apart]], lowest[other[apart]]
        np.minimum.at(lowest, np.maximum(*ends), np.minimum(*ends))
        while (lowest != (farther := lowest[lowest])).any():
            lowest = farther
    first, part = np.unique(lowest, return_inverse=True)
    return len(first), part
