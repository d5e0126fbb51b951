# SPDX-License-Identifier: GPL-2.0-or-later
"""TAP for the suites: points in order, an exception is a failed point, the plan comes last.

    with tap.Plan() as plan:
        plan.ok(value == 3, "three")
        plan.equal(icon(), "sysvpn-blocked", "icon is Blocked")
        with plan.case("a tunnel comes up"):     # a point of its own; raising fails it
            lab.wait_for(...)
"""
import contextlib
import sys
import time
import traceback


class Plan:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None and kind is not KeyboardInterrupt:
            self.ok(False, "the suite ran to its end",
                    "".join(traceback.format_exception(kind, value, trace)))
        print(f"1..{self.count}", flush=True)
        if kind is None or issubclass(kind, Exception):
            sys.exit(1 if self.failed else 0)
        return False

    def ok(self, passed, name, why=""):
        self.count += 1
        self.failed += not passed
        print(f"{'ok' if passed else 'not ok'} {self.count} - {name}", flush=True)
        if not passed and why:
            note(why)
        return bool(passed)

    def equal(self, got, wanted, name):
        return self.ok(got == wanted, name, f"wanted {wanted!r}\ngot    {got!r}")

    def skip(self, name, reason):
        """Only reasons listed in tests/skips are let through by tests/run."""
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {reason}", flush=True)

    @contextlib.contextmanager
    def case(self, name):
        began = time.monotonic()
        try:
            yield
        except Exception:  # the point of a case: whatever went wrong is the failed point
            self.ok(False, name, traceback.format_exc())
        else:
            self.ok(True, name)
            if time.monotonic() - began > 10:
                note(f"took {time.monotonic() - began:.0f} s")


def note(text):
    for line in str(text).rstrip().splitlines():
        print(f"# {line}", flush=True)


def wait_for(what, question, timeout=20.0, step=0.02):
    """Waits until question() is true and returns its answer; the time limit is a deadline, not a measure."""
    end = time.monotonic() + timeout
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > end:
            raise TimeoutError(f"not within {timeout:.0f} s: {what}")
        time.sleep(step)
