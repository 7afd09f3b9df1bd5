"""Which addresses may be called, and which merely look so."""

from ipaddress import ip_address

import pytest

from shared.outgoing.addresses import parse_target
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
