"""Counting unique users without storing their ids."""

from handlers.usage.metrics import UniqueUsers


def test_unique_users_are_counted_once_and_stored_as_salted_hashes() -> None:
    users = UniqueUsers()
    for user_id in (5_000_000_001, 5_000_000_002, 5_000_000_001):
        users.add(user_id)
    assert len(users) == 2
    assert not hasattr(users, "__dict__")
    assert b"5000000001" not in b"".join(users._hashes)
    other = UniqueUsers()
    other.add(5_000_000_001)
    assert not users._hashes & other._hashes  # each instance has its own salt
