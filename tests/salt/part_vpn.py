# SPDX-License-Identifier: GPL-2.0-or-later
"""sys-vpn's part, in the lab's sys-vpn: real NetworkManager, importer and killswitch."""
import os
import pathlib

import lab
import machine
from lab import installed

STATE = "qubes.network.sys-vpn"
FOLDER = "rw/config/vpn"
SCRIPT = "rw/config/qubes-firewall-user-script"
FILES = pathlib.Path("/srv/salt/files/vpn")
FIXTURES = machine.TESTS / "fixtures/profiles"


def files_of(qube):
    """Everything that a run may write to: changed ones have another inode or time."""
    found = {}
    for folder in ("rw", "etc/NetworkManager/system-connections"):
        for path in sorted(qube.path(folder).rglob("*")):
            about = path.lstat()
            if path.is_file():
                found[str(path)] = (about.st_ino, about.st_mtime_ns, about.st_mode)
    return found


def names_of(world):
    return set(world.nm.nmcli("-g", "NAME", "connection", "show").stdout.splitlines())


def without_secrets(world):
    """A profile as a provider ships it that uses a user name and a password, and a file for its CA."""
    profile = (FIXTURES / "zz1234.nord.tcp443.ovpn").read_text()
    before, _, rest = profile.partition("<tls-auth>")
    _, _, after = rest.partition("</tls-auth>")
    return before + after.replace("key-direction 1\n", "")


def test_vpn(plan, world, salt):
    vpn = world.vpn
    run = salt.apply(STATE)
    plan.ok(not run.fine() and "sysvpn is not installed here" in str(run) and not vpn.path(FOLDER, "credentials").exists(),
            "sys-vpn without the packages: it says to restart the qube", run)
    installed.place(installed.stage(None, os.environ["LABDIR"]), vpn)
    vpn.write(SCRIPT, "#!/bin/sh\nnft add rule mine\n", 0o755)
    (FILES / "zurich.ovpn").write_text(without_secrets(world))
    vpn.write(f"{FOLDER}/credentials/zurich.userpass", "user\nsw0rdfish\n", 0o600)
    vpn.path(FOLDER, "credentials").chmod(0o700)
    before = files_of(vpn)
    run = salt.apply(STATE, test=True)
    plan.ok(run.fine() and files_of(vpn) == before and {"profile-1", "user-script", "import-files"} <= set(run.changed()),
            "test=True in sys-vpn changes nothing, and says what it would", run)
    salt.set_pillar({"vpn": {"profile": "zurich"}})
    run = salt.apply(STATE)
    plan.ok(run.fine(), "sys-vpn's part is applied", run)
    plan.ok("zurich" in names_of(world), "the profile is imported into NetworkManager", run)
    about = vpn.path(FOLDER, "zurich.ovpn").stat()
    plan.equal((about.st_mode & 0o777, about.st_uid), (0o600, 0), "its file is root's alone")
    text = vpn.path(SCRIPT).read_text()
    plan.ok("nft add rule mine" in text and text.count("sysvpn-killswitch ||") == 1,
            "the user's firewall script has our lines, and keeps the user's", text)
    text = vpn.path(FOLDER, "endpoints.imported").read_text()
    plan.ok(" # zurich.ovpn" in text, "the server is among the endpoints", text)
    plan.ok("sw0rdfish" not in run.text, "no password is printed")
    before = files_of(vpn)
    run = salt.apply(STATE)
    plan.ok(run.fine() and run.changed() == [] and files_of(vpn) == before, "a second run changes nothing", run)
    run = salt.apply(STATE, test=True)
    plan.ok(run.fine() and run.changed() == [], "test=True after that finds nothing to change", run)


def test_vpn_by_hand(plan, world, salt):
    """The profile came by qvm-copy: nothing of it is in /srv."""
    world.vpn.write(f"{FOLDER}/wg.conf", (FIXTURES / "wg-ZZ-12.conf").read_text(), 0o600)
    run = salt.apply(STATE)
    plan.ok(run.fine() and run.changed() == ["import"] and "wg" in names_of(world),
            "a profile that was put into sys-vpn by hand is imported, too", run)
    world.vpn.write(f"{FOLDER}/bad.ovpn", "client\nremote vpn.example.net 1194\n", 0o600)
    run = salt.apply(STATE)
    plan.ok(not run.fine() and "bad" in str(run), "a profile that is refused fails the run and is named", run)
    salt.set_pillar({"hosts": {"vpn.example.net": ["198.51.100.77"]}, "vpn": {"profile": "zurich"}})
    run = salt.apply(STATE, test=True)
    plan.ok("/rw/config/vpn/hosts" in run.changed(), "the pillar's hosts would be written", run)
    world.vpn.write(f"{FOLDER}/pia_nowhere.ovpn", (FIXTURES / "pia_nowhere.ovpn").read_text(), 0o600)
    world.vpn.write(f"{FOLDER}/credentials/pia_nowhere.userpass", "user\nsw0rdfish\n", 0o600)
    world.vpn.path(FOLDER, "bad.ovpn").unlink()
    hosts = dict(line.split(None, 1) for line in (FIXTURES / "hosts").read_text().splitlines()
                 if line and not line.startswith("#"))
    salt.set_pillar({"hosts": {name: addresses.split() for name, addresses in hosts.items()}})
    run = salt.apply(STATE)
    plan.ok(run.fine() and "pia_nowhere" in names_of(world), "servers that profiles name are pinned by the pillar", run)
    run = salt.apply(STATE)
    plan.ok(run.fine() and run.changed() == [], "and once more changes nothing", run)


def test_endpoints(plan, world, salt):
    own = world.vpn.write(f"{FOLDER}/endpoints.txt", "# mine\n198.51.100.99 1194 udp\n")
    log = world.vpn.path("run/systemctl.log")
    log.unlink(missing_ok=True)
    salt.set_pillar({"endpoints": ["198.51.100.20:443/tcp"]})
    run = salt.apply(STATE)
    text = own.read_text()
    plan.ok(run.fine() and "198.51.100.20:443/tcp" in text and text.startswith("# mine\n198.51.100.99 1194 udp\n"),
            "endpoints of the pillar come into endpoints.txt beside the user's", text + str(run))
    plan.ok("reload sysvpn-killswitch.service" in log.read_text(), "the killswitch is loaded again")
    done = world.product.load_killswitch(salt.build, check=False)
    plan.ok(done.returncode == 0, "the killswitch takes that file", done.stdout + done.stderr)
    run = salt.apply(STATE)
    plan.ok(run.fine() and run.changed() == [], "a second run changes nothing", run)
    salt.set_pillar({"endpoints": ["198.51.100.21:443/tcp"]})
    run = salt.apply(STATE)
    text = own.read_text()
    plan.ok("198.51.100.21" in text and "198.51.100.20" not in text and "198.51.100.99" in text,
            "a changed list takes the place of the one before", text)
    salt.set_pillar(None)


def test_by_ssh(plan, world, build):
    """As qubesctl --targets=sys-vpn does it."""
    vpn = world.vpn
    salt = machine.BySsh(vpn, build, machine.VERSIONS[-1], os.environ["LABDIR"])
    (FILES / "geneva.ovpn").write_text(without_secrets(world).replace("203.0.113.71", "203.0.113.72"))
    vpn.write(f"{FOLDER}/credentials/geneva.userpass", "user\nsw0rdfish\n", 0o600)
    before = files_of(vpn)
    run = salt.apply(STATE, test=True)
    plan.ok(run.fine() and "import-files" in run.changed() and files_of(vpn) == before,
            "salt-ssh with test=True changes nothing, and says what it would", run)
    run = salt.apply(STATE)
    plan.ok(run.fine() and "geneva" in names_of(world), "salt-ssh of a management qube applies sys-vpn's part", run)
    run = salt.apply(STATE)
    plan.ok(run.fine() and run.changed() == [], "salt-ssh: a second run changes nothing", run)
    (FILES / "secret.ovpn").write_text("client\n<key>\nx\n</key>\n")
    run = salt.apply(STATE)
    (FILES / "secret.ovpn").unlink()
    plan.ok(len(run.refusals()) == len(run.states) == 1, "salt-ssh: a profile with a key is refused", run)


def test_secrets(plan, salt):
    """Each is refused, where it lies and where it belongs, and nothing is taken along."""
    profile = "client\nremote 198.51.100.10 1194\n"
    for what, text in (
        ("an inline key", profile + "<key>\n-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n</key>\n"),
        ("a tls-crypt key", profile + "<tls-crypt>\nx\n</tls-crypt>\n"),
        ("an indented block", profile + "  <tls-auth>\nx\n</tls-auth>\n"),
        ("an inline password", profile + "<auth-user-pass>\nme\nsecret\n</auth-user-pass>\n"),
        ("an inline bundle", profile + "<pkcs12>\nMII\n</pkcs12>\n"),
        ("a key that is commented out", profile + "# -----BEGIN RSA PRIVATE KEY-----\n"),
        ("WireGuard's private key", "[Interface]\nPrivateKey = aaaa\n[Peer]\nEndpoint = 198.51.100.1:1\n"),
        ("a preshared key in capitals", "[Peer]\n  PRESHAREDKEY=aaaa\n"),
        ("a Windows file", profile.replace("\n", "\r\n") + "<key>\r\nx\r\n</key>\r\n"),
    ):
        path = FILES / ("secret.conf" if "[" in text[:12] else "secret.ovpn")
        path.write_bytes(text.encode())
        run = salt.apply(STATE)
        path.unlink()
        plan.ok(len(run.states) == 1 and any("holds a key or a password" in one and "qvm-copy" in one
                                             for one in run.refusals()), f"{what} is refused", run)
    for name in ("zurich.userpass", "client.key", "credentials/zurich.userpass", "my;vpn.ovpn"):
        path = FILES / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("me\nsecret\n")
        run = salt.apply(STATE)
        path.unlink()
        plan.ok(len(run.refusals()) == 1 and len(run.states) == 1, f"{name} is refused", run)
    if (FILES / "credentials").exists():
        (FILES / "credentials").rmdir()


def run(plan, build):
    folder = os.environ["LABDIR"]
    with lab.Lab() as world:
        salt = machine.in_qube(world.vpn, build, machine.VERSIONS[-1], folder)
        salt.build = build
        world.vpn.run(["rm", "-rf", f"/{FOLDER}/credentials"])
        test_vpn(plan, world, salt)
        test_vpn_by_hand(plan, world, salt)
        test_endpoints(plan, world, salt)
        test_secrets(plan, salt)
        test_by_ssh(plan, world, build)
