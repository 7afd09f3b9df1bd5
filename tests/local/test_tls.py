"""Certificates of one's own are verified as strictly as those of the cloud."""

import socket
import ssl
import stat
import threading
from pathlib import Path

import pytest
from cryptography import x509

from local.tls import VALIDITY, Certificates, write_certificates


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return write_certificates(tmp_path_factory.mktemp("certificates"))


def shaken(server: Certificates, authority: Path, name: str) -> str | None:
    """The protocol on which a client that trusts `authority` and a server agree."""
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(server.certificate, server.key)
    here, there = socket.socketpair()

    def serve() -> None:
        try:
            ours.wrap_socket(there, server_side=True).close()
        except OSError:
            there.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        client = ssl.create_default_context(cafile=authority)
        client.verify_flags |= ssl.VERIFY_X509_STRICT
        with client.wrap_socket(here, server_hostname=name) as secured:
            return secured.version()
    finally:
        here.close()
        thread.join()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_this_machine_is_trusted_by_its_names(files: Certificates, name: str) -> None:
    assert shaken(files, files.authority, name) == "TLSv1.3"


def test_another_name_is_not(files: Certificates) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        shaken(files, files.authority, "db.example.org")


def test_authority_of_another_folder_is_not(files: Certificates, tmp_path: Path) -> None:
    other = write_certificates(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(files, other.authority, "localhost")


def test_key_is_private_and_that_of_the_authority_is_not_kept(files: Certificates) -> None:
    assert stat.S_IMODE(files.key.stat().st_mode) == 0o600
    assert {path.name for path in files.key.parent.iterdir()} == {
        *("authority.pem", "server.pem", "server.key"),
    }


def test_server_cannot_sign_for_others(files: Certificates) -> None:
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert not constraints.ca


def test_clock_that_is_a_little_late_finds_it_valid(files: Certificates) -> None:
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert 60 <= (life - VALIDITY).total_seconds() <= 600
