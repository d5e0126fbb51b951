# SPDX-License-Identifier: GPL-2.0-or-later
"""The qube is switched on with a WireGuard provider's file on its disk; see cold_boot."""
import cold_boot
import lab
from lab import installed, wireguard


def run(plan, build):
    with lab.Lab(providers=()) as world:
        server = wireguard.Server(world.qubes["vpn-server"])
        server.start()
        one = server.provider
        cold_boot.check(plan, world, build, installed.stage(build, build), (f"{one.profile}.conf", server.profile()),
                        one, interval=0.5)
