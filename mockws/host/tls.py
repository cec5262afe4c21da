"""TLS: the certificate that is named, or one for localhost that is made for this run.

A made one is the work of `openssl`, which is nearly everywhere; a library for it would be larger than the mock.
"""

import contextlib
import ipaddress
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mockws.errors import CannotStart
from mockws.settings import Settings

DAYS = 30
PATIENCE = 20  # seconds that openssl may take
NAMES = ("DNS:localhost", "IP:127.0.0.1", "IP:::1")
# CA:FALSE, or Firefox does not let anybody in who is told to trust it.
WANTED = """\
[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
[name]
CN = mockws for development
[extensions]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
subjectAltName = {names}
"""


@dataclass(frozen=True)
class Certificate:
    """Two files; that of a made certificate stays for as long as the server, for clients to trust."""

    certfile: str
    keyfile: str | None
    made: bool = False


def check_certificate(settings: Settings) -> None:
    """Look for the certificate and its key; raises CannotStart, which names the file that is not there."""
    if settings.ssl_self_signed and (settings.ssl_certfile or settings.ssl_keyfile):
        raise CannotStart("a certificate is made, or given: --ssl-self-signed does not go with --ssl-certfile")
    if settings.ssl_keyfile and not settings.ssl_certfile:
        raise CannotStart("a key was given without its certificate: --ssl-certfile FILE is needed too")
    for kind, name in (("certificate", settings.ssl_certfile), ("key", settings.ssl_keyfile)):
        if name and not Path(name).is_file():
            raise CannotStart(f"there is no {kind} file {name}")


@contextlib.contextmanager
def certificate_of(settings: Settings) -> Iterator[Certificate | None]:
    """Give the certificate to serve with, none where there is no TLS; raises CannotStart."""
    check_certificate(settings)
    if settings.ssl_certfile:
        yield Certificate(settings.ssl_certfile, settings.ssl_keyfile)
    elif settings.ssl_self_signed:
        with tempfile.TemporaryDirectory(prefix="mockws-", ignore_cleanup_errors=True) as folder:
            yield made(Path(folder), settings.host)
    else:
        yield None


def made(folder: Path, host: str = "127.0.0.1") -> Certificate:
    """Make a certificate for localhost and this host, with its key; raises CannotStart."""
    command = shutil.which("openssl")
    if command is None:
        raise CannotStart(
            "--ssl-self-signed needs the command openssl, which is not here; "
            "make a certificate elsewhere and name it with --ssl-certfile and --ssl-keyfile"
        )
    wanted, certfile, keyfile = (folder / name for name in ("wanted.cnf", "certificate.pem", "key.pem"))
    try:
        wanted.write_text(WANTED.format(names=", ".join(_names(host))), "utf-8")
        _run(command, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(keyfile))
        keyfile.chmod(0o600)
        request = ("req", "-x509", "-new", "-sha256", "-days", str(DAYS), "-config", str(wanted))
        _run(command, *request, "-key", str(keyfile), "-out", str(certfile))
    except OSError as problem:
        raise CannotStart(f"--ssl-self-signed: no certificate can be made in {folder}: {problem.strerror}") from problem
    return Certificate(str(certfile), str(keyfile), made=True)


REASONS = {  # a part of what OpenSSL says -> what it means
    "KEY_VALUES_MISMATCH": "the key is not the one of the certificate",
    "PEM lib": "no certificate and key in PEM are there (without a key's passphrase, where it has one)",
    "NO_START_LINE": "what is there is not PEM",
    "EE_KEY_TOO_SMALL": "the key is too short",
    "CA_MD_TOO_WEAK": "the signature is too weak",
}


def reason_of(problem: Exception) -> str:
    """Say what is wrong with a certificate, as far as OpenSSL tells."""
    said = str(problem)
    told = getattr(problem, "strerror", None) or said
    return next((meaning for part, meaning in REASONS.items() if part in said), told.lower())


def _names(host: str) -> tuple[str, ...]:
    """Name whom the certificate is for: an address that means every one is nobody's name."""
    bare = host.strip("[]")
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        own = f"DNS:{bare}"
        return NAMES if own in NAMES or not bare.replace("-", "").replace(".", "").isalnum() else (*NAMES, own)
    return NAMES if address.is_unspecified or address.is_loopback else (*NAMES, f"IP:{address}")


def _run(command: str, *arguments: str) -> None:
    done = _ended(command, *arguments)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise CannotStart(f"--ssl-self-signed: openssl {arguments[0]} failed: {said[-1] if said else done.returncode}")


def _ended(command: str, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    environment = {name: value for name, value in os.environ.items() if name != "OPENSSL_CONF"}
    try:
        return subprocess.run(  # noqa: S603  # nosec B603  # found on the path, with arguments of our own
            [command, *arguments], capture_output=True, timeout=PATIENCE, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        raise CannotStart(f"--ssl-self-signed: openssl took longer than {PATIENCE} s") from None
