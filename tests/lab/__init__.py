# SPDX-License-Identifier: GPL-2.0-or-later
"""The network lab; see README.md. Suites begin with lab.ensure_inside()."""
import os
import pathlib
import sys

from . import addresses
from .machine import Lab

__all__ = ["Lab", "addresses", "ensure_inside"]


def ensure_inside(private_x11=False):
    """Starts this program again inside tests/lab/enter, unless it runs there."""
    if "LABDIR" not in os.environ:
        enter = pathlib.Path(__file__).resolve().parent / "enter"
        os.execv(enter, [str(enter), *(["--private-x11"] if private_x11 else []),
                         "/usr/bin/python3", *sys.argv])
