# SPDX-License-Identifier: GPL-2.0-or-later
"""dom0's qubes as qubesd keeps them, in the JSON file $QUBES_MODEL: for the qvm- tools of
tests/fakes/salt/bin and for Salt's modules of the same name. It refuses what qubesd refuses.

A property that is not written down has its default, which shows as such."""
import contextlib
import json
import os
import pathlib
import re

LABELS = ("red", "orange", "yellow", "green", "gray", "blue", "purple", "black")
DEFAULTS = {"autostart": False, "debug": False, "default_dispvm": "default-dvm", "include_in_backups": True,
            "label": "red", "maxmem": 4000, "memory": 400, "netvm": "sys-firewall", "provides_network": False,
            "qrexec_timeout": 60, "template": None, "vcpus": 2, "virt_mode": "pvh"}
REFERENCES = ("netvm", "template", "default_dispvm")
NUMBERS = ("memory", "maxmem", "vcpus", "qrexec_timeout")
BOOLEANS = ("autostart", "debug", "include_in_backups", "provides_network")


class Refused(Exception):
    """What qubesd answers to what cannot be."""


class Model:
    def __init__(self):
        self.path = pathlib.Path(os.environ["QUBES_MODEL"])
        self.qubes = json.loads(self.path.read_text())

    def save(self):
        scratch = self.path.with_suffix(".new")
        scratch.write_text(json.dumps(self.qubes, indent=1, sort_keys=True) + "\n")
        scratch.rename(self.path)

    def qube(self, name):
        if name not in self.qubes:
            raise Refused(f"no such domain: {name!r}")
        return self.qubes[name]

    def properties(self, name):
        qube = self.qube(name)
        return {key: qube["properties"].get(key, DEFAULTS[key]) for key in DEFAULTS
                if key != "template" or qube["class"] == "AppVM"}

    def is_default(self, name, key):
        return key not in self.qube(name)["properties"]

    def add(self, name, klass, properties, state="Halted"):
        if not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9_-]{0,30}", name) or name in ("none", "default", "Domain-0"):
            raise Refused(f"Illegal VM name: {name!r}")
        if name in self.qubes:
            raise Refused(f"VM named {name} already exists")
        self.qubes[name] = {"class": klass, "state": state, "properties": {}, "features": {}, "tags": []}
        try:
            for key, value in properties.items():
                self.set(name, key, value)
            if klass == "AppVM" and not self.properties(name)["template"]:
                raise Refused("AppVM needs a template")
        except Refused:
            del self.qubes[name]
            raise

    def clone(self, source, name):
        qube = self.qube(source)
        self.add(name, qube["class"], {})
        self.qubes[name]["properties"] = dict(qube["properties"])
        self.qubes[name]["features"] = dict(qube["features"])
        self.qubes[name]["tags"] = list(qube["tags"])

    def remove(self, name):
        if self.qube(name)["state"] != "Halted":
            raise Refused(f"{name} is not halted")
        for other in self.qubes:
            if other not in (name, "dom0") and name in [self.properties(other).get(key) for key in REFERENCES]:
                raise Refused(f"Domain is in use: {other}; see /var/log/qubes/qubes.log for details")
        del self.qubes[name]

    def set(self, name, key, value):
        qube = self.qube(name)
        if key not in self.properties(name):
            raise Refused(f"no such property: {key!r}")
        if key in BOOLEANS:
            words = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False,
                     "off": False}
            with contextlib.suppress(KeyError):
                value = words[str(value).lower()]
            if not isinstance(value, bool):
                raise Refused(f"Invalid literal for boolean property: {value!r}")
        elif key in NUMBERS:
            if not re.fullmatch(r"[0-9]+", str(value)):
                raise Refused(f"Invalid integer: {value!r}")
            value = int(value)
        elif key == "label" and value not in LABELS:
            raise Refused(f"no such label: {value!r}")
        elif key in REFERENCES:
            value = value or None
            self._check_reference(name, key, value)
        qube["properties"][key] = value

    def _check_reference(self, name, key, value):
        if value is None:
            return
        self.qube(value)
        if key == "template":
            if self.qube(name)["state"] != "Halted":
                raise Refused("VM is not halted: cannot change template while the qube runs")
            if self.qube(value)["class"] != "TemplateVM":
                raise Refused(f"{value} is not a template")
        if key == "netvm":
            if not self.properties(value)["provides_network"]:
                raise Refused(f"The {value} qube does not provide network")
            hop = value
            while hop:
                if hop == name:
                    raise Refused("Loops in network are unsupported")
                hop = self.properties(hop)["netvm"] if not (
                    self.is_default(hop, "netvm") and hop == "sys-firewall") else None

    def reset(self, name, key):
        if key not in self.properties(name):
            raise Refused(f"no such property: {key!r}")
        self.qube(name)["properties"].pop(key, None)
