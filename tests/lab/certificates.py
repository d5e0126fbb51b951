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

    def issue(self, name, usage, names="", is_expired=False):
        """A key pair for usage serverAuth or clientAuth; names as in 'IP:203.0.113.80,DNS:x'."""
        extensions = ["basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature",
                      f"extendedKeyUsage={usage}"]
        if names:
            extensions.append(f"subjectAltName={names}")
        signer = ["-CA", self.certificate, "-CAkey", self._key]
        self._request(name, name, extensions, signer)
        if is_expired:
            self._sign_again(name, extensions, signer)
        return self.folder / f"{name}.crt", self.folder / f"{name}.key"

    def _sign_again(self, name, extensions, signer):
        """So that it ended yesterday, which `openssl req` does not do."""
        request = self.folder / f"{name}.csr"
        _openssl("req", "-new", "-config", "/dev/null", "-subj", f"/CN={name}", "-key", self.folder / f"{name}.key",
                 "-out", request, *[word for extension in extensions for word in ("-addext", extension)])
        _openssl("x509", "-req", "-in", request, *signer, "-CAcreateserial", "-days", "-1", "-copy_extensions", "copyall",
                 "-out", self.folder / f"{name}.crt")

    def _request(self, name, subject, extensions, signer=()):
        command = ["req", "-x509", "-newkey", "ec", "-pkeyopt",
                   "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-config", "/dev/null",
                   "-subj", f"/CN={subject}", "-keyout", self.folder / f"{name}.key",
                   "-out", self.folder / f"{name}.crt", *signer]
        for extension in extensions:
            command += ["-addext", extension]
        _openssl(*command)


def _openssl(*words):
    done = subprocess.run(["openssl", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"openssl {' '.join(map(str, words))}: {done.stderr}")


def echo_names():
    return f"IP:{addresses.ECHO4},IP:{addresses.ECHO6},DNS:myip.test"
