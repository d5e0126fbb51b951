# SPDX-License-Identifier: GPL-2.0-or-later
"""Others at work while the killswitch is loaded: who writes to nftables, other loaders, users without rights.
For the suite killswitch-load."""
import os
import shutil
import subprocess
import sys
import threading

from qube import nft, rules


class Writer(threading.Thread):
    """Somebody else who writes to nftables all the time."""

    def __init__(self, commands):
        super().__init__()
        self.commands, self.ending, self.count = commands, threading.Event(), 0
        self.start()

    def run(self):
        while not self.ending.is_set():
            subprocess.run(["nft", "-f", "-"], input=self.commands, text=True, capture_output=True)
            self.count += 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.join()


def test_writers(plan, ks):
    with Writer("table inet noise { chain x { accept; }\n}\ndelete table inet noise\n") as writer:
        verdicts = {ks.verdict() for _ in range(100)}
        loads = {ks().returncode for _ in range(30)}
    plan.ok(writer.count > 20, "another program writes to tables of its own", writer.count)
    plan.equal(verdicts - {"armed"}, set(), "which never makes an armed killswitch look broken")
    plan.ok(loads <= {0, 3} and 0 in loads, "and does not keep it from being loaded", loads)
    ks.load()
    ks.load()
    plan.equal(ks.verdict(), "armed", "mended")


def test_late_writer(plan, ks, build):
    """A rule that comes in between the load and the reading back must not become part of what is right."""
    def load(times):
        return ks(env=dict(os.environ, LD_PRELOAD=str(build / "tests/killswitch/late-writer.so"), LATE_WRITES=str(times),
                           ASAN_OPTIONS="verify_asan_link_order=0"))

    digest = ks.digest.read_text()
    nft("delete table inet sysvpn")
    died = ks(env=dict(os.environ, LD_PRELOAD=str(build / "tests/killswitch/late-writer.so"), LATE_DEATH="1",
                       ASAN_OPTIONS="verify_asan_link_order=0"))
    plan.equal((died.returncode, ks.settled()), (-9, "unverified"),
               "a loader that dies before it flushed old flows leaves nothing that is called armed")
    plan.ok("not armed" in ks("--verbose").stdout, "the next load flushes them")
    plan.equal(load(1).returncode, 0, "late writer: once, and it is loaded again")
    first = next(text for chain, _, text in rules() if chain == "forward")
    plan.ok("tcp" in first, "late writer: its rule is gone", first)
    plan.equal((ks.verdict(), ks.digest.read_text()), ("armed", digest), "late writer: armed, as ever")
    done = load(1000)
    plan.ok(done.returncode == 3 and "kept writing" in done.stderr, "late writer: always, and the loader gives up", done.stderr)
    plan.equal(ks.verdict(), "unverified", "late writer: never called armed")
    ks.load()
    plan.equal(ks.verdict(), "armed", "mended")


def test_loaders(plan, ks):
    running = [subprocess.Popen([ks.program, "--root", ks.root], stdout=subprocess.DEVNULL) for _ in range(8)]
    verdicts = set()
    while any(each.poll() is None for each in running):
        verdicts.add(ks.verdict())
    plan.equal([each.wait() for each in running], [0] * 8, "eight loaders at once")
    plan.equal(verdicts - {"armed", "loading"}, set(), "never look broken meanwhile")
    plan.ok("being loaded" not in ks("--check").stdout, "the last one's sign is gone")


# Takes every lock that it can get at in the folder, tries to write and to replace, then waits.
STRANGER = """
import fcntl, os, sys
folder = sys.argv[1]
held = [os.open(folder, os.O_RDONLY)]
for name in sorted(os.listdir(folder)):
    path = os.path.join(folder, name)
    for attempt in (lambda: held.append(os.open(path, os.O_RDONLY)),
                    lambda: os.close(os.open(path, os.O_WRONLY)) or print("wrote", name),
                    lambda: os.unlink(path) or print("removed", name),
                    lambda: os.rename(path, path + "x") or print("renamed", name)):
        try: attempt()
        except (PermissionError, IsADirectoryError): pass
try: os.close(os.open(os.path.join(folder, "killswitch.loading"), os.O_WRONLY | os.O_CREAT)); print("made a sign")
except PermissionError: pass
for fd in held:
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
print("holds", len(held), flush=True)
sys.stdin.read()
"""


def test_strangers(plan, ks):
    """A user without rights, and the agent's own: neither keeps the killswitch from being loaded, nor
    makes a missing one look armed, or as if it were just being loaded."""
    folder = ks.root / "run/sysvpn"
    ks.root.chmod(0o755)
    (folder / "state").mkdir(exist_ok=True)  # as its unit's RuntimeDirectory
    os.chown(folder / "state", 65534, 65534)
    for user, caps in (("a stranger", ()), ("the agent's user", ("--inh-caps", "+net_admin", "--ambient-caps", "+net_admin"))):
        ks.load()
        digest = ks.digest.read_bytes()
        stranger = subprocess.Popen(
            ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", *caps, sys.executable, "-c", STRANGER, folder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        plan.equal(stranger.stdout.readline(), "holds 3\n",
                   f"{user} can open folder, digest and state, and change nothing")
        plan.equal(ks.verdict(), "armed", f"{user} holds all locks that can be had: armed")
        nft("delete table inet sysvpn")
        plan.equal(ks.verdict(), "missing", f"{user}: what is gone is called missing")
        done = ks()
        plan.equal((done.returncode, ks.digest.read_bytes(), ks.verdict()), (0, digest, "armed"),
                   f"{user}: it is loaded again")
        stranger.stdin.close()
        plan.equal(stranger.wait(), 0, f"{user} ends")
        stranger.stdout.close()
    shutil.rmtree(folder / "state")


def test_killed_loader(plan, ks, build):
    """A loader that died left the sign of loading: it must not excuse what is broken later."""
    died = ks(env=dict(os.environ, LD_PRELOAD=str(build / "tests/killswitch/late-writer.so"), LATE_DEATH="1",
                       ASAN_OPTIONS="verify_asan_link_order=0"))
    sign = ks.root / "run/sysvpn/killswitch.loading"
    plan.ok(died.returncode == -9 and sign.exists(), "a loader that is killed leaves its sign", died.returncode)
    nft("delete table inet sysvpn")
    plan.equal(ks.settled(), "missing", "which is worth nothing after a second")
    plan.ok(sign.exists(), "though it is still there")
    ks.load()
    plan.ok(not sign.exists() and ks.verdict() == "armed", "the next load takes it away")


def test_monitor(plan, ks, build):
    watch = subprocess.Popen([build / "tests/killswitch/watch-table"], text=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def seen():
        watch.stdin.write("?\n")
        watch.stdin.flush()
        return watch.stdout.readline().strip()

    plan.equal(watch.stdout.readline().strip(), "open", "the monitor opens")
    plan.equal(seen(), "quiet", "nothing happened")
    for name, commands, wanted in (
            ("another table", "table inet other { chain x { accept; } }", "quiet"),
            ("another family's table of our name", "table ip sysvpn { chain x { accept; } }", "quiet"),
            ("rule", "insert rule inet sysvpn forward accept", "touched"),
            ("element", "flush set inet sysvpn endpoints4", "touched"),
            ("policy", "chain inet sysvpn forward { policy accept; }", "touched"),
            ("dormant", "add table inet sysvpn { flags dormant; }", "touched"),
            ("set", "table inet sysvpn { set more { type ipv4_addr; } }", "touched"),
            ("counter", "table inet sysvpn { counter more { } }", "touched"),
            ("flush ruleset", "flush ruleset", "touched")):
        nft(commands)
        plan.equal((seen(), seen()), (wanted, "quiet"), f"monitor: {name}")
    ks.load()
    plan.equal(seen(), "touched", "monitor: load")
    for _ in range(400):
        nft("flush table inet sysvpn\nflush ruleset\n" + "table inet sysvpn { chain x { } }\n" * 50)
    plan.equal(seen(), "touched", "monitor: too many messages")
    watch.stdin.close()
    plan.equal(watch.wait(), 0, "the monitor ends")
    ks.load()
