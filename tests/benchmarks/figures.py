# SPDX-License-Identifier: GPL-2.0-or-later
"""One line of the table, and what is read of a process."""
import json
import os
import pathlib
import time


def row(figure, measured, unit, budget=None, beside="", other=None, other_unit=None, better="lower"):
    """measured and other: numbers in the same unit. budget: the most that is allowed (the least, where
    more is better)."""
    ratio = ""
    if other is not None and measured:
        ratio = f"{other / measured if better == 'lower' else measured / other:.1f} x"
    within = "" if budget is None else "ok" if (measured <= budget) == (better == "lower") else "OVER"
    cells = (figure, f"{measured:.4g} {unit}", "" if budget is None else f"{budget:g} {unit}", within, beside,
             "" if other is None else f"{other:.4g} {other_unit or unit}", ratio)
    with open(os.environ["BENCH_ROWS"], "a", encoding="ascii") as rows:
        rows.write(json.dumps(cells) + "\n")


def memory_mib(pid):
    """PSS and RSS."""
    found = {}
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split()[:2]
        found[name] = int(value) / 1024
    return found["Pss:"], found["Rss:"]


def switches(pid):
    """How often each thread of it was scheduled out so far."""
    found = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        found[task.name] = sum(int(line.split()[1]) for line in (task / "status").read_text().splitlines()
                               if "ctxt_switches" in line)
    return found


def wakeups(pids, seconds):
    """Per second, for each process, all over the same time. Threads that end meanwhile do not count."""
    before = {pid: switches(pid) for pid in pids}
    time.sleep(seconds)
    after = {pid: switches(pid) for pid in pids}
    return {pid: sum(count - before[pid].get(task, 0) for task, count in after[pid].items()) / seconds
            for pid in pids}
