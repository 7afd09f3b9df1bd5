"""Addresses of the public internet, and networks that the operator lists beside it."""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from shared.settings import OutgoingSettings, load

# Of IPv6, what is routed: not ::1, not mapped or translated IPv4, nothing unique or link-local.
ROUTED = IPv6Network("2000::/3")

# IPv4 inside of IPv6: 6to4.
CARRIES_IPV4 = IPv6Network("2002::/16")

type IpAddress = IPv4Address | IPv6Address


def own_networks() -> Collection[IPv4Network | IPv6Network]:
    settings: OutgoingSettings = load(OutgoingSettings)
    return settings.outgoing_networks


def may_be_called(address: IpAddress) -> bool:
    """Whether an address is public, or of a network that the deployment's operator has listed."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if any(address in network for network in own_networks()):
        return not address.is_link_local
    if isinstance(address, IPv6Address) and (
        address not in ROUTED or address in CARRIES_IPV4 or address.scope_id
    ):
        return False
    return address.is_global and not address.is_multicast
