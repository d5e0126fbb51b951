# SPDX-License-Identifier: GPL-2.0-or-later
"""The demo by hand: one key, one thing that happens to the tunnel or is asked about it."""
import os
import select
import signal
import stat
import sys
import termios
import tty

from desktop import session
from lab import addresses
from tour import script

A, B = addresses.PROVIDERS["A"], addresses.PROVIDERS["B"]


def can_be_asked():
    """A terminal, or a pipe that somebody may write keys into; not /dev/null, not a closed one."""
    try:
        kind = os.fstat(0).st_mode
    except OSError:
        return False
    return os.isatty(0) or stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind) or stat.S_ISREG(kind)


def ask(scene):
    said = scene.start()
    print(said)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    print(_WELCOME.format(where="in your panel" if scene.screen else "on a virtual screen", A=A, B=B))
    if not scene.screen:
        scene.wait_icon("blocked")
        print(f"A picture of the screen: {scene.picture('screen', menu=True)}\n")
    table = [row for row in _KEYS if not (scene.screen and row[2] in (_click, _picture, _switch))]
    actions = {key: action for key, _, action in table}
    menu = "\n".join(f"  {key}  {text}" for key, text, _ in table)
    print(menu, flush=True)
    try:
        for key in _keys():
            if key in actions and actions[key] is None:
                break
            if key in actions:
                _do(scene, actions[key])
            elif key.strip():
                print(menu, flush=True)
    except KeyboardInterrupt:
        pass
    print("Leaving. The namespaces, and all that was in them, are gone in a moment.")
    return 0


def _keys():
    """Keys as they are pressed, without Enter where this is a terminal."""
    if not os.isatty(0):
        while key := os.read(0, 1):
            yield key.decode(errors="replace")
        return
    before = termios.tcgetattr(0)
    try:
        tty.setcbreak(0)
        while True:
            print("> ", end="", flush=True)
            select.select([0], [], [])
            key = os.read(0, 1).decode(errors="replace")
            print(key.strip())
            if key in ("", "\x04"):
                return
            yield key
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)


def _do(scene, action):
    """One thing, whose failure is told and ends nothing."""
    try:
        print(script.indented(action(scene)), flush=True)
    except Exception as error:  # the next key may work
        print(f"      That did not work: {error}", file=sys.stderr, flush=True)


# --- what the keys do


def _kill(scene):
    if not scene.kill_openvpn():
        return "There is no OpenVPN running in sys-vpn. Connect first: click the icon."
    return ("OpenVPN in sys-vpn was killed: the icon turns to Blocked, and a notification says so.\n"
            "The agent brings the tunnel back by itself, after half a minute at most; key s says when.")


def _status(scene):
    done = scene.run_cli("status")
    if done:
        return f"$ sysvpn status\n{done.stdout}{done.stderr}exit status {done.returncode}"
    report = scene.report()
    if not report:
        return "The agent does not answer: that is Unknown."
    wanted = ("tunnel", "cause", "next_try_s", "profile_name", "interface", "endpoint", "killswitch",
              "killswitch_break", "forward_drop4", "forward_drop6", "output_drop4", "output_drop6",
              "egress4", "egress6", "exposed_s")
    return "\n".join(f"{key}={report[key]}" for key in wanted if key in report)


def _send(scene):
    return script.told(scene.send())


def _delete(scene):
    if scene.delete_table().returncode:
        return "The table inet sysvpn was not there. Key l loads it."
    return ("nft delete table inet sysvpn: the icon turns to Exposed until the table is back (key l).\n"
            "On a real qube the agent has systemd load it again at once; here is no systemd.\n"
            "Meanwhile AppVM still reaches the internet through the tunnel or not at all, but what\n"
            "sys-vpn itself sends leaves in the clear when the tunnel is down (keys k, t).")


def _load(scene):
    return scene.load_killswitch()


def _agent(scene):
    if scene.agent_runs():
        scene.stop_agent()
        return "The agent was killed: the icon turns to Unknown. The same key starts it again."
    scene.start_agent()
    return "The agent runs again."


def _click(scene):
    session.look_first()
    scene.desktop.click("left")
    return "Clicked. Key s shows what became of it."


def _switch(scene):
    active = scene.report().get("profile_name")
    other = A if active == B.profile else B
    scene.desktop.tray.menu_click(f"“{other.profile}”")
    return f"Chose {other.profile} in the icon's menu."


def _picture(scene):
    return str(scene.picture("screen", menu=True))


_KEYS = (
    ("c", "click the icon", _click),
    ("w", "switch to the other provider, in the icon's menu", _switch),
    ("p", "take a picture of the screen, with the menu open", _picture),
    ("s", "status: what sys-vpn says", _status),
    ("t", "send traffic from AppVM and sys-vpn for a second, and show who saw it", _send),
    ("k", "kill OpenVPN", _kill),
    ("d", "delete the killswitch's table", _delete),
    ("l", "load the killswitch again", _load),
    ("a", "kill the agent; again: start it", _agent),
    ("q", "quit", None),
)

_WELCOME = """
A shield with a bar is {where}: Blocked, no tunnel is up and nothing leaves.
  left click     connects, and a click on the filled shield disconnects
  right click    opens the menu: state, egress address, {A.profile} and {B.profile}
The chain is AppVM - sys-firewall - sys-dns - sys-vpn - sys-net - internet, each in network
namespaces of its own; {A.profile} is at {A.egress4}, {B.profile} at {B.egress4}, home is
""" + addresses.NET4 + """. Keys:
"""
