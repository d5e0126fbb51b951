# SPDX-License-Identifier: GPL-2.0-or-later
"""The qube is switched on; see cold_boot. The suite `wireguard` does the same with a profile of that kind."""
import os

import cold_boot
import lab
from lab import installed

A = lab.addresses.PROVIDERS["A"]


def run(plan, build):
    with lab.Lab(providers=("A",)) as world:
        root = installed.stage(build, os.environ["LABDIR"])
        cold_boot.check(plan, world, build, root, ("bought.ovpn", world.servers["A"].profile()), A, interval=0.05)
