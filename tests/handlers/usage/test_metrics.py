"""What is counted, and how little is remembered for it."""

from handlers.usage.metrics import Crowd


def test_people_are_counted_once_and_cannot_be_told_from_what_is_kept() -> None:
    crowd = Crowd()
    for person in (5_000_000_001, 5_000_000_002, 5_000_000_001):
        crowd.meet(person)
    assert len(crowd) == 2
    assert not hasattr(crowd, "__dict__")
    assert b"5000000001" not in b"".join(crowd._marks)
    other = Crowd()
    other.meet(5_000_000_001)
    assert not crowd._marks & other._marks  # salted anew each time
