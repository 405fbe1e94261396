"""What is to be known of strangers' hosts: which are of the public internet, and when they want to be asked again."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

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
        if found.is_site_local:  # what private networks were before fc00::/7; some still are
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def retry_after(text: str, now: datetime | None = None) -> float | None:
    """Seconds in a Retry-After header (a number, or a date), at least 0; None when it says neither."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - (now or datetime.now(UTC))).total_seconds())
