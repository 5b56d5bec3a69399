"""An authority that stamps what it is sent (RFC 3161), for tests: ``openssl ts`` behind a path."""

import shutil
import subprocess
from pathlib import Path

import pytest

_SETTINGS = """
[req]
distinguished_name = name
prompt = no
[name]
CN = Authority of a test
[stamping]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[answer]
serial = serial
default_policy = 1.2.3.4
digests = sha256, sha512
signer_digest = sha256
ess_cert_id_alg = sha256
"""


class Authority:
    """``answer`` is a response (DER) to a query's bytes; ``certificate`` (PEM) is what verifies it."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("openssl") is None:
            pytest.skip("the openssl command is not there to make time stamps with")
        folder.mkdir()
        self._folder = folder
        (folder / "settings").write_text(_SETTINGS)
        (folder / "serial").write_text("01\n")
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key"]
        made = ["-config", "settings", "-extensions", "stamping", "-out", "certificate"]
        self._run("req", "-x509", *key, *made)
        self.certificate = (folder / "certificate").read_bytes()

    def answer(self, query: bytes) -> bytes:
        (self._folder / "query").write_bytes(query)
        signer = ["-signer", "certificate", "-inkey", "key"]
        files = ["-queryfile", "query", "-config", "settings", "-section", "answer", "-out", "answer"]
        self._run("ts", "-reply", *files, *signer)
        return (self._folder / "answer").read_bytes()

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(
            ["openssl", *arguments], cwd=self._folder, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
