# SPDX-License-Identifier: GPL-2.0-or-later
"""The product's programs in sys-vpn, started as systemd would: own user, one capability, sockets
passed in. Programs are copied out of the build folder first: that may be where only root can look."""
import os
import pathlib
import shutil
import signal
import socket
import sys
import time

from . import addresses

FAKES = pathlib.Path(__file__).resolve().parents[1] / "fakes"

# uids of our own choice, present in this qube only: the product's user, a stranger, the probe's
USERS = {"sysvpn": 2001, "mallory": 2002, "sysvpn-probe": 2003}

_EGRESS = f"""service https://{addresses.ECHO4}/
service https://[{addresses.ECHO6}]/
ca /etc/sysvpn/egress-ca.pem
"""

_DROPPED = {"DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "HOME", "XDG_RUNTIME_DIR"}


class Product:
    def __init__(self, vpn, qrexec, labdir, ca_file):
        self.vpn = vpn
        self.qrexec = qrexec
        self._ca_file = ca_file
        self._bin = pathlib.Path(labdir, "bin")
        self._bin.mkdir()
        self._listener = self._notify = None
        self.agent = self.probe = self.systemd = None
        self._lay_out()

    def _lay_out(self):
        """The users and folders that the package and its units make, and the flag dom0 sets."""
        for user, number in USERS.items():
            self.vpn.add_user(user, number)
        for name, owner, mode in (("run/sysvpn", None, 0o755), ("run/sysvpn/state", "sysvpn", 0o700),
                                  ("rw/config/vpn", None, 0o755), ("etc/sysvpn", None, 0o755),
                                  ("rw/config/vpn/state", "sysvpn", 0o700)):
            folder = self.vpn.path(name)
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(mode)
            if owner:
                number = self.vpn.user_id(owner)
                os.chown(folder, number, number)
        self.vpn.write("run/qubes-service/sysvpn", "")
        self.vpn.write("run/qubes-service/network-manager", "")

    def install(self, builddir, program):
        """Copies BUILD/src/PROGRAM, as `agent/sysvpn-agent`; returns the copy's path, valid in
        every qube."""
        target = self._bin / pathlib.Path(program).name
        scratch = target.with_suffix(".new")  # the old one may be running
        shutil.copy(pathlib.Path(builddir).resolve() / "src" / program, scratch)
        scratch.chmod(0o755)
        scratch.rename(target)
        return target

    # --- killswitch

    def write_endpoints(self, lines):
        """Lines of endpoints.txt, the user's file."""
        self.vpn.write("rw/config/vpn/endpoints.txt", "".join(f"{line}\n" for line in lines))

    def load_killswitch(self, builddir, *arguments, check=True):
        program = self.install(builddir, "killswitch/sysvpn-killswitch")
        return self.vpn.run([program, *arguments], check=check)

    # --- agent

    def start_agent(self, builddir, *arguments, wait=True, environment=None, under=()):
        """The agent with its listening socket, as at boot; a killed one is replaced and keeps the
        socket, as under systemd. With wait, returns when it has told systemd that it is ready.
        under: a command that becomes it, like `unshare --time`."""
        self.stop_agent(signal.SIGKILL)
        program = self.install(builddir, "agent/sysvpn-agent")
        if not self._listener:
            self._listen()
        number = self._listener.fileno()
        # the chain of programs is one process, so the shell's pid is the agent's
        shell = ('[ "$1" = 3 ] || eval "exec 3<&$1 $1<&-"; shift; '
                 'export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"')
        self.agent = self.vpn.daemon(
            ["bash", "-c", shell, "activate", number, *under, "setpriv", "--reuid", "sysvpn",
             "--regid", "sysvpn", "--init-groups", "--inh-caps=-all,+net_admin",
             "--ambient-caps=-all,+net_admin", "--bounding-set=-all,+net_admin", "--no-new-privs",
             "--", program, *(arguments or ["--verbose"])], "agent", pass_fds=[number],
            env=_environment(LISTEN_FDNAMES="agent.socket", NOTIFY_SOCKET=self._notify.getsockname(),
                             **(environment or {})))
        if wait:
            self._wait_ready()
        return self.agent

    def stop_agent(self, number=signal.SIGTERM, timeout=10):
        """Ends it by a signal; returns its exit status, None if there was none."""
        if not self.agent:
            return None
        agent, self.agent = self.agent, None
        if agent.poll() is None:
            agent.send_signal(number)
        return agent.wait(timeout)

    def agent_log(self):
        return self.vpn.log_path("agent").read_text(errors="replace")

    def _listen(self):
        path = self.qrexec.agent_socket
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        path.chmod(0o600)
        self._listener.listen(128)
        notify = self.qrexec.folder / "notify"
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(str(notify))
        notify.chmod(0o666)

    def _wait_ready(self, timeout=10.0):
        self._notify.settimeout(0.05)
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                if "READY=1" in self._notify.recv(4096).decode().splitlines():
                    return
            except TimeoutError:
                if self.agent.poll() is not None:
                    break
        raise RuntimeError(f"agent not ready, exit status {self.agent.poll()}:\n{self.agent_log()}")

    # --- egress probe

    def start_probe(self, builddir, *arguments):
        """One process per connection to /run/sysvpn/probe.socket, which is the agent's alone; asks
        the lab's echo services, unless the suite wrote an egress.conf of its own."""
        if not self.vpn.path("etc/sysvpn/egress.conf").exists():
            self.vpn.write("etc/sysvpn/egress-ca.pem", self._ca_file.read_text())
            self.vpn.write("etc/sysvpn/egress.conf", _EGRESS)
        program = self.install(builddir, "probe/sysvpn-egress-probe")
        self.probe = self.vpn.daemon(
            ["systemd-socket-activate", "-l", "/run/sysvpn/probe.socket", "-a", "--inetd", "--",
             "setpriv", "--reuid", "sysvpn-probe", "--regid", "sysvpn-probe", "--clear-groups",
             "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--", program, *arguments],
            "probe", env=_environment())
        path = self.vpn.path("run/sysvpn/probe.socket")
        end = time.monotonic() + 10
        while not path.is_socket():
            if time.monotonic() > end or self.probe.poll() is not None:
                raise RuntimeError("probe: " + self.vpn.log_path("probe").read_text())
            time.sleep(0.005)
        path.chmod(0o600)
        os.chown(path, self.vpn.user_id("sysvpn"), -1)

    # --- systemd

    def start_systemd(self, builddir, *arguments):
        """The fake of org.freedesktop.systemd1, for which sysvpn-killswitch.service is the loader."""
        program = self.install(builddir, "killswitch/sysvpn-killswitch")
        ready, done = os.pipe()
        self.systemd = self.vpn.daemon(
            [sys.executable, FAKES / "systemd1", done, "sysvpn-killswitch.service", program,
             *arguments], "systemd", pass_fds=[done], env=_environment())
        os.close(done)
        with open(ready, "rb") as pipe:
            if not pipe.read():
                raise RuntimeError("systemd1: " + self.vpn.log_path("systemd").read_text())


def _environment(**also):
    """What a unit gets: none of the user's session, but the sanitizers' and debug settings."""
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    return kept | {name: str(value) for name, value in also.items()}
