# SPDX-License-Identifier: GPL-2.0-or-later
"""A language that is English with every vowel doubled and accented: half as long again as most languages need, and
what is not translated stands out."""
import pathlib
import re
import subprocess
import sys

LANGUAGE = "eo"  # one that the product does not have; its plural rule is English's
TOP = pathlib.Path(__file__).resolve().parents[2]
VOWELS = dict(zip("aeiouAEIOU", ("âá", "êé", "îí", "ôó", "ûú", "ÂÁ", "ÊÉ", "ÎÍ", "ÔÓ", "ÛÚ")))
_KEPT = re.compile(r"(%(?:\d+\$)?[-0-9.]*(?:ll|l|z)?[a-zA-Z%]|_\w)")  # directives, and the letter behind a mnemonic's mark


def stretch(text):
    return "".join(part if _KEPT.fullmatch(part) else "".join(VOWELS.get(letter, letter) for letter in part)
                   for part in _KEPT.split(text))


def build(folder):
    """A folder for SYSVPN_LOCALE_DIR."""
    place = pathlib.Path(folder, LANGUAGE, "LC_MESSAGES")
    place.mkdir(parents=True)
    pot = subprocess.run(["xgettext", "--keyword=_", "--keyword=N_", "--keyword=C_:1c,2", "--keyword=NC_:1c,2",
                          "--keyword=ngettext:1,2", "--from-code=UTF-8", "-f", "data/po/POTFILES", "-o", "-"],
                         cwd=TOP, check=True, capture_output=True).stdout
    po = subprocess.run(["msgen", "-"], input=pot.replace(b"charset=CHARSET", b"charset=UTF-8"), check=True,
                        capture_output=True).stdout
    po = subprocess.run(["msgfilter", "--keep-header", sys.executable, __file__], input=po, check=True,
                        capture_output=True).stdout
    subprocess.run(["msgfmt", "-", "-o", place / "sysvpn.mo"], input=po, check=True)
    return pathlib.Path(folder)


if __name__ == "__main__":  # as msgfilter calls it
    sys.stdout.write(stretch(sys.stdin.read()))
