"""What is counted, and how little is remembered for it."""

from handlers.usage.metrics import UniqueUsers


def test_people_are_counted_once_and_cannot_be_told_from_what_is_kept() -> None:
    crowd = UniqueUsers()
    for person in (5_000_000_001, 5_000_000_002, 5_000_000_001):
        crowd.load_preferences(person)
    assert len(crowd) == 2
    assert not hasattr(crowd, "__dict__")
    assert b"5000000001" not in b"".join(crowd._marks)
    other = UniqueUsers()
    other.load_preferences(5_000_000_001)
    assert not crowd._marks & other._marks  # salted anew each time
