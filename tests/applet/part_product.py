# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job, on real parts: NetworkManager, OpenVPN, the killswitch and the agent in the lab's chain
of qubes, the applet on XFCE's panel. What the user sees is compared with what packets do."""
import os
import pathlib
import signal
import time

import lab
from desktop import session
from running import Applet, Notifications
from tap import wait_for

A, B = lab.addresses.PROVIDERS["A"], lab.addresses.PROVIDERS["B"]
ENDPOINTS = [A.endpoint, B.endpoint]


def openvpn_clients(world):
    """sys-vpn's own: process ids are shared with the servers, network namespaces are not."""
    network = os.readlink(f"/proc/{world.vpn.pid}/ns/net")
    for path in pathlib.Path("/proc").glob("[0-9]*/comm"):
        try:
            if path.read_text().strip() == "openvpn" and os.readlink(path.parent / "ns/net") == network:
                yield int(path.parent.name)
        except OSError:
            pass  # it has ended


def kill_openvpn(world):
    killed = list(openvpn_clients(world))
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    assert killed, "there was no openvpn to kill"


def asked(world, service):
    return world.product.agent_log().count(f"sysvpn.{service} asked by")


class Scene:
    def __init__(self, plan, build, world, desktop):
        self.plan, self.build, self.world, self.desktop = plan, build, world, desktop
        self.notes = Notifications(desktop)
        self.applet = Applet(desktop, build)


def first_click(scene):
    plan, world, desktop, applet = scene.plan, scene.world, scene.desktop, scene.applet
    with plan.case("at the start the icon is Blocked, and nothing is announced"):
        applet.shows("blocked")
        assert world.egress(timeout=0.5) is None, "something leaves"
        scene.notes.must_be_none()
    with plan.case("left click: the tunnel comes up, a packet of appvm arrives from the VPN server's address"):
        applet.click()
        applet.shows("protected")
        world.wait_egress(A.egress4)
    with plan.case("the tooltip tells that egress address, and the profile"):
        wait_for("the egress", lambda: A.egress4 in applet.tooltip())
        assert "Provider A" in applet.tooltip() and applet.tooltip().startswith("Protected: "), applet.tooltip()
    with plan.case("the icon has its description for a screen reader"):
        assert A.egress4 in desktop.tray.get("IconAccessibleDesc"), desktop.tray.get("IconAccessibleDesc")
    with plan.case("a double click toggles once"):
        before = asked(world, "Disconnect"), asked(world, "Connect")
        applet.double_click()
        applet.shows("blocked")
        applet.click()  # had the second half counted, it would have been the other way round
        applet.shows("protected")
        after = asked(world, "Disconnect"), asked(world, "Connect")
        assert after == (before[0] + 1, before[1] + 1), (before, after)
    with plan.case("what was asked for was not announced"):
        scene.notes.must_be_none()


def drop(scene):
    """Killed twice: it comes back by itself, and by the notification's button."""
    plan, world, applet, notes = scene.plan, scene.world, scene.applet, scene.notes
    world.wait_egress(A.egress4)
    applet.ready()
    with world.capture() as oracle:
        with world.traffic() as clients:
            wait_for("tunnelled packets, so that the capture is seen to see", lambda: len(oracle.seen()) > 50)
            with plan.case("openvpn killed: announced, and the icon is Blocked"):
                kill_openvpn(world)
                down = notes.wait("VPN tunnel is down")
                applet.shows("blocked")
                assert down.urgency == "normal" and "connect" in down.actions, down
            plan.equal(world.egress(timeout=0.5), None, "nothing of appvm reaches the internet")
            with plan.case("back without the user's doing: the notification is replaced in place, quietly"):
                world.nm.up("Provider A")
                back = notes.wait("VPN tunnel is back")
                assert back.replaces == down.number and back.urgency == "low" and not back.actions, back
                assert back.body.endswith("Nothing left outside of the tunnel."), back.body
                applet.shows("protected")
        plan.ok(min(clients.sent.values()) > 0, "meanwhile appvm sent every kind of traffic", clients.sent)
        leaks = oracle.leaks(ENDPOINTS)
        plan.equal(leaks[:5], [], f"and of {sum(clients.sent.values())} packets none left in the clear")
    plan.equal([n.summary for n in notes.new()], ["VPN tunnel is down", "VPN tunnel is back"],
               "nothing else was announced")
    with plan.case("lost again: the notification's button brings the tunnel back"):
        notes.mark()
        kill_openvpn(world)
        down = notes.wait("VPN tunnel is down")
        applet.shows("blocked")
        notes.press(down)
        applet.shows("protected")
        world.wait_egress(A.egress4)
    with plan.case("which, being asked for, is not announced, and leaves nothing on the screen"):
        notes.gone(down)
        assert notes.new() == [down], notes.new()
        notes.mark()


def counters(scene):
    plan, world, applet = scene.plan, scene.world, scene.applet
    with plan.case("down: the counter of dropped packets in the menu rises with what appvm sends"):
        before = applet.dropped()
        with world.traffic(kinds=("udp4", "udp6")) as clients:
            wait_for("more dropped", lambda: applet.dropped() > before + 50)
        assert sum(clients.sent.values()) > 50, clients.sent
    with plan.case("and the user's own doing was not announced"):
        scene.notes.must_be_none()
        applet.click()
        applet.shows("protected")


def switch(scene):
    plan, world, applet = scene.plan, scene.world, scene.applet
    with plan.case("the menu switches to the other profile, and the egress with it"):
        applet.choose("“Provider B”")
        world.wait_egress(B.egress4)
        applet.shows("protected")
        wait_for("the egress", lambda: B.egress4 in applet.tooltip())
        wait_for("the mark", lambda: applet.entry("“Provider B”").toggle_state == 1)
        assert applet.entry("“Provider A”").toggle_state == 0
    with plan.case("nothing is announced of it"):
        scene.notes.must_be_none()


def exposed(scene):
    plan, world, desktop, applet, notes = scene.plan, scene.world, scene.desktop, scene.applet, scene.notes
    with plan.case("killswitch deleted: Exposed, and a notification that stays"):
        world.vpn.run(["nft", "delete", "table", "inet", "sysvpn"])
        alarm = notes.wait("VPN killswitch is broken")
        applet.shows("exposed")
        assert alarm.urgency == "critical" and alarm.expire_ms == 0, alarm
    with plan.case("a click then changes nothing and opens the window that says what is the matter"):
        before = [asked(world, service) for service in ("Connect", "Disconnect", "Reconnect")]
        applet.click()
        wait_for("the window", lambda: desktop.windows("--name", "^VPN: sys-vpn$"))
        assert [asked(world, service) for service in ("Connect", "Disconnect", "Reconnect")] == before
        applet.shows("exposed")
        assert not alarm.closed
        desktop.key("Escape")
        wait_for("it to close", lambda: not desktop.windows("--name", "^VPN: sys-vpn$"))
    with plan.case("killswitch loaded again: the notification goes, the icon is true again"):
        world.load_killswitch(scene.build)
        applet.shows("protected")
        notes.gone(alarm)
        assert len(notes.new()) == 1, notes.new()
    with plan.case("under systemd the agent has it loaded again by itself"):
        notes.mark()
        world.start_systemd_fake(scene.build)
        world.vpn.run(["nft", "delete", "table", "inet", "sysvpn"])
        alarm = notes.wait("VPN killswitch is broken")
        applet.shows("protected")
    with plan.case("a second alarm so soon stays a while to be read, though the icon is true at once"):
        time.sleep(5)
        assert not alarm.closed and not alarm.close_asked, alarm
        notes.mark()


def agent_and_panel(scene):
    plan, world, desktop, applet = scene.plan, scene.world, scene.desktop, scene.applet
    with plan.case("agent killed: Unknown at once"):
        world.product.stop_agent(signal.SIGKILL)
        applet.shows("unknown", timeout=3)
        assert applet.tooltip().startswith("Unknown: "), applet.tooltip()
    with plan.case("agent back: the true state again"):
        world.start_agent(scene.build)
        applet.shows("protected")
        world.wait_egress(B.egress4)
    with plan.case("panel killed and started: the icon is back, once, and the click works"):
        desktop.panel_kill()
        desktop.panel_start()
        applet.shows("protected")
        assert len(desktop.tray.items()) == 1, desktop.tray.items()
        applet.hover()
        applet.click()
        applet.shows("blocked")
        assert world.egress(timeout=0.5) is None
    with plan.case("the user asked for that, so it is calm and not announced"):
        assert applet.tooltip().startswith("Blocked: disconnected as you asked"), applet.tooltip()
        scene.notes.must_be_none()


def asked_for(scene):
    plan, world, applet, notes = scene.plan, scene.world, scene.applet, scene.notes
    with plan.case("a click while it connects cancels, and that is no failure to announce"):
        world.servers["A"].freeze()
        try:
            applet.choose("“Provider A”")
            applet.shows("connecting")
            applet.click()
            applet.shows("blocked")
        finally:
            world.servers["A"].thaw()
        notes.must_be_none()
    with plan.case("nmcli in the VPN qube counts as asked for, up and down"):
        world.nm.up("Provider A")
        applet.shows("protected")
        world.nm.down("Provider A")
        applet.shows("blocked")
        notes.must_be_none()


def hanging_daemon(scene):
    plan, world, applet, notes = scene.plan, scene.world, scene.applet, scene.notes
    with plan.case("a notification daemon that hangs holds nothing up, and is told when it goes on"):
        daemon = scene.desktop.owns("org.freedesktop.Notifications")
        os.kill(daemon, signal.SIGSTOP)
        try:
            kill_openvpn(world)
            applet.shows("blocked")
            applet.labels()
            notes.must_be_none()
        finally:
            os.kill(daemon, signal.SIGCONT)
        scene.last = notes.wait("VPN tunnel is down")


def end(scene):
    with scene.plan.case("SIGTERM: exit status 0, no icon, no notification left"):
        scene.applet.quit()
        wait_for("no icon", lambda: not scene.desktop.tray.items())
        scene.notes.gone(scene.last)


def run(plan, build):
    with lab.Lab() as world, session.Desktop() as desktop:
        world.write_endpoints(ENDPOINTS)
        world.load_killswitch(build)
        world.start_probe(build)
        world.start_agent(build)
        scene = Scene(plan, build, world, desktop)
        try:
            for step in (first_click, drop, switch, exposed, agent_and_panel, asked_for, counters, hanging_daemon, end):
                step(scene)
        finally:
            if plan.failed:
                print("\n".join(f"# agent: {line}" for line in world.product.agent_log().splitlines()[-40:]))
