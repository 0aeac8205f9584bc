"""The command in a forked process. The parent process has loaded its modules, which saves a second for each run."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from api.cli import COMMANDS

_SERVER = multiprocessing.get_context("forkserver")
# Modules that commands load, at the start or later.
_LOADED = ["api.app", "api.store.migrations", "sqlalchemy.dialects.sqlite", "tests.support.cli_runner"]
_LOADED += [target.partition(":")[0] for target in COMMANDS.values()]
_SERVER.set_forkserver_preload(_LOADED)


def run(arguments: Sequence[str], cwd: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `onrecord` with these arguments to its end."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("stdout", "stderr")]
        process = _SERVER.Process(target=_run, args=(list(arguments), str(cwd), dict(env), *map(str, files)))
        process.start()
        process.join(120)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(list(arguments), 120)
        return subprocess.CompletedProcess(list(arguments), process.exitcode, *(item.read_text() for item in files))


def _run(arguments: list[str], cwd: str, env: dict[str, str], stdout: str, stderr: str) -> None:
    from api.cli import main

    for number, path in ((1, stdout), (2, stderr)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["onrecord", *arguments]
    main()
