# SPDX-License-Identifier: GPL-2.0-or-later
"""dnf's part of Salt's module pkg, on a real RPM database: packages come from the folder /repo by name. Debian
has no dnf; the names that are asked for and whether the state is idempotent show here all the same."""
import glob
import subprocess

__virtualname__ = "pkg"


def __virtual__():
    return __virtualname__ if __grains__["os_family"] == "RedHat" else False  # noqa: F821


def list_pkgs(versions_as_list=False, purge_desired=False, removed=False, **_):
    if purge_desired or removed:  # states of dpkg
        return {}
    done = subprocess.run(["rpm", "-qa", "--qf", "%{NAME} %{VERSION}-%{RELEASE}\n"], capture_output=True, text=True,
                          check=True)
    found = dict(line.split() for line in done.stdout.splitlines())
    return {name: [one] for name, one in found.items()} if versions_as_list else found


def version(*names, **_):
    found = list_pkgs()
    return found.get(names[0], "") if len(names) == 1 else {name: found.get(name, "") for name in names}


def latest_version(*names, **_):
    return "" if len(names) == 1 else dict.fromkeys(names, "")


def refresh_db(**_):
    return True


def check_db(*names, **_):
    return {name: {"found": bool(glob.glob(f"/repo/{name}-1.0-1.noarch.rpm")), "suggestions": []} for name in names}


def install(name=None, pkgs=None, sources=None, **_):
    before = list_pkgs()
    if sources:
        files = [path for one in sources for path in one.values()]
    else:
        names = [next(iter(one)) if isinstance(one, dict) else one for one in pkgs or [name]]
        files = [f"/repo/{one}-1.0-1.noarch.rpm" for one in names]
    subprocess.run(["rpm", "-U", "--nodeps", *files], check=True, capture_output=True)
    after = list_pkgs()
    return {one: {"old": before.get(one, ""), "new": after[one]} for one in after if before.get(one) != after[one]}
