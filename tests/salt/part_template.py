# SPDX-License-Identifier: GPL-2.0-or-later
"""The template's part: real apt, dpkg, rpm and systemctl, on packages that are made here, in a root of its own."""
import fnmatch
import os
import pathlib
import re
import shutil
import subprocess

import machine
import packages
from lab import installed
from lab.qube import Qube

STATE = "qubes.network.sys-vpn"
NAME = "fedora-42-vpn-min"  # the name of a clone; what is in it is what the grains say
FILES = pathlib.Path("/srv/salt/files/sysvpn")
DEBIAN = ("qubes-core-agent-networking", "qubes-core-agent-network-manager", "dnscrypt-proxy")
FEDORA = ("nftables", "iproute", "tcpdump", "curl", "qubes-core-agent-networking", "NetworkManager",
          "NetworkManager-openvpn", "openvpn", "wireguard-tools", "polkit", "qubes-core-agent-network-manager",
          "dnscrypt-proxy")
UNITS = ("sysvpn-killswitch.service", "sysvpn-import.service", "sysvpn-agent.service", "sysvpn-agent.socket",
         "sysvpn-egress-probe.socket", "sysvpn-openvpn-log.socket", "sysvpn-resolver.service", "sysvpn-resolver-guard.service",
         "sysvpn-resolver-redirect.service", "sysvpn-resolver.socket")


def product(root, folder):
    """What the package holds, laid out below /usr."""
    files = pathlib.Path(folder, "product")
    shutil.copytree(root / "usr/local", files / "usr", ignore=shutil.ignore_patterns("*.mo", "etc"))
    return files


def yaml_list(option):
    """A list of defaults.yaml."""
    text = pathlib.Path("/srv/salt/qubes/network/sys-vpn/defaults.yaml").read_text()
    return re.findall(r"[^\s,'\[\]]+", re.search(rf"{option}: \[(.*?)\]\n", text, re.S)[1])


def new_template(kind, folder, repository):
    qube = Qube(f"template-{kind}", folder)
    installed.keep_usr(qube)
    for place in ("etc/apt/sources.list.d", "etc/apt/preferences.d"):
        for path in qube.path(place).glob("*"):
            path.unlink()
    qube.write("etc/apt/sources.list", f"deb [trusted=yes] file:{repository} ./\n")
    qube.write("etc/apt/apt.conf.d/99test", 'APT::Sandbox::User "root";\nDir::State::lists "/run/lists";\n')
    qube.run(["mkdir", "-p", "/run/lists/partial"])
    return qube


def installed_debs(qube):
    done = qube.run(["dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Package}\n"])
    return {line.split()[1] for line in done.stdout.splitlines() if line.startswith("ii")}


def enabled(qube):
    return [unit for unit in UNITS if not qube.run(["/bin/systemctl", "is-enabled", unit], check=False).returncode]


def test_debian(plan, build, folder):
    repository = pathlib.Path(folder, "debs")
    repository.mkdir()
    files = product(installed.stage(build, folder), folder)
    for name in DEBIAN:
        packages.deb(repository, name)
    desktop = [packages.deb(repository, name, needs, version="99.0") for name, needs in packages.DESKTOP.items()]
    ours = packages.deb(folder, "sysvpn", files=files)
    index = subprocess.run(["dpkg-scanpackages", "-m", "."], cwd=repository, capture_output=True, text=True, check=True)
    (repository / "Packages").write_text(index.stdout)
    qube = new_template("debian", folder, repository)
    qube.run(["dpkg", "-i", *desktop])

    def salt(release, name=NAME, key=""):
        return machine.in_qube(qube, build, machine.VERSIONS[-1], folder, name=name, key=key,
                               grains={"osmajorrelease": release})

    before = installed_debs(qube)
    debian12 = salt(12, key="-12")
    run = debian12.apply(STATE)
    plan.ok(any("packaged in Fedora and in Debian 13, not in Debian 12" in one for one in run.refusals())
            and installed_debs(qube) == before, "Debian 12 is refused, with the sentence that says why", run)
    run = debian12.apply(STATE, pillar={"dns": {"enable": False}}, test=True)
    plan.ok(not run.refusals() and "dnscrypt-proxy" not in str(run), "Debian 12 will do without sys-dns", run)
    run = debian12.apply(STATE, pillar={"dns": {"template": "debian-13-xfce"}}, test=True)
    plan.ok(not run.refusals() and "dnscrypt-proxy" not in str(run), "and with sys-dns in another template", run)

    debian13 = salt(13)
    run = debian13.apply(STATE)
    plan.ok(not run.fine() and "Put its .deb into /srv/salt/files/sysvpn" in str(run) and "leftovers" not in run.changed(),
            "without a package of sysvpn it says where to put it, and stops", run)
    plan.ok(set(DEBIAN) <= installed_debs(qube), "the other packages are there", run)
    shutil.copy(ours, FILES)
    shutil.copy(ours, FILES / "sysvpn-dom0_1.0_all.deb")
    before = installed_debs(qube)
    run = debian13.apply(STATE, test=True)
    plan.ok(run.fine() and installed_debs(qube) == before and {"package-file", "package"} <= set(run.changed()),
            "test=True in the template changes nothing, and says what it would", run)
    run = debian13.apply(STATE)
    plan.ok(run.fine() and "sysvpn" in installed_debs(qube), "the package is installed from the file", run)
    plan.equal(enabled(qube), list(UNITS), "its units are switched on")
    gone = set(packages.DESKTOP) - packages.STAYS
    left = installed_debs(qube)
    plan.ok(not gone & left, "desktop programs are removed", gone & left)
    plan.ok(packages.STAYS <= left and {name for name in before if name.startswith("qubes")} <= left,
            "what a package of Qubes needs stays, and so does every package of Qubes", packages.STAYS - left)
    patterns = yaml_list("leftovers")
    went = before - left
    plan.ok(all(any(fnmatch.fnmatchcase(name, one) for one in patterns) for name in went), "and nothing else goes", went)
    run = debian13.apply(STATE)
    plan.ok(run.fine() and run.changed() == [], "a second run changes nothing", run)
    run = debian13.apply(STATE, test=True)
    plan.ok(run.fine() and run.changed() == [], "test=True after that finds nothing to change", run)
    shutil.copy(ours, FILES / "sysvpn_2.0_all.deb")
    run = debian13.apply(STATE)
    plan.ok(any("several packages" in one for one in run.refusals()), "two packages are one too many", run)
    for path in FILES.glob("*.deb"):
        path.unlink()

    qube.run(["dpkg", "-i", *[path for path in desktop if path.name.startswith("gimp")]])
    run = debian13.apply(STATE, pillar={"template": {"remove_leftovers": False}})
    plan.ok(run.fine() and run.changed() == [], "the pillar keeps desktop programs", run)
    own = salt(13, "my-template", "-own")
    run = own.apply(STATE)
    plan.ok(any("has no part in this" in one for one in run.refusals()), "a template that nobody named is refused", run)
    run = own.apply(STATE, pillar={"template": {"name": "my-template"}})
    plan.ok(run.fine() and "gimp" in installed_debs(qube), "desktop programs stay in a template that is no clone of ours", run)
    qube.run(["dpkg", "-r", "sysvpn"])
    shutil.copy(ours, repository)
    index = subprocess.run(["dpkg-scanpackages", "-m", "."], cwd=repository, capture_output=True, text=True, check=True)
    (repository / "Packages").write_text(index.stdout)
    run = debian13.apply(STATE, pillar={"package": {"repository": True}})
    plan.ok(run.fine() and "sysvpn" in installed_debs(qube), "the package comes from a repository, if the pillar says so", run)


def test_fedora(plan, build, folder):
    repository = pathlib.Path("/repo")  # in the lab's own root directory
    repository.mkdir()
    for name in FEDORA:
        packages.rpm(repository, name)
    desktop = [packages.rpm(repository, name, needs) for name, needs in packages.DESKTOP.items()]
    ours = packages.rpm(repository, "sysvpn")
    qube = Qube("template-fedora", folder)
    installed.place(installed.stage(build, folder), qube)
    # Debian's rpm keeps its database in the home directory
    qube.write("etc/rpm/macros", "%_dbpath /var/lib/rpm-of-the-template\n")
    qube.run(["rpm", "--initdb"])
    qube.run(["rpm", "-i", *desktop])

    def installed_rpms():
        return set(qube.run(["rpm", "-qa", "--qf", "%{NAME}\n"]).stdout.split())

    salt = machine.in_qube(qube, build, machine.VERSIONS[-1], folder, name=NAME, key="-fedora",
                           grains={"os_family": "RedHat", "os": "Fedora", "osmajorrelease": 42},
                           roots=[machine.TESTS / "fakes/salt-fedora"])
    salt.call("saltutil.sync_all")
    before = installed_rpms()
    run = salt.apply(STATE, test=True)
    plan.ok(installed_rpms() == before and "packages" in run.changed(), "Fedora: test=True changes nothing", run)
    shutil.copy(ours, FILES / "sysvpn-1.0-1.fc42.x86_64.rpm")
    shutil.copy(ours, FILES / "sysvpn-dom0-1.0-1.fc42.x86_64.rpm")
    run = salt.apply(STATE)
    plan.ok(run.fine() and set(FEDORA) | {"sysvpn"} <= installed_rpms(), "Fedora: the packages of Fedora's names are installed", run)
    gone = set(packages.DESKTOP) - packages.STAYS
    plan.equal(before - installed_rpms(), gone, "Fedora: desktop programs go, and no package of Qubes with them")
    plan.equal(enabled(qube), list(UNITS), "Fedora: the units are switched on")
    run = salt.apply(STATE)
    plan.ok(run.fine() and run.changed() == [], "Fedora: a second run changes nothing", run)
    run = salt.apply(STATE, test=True)
    plan.ok(run.fine() and run.changed() == [], "Fedora: test=True after that finds nothing to change", run)
    for path in FILES.glob("*.rpm"):
        path.unlink()


def run(plan, build):
    folder = os.environ["LABDIR"]
    test_debian(plan, build, folder)
    test_fedora(plan, build, folder)
