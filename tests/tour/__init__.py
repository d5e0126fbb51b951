# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests/demo shows: stage.py is the lab with its desktop and what can be done to it, script.py
plays the tour, keys.py asks what to do, screen.py finds the user's display."""
