#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Called by tests/demo, which explains the options."""
import argparse
import os
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import lab  # noqa: E402
from tour import keys, screen, script, stage  # noqa: E402

CHOSEN = "SYSVPN_DEMO_SCREEN"  # carries the choice over the start inside the lab


def read_options():
    parser = argparse.ArgumentParser(prog="tests/demo")
    parser.add_argument("--script", action="store_true")
    parser.add_argument("--no-display", action="store_true")
    parser.add_argument("--keep-shots", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    options = parser.parse_args()
    # the tour where nobody can press a key; said, because it was not asked for
    if not options.script and not keys.can_be_asked():
        print("There is nobody to ask (standard input has ended), so the tour plays by itself.")
        options.script = True
    return options


def choose_screen(options):
    """Before the lab, because it decides whether the lab sees this machine's X server."""
    if options.script or options.no_display:
        return None
    found, why = screen.find()
    print(f"The icon will be in the panel of {found.display}." if found
          else f"Using a virtual screen: {why}.")
    return found


def main():
    os.umask(0o022)
    if CHOSEN not in os.environ:
        options = read_options()
        chosen = choose_screen(options)
        os.environ[CHOSEN] = chosen.pack() if chosen else ""
        if options.script and "--script" not in sys.argv:
            sys.argv.append("--script")
        # what is given as a relative path means the same inside
        sys.argv[1:] = [str(pathlib.Path(word).resolve()) if before in ("--build", "--keep-shots")
                        else word for before, word in zip(sys.argv, sys.argv[1:])]
        sys.stdout.flush()
        lab.ensure_inside(private_x11=chosen is None)
    options = read_options()
    shots = options.keep_shots or options.build / "shots"
    shots.mkdir(parents=True, exist_ok=True)
    chosen = screen.Screen.unpack(os.environ[CHOSEN])
    with stage.Stage(options.build, shots, chosen) as scene:
        return script.play(scene) if options.script else keys.ask(scene)


if __name__ == "__main__":
    sys.exit(main())
