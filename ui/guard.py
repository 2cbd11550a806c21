"""What stands before the web page: who may speak to it, who is speaking, and what a browser may do with the answers.

Pure ASGI, so that streamed answers pass through piece by piece. Knows nothing of what is behind it.

- *Host*: a page of another site whose name is pointed at this machine (DNS rebinding) would be "same origin" to a
  browser. So the name asked for must be the machine's own or an address, which nobody else can point anywhere.
- *Origin*: a browser says which page makes it ask. What changes something is taken from our own pages only. Programs
  such as curl, which say nothing of the kind, are let in: no web page can make a browser keep silent about it.
- *Path*: one that holds another address is refused. Gradio would fetch it, and nothing is to leave this machine.
- *Password*: HTTP Basic (RFC 7617), if there is one. Guesses from one address are taken one at a time, ever slower.
- *Person*: a cookie with 128 random bits tells people apart. Anybody may send any id: that nobody can guess it is all
  that keeps people's conversations apart, so it is a secret, never to be shown, logged or put into an address.
  Cookies don't know ports: whatever else is served under the same host name sees it too.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
import secrets
import socket
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.errors import UsageError

PERSON = "person"  # the cookie's name, and the key of the id in the ASGI scope

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_AUTHORITY = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::([0-9]{1,5}))?")
_PERSON_ID = re.compile(r"[0-9a-f]{32}")
# Strict would not be sent when a link on another site is followed: the visitor would be taken for a new one, and the
# new cookie would replace theirs. Lax comes with such a visit, but never with what another site's page sends by itself.
_COOKIE = f"{PERSON}={{}}; Max-Age={10 * 365 * 24 * 3600}; Path=/; HttpOnly; SameSite=Lax"
_ASSETS = ("/assets/", "/static/", "/svelte/", "/theme.css", "/favicon.ico")  # the same for everybody: may be cached
_HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval'",  # Gradio: its inline configuration; js_on_load
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), display-capture=(), payment=(), usb=()",
}


def guarded(app: ASGIApp, host: str, password: str | None) -> ASGIApp:
    """Return the application behind the guard.

    Args:
        app: what is guarded. Its handlers find the visitor's id as `scope[PERSON]`, and as the request's cookie.
        host: the name or address that the server is bound to, as given to `--host`.
        password: what visitors must know, with any user name; None to ask for none.

    Raises:
        UsageError: the password is empty.
    """
    if password == "":
        raise UsageError("the password is empty: give one, or none at all")
    return _Guard(app, host, password)


def is_loopback(host: str) -> bool:
    """Tell whether a name or address is this machine's own, out of the network's reach. Looks nothing up."""
    name = host.lower().strip("[]")
    if name == "localhost":
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


class _Guard:
    def __init__(self, app: ASGIApp, host: str, password: str | None) -> None:
        self._app = app
        self._loopback = is_loopback(host)
        machine = socket.gethostname().lower()  # not getfqdn(), which asks the network
        self._names = {"localhost", host.lower(), machine, machine.split(".")[0] + ".local"}
        self._password = _Password(password) if password is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):  # the server's own, such as its start and end
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not self._is_own_host(headers.getlist("host")):
            await _refuse(scope, send, 400, "This server does not go by that name: use its address instead.")
        elif not _is_own_origin(scope, headers):
            await _refuse(scope, send, 403, "Another site's page has sent this: open this server's own page instead.")
        elif "://" in scope["path"]:  # Gradio would fetch /gradio_api/file=http://… for whoever asks
            await _refuse(scope, send, 403, "This server fetches nothing from elsewhere.")
        elif self._password and (refusal := await self._password.refusal(scope, headers)):
            await _refuse(scope, send, *refusal)
        else:
            scope, is_new = _with_person(scope, headers)
            await self._app(scope, receive, _with_headers(scope, send, is_new))

    def _is_own_host(self, hosts: list[str]) -> bool:
        found = _AUTHORITY.fullmatch(hosts[0].lower()) if len(hosts) == 1 else None
        if not found or int(found[3] or 0) > 65535:
            return False
        try:
            address = IPv6Address(found[1]) if found[1] else IPv4Address(found[2])
        except ValueError:
            return not found[1] and (found[2] == "localhost" if self._loopback else found[2] in self._names)
        return not self._loopback or is_loopback(str(address))


def _is_own_origin(scope: Scope, headers: Headers) -> bool:
    if scope["type"] == "http" and scope["method"] in _SAFE_METHODS:
        return True
    if origins := headers.getlist("origin"):
        scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
        return [origin.lower() for origin in origins] == [f"{scheme}://{headers['host'].lower()}"]
    return set(headers.getlist("sec-fetch-site")) <= {"same-origin", "none"}


class _Password:
    """Compares passwords. An address that has guessed wrong gets its further guesses looked at one by one, slower."""

    PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)  # seconds to the next guess, after so many wrong ones
    PATIENCE = 16.0  # seconds that a guess may wait for its turn; those that would wait longer are not looked at
    ADDRESSES = 1024  # so many are remembered

    def __init__(self, password: str) -> None:
        self._digest = _digest(password)
        self._guesses: OrderedDict[str, tuple[int, float]] = OrderedDict()  # wrong ones; when the next is looked at

    async def refusal(self, scope: Scope, headers: Headers) -> tuple[int, str, dict[str, str]] | None:
        """Return status, sentence and headers of a refusal; None if the password is right."""
        challenge = {"www-authenticate": 'Basic realm="Chapter and verse", charset="UTF-8"'}
        given = headers.getlist("authorization")
        if not given:
            return 401, "This page asks for a password.", challenge
        address = scope["client"][0] if scope.get("client") else ""
        wrong, ready = self._guesses.get(address, (0, 0.0))
        pause = max(0.0, ready - time.monotonic())
        if pause > self.PATIENCE:
            return 429, "Too many wrong passwords: wait half a minute.", {"retry-after": "30"}
        if wrong:
            self._remember(address, wrong, pause)  # what arrives in the meantime comes after this one
            await asyncio.sleep(pause)
        if len(given) == 1 and hmac.compare_digest(_digest(_basic_password(given[0])), self._digest):
            self._guesses.pop(address, None)
            return None
        wrong, ready = self._guesses.get(address, (0, 0.0))
        self._remember(address, wrong + 1, 0.0, ready)
        return 401, "That is not the password.", challenge

    def _remember(self, address: str, wrong: int, pause: float, ready: float = 0.0) -> None:
        after = time.monotonic() + pause + self.PAUSES[min(wrong, len(self.PAUSES) - 1)]
        self._guesses[address] = (wrong, max(ready, after))
        self._guesses.move_to_end(address)
        if len(self._guesses) > self.ADDRESSES:
            self._guesses.popitem(last=False)


def _digest(password: str) -> bytes:
    """Return what is compared: of one length for all passwords, however their accents are encoded."""
    return hashlib.sha256(unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")).digest()


def _basic_password(header: str) -> str:
    """Return the password of an Authorization header, empty (which is never right) if there is none in it."""
    scheme, _, credentials = header.partition(" ")
    try:
        decoded = base64.b64decode(credentials.strip(), validate=True).decode("utf-8")
    except ValueError:  # not base64, or not UTF-8
        return ""
    return decoded.partition(":")[2] if scheme.lower() == "basic" else ""


def _cookies(headers: Headers) -> list[tuple[str, str]]:
    """Return the name of each cookie of a request, and the cookie as it was sent."""
    pairs = [pair.strip() for header in headers.getlist("cookie") for pair in header.split(";")]
    return [(pair.partition("=")[0].strip(), pair) for pair in pairs if pair]


def _with_person(scope: Scope, headers: Headers) -> tuple[Scope, bool]:
    """Return the request with its person in it, and whether that is a new one."""
    cookies = _cookies(headers)
    sent = {pair.partition("=")[2].strip() for name, pair in cookies if name == PERSON}
    is_new = len(sent) != 1 or not _PERSON_ID.fullmatch(min(sent))
    person = secrets.token_hex(16) if is_new else min(sent)
    cookie = "; ".join([*(pair for name, pair in cookies if name != PERSON), f"{PERSON}={person}"])
    others = [(name, value) for name, value in scope["headers"] if name.lower() != b"cookie"]
    return {**scope, "headers": [*others, (b"cookie", cookie.encode("latin-1"))], PERSON: person}, is_new


def _with_headers(scope: Scope, send: Send, is_new: bool) -> Send:
    """Return a `send` that adds our headers to the answer."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            # what Gradio allows other origins (any, if it isn't asked as localhost) is not allowed
            sent = [item for item in message.get("headers", ()) if not item[0].lower().startswith(b"access-control-")]
            headers = MutableHeaders(raw=sent)
            headers.update(_HEADERS)
            if not scope["path"].startswith(_ASSETS) or message["status"] >= 400:
                headers["Cache-Control"] = "no-store"
            if is_new or headers.get("content-type", "").startswith("text/html"):  # again: browsers cut the ten years
                headers.append("Set-Cookie", _COOKIE.format(scope[PERSON]))
            message = {**message, "headers": headers.raw}
        await send(message)

    return send_with_headers


async def _refuse(scope: Scope, send: Send, status: int, sentence: str, more: Mapping[str, str] | None = None) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the client sees status 403
        return
    headers = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store", **_HEADERS, **(more or {})}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": f"{sentence}\n".encode()})
