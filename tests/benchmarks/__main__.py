"""Benchmark of this project and of other servers with the same claims. `make bench` runs it.

It prints each measurement, then the tables and the goals. A full run writes them into docs/performance.md and
README.md.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from tests.benchmarks import load, measurements, report
from tests.benchmarks.measurements import Size
from tests.benchmarks.servers import Failed

SIZES = {
    "full": Size(claims=100_000, rounds=3, seconds=3, lines=20_000),
    "quick": Size(claims=2_000, rounds=1, seconds=1, lines=2_000),
}


def measure(size: Size) -> dict[str, str]:
    """Measure all workloads and return the blocks of the report."""
    begin = time.monotonic()

    def say(message: str) -> None:
        print(f"{time.monotonic() - begin:6.0f} s  {message}", flush=True)

    values: measurements.Values = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="onrecord-benchmark-") as name:
        folder = Path(name)
        stored = measurements.build(folder, size, values, say)
        say("comparing the records of all servers")
        measurements.check_same_records(folder, stored)
        for number in range(1, size.rounds + 1):
            say(f"round {number} of {size.rounds}")
            measurements.measure_round(folder, stored, size, values, say)
            measurements.measure_imports(folder, size, values, say)
            measurements.measure_export(folder, size, values, say)
        say("facets and profile")
        measurements.measure_facets(folder, values)
        profiles = measurements.profiles(folder, stored)
    return {"run": report.run(size, time.monotonic() - begin), **report.blocks(values, profiles, size)}


def main() -> int:
    """Run the benchmark, and return the exit status."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("size", nargs="?", choices=SIZES, default="full")
    parser.add_argument("--claims", type=int, help="Number of claims. The results are then only printed.")
    arguments = parser.parse_args()
    size = SIZES[arguments.size]
    if arguments.claims:
        size = replace(size, claims=arguments.claims, lines=min(size.lines, arguments.claims))
    # A stopped benchmark stops its servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        load.check_tools()
        measurements.stick_to_load_core()
        contents = measure(size)
    except Failed as error:
        print(error, file=sys.stderr)
        return 1
    for name, content in contents.items():
        print(f"\n{name}\n\n{content}")
    if size == SIZES["full"]:
        report.write(contents)
        print(f"\nWritten to {report.PAGE.name} and {report.README.name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
