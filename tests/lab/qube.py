# SPDX-License-Identifier: GPL-2.0-or-later
"""A qube of the lab: a process that sleeps in network, mount and uts namespaces of its own.

Process ids are shared by the whole lab: killing something needs no detour through its qube.
"""
import os
import pathlib
import signal
import socket
import subprocess
import sys

from . import kernel

_SYSCTLS = {
    # an address is usable at once, and nobody but the lab configures one
    "ipv6/conf/default/accept_dad": "0", "ipv6/conf/default/accept_ra": "0",
    "ipv6/conf/all/accept_dad": "0", "ipv6/conf/all/accept_ra": "0",
}
_FORWARDING = {"ipv4/ip_forward": "1", "ipv6/conf/all/forwarding": "1"}


class Qube:
    """Made by Qube(name, labdir); everything in it ends when the lab ends."""

    def __init__(self, name, labdir, router=False):
        self.name = name
        self.folder = pathlib.Path(labdir, name)
        (self.folder / "log").mkdir(parents=True)
        self.pid = self._start(router)

    def _start(self, router):
        """Forks rather than spawning a shell: seven qubes cost less than one `unshare` program each."""
        ready, done = os.pipe2(os.O_CLOEXEC)
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            try:
                self._become(router)
                os.execv("/bin/sleep", [f"qube:{self.name}", "infinity"])  # closes `done`: ready
            except BaseException as error:  # pylint: disable=broad-except
                os.write(done, str(error).encode())
            os._exit(1)
        os.close(done)
        with open(ready, "rb") as pipe:
            complaint = pipe.read()
        if complaint:
            os.waitpid(pid, 0)
            raise OSError(f"qube {self.name}: {complaint.decode()}")
        return pid

    def _become(self, router):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the suite, not for the machine
        kernel.unshare(kernel.CLONE_NEWNET | kernel.CLONE_NEWNS | kernel.CLONE_NEWUTS)
        socket.sethostname(self.name)
        kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
        safe = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
        # a new sysfs shows this namespace's interfaces; read-only keeps NetworkManager from
        # waiting for a udev that is not there
        kernel.mount("sysfs", "/sys", "sysfs", safe | kernel.MS_RDONLY)
        for place in ("/run", "/rw"):
            kernel.mount(place, place, "tmpfs", options="mode=755")
        for place in ("/etc", "/var"):
            upper, work = (self.folder / (place[1:] + kind) for kind in (".upper", ".work"))
            upper.mkdir()
            work.mkdir()
            kernel.mount("overlay", place, "overlay",
                         options=f"lowerdir={place},upperdir={upper},workdir={work}")
        for place in ("/run/dbus", "/run/lock", "/run/qubes-service", "/rw/config"):
            os.makedirs(place)
        resolver = pathlib.Path("/etc/resolv.conf")
        resolver.unlink(missing_ok=True)
        resolver.write_text("")
        pathlib.Path("/etc/hostname").write_text(self.name + "\n")
        pathlib.Path("/etc/hosts").write_text(f"127.0.0.1 localhost {self.name}\n::1 localhost\n")
        for name, value in (_SYSCTLS | (_FORWARDING if router else {})).items():
            pathlib.Path("/proc/sys/net", name).write_text(value)
        kernel.loopback_up()

    def command(self, arguments, user=None):
        """The command line that runs arguments in this qube, as root or as a user of its passwd."""
        line = ["nsenter", "-t", str(self.pid), "-m", "-n", "-u", "--"]
        if user:
            line += ["setpriv", "--reuid", user, "--regid", user, "--init-groups",
                     "--inh-caps=-all", "--"]
        return line + [str(argument) for argument in arguments]

    def popen(self, arguments, user=None, **options):
        """A process in this qube; its working directory is /."""
        return subprocess.Popen(self.command(arguments, user), **options)

    def run(self, arguments, check=True, input=None, user=None, timeout=60, **options):
        """Runs to the end; output as text. With check, a failure carries what was printed."""
        done = subprocess.run(self.command(arguments, user), input=input, text=True, check=False,
                              timeout=timeout, capture_output=True,
                              **({} if input is not None else {"stdin": subprocess.DEVNULL}),
                              **options)
        if check and done.returncode:
            raise RuntimeError(f"{self.name}: {' '.join(map(str, arguments))}: exit code "
                               f"{done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def daemon(self, arguments, log, user=None, **options):
        """A process that lives on; what it prints goes to the file log_path(log)."""
        with open(self.log_path(log), "ab") as output:
            return self.popen(arguments, user, stdin=subprocess.DEVNULL, stdout=output,
                              stderr=subprocess.STDOUT, **options)

    def log_path(self, name):
        return self.folder / "log" / name

    def path(self, *parts):
        """A file of this qube as seen from dom0, sockets included (not through absolute symlinks)."""
        return pathlib.Path(f"/proc/{self.pid}/root",
                            *(str(part).lstrip("/") for part in parts))

    def write(self, name, text, mode=0o644):
        """Writes a file of this qube, making its folder."""
        target = self.path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)
        return target

    def add_user(self, name, number):
        """A system user with a group of its own, or another number for one that exists."""
        for kind, line in (("passwd", f"{name}:x:{number}:{number}::/nonexistent:/usr/sbin/nologin"),
                           ("group", f"{name}:x:{number}:")):
            target = self.path("etc", kind)
            kept = [entry for entry in target.read_text().splitlines()
                    if entry.split(":", 1)[0] != name]
            target.write_text("\n".join(kept + [line]) + "\n")

    def user_id(self, name):
        """The uid of a user of this qube's passwd."""
        for line in self.path("etc/passwd").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split(":")[2])
        raise KeyError(name)

    def network(self):
        """Context: sockets that this thread opens in it belong to the qube's network."""
        return kernel.network_of(self.pid)

    def has_default_route(self):
        for line in pathlib.Path(f"/proc/{self.pid}/net/route").read_text().splitlines()[1:]:
            if line.split()[1:4:2] == ["00000000", "0003"]:
                return True
        return False
