"""Networks in files."""

from pathlib import Path

import numpy as np
import pytest

from digits.layers import Layers, logits_of, read_networks, write_networks

pytestmark = pytest.mark.quick


def _network(chance: np.random.Generator) -> Layers:
    """Inputs of very different size, one of them unused."""
    sizes = np.geomspace(0.01, 100, 40)[:, None]
    first = chance.normal(size=(40, 12)) / sizes
    first[3] = 0
    return [
        (first.astype(np.float32), chance.normal(size=12).astype(np.float32)),
        (chance.normal(size=(12, 3)).astype(np.float32), chance.normal(size=3).astype(np.float32)),
    ]


def test_networks_are_read_as_they_were_written(tmp_path: Path) -> None:
    networks = [_network(np.random.default_rng(seed)) for seed in range(2)]
    write_networks(tmp_path / "networks.npz", networks)
    for read, written in zip(read_networks((tmp_path / "networks.npz").read_bytes()), networks, strict=True):
        for layer, same in zip(read, written, strict=True):
            assert all(np.array_equal(*each) for each in zip(layer, same, strict=True))


def test_eight_bits_say_nearly_the_same_in_less_room(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    network = _network(chance)
    write_networks(tmp_path / "large.npz", [network] * 20)
    write_networks(tmp_path / "small.npz", [network] * 20, eight_bits=True)
    small = read_networks((tmp_path / "small.npz").read_bytes())
    values = (chance.normal(size=(50, 40)) * np.geomspace(0.01, 100, 40)).astype(np.float32)
    exact, near = logits_of(network, values), logits_of(small[19], values)
    assert len(small) == 20
    assert np.abs(near - exact).max() < 0.02 * exact.std()
    assert (tmp_path / "small.npz").stat().st_size < 0.75 * (tmp_path / "large.npz").stat().st_size
