"""Load by wrk, from the load core."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.servers import LOAD_CORE, SERVER_CORE, Failed, pinned

_SCRIPT = Path(__file__).with_name("load.lua")

# A path, and the ETag of a conditional request.
Request = tuple[str, str | None]


@dataclass(frozen=True)
class Run:
    """Result of a run: requests per second, and the median and the 99th percentile of latencies in ms."""

    rate: float
    p50: float
    p99: float


def check_tools() -> None:
    """Raise Failed if the load cannot be made on this machine."""
    if shutil.which("wrk") is None:
        raise Failed("wrk is missing. Install it: apt-get install wrk")
    if shutil.which("taskset") is None:
        raise Failed("taskset is missing. Install it: apt-get install util-linux")
    if LOAD_CORE == SERVER_CORE:
        raise Failed("The benchmark needs two cores: one for the server, one for the load.")


def run(port: int, requests: Sequence[Request], folder: Path, *, connections: int, seconds: int, once: bool) -> Run:
    """Send requests for some seconds, or `once`, until the last one was sent. Raises Failed for a failed request."""
    file = folder / "requests.txt"
    file.write_text("".join(f"{path}\t{etag or ''}\n" for path, etag in requests))
    command = [
        *("wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s", "--latency"),
        *("--timeout", "20s", "--script", str(_SCRIPT), f"http://127.0.0.1:{port}"),
        *("--", str(file), "once" if once else "repeat"),
    ]
    done = subprocess.run(pinned(LOAD_CORE, command), capture_output=True, text=True, timeout=seconds + 60, check=False)
    lines = done.stdout.splitlines()
    if done.returncode or not lines or not lines[-1].startswith("{"):
        raise Failed(f"wrk failed: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    values = json.loads(lines[-1])
    if values["failed"] or not values["requests"]:
        raise Failed(f"{values['failed']} of {values['requests']} requests failed, such as {requests[0][0]}.")
    return Run(values["requests"] / values["seconds"], values["p50"], values["p99"])
