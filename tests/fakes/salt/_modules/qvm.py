# SPDX-License-Identifier: GPL-2.0-or-later
"""Stand-in for the execution module qvm of qubes-mgmt-salt-dom0-qvm, on the model of qubes_model.py.

Made from reading it (facts/qubes.md 6): its words, what it refuses, and its faults, which matter most:
prefs changes things with test=True too (qubes-issues #9279), nothing but prefs, features, service and tags
knows a qube that is not there, present does not look at what an existing qube is like."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(os.environ["QUBES_FAKES"])))
from qubes_model import Model, Refused  # noqa: E402

from salt.exceptions import SaltInvocationError  # noqa: E402

# 4.2: words with underscores are taken where the module names both; provides_network came later
PREFS = {
    "autostart", "debug", "default-user", "default_user", "default-dispvm", "default_dispvm", "label", "maxmem",
    "memory", "netvm", "provides-network", "template", "vcpus", "virt-mode", "virt_mode", "qrexec-timeout",
    "qrexec_timeout", "include-in-backups", "include_in_backups", "kernel", "kernelopts", "mac", "ip",
}
REFERENCES = ("netvm", "guivm", "audiovm", "default_dispvm", "management_dispvm")


def __virtual__():
    return "qvm"


def _answer(result=True, comment="", changes=None):
    if __opts__["test"]:  # noqa: F821
        result = None if result else result
    return {"result": result, "comment": comment, "changes": changes or {}}


def _keywords(known, given):
    for word in given:
        if word not in known and not word.startswith("__"):
            raise SaltInvocationError(f"error: unrecognized arguments: --{word}")


def _existing(model, name):
    try:
        return model.qube(name)
    except Refused:
        raise SaltInvocationError("Virtual Machine does not exist!") from None


def exists(name):
    return name in Model().qubes


def state(name):
    return _existing(Model(), name)["state"]


def create(name, **given):
    _keywords({"template", "label", "class", "mem", "vcpus", "flags"}, given)
    if __opts__["test"]:  # noqa: F821
        return _answer(comment=f"/usr/bin/qvm-create {name}")
    model = Model()
    properties = {key: given[key] for key in ("template", "label") if key in given}
    if {"proxy", "net"} & set(given.get("flags", ())):
        properties["provides_network"] = True
    try:
        model.add(name, given.get("class", "AppVM"), properties)
    except Refused as error:
        return _answer(False, str(error))
    model.save()
    return _answer(comment=f"created {name}", changes={name: "created"})


def clone(name, source, **given):
    _keywords({"flags"}, given)
    if __opts__["test"]:  # noqa: F821
        return _answer(comment="VM is set to be cloned")
    model = Model()
    try:
        model.clone(source, name)
    except Refused as error:
        return _answer(False, str(error))
    model.save()
    return _answer(comment=f"cloned {source}", changes={name: f"cloned from {source}"})


def remove(name, **given):
    _keywords({"flags"}, given)
    model = Model()
    if __opts__["test"]:  # noqa: F821
        return _answer(comment=f"/usr/bin/qvm-remove --force {name}")
    try:
        model.remove(name)
    except Refused as error:
        return _answer(False, str(error))
    model.save()
    return _answer(comment=f"removed {name}", changes={name: "removed"})


def shutdown(name, **given):
    _keywords({"flags"}, given)
    model = Model()
    qube = _existing(model, name)
    if __opts__["test"]:  # noqa: F821
        return _answer(comment=f"/usr/bin/qvm-shutdown {name}")
    for other in model.qubes:
        if other != "dom0" and model.qubes[other]["state"] == "Running" and model.properties(other)["netvm"] == name:
            return _answer(False, f"There are other VMs connected to this VM: {other}")
    qube["state"] = "Halted"
    model.save()
    return _answer(comment=f"{name} halted", changes={name: "halted"})


def prefs(name, **given):
    _keywords(PREFS, given)
    model = Model()
    _existing(model, name)
    comments, changes = [], {}
    for word, value in given.items():
        if word.startswith("__"):
            continue
        key = word.replace("-", "_")
        now = "*default*" if model.is_default(name, key) else model.properties(name)[key]
        if key in REFERENCES and value in ("none", ""):
            value = None
        if now == value:
            comments.append(f"[SKIP] {key}: {now}")
            continue
        # not asked for __opts__["test"], as in the original; qubesadmin's errors are not caught there
        if value == "*default*":
            model.reset(name, key)
        else:
            model.set(name, key, value)
        changes[key] = {"old": now, "new": value}
    model.save()
    return _answer(comment="\n".join(comments), changes=changes)


def _set_features(name, wanted, label):
    model = Model()
    found = _existing(model, name)["features"]
    comments, changes = [], {}
    for key, value in wanted.items():
        if value is not None and not isinstance(value, str):
            raise TypeError(f"feature {key}: values are text")
        now = found.get(key)
        if now == value:
            comments.append(f"[SKIP] {label} already in desired state: {key} = {now}")
            continue
        if not __opts__["test"]:  # noqa: F821
            if value is None:
                del found[key]
            else:
                found[key] = value
        changes[key] = {"old": now, "new": value}
    model.save()
    return _answer(comment="\n".join(comments), changes=changes)


def _actions(given, prefix=""):
    values = {"enable": "1", "disable": "", "default": None}
    return {prefix + key: values[action] for action in values for key in given.get(action, ())}


def service(name, **given):
    _keywords({"enable", "disable", "default", "list"}, given)
    return _set_features(name, _actions(given, "service."), "Service")


def features(name, **given):
    _keywords({"enable", "disable", "default", "set", "list"}, given)
    wanted = _actions(given)
    for one in given.get("set", ()):
        (key, value), = one.items()
        wanted[key] = value
    return _set_features(name, wanted, "Feature")


def tags(name, **given):
    _keywords({"add", "present", "del", "absent", "list"}, given)
    model = Model()
    qube = _existing(model, name)
    before = set(qube["tags"])
    after = (before | set(given.get("add", ())) | set(given.get("present", ()))) \
        - set(given.get("del", ())) - set(given.get("absent", ()))
    if before == after:
        return _answer(comment="[SKIP] All requested tags already set: " + ",".join(sorted(before)))
    if not __opts__["test"]:  # noqa: F821
        qube["tags"] = sorted(after)
        model.save()
    return _answer(changes={"old": sorted(before), "new": sorted(after)})
