"""When Python looks for garbage: not while a function starts, for what a start makes stays.

Looking after every 2,000 new objects, as Python does, takes a tenth of the start.
"""

import gc

# More than any function's modules consist of.
A_WHOLE_START = 1_000_000
PYTHONS_OWN = 2_000


def put_off() -> None:
    """Let a start come first."""
    gc.set_threshold(A_WHOLE_START)


def take_up() -> None:
    """Search as usual from now on, and never again in what the start has made."""
    gc.freeze()
    gc.set_threshold(PYTHONS_OWN)
