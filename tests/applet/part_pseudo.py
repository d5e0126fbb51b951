# SPDX-License-Identifier: GPL-2.0-or-later
"""Every window and the menu in a language whose words are long: nothing is cut off, nothing is too large for a small
screen, and no English is left."""
import os
import pathlib
import re

import pseudo_locale
from desktop import session, windows
from fake_agent import DOWN, EXPOSED, UP, FakeAgent
from lab import qrexec
from running import Applet
from tap import wait_for

WIDTH, HEIGHT = 1024, 768
# data, and what has one name in every language
OWN = re.compile(r"sys-vpn|Provider [A-Z]|\S*\d\S*|[KMG]iB|min|OpenVPN|WireGuard")
FULL = UP | {"handshake_age_s": 12, "profile_type": "wireguard", "rx_bytes": 1048576, "tx_bytes": 2048,
             "egress6": "2001:db8:a::10", "egress_age_s": 60, "endpoints": 3, "endpoints_any_port": 1,
             "client_0": "10.137.0.12 1200 345678"}


def english(texts):
    """Words in which a vowel has not been stretched."""
    left = {word for text in texts for word in OWN.sub(" ", text).split()
            if re.search("[aeiouAEIOU]", word) and not re.search("[^\x00-\x7f]", word)}
    return sorted(left)


def is_cut(node):
    """Whether the last letter is outside of its label, or behind an ellipsis, where all are at one place."""
    text = node.get_text_iface()
    length = text.get_character_count() if text else 0
    if length < 2:
        return False
    one_before = text.get_character_extents(length - 2, windows.Atspi.CoordType.SCREEN)
    last = text.get_character_extents(length - 1, windows.Atspi.CoordType.SCREEN)
    place = node.get_component_iface().get_extents(windows.Atspi.CoordType.SCREEN)
    return last.x == one_before.x or last.x + last.width > place.x + place.width + 2 or last.y + last.height > place.y + place.height + 2


def judge(plan, name, window):
    labels = window.nodes("label")
    plan.equal([windows.text_of(node) for node in labels if is_cut(node)], [], f"{name}: no label is cut off")
    said = [windows.text_of(node) or "" for node in labels] + [
        windows.name(node) for role in ("push button", "check box", "page tab", "table column header", "radio button")
        for node in window.nodes(role)]
    plan.equal(english(said), [], f"{name}: no English is left")
    place = window.frame.get_component_iface().get_extents(windows.Atspi.CoordType.SCREEN)
    plan.ok(place.width <= WIDTH and place.height <= HEIGHT - 40, f"{name}: it fits a small screen",
            f"{place.width} x {place.height}")


def look(plan, desktop, applet, agent, program):
    for state, fields in (("protected", FULL), ("blocked", DOWN), ("exposed", EXPOSED)):
        agent.tell(fields)
        applet.shows(state)
        title, description = desktop.tray.tooltip()
        plan.equal(english([title, description, *applet.labels()]), [], f"{state}: no English in menu and tooltip")
    agent.tell(FULL)
    applet.shows("protected")
    desktop.click("middle")
    window = wait_for("the details", lambda: next(program.all(), None))
    pages, = window.nodes("page tab list")
    for number in range(len(window.nodes("page tab"))):
        pages.get_selection_iface().select_child(number)
        wait_for("the page", lambda number=number: pages.get_selection_iface().is_child_selected(number))
        judge(plan, f"details, page {number + 1}", window)
    desktop.screenshot(desktop.shots / "pseudo-details.png")
    desktop.key("Escape")
    wait_for("it to close", lambda: next(program.all(), None) is None)
    for label in ("Preferences…", "Check for leaks…"):
        desktop.tray.menu_click(pseudo_locale.stretch(label))
        window = wait_for(label, lambda: next(program.all(), None))
        judge(plan, label, window)
        desktop.screenshot(desktop.shots / f"pseudo-{label.split()[0].strip('…').lower()}.png")
        desktop.key("Escape")
        wait_for("it to close", lambda: next(program.all(), None) is None)


def run(plan, build):
    os.environ["LABDIR"] += "/pseudo"
    folder = pathlib.Path(os.environ["LABDIR"])
    folder.mkdir()
    place = pseudo_locale.build(folder / "locale")
    qube = qrexec.QrexecQube(folder, "sys-vpn")
    with session.Desktop(accessible=True, geometry=f"{WIDTH}x{HEIGHT}") as desktop:
        desktop.shots = build / "shots"
        desktop.shots.mkdir(exist_ok=True)
        agent = FakeAgent(qube, FULL)
        applet = Applet(desktop, build, env={"SYSVPN_LOCALE_DIR": str(place), "LANGUAGE": pseudo_locale.LANGUAGE,
                                             "GSETTINGS_SCHEMA_DIR": str(build / "data/desktop")})
        look(plan, desktop, applet, agent, windows.Windows(desktop, "sysvpn-applet"))
        applet.quit()
        agent.close()
