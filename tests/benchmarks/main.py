# SPDX-License-Identifier: GPL-2.0-or-later
"""main.py BUILD NAME...: runs the benchmarks one after the other, each on a throw-away machine of its
own, and prints one table at the end."""
import importlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "agent"), str(TESTS / "applet"), str(TESTS / "benchmarks")]

HEAD = ("figure", "measured", "budget", "", "beside", "measured", "ratio")


def run_one(build, name):
    """In a machine of its own; its rows."""
    with tempfile.NamedTemporaryFile("r", prefix="sysvpn-bench-") as rows:
        subprocess.run([TESTS / "lab/enter", "--private-x11", sys.executable, __file__, build, name],
                       stdin=subprocess.DEVNULL, check=True, env=os.environ | {"BENCH_ROWS": rows.name})
        return [json.loads(line) for line in rows]


def print_table(rows):
    table = [HEAD, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(HEAD))]
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def main():
    build, names = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    if "LABDIR" in os.environ:
        importlib.import_module(f"bench_{names[0]}").run(build)
        return
    rows = []
    for name in names:
        print(f"measuring {name} ...", flush=True)
        rows += run_one(build, name)
    print()
    print_table(rows)


if __name__ == "__main__":
    main()
