"""A network for larger photos."""

from __future__ import annotations

import torch

from engine.model.network import Network
from engine.training.enlarge import enlarge
from tests.engine.conftest import TINY


def test_a_network_for_larger_photos_keeps_its_corners_and_everything_else() -> None:
    small = Network(TINY).eval()
    large = enlarge(small, 2 * TINY.image_size).eval()
    before, after = int(TINY.num_patches**0.5), 2 * int(TINY.num_patches**0.5)
    assert large.config.num_patches == after**2
    grids = (
        small.image_head.position_embedding.unflatten(0, (before, before)),
        large.image_head.position_embedding.unflatten(0, (after, after)),
    )
    for row, column in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
        torch.testing.assert_close(grids[0][row, column], grids[1][row, column])
    side = large.config.image_size
    seen = large.encode_image(torch.zeros(1, 3, side, side))
    assert seen.grid.shape == (1, after**2, TINY.width)
    numbers = torch.tensor([[1, 4, 5, 2]])
    torch.testing.assert_close(large.encode_text(numbers).joint, small.encode_text(numbers).joint)


def test_photos_of_the_same_size_need_no_other_network() -> None:
    network = Network(TINY)
    assert enlarge(network, TINY.image_size) is network
