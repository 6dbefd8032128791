"""A double press is one wish."""

from handlers.presses import PAUSE, REMEMBERED, Presses


def test_a_second_press_within_a_moment_is_not_a_new_wish() -> None:
    presses = Presses()
    assert presses.is_new(1, 1, "a", now=10.0)
    assert not presses.is_new(1, 1, "a", now=10.0 + PAUSE / 2)
    assert not presses.is_new(1, 1, "a", now=10.0 + PAUSE)  # counted from the last press
    assert presses.is_new(1, 1, "a", now=10.0 + 2.5 * PAUSE)


def test_other_buttons_messages_and_chats_are_wishes_of_their_own() -> None:
    presses = Presses()
    assert all(presses.is_new(*key, now=1.0) for key in [(1, 1, "a"), (1, 1, "b"), (1, 2, "a"), (2, 1, "a")])


def test_old_presses_are_forgotten() -> None:
    presses = Presses()
    for message in range(REMEMBERED + 1):
        presses.is_new(1, message, "a", now=1.0)
    assert presses.is_new(1, 0, "a", now=1.0)
    assert not presses.is_new(1, REMEMBERED, "a", now=1.0)
