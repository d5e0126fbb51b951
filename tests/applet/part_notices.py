# SPDX-License-Identifier: GPL-2.0-or-later
"""What only dom0 can see, and says by a notification: the address that this machine has without the VPN, seen from
outside, and packets of one qube that are dropped although the tunnel is up."""
import os
import pathlib

from desktop import session
from fake_agent import UP, FakeAgent
from lab import qrexec
from running import Applet, Notifications
from tap import wait_for

HOME = "203.0.113.7"
LEAKING = UP | {"egress4": HOME}


class Scene:
    def __init__(self, plan, build, desktop, qube):
        self.plan, self.desktop = plan, desktop
        self.uplink = desktop.run / "state/sysvpn/uplink-addresses"
        self.notes = Notifications(desktop)
        self.agent = FakeAgent(qube, UP)
        self.applet = Applet(desktop, build, env={"XDG_STATE_HOME": str(desktop.run / "state")})
        self.applet.shows("protected")

    def tell(self, **fields):
        """Returns when the applet has shown that report: the tooltip has its number of dropped packets."""
        self.count = getattr(self, "count", 10) + 1
        self.agent.tell(UP | {"output_drop4": self.count} | fields)
        wait_for("it to be shown", lambda: f"Dropped packets: {self.count + 3}" in self.applet.tooltip())


def egress(scene):
    plan, notes = scene.plan, scene.notes
    with plan.case("while no address was recorded, none is suspicious"):
        scene.tell(egress4=HOME)
        notes.must_be_none()
    with plan.case("recorded by sysvpn check while the applet runs: seen from outside it is an alarm that stays"):
        scene.tell()
        scene.uplink.parent.mkdir(parents=True, exist_ok=True)
        scene.uplink.write_text(f"# of this machine\n{HOME}\n")
        scene.tell(egress4=HOME)
        alarm = notes.wait("VPN does not hide your address")
        assert alarm.urgency == "critical" and alarm.expire_ms == 0 and list(alarm.actions) == ["details"], alarm
        assert alarm.body.startswith("sys-vpn: the internet sees the address"), alarm.body
    with plan.case("it is said once, and not knowing takes nothing back"):
        scene.tell(egress4=HOME)
        scene.tell(egress="failed", egress4=None)
        assert notes.new() == [alarm] and not alarm.closed, notes.new()
    with plan.case("another address takes it back"):
        scene.tell()
        notes.gone(alarm)
        notes.mark()


def drops(scene):
    plan, notes = scene.plan, scene.notes
    with plan.case("some dropped packets of a qube are no news"):
        scene.tell(client_0="10.137.0.20 5 300")
        scene.tell(client_0="10.137.0.20 99 5940")
        notes.must_be_none()
    with plan.case("a hundred are told quietly, with the address and how many"):
        scene.tell(client_0="10.137.0.20 100 6000", client_1="10.137.0.21 3 180")
        shown = notes.wait("Packets of a qube are dropped")
        assert shown.urgency == "low" and "100 packets of 10.137.0.20" in shown.body, shown
    with plan.case("and then neither again nor of another qube for a while"):
        scene.tell(client_0="10.137.0.20 9000 540000", client_1="10.137.0.21 5000 300000")
        assert notes.new() == [shown], notes.new()


def run(plan, build):
    os.environ["LABDIR"] += "/notices"
    pathlib.Path(os.environ["LABDIR"]).mkdir()
    with session.Desktop() as desktop:
        scene = Scene(plan, build, desktop, qrexec.QrexecQube(os.environ["LABDIR"], "sys-vpn"))
        for step in (egress, drops):
            step(scene)
        scene.applet.quit()
