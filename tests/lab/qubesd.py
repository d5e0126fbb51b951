# SPDX-License-Identifier: GPL-2.0-or-later
"""tests/fakes/qubesd as a test has it: started, commanded, ended, and what it was asked.

Its states reach the qubes of lab.qrexec in LABDIR. Needs no namespaces."""
import os
import pathlib
import subprocess

PROGRAM = pathlib.Path(__file__).resolve().parents[1] / "fakes/qubesd"


class Qubesd:
    def __init__(self, folder, *options):
        self.socket, self.log, self.options = folder / "qubesd.sock", folder / "qubesd.log", options
        self.log.touch()
        self.process = None

    def start(self, *qubes):
        """qubes: NAME=STATE"""
        self.process = subprocess.Popen(
            [PROGRAM, self.socket, self.log, "--qrexec", pathlib.Path(os.environ["LABDIR"], "qrexec"),
             *self.options, *qubes],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._wait_ok()

    def _wait_ok(self):
        answer = self.process.stdout.readline()
        assert answer == "ok\n", f"the fake qubesd said {answer!r}"

    def tell(self, line):
        print(line, file=self.process.stdin, flush=True)
        self._wait_ok()

    def stop(self):
        """At once, without a word; the socket stays, as that of a crashed one does."""
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def environment(self):
        """Of a program that is to find it."""
        return {"SYSVPN_QUBESD_SOCKET": str(self.socket)}

    def requests(self):
        return self.log.read_text().splitlines()

    def starts(self):
        return [line for line in self.requests() if line.startswith("admin.vm.Start")]
