"""A generator's address: whether a setting is one, whether it can be used, and whether it leaves this machine."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from index.errors import ModelError

# Also what only looks like an address, and is none: localhost:8080/v1, http:/localhost, me:secret@host
_MEANT = re.compile(r"https?:|(?:\[[\da-f:.]+\]|[\w.-]+):\d+(?:[/?#]|$)|[^/\\\s]+:[^/\\\s]*@", re.IGNORECASE)


def is_address(setting: str) -> bool:
    """Tell whether a setting is the address of a server."""
    return setting.lower().startswith(("http://", "https://"))


def means_address(setting: str) -> bool:
    """Tell whether somebody who writes this means a server, whether or not it is the address of one."""
    return _MEANT.match(setting) is not None


def check_address(setting: str) -> tuple[str, str]:
    """Split a setting into the URL of the server, without a slash at its end, and the model's name or "".

    Raises ModelError when it is no such address, or holds what is secret, which the message doesn't repeat.
    """
    where, _, model = setting.partition("#")
    if "@" in where or "?" in where:
        raise ModelError("leave keys out of the generator's address; set the variable RAG_API_KEY")
    try:
        parts = urlsplit(where)
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # a port beyond 65535, half an IPv6 address
        usable = False
    if not (usable and is_address(where) and setting.isprintable() and " " not in where):
        shown = "what is set" if "@" in model else setting  # a key may hold any character, "#" too
        raise ModelError(f"{shown} is no address of a server; write it like http://localhost:8080/v1")
    return parts.geturl().rstrip("/"), model


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
