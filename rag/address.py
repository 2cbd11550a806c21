"""A generator's address: whether a setting is one, and whether what is asked there leaves this machine."""

from __future__ import annotations

from urllib.parse import urlsplit


def is_address(setting: str) -> bool:
    """Tell whether a setting is the address of a server."""
    return setting.lower().startswith(("http://", "https://"))


def leaves_machine(setting: str) -> bool:
    """Tell whether a generator is asked on another machine, as far as its address tells."""
    host = (urlsplit(setting).hostname or "") if is_address(setting) else "localhost"
    if host == "localhost" or host.endswith(".localhost"):
        return False
    from ipaddress import ip_address

    try:
        address = ip_address(host)
    except ValueError:
        return True
    return not (address.is_loopback or address.is_unspecified)  # 0.0.0.0, as servers tell where they listen


def recipient(setting: str) -> str | None:
    """Return the host that questions and quoted passages are sent to; None where they stay on this machine."""
    return urlsplit(setting).hostname if leaves_machine(setting) else None
