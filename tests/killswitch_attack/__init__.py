# SPDX-License-Identifier: GPL-2.0-or-later
"""The attacks of tests/suites/killswitch; field.py is what they are written against."""
