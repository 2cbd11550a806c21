"""A language model behind an HTTP server that speaks OpenAI's chat completions: llama.cpp's, Ollama, vLLM and others.

API: https://platform.openai.com/docs/api-reference/chat, of which as little is used as there is to use. Nothing that
the server says is believed to be well-formed, or to end.
"""

from __future__ import annotations

import json
import os
import re
import ssl
import time
from collections import abc
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import chain
from typing import TYPE_CHECKING, Any

from index.errors import ModelError, one_line
from rag.address import check_address, leaves_machine
from rag.generator import Message, Pieces
from rag.pump import pumped
from rag.thinking import Spoken

if TYPE_CHECKING:
    import httpx

KEY = "RAG_API_KEY"
_OPENAI = "https://api.openai.com/"  # gets what other programs know as its key, and nobody else does
PATIENCE = (
    120.0  # seconds without a sign of life: a server may load its model, and read the prompt, at the first question
)
_CONNECT_SECONDS = 5.0
_ATTEMPTS = 3
_PAUSE = 0.5  # seconds before the second attempt, three times as long before the next
_LONGEST_PAUSE = 10.0  # seconds that a server may ask for
_THINKING = 1024  # tokens that a model may think, where it can't be stopped from it
_MOST_PATIENCE = 5  # times the patience, for a whole answer
_MOST_BYTES = 2**20  # of a line, or of what is no answer
_TOKEN = re.compile(r"\s*\w{1,6}\s*|\s*[^\w\s]\s*|\s+")  # about what tokenisers make of European languages
_CERTIFICATE = re.compile(r"certificate verify failed: (.+?)(?: \(_ssl|$)", re.DOTALL)
_TLS = re.compile(r"\[SSL[^]]*\] (.+?)(?: \(_ssl|$)", re.DOTALL)
_BUSY = frozenset({429, 500, 502, 503, 504})


Deltas = abc.Generator[tuple[str, bool], None, None]


class ServerGenerator:
    """Asks a model behind an HTTP server. Any number of answers at a time: the server sees to their order.

    `url` is that of the API, without a slash at its end; `model` may be "": then the server's first is asked.
    `patience` is how many seconds it may be silent.
    """

    def __init__(self, url: str, model: str = "", *, patience: float = PATIENCE) -> None:
        self.url = url
        self.name = model or url
        self._model = model
        self._patience = patience

    @classmethod
    def open(cls, setting: str) -> ServerGenerator:
        """Take a setting such as "http://localhost:8080/v1" or "http://localhost:11434/v1#llama3.2".

        Nothing is sent yet. Raises ModelError when it is no such address.
        """
        return cls(*check_address(setting))

    def preload(self) -> None:
        """Find out now which model to ask. What goes wrong is reported when it is asked."""
        with suppress(ModelError), self._client() as client:
            self._find_model(client)

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Pieces:
        """Yield the answer, about a token at a time, and "" while there is nothing yet. Raises ModelError.

        Closing it closes the connection.
        """
        with closing(pumped(self._pieces(messages, max_tokens))) as pieces:
            yield from (piece or "" for piece in pieces)

    def _pieces(self, messages: Sequence[Message], max_tokens: int) -> Pieces:
        turns = [{"role": m.role, "content": m.content.encode(errors="replace").decode()} for m in messages]
        spoken, count, thought = Spoken(), 0, False
        with self._client() as client:
            body = {"model": self._find_model(client), "messages": turns, "stream": True}
            with closing(self._deltas(client, body, max_tokens)) as deltas:
                for said, thinks in deltas:
                    thought = thought or thinks
                    for piece in _TOKEN.findall(spoken.feed(said)):
                        yield piece
                        count += 1
                        if count >= max_tokens:
                            return
        if rest := spoken.rest():
            yield rest
        elif not count:
            raise ModelError(
                f"{self._where} gave an empty answer{'; it only thought' if thought or spoken.thinking else ''}"
            )

    def count_tokens(self, text: str) -> int:
        """Estimate the model's tokens in a text, without asking the server: about what `stream` yields of it."""
        return len(_TOKEN.findall(text))

    @property
    def _where(self) -> str:
        return f"the language model at {self.url}"

    @contextmanager
    def _client(self) -> Iterator[httpx.Client]:
        """Open a client; what goes wrong with the connection becomes a ModelError.

        It follows no redirects, which could lead the texts elsewhere, nor does what is asked here go over a proxy.
        """
        import httpx

        key = self._key(KEY) or self._key("OPENAI_API_KEY")
        if not (key.isascii() and key.isprintable()):
            raise ModelError(f"{KEY} holds characters that no key has")
        try:
            with httpx.Client(
                headers={"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {key}"} if key else {}),
                timeout=httpx.Timeout(self._patience, connect=_CONNECT_SECONDS),
                verify=_trusted(),
                trust_env=leaves_machine(self.url),
            ) as client:
                yield client
        except httpx.TimeoutException:
            raise ModelError(f"{self._where} was silent for {self._patience:g} s; is it overloaded?") from None
        except (httpx.HTTPError, httpx.InvalidURL, ImportError) as error:  # ImportError: for a SOCKS proxy
            raise ModelError(f"the connection to {self._where} broke off: {one_line(str(error))}") from None

    def _key(self, variable: str) -> str:
        """Return the key in a variable, "" where there is none for this server."""
        if variable == KEY or self.url.startswith(_OPENAI):
            return os.environ.get(variable, "").strip()
        return ""

    def _find_model(self, client: httpx.Client) -> str:
        if not self._model:
            response = self._send(client, client.build_request("GET", f"{self.url}/models"))
            first = None
            with suppress(ValueError, LookupError, TypeError, RecursionError):
                first = json.loads(self._body(response))["data"][0]["id"]
            if not isinstance(first, str) or not first:
                raise ModelError(f"{self._where} names no model; name it yourself: {self.url}#MODEL")
            self._model = first
        return self._model

    def _deltas(self, client: httpx.Client, body: dict[str, Any], max_tokens: int) -> Deltas:
        """Ask, and yield what the model writes, and whether it thinks aside. Raises ModelError."""
        more = {
            "temperature": 0,
            "max_tokens": max_tokens + _THINKING,
            "chat_template_kwargs": {"enable_thinking": False},
        }
        url = f"{self.url}/chat/completions"
        try:
            response = self._send(client, client.build_request("POST", url, json=body | more))
        except _Refused:  # some servers refuse what they don't know, and some models a temperature
            response = self._send(client, client.build_request("POST", url, json=body))
        try:
            kind = response.headers.get("content-type", "")
            if "application/json" in kind:  # some servers stream nothing
                said, thinks, _ = self._delta(self._body(response))
                yield said, thinks
                return
            if "text/event-stream" not in kind:
                raise ModelError(
                    f"{self._where} gave no answer of a model but {one_line(kind) or 'something'}{self._hint}"
                )
            for data in self._events(response):
                if data == "[DONE]":
                    return
                said, thinks, finished = self._delta(data)
                yield said, thinks
                if finished:
                    return
            raise ModelError(f"{self._where} broke off in the middle of its answer")
        finally:
            response.close()

    def _delta(self, data: str) -> tuple[str, bool, bool]:
        """Read one event, or a whole answer: what the model wrote, whether it thought aside, and whether that is all.

        Servers differ in what they leave out: the delta of the last event, the choices of one with figures of usage;
        and in whether a reason that there isn't yet is null or "".
        """
        try:
            event = json.loads(data)
            if event.get("error"):
                raise ModelError(f"{self._where} failed: {_reason(data) or 'it gave no reason'}")
            if not event.get("choices") and ("choices" in event or "usage" in event):
                return "", False, False
            choice = event["choices"][0]
            finished = bool(choice.get("finish_reason"))
            written = choice.get("delta") or choice.get("message") or {}
            said = written.get("content") or ""
            if isinstance(said, str) and (finished or "delta" in choice or "message" in choice):
                return said, bool(written.get("reasoning_content") or written.get("reasoning")), finished
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            pass
        raise ModelError(f"{self._where} sent what is no answer of a model: {one_line(data)[:60]!r}{self._hint}")

    def _send(self, client: httpx.Client, request: httpx.Request) -> httpx.Response:
        """Send a request, again where it is worth it; return the open response. Raises ModelError."""
        import httpx

        for attempt in range(1, _ATTEMPTS + 1):
            pause = _PAUSE * 3 ** (attempt - 1)
            try:
                response = client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.RemoteProtocolError) as error:
                self._check_tls(str(error))
                if attempt == _ATTEMPTS:
                    what = one_line(re.sub(r"\[Errno -?\d+\] ", "", str(error))) or "no answer"
                    raise ModelError(f"can't reach {self._where}: {what}; is the server running?") from None
            else:
                if response.status_code == 200:
                    return response
                pause = max(pause, _asked_pause(response))
                if response.status_code not in _BUSY or attempt == _ATTEMPTS or pause > _LONGEST_PAUSE:
                    self._refuse(response)
                response.close()
            time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _check_tls(self, error: str) -> None:
        """Raise what is wrong when a server was reached, but no encrypted connection came about."""
        if told := _CERTIFICATE.search(error):
            raise ModelError(
                f"the certificate of {self._where} isn't trusted: {one_line(told[1])}; if it is one of your own, set "
                "SSL_CERT_FILE to a file with it"
            )
        if told := _TLS.search(error):
            raise ModelError(
                f"no encrypted connection to {self._where}: {one_line(told[1])}; should the address begin with http://?"
            )

    def _refuse(self, response: httpx.Response) -> None:
        """Raise what a status other than 200 means, with the server's own words."""
        status, said = response.status_code, _reason(self._body(response))
        because = f": {said}" if said else ""
        if status in (401, 403):
            used = next((name for name in (KEY, "OPENAI_API_KEY") if self._key(name)), None)
            what = f"refused the API key in {used}{because}" if used else f"asks for an API key{because}; set {KEY}"
        elif status == 404 and not self._model:
            what = f"has no list of models{self._hint}; or name the model: {self.url}#MODEL"
        elif status == 404:
            what = f"doesn't know this address or the model {self._model!r}{because}{self._hint}"
        elif status == 429:
            wait = _asked_pause(response)
            what = f"has no capacity left (429){because}{f'; try again in {wait:.0f} s' if wait else ''}"
        elif 300 <= status < 400:
            what = f"is elsewhere: {one_line(response.headers.get('location', 'it does not say where'))}"
        else:
            what = f"failed ({status}){because}"
        raise (_Refused if status in (400, 422) else ModelError)(f"{self._where} {what}")

    def _events(self, response: httpx.Response) -> Iterator[str]:
        """Yield the data of server-sent events, https://html.spec.whatwg.org/multipage/server-sent-events.html.

        An event ends with a blank line; some servers leave that out, and the last line break. Raises ModelError for a
        line or an event without end.
        """
        line, data = bytearray(), bytearray()
        for block in chain(self._blocks(response), [b"\n\n"]):
            *ends, last = block.split(b"\n")
            for end in ends:
                line += end
                if line.startswith(b"data:"):
                    if _is_whole(data):
                        yield data.decode(errors="replace").strip()
                        data.clear()
                    data += line[5:] + b"\n"
                elif not line.strip() and data:
                    yield data.decode(errors="replace").strip()
                    data.clear()
                line.clear()
            line += last
            if len(line) + len(data) > _MOST_BYTES:
                raise ModelError(f"{self._where} sends a line without end")

    def _body(self, response: httpx.Response) -> str:
        """Read the beginning of a response and close it."""
        body = bytearray()
        with closing(response):
            for block in self._blocks(response):
                body += block
                if len(body) > _MOST_BYTES:
                    break
        return body.decode(errors="replace")

    def _blocks(self, response: httpx.Response) -> Iterator[bytes]:
        """Yield what comes, as long as it doesn't take far too long. Raises ModelError then."""
        longest = _MOST_PATIENCE * self._patience
        end = time.monotonic() + longest
        for block in response.iter_bytes():
            yield block
            if time.monotonic() > end:
                raise ModelError(f"{self._where} didn't come to an end in {longest:g} s")

    @property
    def _hint(self) -> str:
        return "" if self.url.endswith("/v1") else "; should the address end in /v1?"


class _Refused(ModelError):
    """The server can't do with a request as it is."""


def _is_whole(data: bytes | bytearray) -> bool:
    """Tell whether the data of an event are complete as they are."""
    try:
        json.loads(data)
    except ValueError:
        return data.strip() == b"[DONE]"
    return True


def _trusted() -> ssl.SSLContext | bool:
    """Return the certificates that SSL_CERT_FILE names, or True for the usual ones. Raises ModelError."""
    file = os.environ.get("SSL_CERT_FILE")
    if not file:
        return True
    try:
        return ssl.create_default_context(cafile=file)
    except OSError as error:
        raise ModelError(f"SSL_CERT_FILE: can't read certificates from {file}: {error.strerror or error}") from None


def _reason(body: str) -> str:
    """Find the message in an error's JSON, which servers put in several places."""
    with suppress(ValueError, AttributeError, RecursionError):
        told = json.loads(body)
        for name in ("error", "detail", "message"):
            found = told.get(name)
            found = found.get("message") if isinstance(found, dict) else found
            if isinstance(found, str):
                return one_line(found)
    return ""


def _asked_pause(response: httpx.Response) -> float:
    """Return the seconds of a Retry-After header; 0 where there is none, or a date."""
    told = response.headers.get("retry-after", "")
    return float(told) if told.isascii() and told.isdigit() else 0.0
