"""Which addresses may be called, and which merely look so."""

import asyncio
import socket
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.outgoing.addresses import CallableUrl, NotPublic, Target, parse_target, resolve
from shared.outgoing.public_networks import may_be_called
from tests.receiver import own_networks


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_public_addresses_may_be_called(address: str) -> None:
    assert may_be_called(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *("0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1"),
        *("::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
        *("64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "2001::1", "::127.0.0.1"),
        *("fec0::1", "64:ff9b:1::1", "fe80::1%eth0", "2606:2800::1%eth0"),
    ],
)
def test_no_other_may(address: str) -> None:
    assert not may_be_called(ip_address(address))


def test_operator_allows_networks_of_their_own_but_nothing_link_local() -> None:
    with own_networks("10.20.0.0/16,fd00::/8,169.254.0.0/16"):
        assert may_be_called(ip_address("10.20.1.2"))
        assert may_be_called(ip_address("::ffff:10.20.1.2"))
        assert may_be_called(ip_address("fd00::1"))
        assert not may_be_called(ip_address("10.21.0.1"))
        assert not may_be_called(ip_address("169.254.169.254"))
        assert parse_target("https://mirth.clinic.internal:8443/in").port == 8443


def test_target_says_what_is_sent() -> None:
    target = parse_target("https://hooks.example.org/a/b?c=1")
    assert (target.authority, target.port, target.path) == ("hooks.example.org", 443, "/a/b?c=1")
    assert parse_target("https://hooks.example.org").path == "/"
    with own_networks("fd00::/8"):
        assert parse_target("https://[fd00::1]:8443/").authority == "[fd00::1]:8443"


class TestParseTarget:
    @pytest.mark.parametrize(
        ("url", "told"),
        [
            ("http://hooks.example.org/", "HTTPS address"),
            ("ftp://hooks.example.org/", "HTTPS address"),
            ("hooks.example.org/a", "HTTPS address"),
            ("https:///a", "HTTPS address"),
            ("https://ada:secret@hooks.example.org/", "a user or a fragment"),
            ("https://hooks.example.org/#a", "a user or a fragment"),
            ("https://hooks.example.org:80/", "port 443"),
            ("https://hooks.example.org:22/", "port 443"),
            ("https://hooks.example.org:1023/", "port 443"),
            ("https://hooks.example.org:0/", "port 443"),
            ("https://hooks.example.org/a b", "no blanks"),
            ("https://hooks.example.org/é", "ASCII"),
            ("https://hooks.example.org\\@10.0.0.1/", "ASCII"),
            ("https://hooks.example.org/\r\nHost: a", "ASCII"),
            ("", "ASCII"),
        ],
    )
    def test_no_address_that_is_called_here(self, url: str, told: str) -> None:
        with pytest.raises(ValueError, match=told):
            parse_target(url)

    @pytest.mark.parametrize(
        "host",
        [
            *("localhost", "db.localhost", "clinic.local", "metadata.google.internal", "a.test"),
            *("a.internal.", "A.LOCAL", "router.home.arpa", "x.onion", "hooks", "127.1", "0x7f.1"),
            *("127.0.0.1", "2130706433", "10.0.0.1", "[::1]", "[fd00::1]", "-a.example.org"),
            *("a..example.org", "a_.example.org", "hooks.example.1", f"{'a' * 64}.example.org"),
        ],
    )
    def test_host_that_is_not_of_the_public_internet(self, host: str) -> None:
        with pytest.raises(ValueError, match="public internet"):
            parse_target(f"https://{host}/")

    @pytest.mark.parametrize(
        ("url", "authority"),
        [
            ("https://hooks.example.org", "hooks.example.org"),
            ("https://HOOKS.example.org./", "hooks.example.org."),
            ("https://hooks.example.org:443/", "hooks.example.org"),
            ("https://hooks.example.org:1024/", "hooks.example.org:1024"),
            ("https://xn--bcher-kva.example/", "xn--bcher-kva.example"),
            ("https://_dmarc.a-b.example.org/", "_dmarc.a-b.example.org"),
            ("https://93.184.215.14:8443/", "93.184.215.14:8443"),
            ("https://[2606:2800:21f:cb07::1]/", "[2606:2800:21f:cb07::1]"),
        ],
    )
    def test_host_and_port_are_told_as_they_are_sent(self, url: str, authority: str) -> None:
        assert parse_target(url).authority == authority

    def test_longest_address(self) -> None:
        url = "https://hooks.example.org/".ljust(500, "a")
        assert len(parse_target(url).path) == 475
        with pytest.raises(ValueError, match="at most 500 characters"):
            parse_target(url + "a")

    def test_form_of_a_field_keeps_the_address_as_it_was_written(self) -> None:
        form = TypeAdapter(CallableUrl)
        assert form.validate_python("https://A.example.org") == "https://A.example.org"
        with pytest.raises(ValidationError, match="public internet"):
            form.validate_python("https://localhost/")


type Names = Callable[..., None]


class TestResolve:
    TARGET = Target("hooks.example.org", 8443, "/")

    @pytest.fixture
    def names(self, monkeypatch: pytest.MonkeyPatch) -> Names:
        """Have any name stand for these addresses, or for a failure to look it up."""

        def stand_for(*addresses: str, failure: Exception | None = None) -> None:
            async def getaddrinfo(_host: str, port: int, **_: Any) -> list[Any]:
                if failure:
                    raise failure
                return [(0, 0, 0, "", (address, port)) for address in addresses]

            monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)

        return stand_for

    async def test_each_address_once_and_the_old_kind_first(self, names: Names) -> None:
        names("2606:2800::1", "93.184.215.14", "2606:2800::1", "93.184.215.15")
        addresses = await resolve(self.TARGET)
        assert addresses == ["93.184.215.14", "93.184.215.15", "2606:2800::1"]

    @pytest.mark.parametrize("private", ["10.0.0.1", "127.0.0.1", "::1", "::ffff:10.0.0.1"])
    async def test_single_private_address_spoils_the_name(self, names: Names, private: str) -> None:
        names("93.184.215.14", private)
        with pytest.raises(NotPublic):
            await resolve(self.TARGET)

    async def test_name_of_nothing(self, names: Names) -> None:
        names()
        with pytest.raises(NotPublic):
            await resolve(self.TARGET)

    @pytest.mark.parametrize("failure", [socket.gaierror(-2), UnicodeError("label too long")])
    async def test_name_that_cannot_be_looked_up(self, names: Names, failure: Exception) -> None:
        names(failure=failure)
        with pytest.raises(NotPublic):
            await resolve(self.TARGET)
