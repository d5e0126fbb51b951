# SPDX-License-Identifier: GPL-2.0-or-later
"""An agent that says what a test wants it to say, bytes and all, on the socket behind the qrexec stand-in."""
import contextlib
import socket
import threading
import time

UUID = "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1"
UP = {
    "heartbeat_s": 10, "agent": "0.1.0", "tunnel": "up", "cause": "none", "tunnel_age_s": 60, "wanted": "up",
    "profile_uuid": UUID, "profile_type": "vpn", "profile_name": "Provider A", "interface": "tun0",
    "endpoint": "198.51.100.10:1194/udp", "dns": "ok", "killswitch": "armed", "killswitch_break": "none",
    "killswitch_age_s": 0, "exposed_s": 0, "forward_drop4": 3, "forward_drop6": 0, "output_drop4": 0,
    "output_drop6": 0, "egress": "ok", "egress4": "198.51.100.10",
}
GONE = {"profile_uuid": None, "interface": None, "endpoint": None, "egress": "off", "egress4": None}
DOWN = UP | GONE | {"tunnel": "down", "cause": "lost"}
ASKED = DOWN | {"cause": "asked", "wanted": "down"}
CONNECTING = UP | {"tunnel": "connecting", "interface": None, "egress": "off", "egress4": None}
DEGRADED = UP | {"tunnel": "degraded", "cause": "no-traffic", "egress": "failed", "egress4": None}
EXPOSED = UP | {"killswitch": "broken", "killswitch_break": "missing", "egress": "off", "egress4": None}

_COUNT = 0


def block(fields, version=1, result="ok"):
    lines = [f"{key}={value}" for key, value in fields.items() if value is not None]
    return "\n".join([f"sysvpn={version}", *lines, f"result={result}", "", ""]).encode()


def report(fields, **also):
    """A report that is new: number and time go on from call to call."""
    global _COUNT
    _COUNT += 1
    now = {"seq": _COUNT, "boottime_ms": time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000}
    return block(now | fields, **also)


def profiles(entries):
    """entries: (uuid, flags, name)."""
    return block({f"profile_{n}": f"{uuid} vpn {flags} {name}" for n, (uuid, flags, name) in enumerate(entries)})


class FakeAgent:
    """watch is what a caller of Watch is told: fields of a report, bytes, or a function that is given the
    connection and serves it. tell() changes it, also for those that are connected."""

    def __init__(self, qube, watch=None, listed=((UUID, "active,pinned", "Provider A"),)):
        self.watch, self.listed, self.replies, self.asked = watch, listed, {}, []
        self.callers, self.lock = [], threading.RLock()
        qube.agent_socket.unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(qube.agent_socket))
        self.listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=self.listener.accept()[:1], daemon=True).start()

    def _serve(self, caller):
        with contextlib.suppress(OSError), caller:
            head = b""
            while b"\0" not in head:
                if not (got := caller.recv(4096)):
                    return
                head += got
            request = head.split(b"\0")[0].decode()
            service = request.split()[0].split("+")[0]
            self.asked.append(request)
            if service == "sysvpn.Watch":
                self._watch(caller)
            elif service == "sysvpn.Profiles":
                caller.sendall(self.listed if isinstance(self.listed, bytes) else profiles(self.listed))
            elif service == "sysvpn.Status":
                caller.sendall(self._bytes() if not callable(self.watch) else b"")
            else:
                caller.sendall(self.replies.get(service, block({})))

    def _bytes(self):
        return report(self.watch) if isinstance(self.watch, dict) else self.watch

    def _watch(self, caller):
        with self.lock:
            self.callers.append(caller)
            if not callable(self.watch) and self.watch:
                caller.sendall(self._bytes())
        if callable(self.watch):
            self.watch(caller)
        else:
            caller.recv(1)
        with self.lock:
            self.callers.remove(caller)

    def tell(self, watch):
        with self.lock:
            self.watch = watch
            for caller in self.callers:
                with contextlib.suppress(OSError):
                    caller.sendall(self._bytes())

    def hang_up(self):
        with self.lock:
            for caller in self.callers:
                with contextlib.suppress(OSError):
                    caller.shutdown(socket.SHUT_RDWR)

    def wait_callers(self):
        return len(self.callers)

    def close(self):
        self.hang_up()
        self.listener.close()
