# SPDX-License-Identifier: GPL-2.0-or-later
"""Stand-in for the state module qvm of qubes-mgmt-salt-dom0-qvm; see the execution module of that name."""
from salt.exceptions import SaltInvocationError


def __virtual__():
    return "qvm"


def _do(action, name, **given):
    try:
        return {"name": name, **__salt__[action](name, **given)}  # noqa: F821
    except SaltInvocationError as error:
        return {"name": name, "result": False, "changes": {}, "comment": error.message}


def _skip(name, comment):
    return {"name": name, "result": None if __opts__["test"] else True, "changes": {},  # noqa: F821
            "comment": f"[SKIP] {comment}"}


def present(name, **given):
    if __salt__["qvm.exists"](name):  # noqa: F821
        return _skip(name, f"A VM with the name '{name}' already exists.")
    return _do("qvm.create", name, **given)


def clone(name, source, **given):
    if __salt__["qvm.exists"](name):  # noqa: F821
        return _skip(name, f"A VM with the name '{name}' already exists.")
    return _do("qvm.clone", name, source=source, **given)


def absent(name, **given):
    if not __salt__["qvm.exists"](name):  # noqa: F821
        return _skip(name, f"The VM with the name '{name}' is already missing.")
    return _do("qvm.remove", name, **given)


def shutdown(name, **given):
    return _do("qvm.shutdown", name, **given)


def prefs(name, **given):
    return _do("qvm.prefs", name, **given)


def service(name, **given):
    return _do("qvm.service", name, **given)


def features(name, **given):
    return _do("qvm.features", name, **given)


def tags(name, **given):
    return _do("qvm.tags", name, **given)
