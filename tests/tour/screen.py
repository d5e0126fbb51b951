# SPDX-License-Identifier: GPL-2.0-or-later
"""The display of the user who called sudo: found, tried, and with a tray to put an icon in."""
import dataclasses
import json
import os
import pathlib
import pwd
import subprocess
import sys

# Run as the user: both kinds of tray are asked for, over his bus and his X server.
_HAS_TRAY = """
import ctypes, subprocess, sys
answer = subprocess.run(["gdbus", "call", "--session", "--timeout", "5",
                         "--dest", "org.freedesktop.DBus", "--object-path", "/",
                         "--method", "org.freedesktop.DBus.NameHasOwner",
                         "org.kde.StatusNotifierWatcher"], capture_output=True, text=True)
if answer.returncode:
    sys.exit("his session bus does not answer")
if "true" in answer.stdout:
    sys.exit(0)
x = ctypes.CDLL("libX11.so.6")
x.XOpenDisplay.restype = ctypes.c_void_p
x.XInternAtom.restype = x.XGetSelectionOwner.restype = ctypes.c_ulong
display = ctypes.c_void_p(x.XOpenDisplay(None))
tray = x.XInternAtom(display, b"_NET_SYSTEM_TRAY_S0", 0)
if not x.XGetSelectionOwner(display, ctypes.c_ulong(tray)):
    sys.exit("there is no tray on it (GNOME needs the extension AppIndicator)")
"""


@dataclasses.dataclass
class Screen:
    display: str
    authority: str  # a file, or "" where the server asks for none
    bus: str
    user: int

    def pack(self):
        return json.dumps(dataclasses.asdict(self))

    @staticmethod
    def unpack(text):
        return Screen(**json.loads(text)) if text else None

    def environment(self):
        """What the user's programs need, and nothing else of root's."""
        kept = {"DISPLAY": self.display, "DBUS_SESSION_BUS_ADDRESS": self.bus,
                "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        return kept | ({"XAUTHORITY": self.authority} if self.authority else {})

    def run(self, arguments):
        return subprocess.run(["setpriv", "--reuid", str(self.user), "--regid", str(self.user),
                               "--init-groups", "--", *arguments], env=self.environment(), cwd="/",
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20,
                              check=False)


def find():
    """The user's screen and None, or None and why there is none to use."""
    display = os.environ.get("DISPLAY", "")
    user = int(os.environ.get("SUDO_UID", os.getuid()))
    if not display:
        return None, "DISPLAY is not set"
    if not display.startswith(":"):
        return None, f"{display} is not on this machine, and the lab has a network of its own"
    bus = os.environ.get("DBUS_SESSION_BUS_ADDRESS", f"unix:path=/run/user/{user}/bus")
    if not bus.startswith("unix:path="):
        return None, "the session bus cannot be reached from the lab's network"
    for authority in _authorities(user):
        screen = Screen(display, authority, bus, user)
        if screen.run(["xprop", "-root", "_NET_SUPPORTING_WM_CHECK"]).returncode == 0:
            break
    else:
        return None, f"{display} lets nobody in with the cookies of user {user}"
    tried = screen.run([sys.executable, "-c", _HAS_TRAY])
    if tried.returncode:
        return None, f"{display} is not used, {(tried.stderr.strip() or 'no answer').splitlines()[-1]}"
    return screen, None


def _authorities(user):
    """Where the X server's cookie may be, the likely places first."""
    if "XAUTHORITY" in os.environ:
        yield os.environ["XAUTHORITY"]
    home = pathlib.Path(pwd.getpwuid(user).pw_dir, ".Xauthority")
    if home.exists():
        yield str(home)
    for pattern in (".mutter-Xwaylandauth.*", "xauth_*", "gdm/Xauthority"):
        yield from map(str, pathlib.Path(f"/run/user/{user}").glob(pattern))
    yield ""
