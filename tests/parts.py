# SPDX-License-Identifier: GPL-2.0-or-later
"""A suite whose parts run side by side, each in a lab of its own; the suite adds up their points.

A part is a module part_PART.py with run(plan, build), in a folder of sys.path. The suite is called as
`SUITE BUILD [PART...]`, and calls itself as `SUITE BUILD --here PART`."""
import concurrent.futures
import importlib
import os
import re
import subprocess
import sys

import lab
import tap

TIMEOUT_S = 600
POINT = re.compile(r"(ok|not ok) \d+ - (.*)")


def main(suite, parts, at_once, before=None):
    """parts: those that take longest first. at_once: they may wait more than they work. before(build):
    called in the lab of each part."""
    build, *named = sys.argv[1:]
    build = os.path.abspath(build)
    if named[:1] == ["--here"]:
        lab.ensure_inside()
        with tap.Plan() as plan:
            if before:
                before(build)
            importlib.import_module(f"part_{named[1]}").run(plan, build)
    with tap.Plan() as plan, concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        began = {pool.submit(_run_beside, suite, build, part): part for part in named or parts}
        for done in concurrent.futures.as_completed(began):
            _report(plan, began[done], *done.result())


def _run_beside(suite, build, part):
    done = subprocess.Popen([sys.executable, suite, build, "--here", part], text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        out, _ = done.communicate(timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        done.terminate()
        out, _ = done.communicate()
        out += f"\nnot within {TIMEOUT_S} s\n"
    return out, done.returncode


def _report(plan, part, out, status):
    """Hands a part's points on; what it says between them belongs to the one before."""
    failed = points = 0
    planned = None
    for line in out.splitlines():
        point = POINT.fullmatch(line)
        if point:
            points += 1
            failed += point[1] != "ok"
            plan.ok(point[1] == "ok", f"{part}: {point[2]}")
        elif line.startswith("1.."):
            planned = int(line[3:])
        elif line:
            tap.note(line.removeprefix("# "))
    plan.ok(planned == points and (status == 0 or failed), f"{part}: ran to its end",
            f"exit status {status}, {points} points, plan {planned}")
