# SPDX-License-Identifier: GPL-2.0-or-later
"""A real systemd as process 1 of a qube, so that units are started in the order, and fail with the
consequences, that they have at a boot. It sees the qube's network and files, has process ids and
control groups of its own, and knows no unit but those it is given and a few of its own distribution."""
import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import time

from . import kernel

PROGRAM = pathlib.Path("/lib/systemd/systemd")
# what units depend on by default, and the journal; nothing that would touch files outside of the qube
_OWN = ("basic.target", "sysinit.target", "sockets.target", "shutdown.target", "multi-user.target",
        "network-pre.target", "network.target", "systemd-journald.service", "systemd-journald.socket",
        "systemd-journald-dev-log.socket")
_PREFIX = "sysvpn-lab-"

# $1: the control group, $2 and on: systemd. Mounted again inside, where that group is the root.
_BOOT = """echo $$ >"$1/cgroup.procs" || exit
shift
exec "$@"
"""
# These are the machine's: /dev/log, where programs log, must not be put there, nor the folders of
# PrivateTmp=, which nothing removes when the power is taken away.
_INSIDE = """mount -t cgroup2 none /sys/fs/cgroup || exit
mount -t tmpfs -o mode=1777 none /var/tmp || exit
for place in /dev /tmp; do
  mkdir -p "$3$place/upper" "$3$place/work" || exit
  mount -t overlay overlay -o "lowerdir=$place,upperdir=$3$place/upper,workdir=$3$place/work" "$place" || exit
done
exec env -i container=lab PATH=/usr/sbin:/usr/bin:/sbin:/bin SYSTEMD_UNIT_PATH="$1" \\
  "$2" --system --unit=multi-user.target --log-target=journal --show-status=no
"""


class Systemd:
    """with Systemd(qube, labdir) as systemd: systemd.unit(...), systemd.boot(), ...

    Units that others name but that are not there are ignored, as systemd does."""

    def __init__(self, qube, labdir):
        self.qube = qube
        self.folder = pathlib.Path(labdir, f"{qube.name}-units")
        self._groups = pathlib.Path(labdir, "cgroup")
        self._group = self._groups / f"{_PREFIX}{os.urandom(4).hex()}"
        self._process = self.pid = self._held = None

    def __enter__(self):
        for left in (self.folder, self.qube.path("run/systemd"), self.qube.path("run/log")):
            shutil.rmtree(left, ignore_errors=True)  # of a boot before
        self.folder.mkdir()
        journal = self.qube.path("run/log/journal")  # as tmpfiles.d/systemd.conf says
        journal.mkdir(parents=True)
        shutil.chown(journal, group="systemd-journal")
        journal.chmod(0o2755)
        for name in _OWN:
            shutil.copy(PROGRAM.parent / "system" / name, self.folder)
        self._want("sysinit.target", "systemd-journald.socket")
        self._want("sysinit.target", "systemd-journald-dev-log.socket")
        self._groups.mkdir(exist_ok=True)
        if not os.path.ismount(self._groups):
            kernel.mount("none", self._groups, "cgroup2")
        for left in self._groups.glob(_PREFIX + "*"):
            held = _lock(left)
            if held is not None:
                _remove(left)  # of a suite that was killed
                os.close(held)
        return self

    def __exit__(self, *_):
        self.stop()

    def unit(self, name, text, enable=True):
        """Adds or replaces a unit, or a drop-in as NAME.service.d/X.conf; enabled as its [Install]
        says. After boot(), reload() makes systemd see it."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        for wanted_by in re.findall(r"^WantedBy=(.*)$", text, re.M) if enable else ():
            self._want(wanted_by, name)

    def boot(self, wait=True, timeout=60.0):
        """Starts it; with wait, returns when all jobs of the boot are done, however they ended."""
        while self._held is None:  # again, if another suite took it for a left one
            self._group.mkdir(exist_ok=True)
            self._held = _lock(self._group)
        inside = ["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--cgroup",
                  "--mount-proc", "sh", "-c", _INSIDE, "boot", self.folder, PROGRAM,
                  self.qube.folder / "own"]
        command = ["sh", "-c", _BOOT, "boot", self._group, *self.qube.command(inside)]
        with open(self.qube.log_path("systemd"), "ab") as output:
            self._process = subprocess.Popen([str(one) for one in command], stdin=subprocess.DEVNULL,
                                             stdout=output, stderr=subprocess.STDOUT)
        end = time.monotonic() + timeout
        while not self._phase():
            if time.monotonic() > end or self._process.poll() is not None:
                raise RuntimeError("systemd: " + self.qube.log_path("systemd").read_text())
            time.sleep(0.02)
        while wait and self._phase() not in ("running", "degraded"):
            if time.monotonic() > end:
                raise TimeoutError(self.systemctl("list-jobs").stdout)
            time.sleep(0.05)

    def stop(self):
        """Takes the power away: everything that it started is gone, nothing is stopped in order."""
        if self._process:
            (self._group / "cgroup.kill").write_text("1")
            self._process.wait()
            self._process = self.pid = None
            _remove(self._group)
            os.close(self._held)
            self._held = None

    def systemctl(self, *arguments, check=False):
        return self.run(["systemctl", *arguments], check)

    def run(self, command, check=False):
        """A program among systemd's processes, in the qube's network and files."""
        done = subprocess.run(["nsenter", "-t", str(self.pid), "-m", "-n", "-u", "-p", "--", *command],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
        return done

    def reload(self):
        self.systemctl("daemon-reload", check=True)

    def state(self, unit):
        return self.show(unit, "ActiveState")

    def show(self, unit, name):
        return self.systemctl("show", "--value", "-p", name, unit).stdout.strip()

    def began(self, unit):
        """When the unit left "inactive", in microseconds of one clock; None if it did not."""
        return int(self.show(unit, "InactiveExitTimestampMonotonic")) or None

    def done(self, unit):
        """When the unit became active; of one that does its work and does not stay so, when it ended."""
        return int(self.show(unit, "ActiveEnterTimestampMonotonic")) or \
            int(self.show(unit, "InactiveEnterTimestampMonotonic")) or None

    def journal(self, unit):
        return self.run(["journalctl", "--no-pager", "-o", "cat", "-u", unit]).stdout

    def _want(self, by, name):
        wants = self.folder / f"{by}.wants"
        wants.mkdir(exist_ok=True)
        (wants / name).unlink(missing_ok=True)
        (wants / name).symlink_to(self.folder / name)

    def _phase(self):
        """What systemd says of the boot: initializing, starting, running or degraded; or nothing yet."""
        if not self.pid:
            self.pid = _grandchild(self._process.pid)
        said = self.systemctl("is-system-running").stdout.strip() if self.pid else "offline"
        return None if said in ("", "offline", "unknown") else said


def _grandchild(pid):
    """Process 1 of the new process namespace: the child of `unshare --fork`, once it is systemd."""
    try:
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if children and pathlib.Path(f"/proc/{children[0]}/comm").read_text() == "systemd\n":
            return int(children[0])
    except OSError:
        pass
    return None


def _lock(group):
    """Marks a control group as somebody's, for as long as the descriptor is open; None if it is."""
    try:
        held = os.open(group, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.stat(group)  # somebody may have removed it, holding the lock
    except (BlockingIOError, FileNotFoundError):
        os.close(held)
        return None
    return held


def _remove(group):
    """A control group whose processes are gone or going, with those below it."""
    end = time.monotonic() + 5
    while group.exists():
        for folder, _, _ in os.walk(group, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                pass
        if time.monotonic() > end:
            return
        time.sleep(0.01)
