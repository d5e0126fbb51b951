# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys and certificates of one run: an authority, and what it signs. Nothing secret is ever shipped."""
import pathlib
import subprocess

from . import addresses


class Authority:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.certificate = self.folder / "ca.crt"
        self._key = self.folder / "ca.key"
        self._request("ca", "sysvpn lab authority", [
            "basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"])

    def issue(self, name, usage, names=""):
        """A key pair for usage serverAuth or clientAuth; names as in 'IP:203.0.113.80,DNS:x'."""
        extensions = ["basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature",
                      f"extendedKeyUsage={usage}"]
        if names:
            extensions.append(f"subjectAltName={names}")
        self._request(name, name, extensions, ["-CA", self.certificate, "-CAkey", self._key])
        return self.folder / f"{name}.crt", self.folder / f"{name}.key"

    def _request(self, name, subject, extensions, signer=()):
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                   "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-config", "/dev/null",
                   "-subj", f"/CN={subject}", "-keyout", self.folder / f"{name}.key",
                   "-out", self.folder / f"{name}.crt", *signer]
        for extension in extensions:
            command += ["-addext", extension]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"openssl, {name}: {done.stderr}")


def echo_names():
    return f"IP:{addresses.ECHO4},IP:{addresses.ECHO6},DNS:myip.test"
