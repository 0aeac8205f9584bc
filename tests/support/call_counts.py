"""Work measured as the number of function calls, which is the same in each run on each machine."""

from __future__ import annotations

import cProfile
import gc


def count_calls(work, *arguments):
    """Return the number of calls of functions, of Python and of C, that a call takes."""
    profile = cProfile.Profile()
    # A garbage collection may run callbacks, whenever it happens.
    gc.disable()
    try:
        profile.runcall(work, *arguments)
    finally:
        gc.enable()
    return sum(entry.callcount for entry in profile.getstats())
