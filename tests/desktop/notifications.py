# SPDX-License-Identifier: GPL-2.0-or-later
"""What was said to and by the notification daemon, with times, seen by a monitor on the bus."""
import dataclasses
import struct
import subprocess
import threading
import time

from gi.repository import Gio

NOTIFICATIONS = "org.freedesktop.Notifications"
PROBE = "org.sysvpn.Probe"
RULES = [
    f"interface='{NOTIFICATIONS}'",
    f"type='method_return',sender='{NOTIFICATIONS}'",
    f"type='signal',interface='{PROBE}'",
]
URGENCIES = {0: "low", 1: "normal", 2: "critical"}


@dataclasses.dataclass
class Notification:
    time: float            # CLOCK_REALTIME of the Notify call
    sender: str
    serial: int
    application: str
    replaces: int
    icon: str
    summary: str
    body: str
    actions: dict          # id -> label, in order
    urgency: str
    expire_ms: int
    hints: dict
    number: int = 0        # the daemon's answer; 0 until it came
    invoked: list = dataclasses.field(default_factory=list)
    close_asked: float = 0.0
    closed: float = 0.0
    reason: int = 0        # 1 expired, 2 dismissed, 3 closed by its program


class Recorder:
    """Follows `dbus-monitor --pcap`: a process of its own stamps the time when a message passes, and
    no Python runs in GDBus' worker thread."""

    def __init__(self, connection, environment):
        self.all = []
        self.lock = threading.Condition()
        self.seen_probe = threading.Event()
        self.monitor = subprocess.Popen(["dbus-monitor", "--session", "--pcap", *RULES], env=environment,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        end = time.monotonic() + 10
        while not self.seen_probe.wait(0.02):  # only what a monitor has passed on proves that it listens
            if time.monotonic() > end or self.monitor.poll() is not None:
                raise RuntimeError("dbus-monitor does not follow the bus")
            connection.emit_signal(None, "/", PROBE, "Ping", None)

    def close(self):
        self.monitor.terminate()
        self.monitor.wait()
        self.thread.join()
        self.monitor.stdout.close()

    def _exactly(self, size):
        data = self.monitor.stdout.read(size)
        return data if len(data) == size else None

    def _read(self):
        if not self._exactly(24):
            return
        while header := self._exactly(16):
            seconds, micros, size, _ = struct.unpack("=IIII", header)
            if not (blob := self._exactly(size)):
                return
            message = Gio.DBusMessage.new_from_blob(blob, Gio.DBusCapabilityFlags.NONE)
            with self.lock:
                self._take(message, seconds + micros / 1e6)
                self.lock.notify_all()

    def _take(self, message, when):
        kind, member = message.get_message_type(), message.get_member()
        body = message.get_body().unpack() if message.get_body() else ()
        if message.get_interface() == PROBE:
            self.seen_probe.set()
        elif kind == Gio.DBusMessageType.METHOD_CALL and member == "Notify":
            self.all.append(_notification(message, body, when))
        elif kind == Gio.DBusMessageType.METHOD_CALL and member == "CloseNotification":
            for shown in self._shown(body[0]):
                shown.close_asked = when
        elif kind == Gio.DBusMessageType.METHOD_RETURN:
            for shown in self.all:
                if (shown.sender, shown.serial) == (message.get_destination(), message.get_reply_serial()):
                    shown.number = body[0]
        elif kind == Gio.DBusMessageType.SIGNAL and member == "ActionInvoked":
            for shown in self._shown(body[0]):
                shown.invoked.append(body[1])
        elif kind == Gio.DBusMessageType.SIGNAL and member == "NotificationClosed":
            for shown in self._shown(body[0]):
                shown.closed, shown.reason = when, body[1]

    def _shown(self, number):
        """The newest of that number, as a list: the older ones were replaced by it."""
        found = [shown for shown in self.all if shown.number == number and not shown.closed]
        return found[-1:]

    def open(self):
        """What is on the screen now: the newest of each number that was not closed."""
        with self.lock:
            newest = {shown.number: shown for shown in self.all if shown.number}
            return [shown for shown in newest.values() if not shown.closed]

    def wait(self, predicate, timeout=20.0, since=0):
        """The first notification (from index `since` on) for which predicate() holds."""
        def find():
            return next((shown for shown in self.all[since:] if predicate(shown)), None)
        with self.lock:
            self.lock.wait_for(find, timeout)
            if found := find():
                return found
            raise TimeoutError(f"no such notification within {timeout:.0f} s; there were: "
                               + "; ".join(repr(shown.summary) for shown in self.all[since:]))


def _notification(message, body, when):
    application, replaces, icon, summary, text, actions, hints, expire_ms = body
    return Notification(
        time=when, sender=message.get_sender(), serial=message.get_serial(), application=application,
        replaces=replaces, icon=icon, summary=summary, body=text,
        actions=dict(zip(actions[::2], actions[1::2])),
        urgency=URGENCIES.get(hints.get("urgency", 1), "?"), expire_ms=expire_ms, hints=hints)
