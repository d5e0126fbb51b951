# SPDX-License-Identifier: GPL-2.0-or-later
"""A dom0 with real Salt: the states installed to /srv, the qubes of tests/fakes/salt, and the product's own
program `sysvpn`, which finds its agent through the qrexec stand-in."""
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys

import lab
from lab import kernel
from lab.qrexec import QrexecQube

TESTS = pathlib.Path(__file__).resolve().parents[1]
FAKES = TESTS / "fakes/salt"
REQUIREMENTS = TESTS / "salt/requirements.txt"
# by what the two releases of Qubes have in dom0 (Fedora 37, Fedora 41) and PyPI still has
VERSIONS = ("3005.5", "3007.1")


def install_salt(build, version):
    """salt-call of a virtual environment in the build folder, made once."""
    folder = pathlib.Path(build, "salt", version)
    ready = folder / "ready"
    wanted = f"salt=={version}\n{REQUIREMENTS.read_text()}"
    if not ready.exists() or ready.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        subprocess.run(["/usr/bin/python3", "-m", "venv", folder], check=True)
        # not the sanitizers of a build that the suite runs on, nor pip's own questions
        subprocess.run([folder / "bin/pip", "install", "--quiet", "--no-input", "--disable-pip-version-check",
                        "--no-deps", "-r", REQUIREMENTS, f"salt=={version}"],
                       check=True, stdout=sys.stderr, env=_without_preload())
        ready.write_text(wanted)
    return folder / "bin/salt-call"


def _without_preload():
    return {key: value for key, value in os.environ.items() if key not in ("LD_PRELOAD", "PYTHONDONTWRITEBYTECODE")}


@dataclasses.dataclass
class State:
    """One state of a run, as Salt reports it."""
    id: str
    function: str
    name: str
    result: object
    changes: dict
    comment: str


class Run:
    """What one call of Salt did."""

    def __init__(self, done, key="local"):
        self.text = done.stdout + done.stderr
        self.states, self.problem = [], ""
        try:
            local = json.loads(done.stdout)[key]
        except (ValueError, KeyError):
            local = self.text
        if not isinstance(local, dict) or not all("__run_num__" in str(one) for one in local.values()):
            self.problem = local if isinstance(local, str) else json.dumps(local, indent=1)
            return
        for key, one in sorted(local.items(), key=lambda item: item[1]["__run_num__"]):
            module, identity, _, function = key.split("_|-")
            self.states.append(State(identity, f"{module}.{function}", one.get("name", ""), one["result"],
                                     one["changes"], str(one["comment"])))

    def __str__(self):
        return self.problem[-2000:] or "\n".join(
            f"{one.result} {one.function} {one.id} [{one.name}] {one.changes} {one.comment}" for one in self.states)

    def fine(self):
        return not self.problem and self.states and all(one.result is not False for one in self.states)

    def changed(self):
        """What was changed; with test=True, what would be."""
        return [one.id for one in self.states if one.changes or one.result is None]

    def refusals(self):
        return [one.name for one in self.states if one.function == "test.fail_without_changes"]

    def said(self, identity):
        return "\n".join(one.comment for one in self.states if one.id == identity)


class Salt:
    """salt-call --local as qubesctl calls it. prefix: words before the command, such as nsenter's. key: tells
    two of one name from another."""

    def __init__(self, program, labdir, name, prefix=(), environment=None, grains=None, roots=(), key=""):
        self.program, self.name, self.prefix = program, name, list(prefix)
        self.environment = environment or {}
        self.folder = pathlib.Path(labdir, f"salt-{name}{key}")
        self.pillar = self.folder / "pillar"
        self.pillar.mkdir(parents=True)
        (self.folder / "minion").write_text(json.dumps({
            "id": name, "file_client": "local", "root_dir": str(self.folder), "cachedir": str(self.folder / "cache"),
            "pki_dir": str(self.folder / "pki"), "log_file": str(self.folder / "log"), "grains": grains or {},
            "file_roots": {"base": ["/srv/salt", *map(str, roots)]}, "pillar_roots": {"base": [str(self.pillar)]},
            "enable_gpu_grains": False, "enable_fqdns_grains": False, "state_output": "full", "log_level": "error",
            "hash_type": "sha256",
            # else a file that is new is not seen for 20 seconds
            "fileserver_list_cache_time": 0, "fileserver_followsymlinks": False,
        }))
        self.set_pillar(None)

    def set_pillar(self, options):
        """Has the pillar file say sysvpn: OPTIONS; nothing at all for None."""
        (self.pillar / "top.sls").write_text("base:\n  '*': [sysvpn]\n" if options is not None else "{}\n")
        (self.pillar / "sysvpn.sls").write_text(json.dumps({"sysvpn": options}) + "\n")

    def call(self, *arguments, timeout=240):
        command = [*self.prefix, str(self.program), "--local", "--config-dir", str(self.folder), "--out=json",
                   "--retcode-passthrough", *arguments]
        return subprocess.run(command, text=True, capture_output=True, timeout=timeout, check=False,
                              stdin=subprocess.DEVNULL, env=_without_preload() | self.environment)

    def apply(self, sls, test=False, pillar=None):
        words = [f"pillar={json.dumps({'sysvpn': pillar})}"] if pillar is not None else []
        return Run(self.call("state.sls", sls, *(["test=True"] if test else []), *words))

    def show(self, function, *arguments):
        """The answer of a state.show_ function."""
        done = self.call(function, *arguments)
        return json.loads(done.stdout)["local"] if done.stdout else done.stderr


def put_states(root):
    """The installed states at /srv, in this mount namespace alone."""
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount(str(root / "srv"), "/srv", flags=kernel.MS_BIND)


# what systemd would be told in a qube goes to a file; units are switched on for real, which needs no systemd
SYSTEMCTL = """#!/bin/sh
case $1 in
  reload | reload-or-restart | try-restart) echo "$*" >>/run/systemctl.log ;;
  *) exec /bin/systemctl "$@" ;;
esac
"""


def in_qube(qube, build, version, labdir, **also):
    """Salt that runs in a qube of the lab, as salt-ssh of a management qube has it."""
    qube.write("run/bin/systemctl", SYSTEMCTL, 0o755)
    environment = {"PATH": f"/run/bin:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}
    return Salt(install_salt(build, version), labdir, also.pop("name", qube.name), prefix=qube.command([]),
                environment=environment, **also)


class BySsh:
    """salt-ssh, which is what a management qube has: it renders there, and applies in a qube of the lab."""

    def __init__(self, qube, build, version, labdir):
        self.program = install_salt(build, version).with_name("salt-ssh")
        self.name = qube.name
        self.folder = pathlib.Path(labdir, f"salt-ssh-{qube.name}")
        (self.folder / "pillar").mkdir(parents=True)
        (self.folder / "master").write_text(json.dumps({
            "root_dir": str(self.folder), "cachedir": str(self.folder / "cache"), "pki_dir": str(self.folder / "pki"),
            "log_file": str(self.folder / "log"), "ssh_log_file": str(self.folder / "ssh-log"),
            "file_roots": {"base": ["/srv/salt"]}, "pillar_roots": {"base": [str(self.folder / "pillar")]},
            "fileserver_list_cache_time": 0}))
        (self.folder / "roster").write_text(json.dumps({qube.name: {
            "host": qube.name, "user": "root", "priv": "agent-forwarding", "thin_dir": "/var/tmp/salt-thin"}}))
        self.environment = _without_preload() | {
            "QUBE_PID": str(qube.pid), "PATH": f"{TESTS / 'fakes/salt-ssh'}:/run/bin:/usr/sbin:/usr/bin:/sbin:/bin"}

    def apply(self, sls, test=False):
        done = subprocess.run(
            [self.program, "--config-dir", self.folder, "--roster-file", self.folder / "roster", "--ignore-host-keys",
             "--out=json", self.name, "state.sls", sls, *(["test=True"] if test else [])], text=True, timeout=240,
            capture_output=True, check=False, stdin=subprocess.DEVNULL, env=self.environment)
        return Run(done, self.name)


TEMPLATES = ("fedora-41-xfce", "fedora-42", "fedora-42-xfce", "debian-12-xfce", "whonix-gateway-17", "default-dvm")


def qubes():
    """A dom0 after the installation of Qubes, with some qubes of the user's."""
    def app(template, state="Running", **properties):
        return {"class": "AppVM", "state": state, "features": {}, "tags": [],
                "properties": {"template": template, **properties}}
    found = {"dom0": {"class": "AdminVM", "state": "Running", "features": {}, "tags": [], "properties": {}}}
    for name in TEMPLATES[:-1]:
        found[name] = {"class": "TemplateVM", "state": "Halted", "features": {}, "tags": [], "properties": {}}
    found["default-dvm"] = app("fedora-42-xfce", "Halted")
    found["sys-net"] = app("fedora-42-xfce", netvm=None, provides_network=True)
    found["sys-firewall"] = app("fedora-42-xfce", netvm="sys-net", provides_network=True, label="green")
    found["sys-whonix"] = app("whonix-gateway-17", netvm="sys-firewall", provides_network=True)
    found["personal"] = app("fedora-42-xfce")
    found["bank"] = app("fedora-42-xfce", "Halted", netvm="sys-firewall")
    found["vault"] = app("fedora-42-xfce", "Halted", netvm=None)
    return found


class Dom0:
    def __init__(self, build, version, labdir, key=""):
        self.folder = pathlib.Path(labdir, f"dom0-{version}{key}")
        self.folder.mkdir()
        self.model_path = self.folder / "qubes.json"
        self.programs = self.folder / "bin"
        self.programs.mkdir()
        shutil.copy(pathlib.Path(build, "src/cli/sysvpn"), self.programs)
        self.qrexec = QrexecQube(self.folder, "sys-vpn")
        self.reset()
        path = f"{self.programs}:{FAKES / 'bin'}:{pathlib.Path(build, 'tests/fakes/dom0')}:{os.environ['PATH']}"
        self.salt = Salt(install_salt(build, version), self.folder, "dom0", roots=[FAKES], environment={
            "PATH": path, "QUBES_MODEL": str(self.model_path), "QUBES_FAKES": str(FAKES), "LABDIR": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1"})
        self.salt.call("saltutil.sync_all")

    def reset(self, found=None):
        self.model_path.write_text(json.dumps(found or qubes()))

    @property
    def qubes(self):
        return json.loads(self.model_path.read_text())

    def change(self, name, **values):
        """What happens to a qube besides Salt: state="Running", or properties by name."""
        found = self.qubes
        for key, value in values.items():
            if key in ("state", "answers", "template_"):
                found[name][key] = value
            else:
                found[name]["properties"][key] = value
        self.reset(found)

    def netvms(self):
        """{qube: netvm}, with "default" for one that is not set."""
        return {name: qube["properties"].get("netvm", "default") for name, qube in self.qubes.items()
                if qube["class"] == "AppVM"}


ensure_inside = lab.ensure_inside
