"""What a test may loop over: a loop over nothing would assert nothing."""

from collections.abc import Iterable


def nonempty[T](items: Iterable[T]) -> list[T]:
    """Return the items as a list, which fails where there are none."""
    listed = list(items)
    assert listed, "there is nothing to loop over, so the test would assert nothing"
    return listed
