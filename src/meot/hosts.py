"""Which addresses are of the public internet; everything that fetches what strangers name asks here."""

from __future__ import annotations

import ipaddress

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(ip: str) -> bool:
    """Whether an IP address is of the public internet: not loopback, private, link-local, nor one that wraps such.

    Text that is no IP address is not.
    """
    try:
        found = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        wrapped = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
        if found in _NAT64:
            wrapped.append(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF))
        if not all(inner is None or is_public(str(inner)) for inner in wrapped):
            return False
        if found.ipv4_mapped:
            return True
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)
