# SPDX-License-Identifier: GPL-2.0-or-later
"""The tour that plays by itself. Each step says what was seen, and fails when that is not what must
be seen; tests/suites/demo makes points of the lines that begin with [N/M]."""
import time
import traceback
from collections import Counter

from desktop import session
from lab import addresses
from tap import wait_for
from tour.stage import ENDPOINTS

A, B = addresses.PROVIDERS["A"], addresses.PROVIDERS["B"]


class Wrong(Exception):
    """What was seen is not what must be."""


def play(scene):
    """0 if all steps were as they must be. The first that is not ends the tour: later ones build
    on it."""
    print("The tour. AppVM and sys-vpn send every kind of traffic where it says so; a watcher on "
          "sys-net's\nside of the wire sees what really leaves.\n", flush=True)
    for number, step in enumerate(STEPS, 1):
        head = f"[{number}/{len(STEPS)}] {step.__doc__}"
        try:
            seen = step(scene)
        except Exception as error:  # whatever went wrong is the step's failure
            print(f"{head}: FAILED", flush=True)
            trace = "" if isinstance(error, (Wrong, TimeoutError)) else traceback.format_exc()
            print(indented(f"{error}\n{trace}"))
            print(indented("agent:\n" + scene.world.product.agent_log()[-1500:]))
            print(indented("applet:\n" + scene.desktop.log("sysvpn-applet")[-1500:]), flush=True)
            return 1
        print(f"{head}: ok", flush=True)
        print(indented("\n".join(seen)) + "\n", flush=True)
    print("All steps were as they must be.", flush=True)
    return 0


def indented(text):
    return "\n".join("      " + line for line in text.strip().splitlines())


def need(holds, message):
    if not holds:
        raise Wrong(message)


def told(seen):
    text = f"sent {seen.sent} packets; {seen.upstream} came out of sys-vpn, "
    text += f"{len(seen.leaks)} of them in the clear"
    if seen.leaks:
        text += ", such as\n" + describe(seen.leaks)
    who = f"the internet saw AppVM as {seen.egress}" if seen.egress else "AppVM reached nothing"
    return f"{text}\n{who}"


def describe(leaks):
    """The four most frequent kinds, a line each."""
    kinds = Counter((one.family.replace("ip", "IPv"), one.proto, one.dst) for one in leaks)
    return "\n".join(f"  {count} {family} {proto} to {destination}"
                     for (family, proto, destination), count in kinds.most_common(4))


def no_leak(scene, egress):
    seen = scene.send()
    need(not seen.leaks, told(seen))
    need(seen.egress == egress, f"AppVM's egress is {seen.egress}, not {egress}")
    return told(seen)


# --- the steps


def without(scene):
    """Without sysvpn, everything leaves in the clear, and the watcher sees it"""
    seen = scene.send()
    need(seen.leaks and seen.egress == addresses.NET4, told(seen))
    return [told(seen) + " (that is home)"]


def start(scene):
    """Killswitch, agent and applet start: Blocked"""
    said = scene.start()
    title = scene.wait_icon("blocked")
    traffic = no_leak(scene, None)
    # counters come with the next report, a heartbeat later at most
    dropped = wait_for("dropped packets in the report", scene.dropped, timeout=15)
    return [said, f"icon: {title}", traffic, f"the report counts {dropped} dropped packets"]


def click(scene):
    """A click on the icon: Protected, and the egress address is the provider's"""
    began = time.monotonic()
    session.look_first()
    scene.desktop.click("left")
    title = scene.wait_icon("protected", timeout=60)
    took = time.monotonic() - began
    wait_for("the egress address in the tooltip", lambda: A.egress4 in scene.tooltip(), timeout=30)
    scene.world.wait_egress(A.egress4)
    return [f"icon: {title}, after {took:.1f} s", f"tooltip: Egress {A.egress4}, {A.egress6}",
            no_leak(scene, A.egress4)]


def kill(scene):
    """OpenVPN is killed: a notification, Blocked, and nothing leaves"""
    killed = scene.kill_openvpn()
    need(killed, "there was no OpenVPN to kill")
    shown = scene.desktop.wait_notification(lambda one: one.summary == "VPN tunnel is down")
    title = scene.wait_icon("blocked")
    path = scene.picture("blocked", menu=True)
    return [f"notification after {(shown.time - killed) * 1000:.0f} ms: {shown.summary}. {shown.body}",
            f"icon: {title}", f"picture: {path}"]


def recover(scene):
    """The agent brings the tunnel back by itself, and nothing left meanwhile"""
    began = time.monotonic()
    with scene.world.capture() as watcher:
        with scene.world.traffic():
            title = scene.wait_icon("protected", timeout=90)
            took = time.monotonic() - began
        leaks = watcher.leaks(ENDPOINTS)
    need(not leaks, describe(leaks))
    wait_for("the egress address in the tooltip", lambda: A.egress4 in scene.tooltip(), timeout=30)
    wait_for("the counter in the tooltip", lambda: "Dropped packets: 0" not in scene.tooltip(), 15)
    path = scene.picture("protected", menu=True)
    line = next(line for line in scene.tooltip().splitlines() if line.startswith("Dropped"))
    return [f"icon: {title}, after {took:.0f} s", "packets in the clear meanwhile: 0", f"tooltip: {line}",
            f"picture: {path}"]


def switch(scene):
    """The other profile, from the menu: Protected, with the other provider's address"""
    scene.desktop.tray.menu_click(f"“{B.profile}”")
    wait_for("the other egress address in the tooltip", lambda: B.egress4 in scene.tooltip(), 60)
    title = scene.wait_icon("protected")
    scene.world.wait_egress(B.egress4)
    return [f"icon: {title}", no_leak(scene, B.egress4)]


def expose(scene):
    """The killswitch is deleted: Exposed, which stays on the screen; loaded again: Protected"""
    deleted = time.time()
    scene.delete_table()
    shown = scene.desktop.wait_notification(lambda one: "killswitch" in one.summary)
    need(shown.urgency == "critical", f"its urgency is {shown.urgency}")
    title = scene.wait_icon("exposed")
    path = scene.picture("exposed", menu=True)
    scene.load_killswitch()
    scene.wait_icon("protected")
    return [f"notification after {(shown.time - deleted) * 1000:.0f} ms: {shown.summary}. {shown.body}",
            f"icon: {title}, then Protected", f"picture: {path}"]


def silence(scene):
    """The agent is killed: Unknown, never a state that is out of date"""
    scene.stop_agent()
    title = scene.wait_icon("unknown")
    scene.start_agent()
    scene.wait_icon("protected")
    return [f"icon: {title}, then Protected"]


def down(scene):
    """A click on the icon: the tunnel goes down, as asked, and nothing leaves"""
    before = len(scene.desktop.recorder.all)
    session.look_first()
    scene.desktop.click("left")
    title = scene.wait_icon("blocked")
    traffic = no_leak(scene, None)
    new = [one.summary for one in scene.desktop.recorder.all[before:]]
    need("VPN tunnel is down" not in new, "what was asked for was announced")
    return [f"icon: {title}", traffic]


STEPS = (without, start, click, kill, recover, switch, expose, silence, down)
