"""The guard: whom it lets in, whom it takes for whom, what it adds to answers; streamed answers stay streamed."""

from __future__ import annotations

import asyncio
import base64
import socket
import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.errors import UsageError
from ui.guard import PERSON, _Password, guarded, is_loopback

MACHINE = socket.gethostname().lower()
ID = "0123456789abcdef" * 2


@dataclass
class Reply:
    """What came out of an application, and the scope that reached the innermost one (None if none did)."""

    messages: list[Message] = field(default_factory=list)
    scope: Scope | None = None

    @property
    def status(self) -> int:
        """The HTTP status; 403 for a websocket that was closed before it was accepted, 101 for one that was not."""
        first = self.messages[0]
        return {"websocket.accept": 101, "websocket.close": 403}.get(first["type"]) or int(first["status"])

    def headers(self, name: str) -> list[str]:
        """Return the values of a response header."""
        return [value.decode() for key, value in self.messages[0]["headers"] if key.decode() == name]

    @property
    def body(self) -> str:
        """The body of the answer."""
        return b"".join(message.get("body", b"") for message in self.messages).decode()

    @property
    def cookies(self) -> list[str]:
        """The cookies of the request as the innermost application sees them."""
        assert self.scope is not None
        return [value.decode("latin-1") for name, value in self.scope["headers"] if name == b"cookie"]


def page(kind: str = "application/json", status: int = 200, *more: tuple[bytes, bytes]) -> ASGIApp:
    """Return an application with one answer."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["seen"].append(scope)
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        headers = [(b"content-type", kind.encode()), *more]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})

    return app


async def call(
    app: ASGIApp, *headers: tuple[str, str], method: str = "GET", path: str = "/", client: str = "10.0.0.9", ws: int = 0
) -> Reply:
    reply, seen = Reply(), list[Scope]()
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    scope: dict[str, Any] = {"path": path, "headers": raw, "client": (client, 5), "seen": seen}
    scope |= {"type": "websocket", "scheme": "ws"} if ws else {"type": "http", "scheme": "http", "method": method}

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        reply.messages.append(message)

    await app(scope, receive, send)
    reply.scope = seen[0] if seen else None
    return reply


def get(app: ASGIApp, *headers: tuple[str, str], **more: Any) -> Reply:  # noqa: ANN401 - the options of call()
    return asyncio.run(call(app, *headers, **more))


HERE = ("host", "127.0.0.1:7860")


@pytest.mark.parametrize("ws", [0, 1])
@pytest.mark.parametrize(
    ("bound", "hosts"),
    [
        ("127.0.0.1", "localhost LOCALHOST:7860 127.0.0.1 127.0.0.1:1 127.9.9.9 [::1] [::1]:7860 [::ffff:127.0.0.1]"),
        ("localhost", "localhost:7860 127.0.0.1:7860"),
        ("::1", "[::1]:7860 localhost"),
        ("0.0.0.0", f"localhost 127.0.0.1:7860 192.168.1.5 [fe80::1]:80 {MACHINE} {MACHINE}:7860 {MACHINE}.local"),
        ("Reader.Example.org", "reader.example.org READER.example.org:7860 192.168.1.5"),
    ],
)
def test_own_names_are_let_in(bound: str, hosts: str, ws: int) -> None:
    app = guarded(page(), bound, None)
    statuses = {host: get(app, ("host", host), ws=ws).status for host in hosts.split()}
    assert statuses == dict.fromkeys(hosts.split(), 101 if ws else 200)


HOSTILE = [
    "evil.com", "evil.com:7860", "localhost.evil.com", "127.0.0.1.evil.com", "127.0.0.1.nip.io", "evil.com#localhost",
    "localhost@evil.com", "evil.com@localhost", "localhost:80@evil.com", "localhost evil.com", "localhost,evil.com",
    "localhost/", "localhost:", "localhost:port", "localhost:-1", "localhost:99999", "localhost:7860:7860", "", " ",
    ":7860", "[", "[]", "[::1", "::1", "[::1]evil.com", "[::1].evil.com", "[localhost]", "[127.0.0.1]", "[::1%25lo]",
    "127.0.0.1:7860\n", "127.0.0.01", "0177.0.0.1", "0x7f.0.0.1", "2130706433", "127.1", "127.0.0", "1.2.3.4.5",
    "256.0.0.1", "http://localhost", "localhost\x00", "localhost\t", "lócalhost", "xn--localhost", "localhost.",
    "local host", "*", "%6cocalhost", "localhost%00.evil.com", "-localhost", "localhost\\evil.com",
]  # fmt: skip


@pytest.mark.parametrize("ws", [0, 1])
@pytest.mark.parametrize("bound", ["127.0.0.1", "0.0.0.0", "reader.example.org"])
@pytest.mark.parametrize("host", HOSTILE)
def test_other_names_are_refused(host: str, bound: str, ws: int) -> None:
    reply = get(guarded(page(), bound, None), ("host", host), ws=ws)
    assert (reply.status, reply.scope) == (403 if ws else 400, None)
    if not ws:
        assert reply.body == "This server does not go by that name: use its address instead.\n"


@pytest.mark.parametrize("host", ["192.168.1.5", "0.0.0.0", "[::]", "[fe80::1]", "8.8.8.8", f"{MACHINE}x", "a.local"])
def test_on_loopback_only_loopback_goes(host: str) -> None:
    assert get(guarded(page(), "127.0.0.1", None), ("host", host)).status == 400


@pytest.mark.parametrize(
    "headers", [[], [HERE, HERE], [HERE, ("host", "evil.com")], [("host", "evil.com"), HERE], [("x-host", "localhost")]]
)
def test_there_must_be_one_host(headers: list[tuple[str, str]]) -> None:
    assert get(guarded(page(), "127.0.0.1", None), *headers).status == 400


OWN = ("origin", "http://127.0.0.1:7860")
FOREIGN_ORIGINS = [
    "null", "", "http://evil.com", "http://127.0.0.1:7861", "http://127.0.0.1", "https://127.0.0.1:7860",
    "http://localhost:7860", "http://127.0.0.1:7860.evil.com", "http://127.0.0.1:7860/", "http://127.0.0.1:7860, x",
    "127.0.0.1:7860", "http://evil.com@127.0.0.1:7860", "chrome-extension://abc", "file://", "ws://127.0.0.1:7860",
]  # fmt: skip


@pytest.mark.parametrize(
    "headers",
    [
        *([("origin", origin)] for origin in FOREIGN_ORIGINS),
        [OWN, OWN],
        [OWN, ("origin", "http://evil.com")],
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
        [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "odd")],
        [("origin", "http://evil.com"), ("sec-fetch-site", "same-origin")],
    ],
)
def test_other_sites_change_nothing(headers: list[tuple[str, str]]) -> None:
    app = guarded(page(), "127.0.0.1", None)
    for method in ["POST", "PUT", "DELETE", "PATCH", "post", "get", "BREW"]:
        reply = get(app, HERE, *headers, method=method)
        assert (reply.status, reply.scope) == (403, None)
    assert get(app, HERE, *headers, ws=1).status == 403
    for method in ["GET", "HEAD", "OPTIONS"]:
        assert get(app, HERE, *headers, method=method).status == 200


@pytest.mark.parametrize(
    "headers", [[OWN], [("origin", "HTTP://127.0.0.1:7860")], [], [("sec-fetch-site", "same-origin")],
                [("sec-fetch-site", "none")], [OWN, ("sec-fetch-site", "same-origin")]],
)  # fmt: skip
def test_own_pages_and_programs_may(headers: list[tuple[str, str]]) -> None:
    app = guarded(page(), "127.0.0.1", None)
    assert get(app, HERE, *headers, method="POST").status == 200
    assert get(app, HERE, *headers, ws=1).status == 101


def test_other_sites_may_not_read_either() -> None:
    allowing = page("text/plain", 200, (b"access-control-allow-origin", b"http://evil.com"), (b"vary", b"Origin"))
    reply = get(guarded(allowing, "127.0.0.1", None), HERE, ("origin", "http://evil.com"))
    assert reply.headers("access-control-allow-origin") == []
    assert reply.headers("vary") == ["Origin"]


@pytest.mark.parametrize(
    "path", ["/gradio_api/file=http://evil.com/x", "/gradio_api/file/https://a", "/proxy=http://a"]
)
def test_nothing_is_fetched_from_elsewhere(path: str) -> None:
    reply = get(guarded(page(), "127.0.0.1", None), HERE, path=path)
    assert (reply.status, reply.scope) == (403, None)


def basic(user: str, password: str, scheme: str = "Basic") -> tuple[str, str]:
    return "authorization", f"{scheme} {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (basic("", "schlüssel: 1"), 200),
        (basic("anybody", "schlüssel: 1"), 200),
        (basic("anybody", "schlüssel: 1", "bASIC"), 200),
        (basic("u", "schlu\u0308ssel: 1"), 200),  # the same letter, encoded in two characters
        (basic("u", "schlüssel"), 401),
        (basic("u", ""), 401),
        (basic("schlüssel: 1", ""), 401),
        (basic("u", "schlüssel: 1", "Bearer"), 401),
        (("authorization", "Basic " + base64.b64encode("u:schlüssel: 1".encode("latin-1")).decode()), 401),
        (("authorization", "Basic !!!"), 401),
        (("authorization", "Basic"), 401),
        (("authorization", ""), 401),
        (("x-authorization", basic("u", "schlüssel: 1")[1]), 401),
    ],
)
def test_the_password_is_asked_for(header: tuple[str, str], status: int) -> None:
    app = guarded(page(), "127.0.0.1", "schlüssel: 1")
    reply = get(app, HERE, header)
    assert (reply.status, reply.scope is None) == (status, status == 401)
    if status == 401:
        assert reply.headers("www-authenticate") == ['Basic realm="Chapter and verse", charset="UTF-8"']
    assert get(app, HERE, header, ws=1).status == (101 if status == 200 else 403)


def test_two_passwords_are_none_and_an_empty_one_is_refused() -> None:
    app = guarded(page(), "127.0.0.1", "p")
    assert get(app, HERE, basic("u", "p"), basic("u", "q")).status == 401
    with pytest.raises(UsageError):
        guarded(page(), "127.0.0.1", "")


def test_guesses_get_slower_for_their_address_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(round(seconds, 1))

    monkeypatch.setattr("ui.guard.time.monotonic", lambda: 100.0 + sum(slept))
    monkeypatch.setattr("ui.guard.asyncio.sleep", sleep)
    app = guarded(page(), "127.0.0.1", "right")

    async def guesses() -> list[int]:
        tried = [(await call(app, HERE, basic("u", "wrong"))).status for _ in range(7)]
        return [*tried, (await call(app, HERE, basic("u", "right"), client="10.0.0.8")).status]

    assert asyncio.run(guesses()) == [401] * 7 + [200]
    assert slept == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert get(app, HERE, basic("u", "right")).status == 200
    assert get(app, HERE, basic("u", "wrong")).status == 401
    assert slept[6:] == [8.0]  # the right password clears the count: nothing to wait for after it


def test_many_guesses_at_once_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """The right one among them is not told apart by coming back at once: most are refused unseen."""
    monkeypatch.setattr(_Password, "PAUSES", (0.0, 0.05))
    monkeypatch.setattr(_Password, "PATIENCE", 0.2)
    app = guarded(page(), "127.0.0.1", "right")

    async def burst() -> list[int]:
        words = ["wrong"] * 50 + ["right"]
        return [reply.status for reply in await asyncio.gather(*(call(app, HERE, basic("u", word)) for word in words))]

    statuses = asyncio.run(burst())
    assert statuses.count(401) <= 6
    assert statuses[-1] == 429
    assert set(statuses) == {401, 429}


def test_guesses_in_waves_are_no_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Password, "PAUSES", (0.0, 0.05))
    monkeypatch.setattr(_Password, "PATIENCE", 0.2)
    app = guarded(page(), "127.0.0.1", "right")

    async def waves() -> int:
        guesses = []
        for _ in range(20):
            guesses += [asyncio.create_task(call(app, HERE, basic("u", "wrong"))) for _ in range(10)]
            await asyncio.sleep(0.02)
        return [reply.status for reply in await asyncio.gather(*guesses)].count(401)

    started = time.monotonic()
    looked_at = asyncio.run(waves())
    assert looked_at <= (time.monotonic() - started) / 0.05 + 2


def test_few_addresses_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Password, "ADDRESSES", 10)
    password = _Password("right")

    async def refusals() -> None:
        from starlette.datastructures import Headers

        for number in range(100):
            headers = Headers({"authorization": basic("u", "wrong")[1]})
            assert await password.refusal({"client": (f"10.0.0.{number}", 1)}, headers)

    asyncio.run(refusals())
    assert len(password._guesses) == 10


NEW = "person={}; Max-Age=315360000; Path=/; HttpOnly; SameSite=Lax"


@pytest.mark.parametrize(
    "sent",
    [
        None, "", "person", "person=", "person=1", f"person={ID[:-1]}", f"person={ID}0", f"person={ID.upper()}",
        f'person="{ID}"', f"person={ID[:-1]}g", "person=" + "٣" * 16, f"person={ID[:-1]}\n", "person=../../etc/passwd",
        f"person={ID}; person={ID[::-1]}", f"person={ID}; person=", f"Person={ID}", f"person =x; person={ID}",
        f"xperson={ID}", f"person={ID},person={ID}", f"={ID}", f"person=person={ID}",
    ],
)  # fmt: skip
def test_a_person_without_a_good_id_gets_a_new_one(sent: str | None) -> None:
    cookie = [] if sent is None else [("cookie", sent.encode().decode("latin-1"))]
    reply = get(guarded(page(), "127.0.0.1", None), HERE, *cookie)
    assert reply.scope is not None
    person = reply.scope[PERSON]
    assert len(bytes.fromhex(person)) == 16
    assert person not in (ID, ID[::-1])
    assert reply.headers("set-cookie") == [NEW.format(person)]
    assert len(reply.cookies) == 1
    assert reply.cookies[0].split("; ")[-1] == f"person={person}"
    assert [pair.partition("=")[0].strip() for pair in reply.cookies[0].split(";")].count("person") == 1


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ([f"person={ID}"], f"person={ID}"),
        ([f"a=1; person={ID}; b=ü"], f"a=1; b=ü; person={ID}"),
        (["a=1", f" person = {ID} "], f"a=1; person={ID}"),
        ([f"person={ID}; person={ID}"], f"person={ID}"),
    ],
)
def test_a_person_is_known_again(sent: list[str], seen: str) -> None:
    app = guarded(page(), "127.0.0.1", None)
    reply = get(app, HERE, *(("cookie", cookie) for cookie in sent))
    assert reply.scope is not None
    assert (reply.scope[PERSON], reply.cookies, reply.headers("set-cookie")) == (ID, [seen], [])


def test_people_differ_and_pages_renew_the_cookie() -> None:
    app = guarded(page("text/html; charset=utf-8"), "127.0.0.1", None)
    assert len({get(app, HERE).headers("set-cookie")[0] for _ in range(50)}) == 50
    assert get(app, HERE, ("cookie", f"person={ID}")).headers("set-cookie") == [NEW.format(ID)]


@pytest.mark.parametrize(
    ("path", "status", "cached"),
    [
        ("/", 200, False), ("/config", 200, False), ("/gradio_api/queue/data", 200, False), ("/assets", 200, False),
        ("/gradio_api/file=/assets/x.js", 200, False), ("/assets/x.js", 404, False), ("/assets/x.js", 200, True),
        ("/assets/x.js", 304, True), ("/static/img/logo.svg", 200, True), ("/theme.css", 200, True),
    ],
)  # fmt: skip
def test_answers_are_not_stored(path: str, status: int, cached: bool) -> None:
    app = guarded(page("text/plain", status, (b"cache-control", b"max-age=9")), "127.0.0.1", None)
    assert get(app, HERE, path=path).headers("cache-control") == ["max-age=9" if cached else "no-store"]


def test_every_answer_tells_the_browser_what_it_may_do() -> None:
    app = guarded(page("text/html", 200, (b"referrer-policy", b"unsafe-url")), "127.0.0.1", "p")
    password = basic("u", "p")
    answers = [get(app, HERE, password), get(app, HERE), get(app), get(app, HERE, OWN, OWN, password, method="POST")]
    assert [answer.status for answer in answers] == [200, 401, 400, 403]
    for answer in answers:
        (policy,) = answer.headers("content-security-policy")
        assert {"default-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"} <= set(policy.split("; "))
        assert "//" not in policy
        assert "*" not in policy
        assert answer.headers("x-content-type-options") == ["nosniff"]
        assert answer.headers("referrer-policy") == ["no-referrer"]
        assert answer.headers("cross-origin-opener-policy") == ["same-origin"]
        assert answer.headers("cross-origin-resource-policy") == ["same-origin"]
        assert answer.headers("cache-control") == ["no-store"]


def test_streams_pass_piece_by_piece() -> None:
    async def scenario() -> None:
        asked, arrived = asyncio.Event(), asyncio.Event()

        async def stream(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"one", "more_body": True})
            asked.set()
            await asyncio.wait_for(arrived.wait(), 5)  # the first piece must be out before the second is made
            await send({"type": "http.response.body", "body": b"two"})

        reply = asyncio.create_task(collect(guarded(stream, "127.0.0.1", None), arrived))
        await asked.wait()
        assert await reply == [b"one", b"two"]

    async def collect(app: ASGIApp, arrived: asyncio.Event) -> list[bytes]:
        bodies: list[bytes] = []

        async def receive() -> Message:
            return {"type": "http.request"}

        async def send(message: Message) -> None:
            if body := message.get("body"):
                bodies.append(body)
                arrived.set()

        scope = {"type": "http", "scheme": "http", "method": "GET", "path": "/", "headers": [(b"host", b"[::1]")]}
        await app(scope, receive, send)
        return bodies

    asyncio.run(scenario())


def test_the_servers_start_and_end_pass() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: object) -> Any:  # noqa: ANN401 - stands for receive and send
        return {}

    async def start() -> None:
        await guarded(app, "127.0.0.1", "p")({"type": "lifespan"}, nothing, nothing)

    asyncio.run(start())
    assert seen == ["lifespan"]


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True), ("LocalHost", True), ("127.0.0.1", True), ("127.3.2.1", True), ("::1", True),
        ("[::1]", True), ("::ffff:127.0.0.1", True), ("0.0.0.0", False), ("::", False), ("", False),
        ("192.168.1.5", False), ("::ffff:10.0.0.1", False), ("localhost.evil.com", False), ("127.1", False),
        (MACHINE, MACHINE == "localhost"), ("example.org", False),
    ],
)  # fmt: skip
def test_what_is_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
