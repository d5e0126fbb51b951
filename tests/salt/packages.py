# SPDX-License-Identifier: GPL-2.0-or-later
"""Small packages that stand for Qubes' and a desktop's: their names and what they need are what counts."""
import os
import pathlib
import shutil
import subprocess

# name: what it needs. thunderbird cannot go: Qubes' recommended set needs it
DESKTOP = {"firefox": (), "gimp": (), "libreoffice-core": (), "libreoffice-writer": ("libreoffice-core",),
           "thunderbird": (), "thunderbird-qubes": ("thunderbird",), "qubes-vm-recommended": ("thunderbird-qubes",),
           "qubes-gimp-plugin": ()}
STAYS = {"thunderbird", "thunderbird-qubes", "qubes-vm-recommended", "qubes-gimp-plugin"}


def deb(folder, name, needs=(), files=None, version="1.0"):
    """Builds NAME_VERSION_all.deb; files: a folder that is laid over /."""
    root = pathlib.Path(folder, f".{name}")
    (root / "DEBIAN").mkdir(parents=True)
    if files:
        shutil.copytree(files, root, dirs_exist_ok=True, symlinks=True)
    (root / "DEBIAN/control").write_text(
        f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\n"
        f"Description: for a test\n" + (f"Depends: {', '.join(needs)}\n" if needs else ""))
    target = pathlib.Path(folder, f"{name}_{version}_all.deb")
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", root, target], check=True,
                   stdout=subprocess.DEVNULL)
    shutil.rmtree(root)
    return target


def rpm(folder, name, needs=()):
    """Builds NAME-1.0-1.noarch.rpm without files."""
    spec = pathlib.Path(folder, f"{name}.spec")
    spec.write_text(f"Name: {name}\nVersion: 1.0\nRelease: 1\nSummary: for a test\nLicense: GPL\nBuildArch: noarch\n"
                    + "".join(f"Requires: {need}\n" for need in needs) + "%description\nx\n%files\n")
    subprocess.run(["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {folder}/.rpmbuild", "--define",
                    f"_rpmdir {folder}", "--define", "_rpmfilename %{NAME}-%{VERSION}-%{RELEASE}.noarch.rpm", spec],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   env=os.environ | {"HOME": str(folder)})  # where Debian's rpm would make a database
    return pathlib.Path(folder, f"{name}-1.0-1.noarch.rpm")
