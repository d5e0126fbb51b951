# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls to the agent over its socket, as qrexec makes them, and the shortcuts that the parts of the
agent's suite share."""
import pathlib
import re
import socket
import threading
import time

import lab
import tap

A, B = lab.addresses.PROVIDERS["A"], lab.addresses.PROVIDERS["B"]
ENDPOINTS = [A.endpoint, B.endpoint]
_LINE = re.compile(r"[a-z][a-z0-9_]{0,31}=[ -~]{0,200}")


class Broken(Exception):
    """An answer that is none."""


def read_block(text):
    """One block as {key: value}, checked as strictly as the protocol's page says."""
    lines = text.split("\n")
    if lines[-2:] != ["", ""] or lines[0] != "sysvpn=1" or not lines[-3].startswith("result="):
        raise Broken(f"not a block: {text!r}")
    fields = {}
    for line in lines[:-2]:
        if not _LINE.fullmatch(line):
            raise Broken(f"not a line: {line!r}")
        key, _, value = line.partition("=")
        if key in fields:
            raise Broken(f"{key} twice")
        fields[key] = value
    return fields


def is_like(report, wanted):
    """wanted: {key: value}, a value of None for absent, a set for one of several."""
    return all(report.get(key) in (value if isinstance(value, (set, frozenset)) else {value})
               for key, value in wanted.items())


class Watch(threading.Thread):
    """sysvpn.Watch: every report with the moment it came."""

    def __init__(self, path, source="dom0"):
        super().__init__(daemon=True)
        self.reports = []  # (monotonic, {key: value})
        self.ended = False
        self.complaint = None
        self._news = threading.Condition()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._request = f"sysvpn.Watch {source}\0".encode()
        self.start()

    def run(self):
        text = ""
        try:
            self._socket.sendall(self._request)
            while chunk := self._socket.recv(65536):
                text += chunk.decode("ascii")
                while "\n\n" in text:
                    block, _, text = text.partition("\n\n")
                    report = read_block(block + "\n\n")
                    with self._news:
                        self.reports.append((time.monotonic(), report))
                        self._news.notify_all()
        except (OSError, Broken, UnicodeError) as error:
            self.complaint = error
        with self._news:
            self.ended = True
            self._news.notify_all()

    def mark(self):
        return len(self.reports)

    def last(self):
        return self.reports[-1][1] if self.reports else None

    def wait(self, since=None, timeout=40.0, **wanted):
        """The first report after the mark, or the newest one now, that says all that is wanted."""
        at = max(len(self.reports) - 1, 0) if since is None else since
        end = time.monotonic() + timeout
        with self._news:
            while True:
                for _, report in self.reports[at:]:
                    if is_like(report, wanted):
                        return report
                at = max(at, len(self.reports))
                left = end - time.monotonic()
                if self.ended or left <= 0:
                    raise TimeoutError(f"no report with {wanted}, "
                                       f"{'ended, ' if self.ended else ''}last: {self.last()}")
                self._news.wait(left)

    def wait_end(self, timeout=20.0):
        self.join(timeout)
        return not self.is_alive()

    def told(self, key, since=0):
        """The values of a key since the mark, each told once in a row."""
        values = [report.get(key) for _, report in self.reports[since:]]
        return [value for at, value in enumerate(values) if at == 0 or values[at - 1] != value]

    def close(self):
        self._socket.shutdown(socket.SHUT_WR)

    def drop(self):
        """Goes without a word; close() alone would wait for the thread that reads."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class Agent:
    """The agent of a lab's sys-vpn and everything around it, up when it is made."""

    def __init__(self, world, build, endpoints=ENDPOINTS, probe=True, start=True, path=None, profiles=True):
        """path: the socket of one that is started by others; then build is not looked at. profiles: whether they
        shall be known, for connect()."""
        self.world, self.build = world, pathlib.Path(build)
        self.path = path or world.qrexec.agent_socket
        self.uuids = {}
        if endpoints is not None:
            world.write_endpoints(endpoints)
            world.load_killswitch(build)
        if probe:
            world.start_probe(build)
        if world.nm and profiles:
            self.uuids = {key: world.nm.uuid(server.provider.profile)
                          for key, server in world.servers.items()}
        if start:
            self.start()

    def start(self, **options):
        return self.world.start_agent(self.build, **options)

    def raw(self, request, shut=True, timeout=100.0, source="dom0"):
        """All that is answered to a request, `str` with its source and NUL added, `bytes` as it is."""
        with socket.socket(socket.AF_UNIX) as caller:
            caller.settimeout(timeout)
            caller.connect(str(self.path))
            if isinstance(request, str):
                request = f"{request} {source}\0".encode()
            answer = b""
            try:
                caller.sendall(request)
                if shut:
                    caller.shutdown(socket.SHUT_WR)
                while chunk := caller.recv(65536):
                    answer += chunk
            except (BrokenPipeError, ConnectionResetError):
                pass  # hung up on before all of it was read
        return answer.decode("ascii")

    def ask(self, service, argument=None, **options):
        request = f"sysvpn.{service}" + (f"+{argument}" if argument is not None else "")
        return read_block(self.raw(request, **options))

    def result(self, service, argument=None, **options):
        """`ok`, or the code and the cause: `failed timeout`."""
        block = self.ask(service, argument, **options)
        if block["result"] == "ok":
            return "ok"
        return " ".join(filter(None, (block.get("code"), block.get("cause"))))

    def connect(self, key=None, **options):
        return self.result("Connect", self.uuids[key] if key else None, **options)

    def status(self):
        return self.ask("Status")

    def watch(self, source="dom0"):
        return Watch(self.path, source)

    def later(self, function, *arguments):
        return Later(function, *arguments)

    def wait_status(self, timeout=40.0, **wanted):
        return tap.wait_for(f"a status with {wanted}, now {self.status()}",
                            lambda: (lambda report: is_like(report, wanted) and report)(self.status()),
                            timeout, step=0.05)

    def openvpn_pids(self):
        """OpenVPN's clients: sys-vpn's processes, not the servers."""
        own = pathlib.Path(f"/proc/{self.world.vpn.pid}/ns/net").readlink()
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if (entry / "comm").read_text() == "openvpn\n" and (entry / "ns/net").readlink() == own:
                    found.append(int(entry.name))
            except OSError:
                continue
        return found


class Later(threading.Thread):
    """A call that runs beside the suite; answer() waits for it."""

    def __init__(self, function, *arguments):
        super().__init__(daemon=True)
        self._call = function, arguments
        self._answer = self._error = None
        self.start()

    def run(self):
        function, arguments = self._call
        try:
            self._answer = function(*arguments)
        except Exception as error:  # pylint: disable=broad-except
            self._error = error

    def answer(self, timeout=100.0):
        self.join(timeout)
        if self.is_alive():
            raise TimeoutError("no answer")
        if self._error:
            raise self._error
        return self._answer
