# SPDX-License-Identifier: GPL-2.0-or-later
"""The product in a qube as its package would have put it there, and a boot of that qube by a real systemd:
the units as they are shipped, with all that their sandboxes forbid."""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess

from . import addresses, platform_rules, platform_units
from .systemd import Systemd

_UNITS = pathlib.Path("usr/lib/systemd/system")

_EGRESS = f"""service https://{addresses.ECHO4}/
service https://[{addresses.ECHO6}]/
ca /rw/config/vpn/egress-ca.pem
"""

# The bus that the lab has started is the system's: with these systemd takes its name there, so that
# units can be restarted through it.
_BUS = {
    "dbus.socket": "[Socket]\nListenStream=/run/dbus/unused\n[Install]\nWantedBy=sockets.target\n",
    "dbus.service": "[Unit]\nRequires=dbus.socket\n[Service]\nExecStart=/bin/sleep infinity\n"
                    "[Install]\nWantedBy=multi-user.target\n",
}
# A program that was built with it traces itself for leaks at its end, and waits for ever where a unit forbids that.
_SANITIZER = "[Service]\nEnvironment=ASAN_OPTIONS=detect_leaks=0\n"
# by the lab's name for it: Debian's units
_PLATFORM = {"manager": ("NetworkManager.service",), "polkit": ("polkit.service",),
             "bus": ("dbus.socket", "dbus.service")}


def stage(build, labdir):
    """What `meson install` makes, once: the path that stands for the root of dom0 and of the template."""
    root = pathlib.Path(labdir, "installed")
    if not root.exists():
        subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", root],
                       check=True, stdout=subprocess.DEVNULL)
    return root


def place(root, qube):
    """Lays what was installed below the build's prefix over /usr of a qube of the lab, as its package would."""
    upper = qube.folder / "usr.upper"
    shutil.copytree(root / "usr/local", upper, symlinks=True)
    for path in upper.rglob("*"):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            if b"\0" not in data and b"/usr/local" in data:
                path.write_bytes(data.replace(b"/usr/local", b"/usr"))
    keep_usr(qube)


def keep_usr(qube):
    """Gives the qube a /usr of its own to write to, as a template has."""
    upper, work = (qube.folder / f"usr.{kind}" for kind in ("upper", "work"))
    upper.mkdir(exist_ok=True)
    work.mkdir()
    qube.run(["mount", "-t", "overlay", "overlay", "-o",
              f"lowerdir=/usr,upperdir={upper},workdir={work}", "/usr"])


def ask_the_lab(world):
    """Has the probe of sys-vpn ask the lab's echo services, by the file that is the user's."""
    world.vpn.write("rw/config/vpn/egress.conf", _EGRESS)
    world.vpn.write("rw/config/vpn/egress-ca.pem", world.ca_file.read_text())


def _our_units(qube):
    """Units and drop-ins of ours, relative to the folder of units."""
    folder = qube.path(_UNITS)
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*sysvpn*") if path.is_file())


def service_socket(qube, root=None, service="sysvpn.Status"):
    """Where the link that qrexec follows leads to, as seen from dom0. root: of what was staged; else the qube's."""
    link = (root / "etc/qubes-rpc" if root else qube.path("etc/qubes-rpc")) / service
    return qube.path(os.readlink(link))


def _shipped_platform():
    return [(name, pathlib.Path("/", _UNITS, name).read_text()) for names in _PLATFORM.values() for name in names]


@contextlib.contextmanager
def booted(world, units=None, cold=False):
    """sys-vpn of a lab after a boot. Bus, polkit and NetworkManager are the lab's and run already, unless cold: then
    they too are started in that boot, by their units as Debian ships them, and the lab's own have ended. units: those
    that are enabled; else the ones that are on the qube's disk."""
    qube = world.vpn
    platform_units.before_boot(qube)
    for process in _PLATFORM if cold else ():
        world.nm.kill(process)
    with Systemd(qube, world.folder) as systemd:
        platform_units.add_to(systemd, platform_rules.base() + platform_rules.client("sys-dns"))
        for name, text in _shipped_platform() if cold else _BUS.items():
            systemd.unit(name, text)
        for name in _our_units(qube):
            enable = name in units if units is not None else \
                not qube.run(["systemctl", "is-enabled", name], check=False).returncode
            systemd.unit(name, qube.path(_UNITS, name).read_text(), enable)
            if name.endswith(".service"):
                systemd.unit(f"{name}.d/sanitizer.conf", _SANITIZER)
        systemd.boot()
        yield systemd


def killed_by_sandbox(systemd):
    """Units of ours that made a system call that their unit forbids."""
    text = systemd.run(["journalctl", "--no-pager", "-o", "cat"]).stdout
    return sorted(set(re.findall(r"^(sysvpn\S+): Main process exited, code=(?:killed|dumped), status=31/SYS", text, re.M)))
