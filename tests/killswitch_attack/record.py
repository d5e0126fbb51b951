# SPDX-License-Identifier: GPL-2.0-or-later
"""What a group of scenarios has to say: lines of JSON from the process of its lab to the suite, which
makes points and one table of them."""
import json

import tap

_HEAD = ("scenario", "family", "generated", "passed by tunnel", "dropped", "leaked")


class Record:
    """In the lab's process."""

    @staticmethod
    def _say(**what):
        print(json.dumps(what), flush=True)

    def point(self, name, passed, why=""):
        self._say(point=name, passed=bool(passed), why=str(why))

    def equal(self, name, got, wanted):
        self.point(name, got == wanted, f"wanted {wanted!r}\ngot    {got!r}")

    def row(self, *cells):
        self._say(row=cells)

    def note(self, text):
        self._say(note=text)

    def scenario(self, name, attack, passes, why):
        """Points of one scenario and its two rows."""
        idle = [f"nothing was generated, IPv{family}" for family in (4, 6)
                if not attack.generated[family]]
        if passes:
            idle += [f"nothing passed the tunnel, IPv{family}" for family in (4, 6)
                     if not attack.passed[family]]
        self.point(f"{name}: traffic ran, both families" + (", and passed the tunnel" * passes),
                   not idle and not why, "\n".join(idle + [why]))
        self.point(f"{name}: nothing left but the endpoints' packets",
                   not attack.leaked and not why, attack.summary())
        for family in (4, 6):
            self.row(name, family, attack.generated[family], attack.passed[family],
                     attack.dropped[family], attack.leaked_of(family))


def replay(plan, line, rows):
    """In the suite: one line of a Record becomes a point, a note or a line of the table."""
    try:
        what = json.loads(line)
    except ValueError:
        tap.note(line)
        return
    if "row" in what:
        rows.append(what["row"])
    elif "note" in what:
        tap.note(what["note"])
    else:
        plan.ok(what["passed"], what["point"], what["why"])


def print_table(rows):
    cells = [_HEAD, *([name, f"IPv{family}", *map(str, rest)] for name, family, *rest in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEAD))]
    for row in cells:
        tap.note("  ".join(cell.ljust(width) if column < 2 else cell.rjust(width) for
                           column, (cell, width) in enumerate(zip(row, widths))))
