"""An authority of time stamps for tests: ``openssl ts`` with a root of its own, in a temporary folder.

And a beacon of the tests' own, whose key is known: for rounds in the future, which no real beacon has
signed yet.
"""

import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from py_arkworks_bls12381 import G1Point, G2Point, Scalar

_DOMAIN = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
_SECRET = Scalar(20_261_126)

BEACON_KEY = bytes((G2Point() * _SECRET).to_compressed_bytes())

_SETTINGS = """
[req]
distinguished_name = name
prompt = no
[name]
CN = Root of a test
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[stamping]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[other]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, codeSigning
[answer]
serial = serial
default_policy = 1.2.3.4
digests = sha256, sha384, sha512
signer_digest = sha256
ess_cert_id_alg = sha256
"""


def sign_round(round: int) -> bytes:
    """The own beacon's signature of a round."""
    hashed = G1Point.hash_to_curve(sha256(round.to_bytes(8, "big")).digest(), _DOMAIN)
    return bytes((hashed * _SECRET).to_compressed_bytes())


class Authority:
    """A root certificate, and a signer under it."""

    def __init__(self, folder: Path, purpose: str = "stamping") -> None:
        if shutil.which("openssl") is None:
            pytest.skip("the openssl command is not there to make time stamps with")
        self._folder = folder
        (folder / "settings").write_text(_SETTINGS)
        (folder / "serial").write_text("01\n")
        new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "settings"]
        self._run("req", "-x509", *new, "-keyout", "root.key", "-out", "root.pem", "-extensions", "root")
        self._run("req", *new, "-keyout", "signer.key", "-out", "signer.csr", "-subj", "/CN=Signer")
        root = ["-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial"]
        extensions = ["-extfile", "settings", "-extensions", purpose]
        self._run("x509", "-req", "-in", "signer.csr", *root, *extensions, "-out", "signer.pem")
        self.certificate = (folder / "root.pem").read_bytes()

    def stamp(self, message: bytes, digest: str = "sha256") -> bytes:
        """An answer that says that the authority saw the message now."""
        (self._folder / "message").write_bytes(message)
        self._run("ts", "-query", "-data", "message", f"-{digest}", "-cert", "-out", "query")
        signer = ["-signer", "signer.pem", "-inkey", "signer.key"]
        files = ["-queryfile", "query", "-config", "settings", "-section", "answer", "-out", "answer.der"]
        self._run("ts", "-reply", *files, *signer)
        return (self._folder / "answer.der").read_bytes()

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(
            ["openssl", *arguments], cwd=self._folder, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
