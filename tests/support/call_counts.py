"""Work measured as the number of function calls, which is the same in each run on each machine."""

from __future__ import annotations

import gc
import sys


def count_calls(work, *arguments):
    """Return the number of calls of functions, of Python and of C, that a call takes."""
    calls = 0

    def profile(_frame, event, _argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    # A garbage collection may run callbacks, whenever it happens.
    gc.disable()
    sys.setprofile(profile)
    try:
        work(*arguments)
    finally:
        sys.setprofile(None)
        gc.enable()
    return calls
