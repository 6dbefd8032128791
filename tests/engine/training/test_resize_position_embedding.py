from __future__ import annotations

import torch

from engine.reference.network import Network
from engine.training.resize_position_embedding import resize_position_embedding
from tests.engine.conftest import TINY


def test_a_resized_network_keeps_the_corners_of_its_grid_and_all_other_weights() -> None:
    small = Network(TINY).eval()
    large = resize_position_embedding(small, 2 * TINY.image_size).eval()
    old_side, new_side = int(TINY.num_patches**0.5), 2 * int(TINY.num_patches**0.5)
    assert large.config.num_patches == new_side**2
    grids = (
        small.image_head.position_embedding.unflatten(0, (old_side, old_side)),
        large.image_head.position_embedding.unflatten(0, (new_side, new_side)),
    )
    for row, column in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
        torch.testing.assert_close(grids[0][row, column], grids[1][row, column])
    side = large.config.image_size
    image = large.encode_image(torch.zeros(1, 3, side, side))
    assert image.grid.shape == (1, new_side**2, TINY.width)
    token_ids = torch.tensor([[1, 4, 5, 2]])
    torch.testing.assert_close(large.encode_text(token_ids).joint, small.encode_text(token_ids).joint)


def test_a_network_of_the_right_size_is_returned_as_it_is() -> None:
    network = Network(TINY)
    assert resize_position_embedding(network, TINY.image_size) is network
