# SPDX-License-Identifier: GPL-2.0-or-later
"""The agent's reports as dom0 gets them: one sysvpn.Watch that stays open, read by a thread."""
import os
import subprocess
import threading


def fields(block):
    """{key: value} of one block."""
    return dict(line.split("=", 1) for line in block.splitlines() if "=" in line)


class Watch:
    """with Watch(world, build) as watch: ... watch.wait(killswitch="broken")"""

    def __init__(self, world, build):
        self._program = build / "tests/fakes/dom0/qrexec-client"
        self._qube = world.qrexec
        self._process = None
        self._arrived = threading.Condition()
        self._reports = []

    def __enter__(self):
        self._process = subprocess.Popen(
            [self._program, "-d", self._qube.name, "DEFAULT:QUBESRPC sysvpn.Watch dom0"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=self._qube.environment())
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    def mark(self):
        """Reports from here on: give it to wait(since=...), before what is to be reported is done."""
        with self._arrived:
            return len(self._reports)

    def wait(self, since=0, timeout=30, **wanted):
        """The first report since then whose fields are as wanted: a word, or a tuple of words."""
        with self._arrived:
            def find():
                return next((one for one in self._reports[since:] if all(
                    one.get(key) in (words if isinstance(words, tuple) else (words,))
                    for key, words in wanted.items())), None)
            found = self._arrived.wait_for(find, timeout)
            if not found:
                last = self._reports[-1] if self._reports else None
                raise TimeoutError(f"no report of {wanted} within {timeout} s; the last: {last}")
            return found

    def after(self, report):
        """The mark behind a report that wait() found: what came before it may be older news."""
        with self._arrived:
            return next(n for n, one in enumerate(self._reports) if one is report) + 1

    def now(self):
        with self._arrived:
            return self._reports[-1] if self._reports else {}

    def _read(self):
        block = []
        with open(os.dup(self._process.stdout.fileno()), encoding="ascii") as stream:
            for line in stream:
                if line != "\n":
                    block.append(line)
                    continue
                with self._arrived:
                    self._reports.append(fields("".join(block)))
                    self._arrived.notify_all()
                block = []
