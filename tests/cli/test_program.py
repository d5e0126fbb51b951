#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""test_program.py SYSVPN PROTOCOL.md: runs the built sysvpn against an agent that is played here.

The answers are the examples of the specification, so that what a user sees of each is tested.
"""
import json
import os
import pathlib
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

PROGRAM, PROTOCOL = sys.argv[1:3]
EXAMPLES = dict(re.findall(r"^```\w+ (\S+)\n(.*?)^```$", pathlib.Path(PROTOCOL).read_text(), re.M | re.S))
UP, BLOCKED = EXAMPLES["status-up"], EXAMPLES["status-blocked"]
UUID_A = "6f0a1f52-0c3e-4b5c-9a53-52f7a3d0c8e1"
UUID_B = "0b7f0f60-97d5-4c0f-8e8c-1d5b6a4f2c11"
UUID_C = "2f9d3a07-52c4-4be6-b1e5-7a3f0d9c6e55"
OK = EXAMPLES["reply-ok"]


def profiles(*lines):
    return "sysvpn=1\n" + "".join(f"profile_{i}={line}\n" for i, line in enumerate(lines)) + "result=ok\n\n"


class Agent:
    """Answers each request by its text, or with what a function of the connection does."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "agent")
        self.answers = {}
        self.requests = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.talk, args=[connection], daemon=True).start()

    def talk(self, connection):
        with connection:
            request = b""
            while not request.endswith(b"\0"):
                more = connection.recv(1024)
                if not more:
                    return
                request += more
            request = request[:-1].decode()
            self.requests.append(request)
            answer = self.answers.get(request.split()[0], "")
            try:
                if callable(answer):
                    answer(connection)
                else:
                    connection.sendall(answer.encode())
            except OSError:
                pass  # it hung up, as it may

    def run(self, *args, **answers):
        self.answers = {f"sysvpn.{name}": answer for name, answer in answers.items()}
        self.requests = []
        return run("--connect", f"unix:{self.path}", *args)


def run(*args, env=None):
    return subprocess.run([PROGRAM, *args], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                          env={**os.environ, **(env or {})})


def fails(plan, done, status, words, name):
    """One clear line on stderr, nothing on stdout."""
    good = done.returncode == status and words in done.stderr and done.stderr.startswith("sysvpn: ") \
        and done.stderr.count("\n") == 1 and done.stdout == ""
    plan.ok(good, name, f"status {done.returncode}, wanted {status} and {words!r}\n{done.stdout}{done.stderr}")


def test_status(plan, agent):
    for example, state, status in [("up", "Protected", 0), ("blocked", "Blocked", 3), ("connecting", "Connecting", 3),
                                   ("degraded", "Degraded", 3), ("exposed", "Exposed", 4), ("unknown", "Unknown", 5),
                                   ("minimal", "Unknown", 5), ("later-words", "Unknown", 5),
                                   ("duplicate", "Unknown", 5), ("not-ascii", "Unknown", 5)]:
        done = agent.run("status", Status=EXAMPLES[f"status-{example}"])
        plan.ok(done.returncode == status and done.stdout.startswith(f"{state}: ") and done.stderr == "",
                f"status of {example} is {state}, {status}", f"{done.returncode}\n{done.stdout}{done.stderr}")

    text = agent.run("status", Status=UP).stdout
    for words in ["Killswitch  armed, compared in full 3 s ago", "Tunnel      up for 2 h 1 min",
                  f'Profile     "Provider A (Zurich)", wireguard, {UUID_A}', "203.0.113.7:51820/udp",
                  "Interface   wg-zurich, handshake 1 min 4 s ago",
                  "Egress      198.51.100.23, 2001:db8:5::17, asked 6 min 52 s ago", "Received    700.0 MiB",
                  "Sent        50.0 MiB", "118 packets of client qubes, IPv4",
                  "Clients     10.137.0.21: 115 packets dropped, 9.4 KiB"]:
        plan.ok(words in text, f"status shows {words}", text)
    plan.ok("\033" not in text, "no colour in a pipe")
    text = agent.run("status", Status=EXAMPLES["status-exposed"]).stdout
    plan.ok("Killswitch  broken: its table is not there" in text, "status says why the killswitch is broken", text)
    plan.equal(agent.requests, ["sysvpn.Status dom0"], "status is one call")

    hostile = UP.replace("Provider A (Zurich)", "<b>&\"'</b>").replace("wg-zurich", "<&>")
    text = agent.run("status", Status=hostile).stdout
    plan.ok(not re.search("[<>&']", text.split("\n", 1)[1]), "markup in the qube's words is taken out", text)
    done = agent.run("status", Status=UP.replace("wg-zurich", "\033[2J"))
    plan.ok("\033" not in done.stdout and done.returncode == 5, "a report with escapes is dropped")
    done = agent.run("status", Status=UP[:-1])
    plan.ok(done.returncode == 5 and "without a whole answer" in done.stdout, "a report that is cut off is none",
            done.stdout)


def test_status_json(plan, agent):
    done = agent.run("status", "--json", Status=UP)
    value = json.loads(done.stdout)
    wire = dict(line.split("=", 1) for line in UP.splitlines() if line)
    same = [key for key, text in wire.items() if not key.startswith(("client_", "sysvpn", "result"))
            and value.get(key) != (int(text) if re.fullmatch(r"[0-9]+", text) and key != "agent" else text)]
    plan.equal(same, [], "status --json has each field of the wire under its own name")
    plan.equal((value["state"], value["qube"], value["age_s"], done.returncode), ("protected", "sys-vpn", 0, 0),
               "status --json has state, qube and age")
    plan.equal(value["clients"][2], {"address": "2001:db8:137::16", "packets": 9, "bytes": 720},
               "status --json has the clients")
    value = json.loads(agent.run("status", "--json", Status=BLOCKED).stdout)
    plan.equal((value["state"], value["interface"], value["next_try_s"]), ("blocked", None, 20),
               "what is not known is null")
    done = agent.run("status", "--json", Status="")
    value = json.loads(done.stdout)
    plan.equal((value["state"], value["age_s"], done.returncode), ("unknown", None, 5), "status --json of silence")


def test_profiles(plan, agent):
    done = agent.run("profiles", Profiles=EXAMPLES["profiles-three"])
    plan.equal(done.stdout.splitlines()[0],
               f'* {UUID_A}  wireguard  "Provider A (Zurich)"  (starts by itself)', "profiles shows the active one")
    plan.ok('"  (server not in endpoints.txt)\n' in done.stdout, "profiles shows what cannot be reached", done.stdout)
    value = json.loads(agent.run("profiles", "--json", Profiles=EXAMPLES["profiles-three"]).stdout)
    plan.equal(value[1], {"uuid": UUID_B, "type": "vpn", "name": "Provider B", "active": False,
                          "autoconnect": False, "pinned": True}, "profiles --json")
    plan.equal(json.loads(agent.run("profiles", "--json", Profiles=EXAMPLES["profiles-none"]).stdout), [],
               "profiles --json of none")
    fails(plan, agent.run("profiles", Profiles=EXAMPLES["profiles-none"]), 1, "sysvpn-import", "no profiles")
    fails(plan, agent.run("profiles", Profiles=EXAMPLES["profiles-without-uuid"]), 1, "protocol", "bad profiles")
    fails(plan, agent.run("profiles", Profiles="sysvpn=1\ncode=refused\nresult=error\n\n"), 1, "/etc/sysvpn/callers",
          "profiles refused")


def test_actions(plan, agent):
    listed = profiles(f"{UUID_A} vpn - same", f"{UUID_B} vpn - same", f"{UUID_C} vpn - one of a kind")
    for args, wanted in [(["connect"], ["sysvpn.Connect dom0"]),
                         (["connect", UUID_B], [f"sysvpn.Connect+{UUID_B} dom0"]),
                         (["connect", "one of a kind"],
                          ["sysvpn.Profiles dom0", f"sysvpn.Connect+{UUID_C} dom0"]),
                         (["disconnect"], ["sysvpn.Disconnect dom0"]), (["reconnect"], ["sysvpn.Reconnect dom0"])]:
        done = agent.run(*args, **{"Connect": OK, f"Connect+{UUID_B}": OK, "Profiles": listed, "Disconnect": OK,
                                   f"Connect+{UUID_C}": OK, "Reconnect": OK})
        plan.ok((done.returncode, done.stdout + done.stderr, agent.requests) == (0, "", wanted), " ".join(args),
                f"{done}\n{agent.requests}")
    done = agent.run("connect", "same", Profiles=listed)
    fails(plan, done, 1, f"{UUID_A} {UUID_B}", "a name of two profiles lists their UUIDs")
    fails(plan, agent.run("connect", "nobody", Profiles=listed), 1, "sysvpn profiles", "a name of no profile")
    fails(plan, agent.run("disconnect", Disconnect=EXAMPLES["reply-killswitch-broken"]), 1, "sysvpn-killswitch",
          "disconnect is refused while exposed")
    fails(plan, agent.run("connect", Connect=EXAMPLES["reply-credentials"]), 1, "/rw/config/vpn/credentials",
          "a refused password has its remedy")
    fails(plan, agent.run("connect", Connect=EXAMPLES["reply-later-code"]), 1, "no reason", "a reason of a later agent")
    fails(plan, agent.run("reconnect", Reconnect=""), 1, "without a whole answer", "no answer")


def watch_lines(agent, n_lines, *args, **answers):
    agent.answers = {f"sysvpn.{name}": answer for name, answer in answers.items()}
    process = subprocess.Popen([PROGRAM, "--connect", f"unix:{agent.path}", "watch", *args], text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    lines = [process.stdout.readline() for _ in range(n_lines)]
    return process, lines


def two_states(connection):
    connection.sendall(UP.encode())
    time.sleep(0.3)
    connection.sendall(UP.replace("seq=4711", "seq=4712").replace("=8123456", "=8123756").encode())  # no news
    time.sleep(0.3)
    connection.sendall(BLOCKED.replace("seq=4712", "seq=4713").replace("=8125002", "=8124056").encode())
    connection.recv(1)


def test_watch(plan, agent):
    process, lines = watch_lines(agent, 2, Watch=two_states)
    plan.ok(re.fullmatch(r'\d\d:\d\d:\d\d Protected: .*; profile "Provider A \(Zurich\)"; egress 198.51.100.23; '
                         r'egress 2001:db8:5::17\n', lines[0]), "watch prints the state", lines[0])
    plan.ok("Blocked: the tunnel was lost" in lines[1], "watch prints the next change, and no heartbeat", lines[1])
    process.send_signal(signal.SIGINT)
    plan.equal(process.communicate(timeout=10), ("", ""), "watch ends quietly when interrupted")
    plan.equal(process.returncode, 0, "watch's exit code")

    process, lines = watch_lines(agent, 2, "--json", Watch=two_states)
    plan.equal([json.loads(line)["state"] for line in lines], ["protected", "blocked"], "watch --json: an object a line")
    process.terminate()
    process.communicate(timeout=10)

    process, lines = watch_lines(agent, 1, Watch=two_states)
    process.stdout.close()  # as head -1 does
    plan.equal((process.wait(timeout=10), process.stderr.read()), (1, ""), "watch ends when nobody reads")


def test_wait(plan, agent):
    done = agent.run("wait", "--for", "blocked", "--timeout", "10", Watch=two_states)
    plan.ok(done.returncode == 0 and done.stdout.startswith("Blocked: "), "wait until a state is there", str(done))
    fails(plan, agent.run("wait", "--for", "exposed", "--timeout", "2", Watch=two_states), 1, "for exposed in vain",
          "wait for what does not come")


def test_diagnose(plan, agent):
    done = agent.run("diagnose", Diagnose=EXAMPLES["diagnosis-short"])
    plan.ok(done.returncode == 0 and done.stderr == "" and "\n| tunnel=up\n" in done.stdout, "diagnose", str(done))
    plan.ok(done.stdout.index("cannot verify") < done.stdout.index("| "), "the qube's words are marked as its own",
            done.stdout)
    plan.equal(agent.requests, ["sysvpn.Diagnose dom0"], "diagnose asks once")
    done = agent.run("diagnose", Diagnose=EXAMPLES["diagnosis-gap"])
    plan.ok(done.returncode == 1 and done.stdout.startswith("sysvpn ") and "line_" not in done.stdout + done.stderr,
            "a diagnosis that breaks the protocol leaves dom0's part, and fails", str(done))


def test_usage(plan, agent):
    for args in [[], ["conect"], ["status", "x"], ["connect", "a", "b"], ["connect", "--json"], ["wait"],
                 ["wait", "--for", "happy"], ["wait", "--for", "off", "--timeout", "-1"], ["status", "--for", "off"],
                 ["wait", "--for", "off", "--timeout", "86401"], ["status", "--qube", "-x"], ["--nonsense"],
                 ["status", "--qube", "sys vpn"], ["status", "--quick"], ["check", "--client", "a b"],
                 ["check", "--record-uplink", "--quick"], ["check", "--timeout", "3"]]:
        fails(plan, agent.run(*args), 2, "sysvpn --help", f"usage: {' '.join(args) or 'nothing'}")
    fails(plan, run("--connect", "tcp:localhost", "status"), 2, "unix:PATH", "usage: not a socket")
    help_text = run("--help").stdout
    for word in ["status", "watch", "profiles", "connect", "disconnect", "reconnect", "wait", "diagnose", "check"]:
        plan.ok(re.search(rf"^  {word}\b", help_text, re.M), f"--help names {word}")
    plan.ok(re.fullmatch(r"sysvpn [0-9.]+\n", run("--version").stdout), "--version")


def test_transports(plan, folder):
    empty = os.path.join(folder, "empty")
    os.mkdir(empty)
    fails(plan, run("status", env={"PATH": empty}), 1, "run this in dom0", "no qrexec on this machine")
    done = run("--connect", f"unix:{folder}/nobody", "status")
    plan.ok(done.returncode == 5 and done.stdout.startswith("Unknown: nobody answers"), "no agent at the socket",
            str(done))
    client = os.path.join(folder, "qrexec-client")
    for status, words in [(125, "nobody answers"), (126, "refused"), (127, "no sysvpn services"), (255, "broke")]:
        pathlib.Path(client).write_text(f'#!/bin/sh\necho "$@" >{folder}/args\necho noise >&2\nexit {status}\n')
        os.chmod(client, stat.S_IRWXU)
        done = run("--qube", "vpn-2", "status", env={"PATH": f"{folder}:{os.environ['PATH']}"})
        plan.ok(done.returncode == 5 and words in done.stdout and "noise" not in done.stderr, f"qrexec's {status}",
                str(done))
    plan.equal(pathlib.Path(folder, "args").read_text(), "-d vpn-2 DEFAULT:QUBESRPC sysvpn.Status dom0\n",
               "the command line of qrexec-client")


def main():
    with tap.Plan() as plan, tempfile.TemporaryDirectory(prefix="sysvpn-") as folder:
        agent = Agent(folder)
        for test in [test_status, test_status_json, test_profiles, test_actions, test_watch, test_wait, test_diagnose, test_usage]:
            test(plan, agent)
        test_transports(plan, folder)


if __name__ == "__main__":
    main()
