import gc
import weakref

from matplotlib.figure import Figure

from engine.drawing import lets_go


def test_a_figure_is_gone_as_soon_as_it_is_drawn() -> None:
    figures = []

    @lets_go
    def draw(side: int) -> bytes:
        figure = Figure(figsize=(side, side))
        figure.add_axes((0, 0, 1, 1)).plot([1, 2])
        figures.append(weakref.ref(figure))
        return b"drawn"

    gc.disable()  # Python would look for such at some moment
    try:
        assert draw(1) == b"drawn"
        assert figures[0]() is None
    finally:
        gc.enable()
