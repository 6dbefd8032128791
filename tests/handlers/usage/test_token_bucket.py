"""An allowance that refills."""

from __future__ import annotations

from handlers.usage.token_bucket import TokenBucket


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_full_bucket_covers_a_burst_and_refills_at_its_rate() -> None:
    clock = Clock()
    bucket = TokenBucket(burst=4, rate=2, clock=clock)
    assert [bucket.take("ada") for _ in range(5)] == [0, 0, 0, 0, 0.5]
    clock.now += 0.25
    assert bucket.take("ada") == 0.25  # what was refused was not taken
    clock.now += 0.25
    assert bucket.take("ada") == 0
    assert bucket.take("ada", 3) == 1.5
    clock.now += 1_000
    assert bucket.take("ada", 4) == 0  # it is never more than full
    assert bucket.take("ada", 0.5) == 0.25


def test_sixty_in_an_hour_are_sixty_in_an_hour() -> None:
    clock = Clock()
    bucket = TokenBucket(burst=60, rate=60 / 3600, clock=clock)
    for _ in range(60):
        assert bucket.take(7) == 0
        clock.now += 0.1
    clock.now += 60 - 6
    assert bucket.take(7) == 0  # though the sums of floats are not exact
    assert bucket.take(7) > 0


def test_of_more_than_ten_thousand_clients_the_one_seen_longest_ago_is_forgotten() -> None:
    bucket = TokenBucket(burst=2, rate=1, clock=lambda: 0.0)
    for client in range(10_000):
        bucket.take(client)
    assert bucket.take(0) == 0  # seen again: now it is client 1 that was seen longest ago
    bucket.take("new")
    assert len(bucket._full_at) == 10_000
    assert bucket.take(0) == 1
    assert [bucket.take(1) for _ in range(3)] == [0, 0, 1]
