"""Order in which a request enters the files of its path, and the number of its returns to them."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# The files that read a request, the folders of the path, and the folder that counts as one file.
ENTRY = ("api/http/query_params.py", "api/http/request_body.py")
FOLDERS = ("api/v1/", "api/store/", "api/kinds/")
GROUNDING = "api/grounding/"
LIBRARIES = ("/sqlalchemy/", "/psycopg/")


def trace(work):
    """Return the result of a request, its files in the order of the first call, and its returns.

    A return is a call from another file into a file that was entered before. Repeated calls of one function in a row
    are one call. Functions that the database libraries call are not counted.
    """
    files, calls, returns, generators = [], [], [], set()

    def profile(frame, event, _):
        name, file = frame.f_code.co_name, _file(frame)
        if event != "call" or file is None or name.startswith("<") or not (files or file == ENTRY[0]):
            return
        if frame.f_code.co_flags & inspect.CO_GENERATOR:
            if frame in generators:
                # Resumed, not called.
                return
            generators.add(frame)
        outer = frame.f_back
        caller = None
        while outer is not None:
            if any(library in outer.f_code.co_filename for library in LIBRARIES):
                return
            caller = caller or _file(outer)
            outer = outer.f_back
        call = (caller, file, name)
        if caller == file or calls[-1:] == [call] or (caller is None and files[-1:] == [file]):
            return
        calls.append(call)
        (returns if file in files else files).append(call if file in files else file)

    sys.setprofile(profile)
    try:
        result = work()
    finally:
        sys.setprofile(None)
    return result, files, returns


def _file(frame) -> str | None:
    path = frame.f_code.co_filename
    if not path.startswith(f"{ROOT}/api/"):
        return None
    path = path.removeprefix(f"{ROOT}/")
    if path.startswith(GROUNDING):
        return GROUNDING
    return path if path in ENTRY or path.startswith(FOLDERS) else None
