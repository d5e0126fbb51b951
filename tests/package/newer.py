# SPDX-License-Identifier: GPL-2.0-or-later
"""The next version of a package without compiling again: the files of the one that is there, the tree's scripts
around them, and some settings that are shipped with one line more."""
import os
import pathlib
import re
import subprocess

VERSION = "999.1"
LINE = "# of the next version\n"


def deb(path, folder, changed):
    """path: the package; changed: names of files that get the line."""
    root = pathlib.Path(folder, "next-deb")
    subprocess.run(["dpkg-deb", "-R", path, root], check=True)
    _change(root, changed)
    control = root / "DEBIAN/control"
    control.write_text(re.sub(r"^Version: .*$", f"Version: {VERSION}", control.read_text(), flags=re.M))
    target = pathlib.Path(folder, f"sysvpn_{VERSION}.deb")
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", root, target], check=True, stdout=subprocess.DEVNULL)
    return target


def rpm(path, folder, changed, spec_in):
    """spec_in: what data/packaging/build makes the package's .spec of."""
    name = spec_in.name.removesuffix(".spec.in")
    root, spec = pathlib.Path(folder, f"next-{name}"), pathlib.Path(folder, f"{name}.spec")
    root.mkdir()
    subprocess.run(["sh", "-c", 'rpm2cpio "$1" | cpio -idm --quiet', "unpack", path], check=True, cwd=root)
    _change(root, changed)
    spec.write_text(_with_files(spec_in.read_text(), root))
    done = subprocess.run(["rpmbuild", "-bb", "--quiet", "--nodeps", "--define", f"_topdir {folder}/rpmbuild-{name}",
                           "--define", f"_rpmdir {folder}", "--define", "_rpmfilename %{NAME}-%{VERSION}.rpm", spec],
                          capture_output=True, text=True, check=False, env=os.environ | {"HOME": str(folder)})
    if done.returncode:
        raise RuntimeError(done.stderr)
    return pathlib.Path(folder, f"{name}-{VERSION}.rpm")


def _with_files(spec, root):
    """The spec with files that are there in place of a source; what comes after the installation stays."""
    taken = "\n".join(f"rm -rf %{{buildroot}}/usr/{name}" for name in ("lib/.build-id", "share/doc", "share/licenses"))
    spec = re.sub(r"^%prep\n.*?^DESTDIR=.*?\n", lambda _: f"%install\ncp -a {root}/. %{{buildroot}}\n{taken}\n",
                  spec, flags=re.S | re.M)
    return re.sub(r"^(%license|%doc|Source0:) .*\n", "", spec, flags=re.M).replace("@VERSION@", VERSION)


def _change(root, changed):
    for name in changed:
        with (root / name.lstrip("/")).open("a") as file:
            file.write(LINE)
