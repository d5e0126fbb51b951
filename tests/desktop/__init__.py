# SPDX-License-Identifier: GPL-2.0-or-later
"""A desktop of its own, as a person in dom0 has it: X server, bus, XFCE panel, notification daemon.

session.Desktop starts and ends it, tray.Tray is the tray seen over D-Bus, notifications.Recorder
what the desktop's bus carried. Nothing here knows sysvpn's states or wording.
"""
