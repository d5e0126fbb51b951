# SPDX-License-Identifier: GPL-2.0-or-later
"""Profiles switched a hundred times, through the agent and behind its back."""
from .field import A, B, Field

BY_AGENT, BY_NMCLI = 100, 20


def run(build, record):
    with Field(build, record) as field:
        field.control("before the killswitch")
        field.load()
        field.start_agent()
        by_agent(field)
        by_nmcli(field)
        field.end_control()


def by_agent(field):
    field.ensure_up(A)
    with field.attack(f"{BY_AGENT} switches through the agent"):
        for number in range(BY_AGENT):
            field.connect((B, A)[number % 2])
            if number % 20 < 2:
                field.wait_arrivals((B, A)[number % 2])
        field.wait_arrivals(A)


def by_nmcli(field):
    """The second profile comes up while the first one is: two tunnels for a moment."""
    field.ensure_up(A)
    with field.attack(f"{BY_NMCLI} switches by nmcli, the other tunnel still up"):
        for number in range(BY_NMCLI):
            new, old = (B, A) if number % 2 == 0 else (A, B)
            field.world.nm.up(new.profile)
            field.world.nm.down(old.profile, check=False)
        field.ensure_up(A)
