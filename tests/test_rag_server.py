"""A model behind an HTTP server: what is asked, what is made of its answer, and of everything that can go wrong."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from index.embedder import Embedder
from index.errors import ModelError
from index.library import Library
from rag.answer import Piece
from rag.generator import LlamaGenerator, Message, open_generator
from rag.server import ServerGenerator
from tests.model_server import Handler, ModelServer, Reply, answer, body, events, serving
from tests.rag_helpers import assistant

MESSAGES = [Message("system", "Be brief."), Message("user", "How late is the ferry?")]
OIL = "Which oil companies did Trump put under sanctions?"
DRAFT = ("Trump", " put", " Rosneft", " and", " Lukoil", " under", " sanctions", " [1].")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.server._PAUSE", 0.01)
    for name in ("RAG_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def ask(server: ModelServer, max_tokens: int = 50, patience: float = 20) -> str:
    return "".join(ServerGenerator(server.url, patience=patience).stream(MESSAGES, max_tokens))


def failure(*replies: Reply, models: Reply | None = None, patience: float = 20) -> str:
    """Ask, and return the error with "URL" for the address."""
    with serving(*replies, models=models) as server, pytest.raises(ModelError) as caught:
        ask(server, patience=patience)
    assert str(caught.value).isprintable()
    return str(caught.value).replace(server.url, "URL")


def test_the_first_model_is_asked_and_answers_in_pieces() -> None:
    with serving(answer("The ferry", " is 12 minutes", " late.")) as server:
        generator = open_generator(server.url)
        generator.preload()
        pieces = [piece for piece in generator.stream(MESSAGES, 50) if piece]
        assert "".join(pieces) == "The ferry is 12 minutes late."
        assert len(pieces) == generator.count_tokens("".join(pieces)) == 8
        (asked,) = server.asked
        assert [path for path, *_ in server.requests] == ["/v1/models", "/v1/chat/completions"]
    assert (asked["model"], asked["stream"], asked["temperature"]) == ("first", True, 0)
    assert asked["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "How late is the ferry?"},
    ]
    assert asked["chat_template_kwargs"] == {"enable_thinking": False}
    assert generator.name == server.url


def test_a_model_that_is_named_is_asked() -> None:
    with serving(answer("Late.")) as server:
        generator = open_generator(f"{server.url}/#org/model:7b")
        assert "".join(generator.stream(MESSAGES, 50)) == "Late."
        assert [path for path, *_ in server.requests] == ["/v1/chat/completions"]
        assert server.asked[0]["model"] == generator.name == "org/model:7b"


def test_the_key_is_sent_to_the_server_and_to_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "of-another-company")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # what stays on this machine takes no proxy
    with serving(answer("Late.")) as server:
        ask(server)
        monkeypatch.setenv("RAG_API_KEY", " secret\n")
        ask(server)
        keys = [headers.get("Authorization") for _, headers, _ in server.requests]
    assert keys == [None, None, "Bearer secret", "Bearer secret"]
    monkeypatch.setenv("RAG_API_KEY", "sécret")
    assert failure(answer("Late.")) == "RAG_API_KEY holds characters that no key has"


def test_it_ends_with_the_tokens_that_it_may_have() -> None:
    with serving(answer(*["word "] * 100)) as server:
        assert ask(server, max_tokens=5).split() == ["word"] * 5


def test_thinking_is_left_out() -> None:
    def reply(handler: Handler) -> None:
        handler.head()
        handler.say("The user asks", field="reasoning_content")
        handler.say("<think>", "Hm.", "</think>", "\n\nIt is", " late.")
        handler.event("[DONE]")

    with serving(reply) as server:
        assert ask(server) == "It is late."


def test_a_model_that_only_thought_is_told() -> None:
    def reply(handler: Handler) -> None:
        handler.head()
        handler.say("The user asks", " for the ferry", field="reasoning")
        handler.event({"choices": [{"delta": {}, "finish_reason": "length"}]})

    assert failure(reply) == "the language model at URL gave an empty answer; it only thought"


def test_the_reason_why_a_key_is_refused_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_API_KEY", "secret")
    refused = body({"error": {"message": "not in your country"}}, 403)
    assert failure(refused) == "the language model at URL refused the API key in RAG_API_KEY: not in your country"


def said(text: str, **more: object) -> dict[str, object]:
    return {"choices": [{"delta": {"content": text}} | more]}


USAGE = {"usage": {"total_tokens": 7}}
QUIRKS: dict[str, Reply] = {
    "no reason to end yet": events(
        {"choices": [{"delta": {"role": "assistant", "content": ""}, "finish_reason": ""}]},
        said("It is", finish_reason=""), said(" late.", finish_reason=""), said("", finish_reason="stop"), "[DONE]",
    ),
    "an end without a delta": events(said("It is late."), {"choices": [{"finish_reason": "stop"}]}, "[DONE]"),
    "usage without choices": events(said("It is late."), USAGE, "[DONE]"),
    "usage with no choices": events(USAGE | {"choices": None}, said("It is"), USAGE | {"choices": []}, said(" late."),
                                    "[DONE]"),
    "one JSON object": body({"choices": [{"message": {"content": "It is late."}, "finish_reason": "stop"}]}),
    "one JSON object that says so": body({"choices": [{"message": {"content": "It is late."}}]},
                                         kind="application/json; charset=utf-8"),
    "one JSON object that thinks": body({"choices": [{"message": {"content": "<think>Hm.</think>It is late."}}]}),
    "a whole message in the stream": events({"choices": [{"message": {"content": "It is late."}}]}, "[DONE]"),
    "several lines of data": events(*(json.dumps(said(text), indent=1).replace("\n", "\ndata: ")
                                      for text in ("It is", " late.")), "[DONE]"),
    "lines that end as in a letter": body(
        "".join(f"event: message\r\ndata:{data}\r\n\r\n" for data in (json.dumps(said("It is late.")), "[DONE]")),
        kind="text/event-stream",
    ),
    "no empty lines": body(
        "\n".join(f"data: {json.dumps(said(text))}" for text in ("It is", " late.")) + "\ndata: [DONE]",
        kind="text/event-stream"),
    "no empty line at the end": body(f"data: {json.dumps(said('It is late.'))}\n\ndata: [DONE]\n",
                                     kind="text/event-stream"),
}  # fmt: skip


@pytest.mark.parametrize("reply", QUIRKS.values(), ids=QUIRKS)
def test_an_answer_is_read_however_its_server_writes_it(reply: Reply) -> None:
    with serving(reply) as server:
        assert ask(server) == "It is late."
        assert len(server.asked) == 1


# Of 127.0.0.1, signed by itself; its key is no secret.
CERTIFICATE = Path(__file__).with_name("certificate.pem")


def test_a_certificate_that_is_not_trusted_is_told_and_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer("Late."), certificate=CERTIFICATE) as server:
        told = (
            f"^the certificate of the language model at {server.url} isn't trusted: self.signed certificate; "
            "if it is one of your own, set SSL_CERT_FILE to a file with it$"
        )
        with pytest.raises(ModelError, match=told):
            ask(server)
        assert server.requests == []
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        assert ask(server) == "Late."
        monkeypatch.setenv("SSL_CERT_FILE", "none.pem")
        with pytest.raises(ModelError, match=r"^SSL_CERT_FILE: can't read certificates from none\.pem: No such file"):
            ask(server)


def test_a_server_without_encryption_is_told() -> None:
    with serving(answer("Late.")) as server:
        secure = server.url.replace("http:", "https:")
        with pytest.raises(
            ModelError, match=f"^no encrypted connection to the language model at {secure}: .*; should "
        ):
            next(open_generator(secure).stream(MESSAGES, 5))


def test_closing_the_stream_closes_the_connection() -> None:
    def reply(handler: Handler) -> None:
        handler.head()
        while not handler.server.over.wait(0.01):
            handler.say("word ")

    with serving(reply) as server:
        pieces = ServerGenerator(server.url).stream(MESSAGES, 100_000)
        assert next(pieces).strip() == "word"
        pieces.close()
        assert server.left.wait(20)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_that_is_busy_is_asked_again(status: int) -> None:
    with serving(body("busy", status), body("busy", status, retry_after="0"), answer("Late.")) as server:
        assert ask(server) == "Late."
        assert len(server.asked) == 3


def test_a_server_that_stays_busy_is_given_up() -> None:
    busy = body({"error": {"message": "the queue\n is full\x1b[2J"}}, 503)
    assert failure(busy) == "the language model at URL failed (503): the queue is full [2J"


def test_a_pause_that_is_asked_for_is_kept_and_a_long_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("rag.server.time.sleep", pauses.append)
    with serving(body("", 429, retry_after="7"), answer("Late.")) as server:
        assert ask(server) == "Late."
    assert pauses == [7]
    with serving(body({"error": "quota"}, 429, retry_after="3600")) as server:
        with pytest.raises(ModelError, match=r"has no capacity left \(429\): quota; try again in 3600 s"):
            ask(server)
        assert len(server.asked) == 1


def test_a_server_that_refuses_what_it_does_not_know_is_asked_plainly() -> None:
    with serving(body({"error": {"message": "unknown argument"}}, 400), answer("Late.")) as server:
        assert ask(server) == "Late."
        assert server.asked[1].keys() == {"model", "messages", "stream"}
    refused = body({"detail": "too long for the context"}, 422)
    assert failure(refused) == "the language model at URL failed (422): too long for the context"


def drop(handler: Handler) -> None:
    handler.head()
    handler.say("It", " is")
    handler.wfile.flush()
    handler.connection.shutdown(2)


def silence(handler: Handler) -> None:
    handler.head()
    handler.say("It")
    handler.server.over.wait()


def endless_line(handler: Handler) -> None:
    handler.head()
    while not handler.server.over.is_set():
        handler.wfile.write(b"x" * 65536)


def endless_event(handler: Handler) -> None:
    handler.head()
    while not handler.server.over.is_set():
        handler.wfile.write(b"data: " + b"x" * 65536 + b"\n")


def only_comments(handler: Handler) -> None:
    handler.head()
    while not handler.server.over.wait(0.01):
        handler.wfile.write(b": still there\n\n")


NO_ANSWER = "the language model at URL sent what is no answer of a model: "
NO_MODEL = "the language model at URL gave no answer of a model but "
FAULTS: dict[str, tuple[Reply, str]] = {
    "broken off": (drop, "the language model at URL broke off in the middle of its answer"),
    "silent": (silence, "the language model at URL was silent for 0.4 s; is it overloaded?"),
    "silent from the start": (lambda handler: handler.server.over.wait(20) and None, "was silent for 0.4 s"),
    "an end without a word": (answer(), "the language model at URL gave an empty answer"),
    "thinking alone": (answer("<think>", "Hm."), "the language model at URL gave an empty answer; it only thought"),
    "a web page": (body("<html>Hello", kind="text/html"), NO_MODEL + "text/html"),
    "one JSON object without an answer": (body({"choices": []}), "the language model at URL gave an empty answer"),
    "one JSON object of another kind": (body({"response": "It"}), NO_ANSWER),
    "one JSON object that failed": (body({"error": {"message": "out of memory"}}), "URL failed: out of memory"),
    "lines of JSON": (body({"response": "It"}, kind="application/x-ndjson"), NO_MODEL + "application/x-ndjson"),
    "broken JSON": (events('{"choices": [{"del'), NO_ANSWER + """'{"choices": [{"del'"""),
    "a list": (events([1, 2]), f"{NO_ANSWER}'[1, 2]'"),
    "a number": (events("7"), f"{NO_ANSWER}'7'"),
    "no choices": (events({"id": 1}), NO_ANSWER),
    "choices of another shape": (events({"choices": {"a": 1}}), NO_ANSWER),
    "no delta": (events({"choices": [{"text": "It"}]}), NO_ANSWER),
    "an end that never comes": (events({"choices": [{"delta": None}]}), "URL broke off in the middle of its answer"),
    "an event without end": (endless_event, "the language model at URL sends a line without end"),
    "a delta that is a text": (events({"choices": [{"delta": "It"}]}), NO_ANSWER),
    "a content that is a number": (events({"choices": [{"delta": {"content": 7}}]}), NO_ANSWER),
    "deep brackets": (events("[" * 100_000), NO_ANSWER),
    "an error in the stream": (events({"error": {"message": "out of memory"}}), "URL failed: out of memory"),
    "an error without a reason": (events({"error": True}), "URL failed: it gave no reason"),
    "a line without end": (endless_line, "the language model at URL sends a line without end"),
    "comments alone": (only_comments, "the language model at URL didn't come to an end in 2 s"),
    "not HTTP": (lambda handler: handler.wfile.write(b"hello\r\n") and None, "can't reach the language model at URL: "),
    "nothing": (lambda handler: handler.connection.shutdown(2), "can't reach the language model at URL: "),
    "no key": (body("", 401), "the language model at URL asks for an API key; set RAG_API_KEY"),
    "no key, and why": (body({"error": {"message": "log\nin"}}, 401), "asks for an API key: log in; set RAG_API_KEY"),
    "not for everybody": (body({"error": "no" * 999}, 403), f"asks for an API key: {'no' * 150}; set RAG_API_KEY"),
    "no such model": (body({"error": "unknown"}, 404), "URL doesn't know this address or the model 'first': unknown"),
    "a redirection": (body("", 302, location="http://elsewhere/v1"), "URL is elsewhere: http://elsewhere/v1"),
    "an error page": (body("<h1>Oh", 500, "text/html"), "the language model at URL failed (500)"),
    "a teapot": (body({"message": "short and stout"}, 418), "URL failed (418): short and stout"),
}  # fmt: skip


@pytest.mark.parametrize(("reply", "message"), FAULTS.values(), ids=FAULTS)
def test_each_fault_is_one_line(reply: Reply, message: str) -> None:
    assert message in failure(reply, patience=0.4)


@pytest.mark.parametrize(
    ("models", "message"),
    [
        (body("<html>", kind="text/html"), "names no model; name it yourself: URL#MODEL"),
        (body({"data": []}), "names no model; name it yourself: URL#MODEL"),
        (body({"data": [{"id": 7}]}), "names no model"),
        (body("not found", 404), "has no list of models; or name the model: URL#MODEL"),
        (body("", 401), "asks for an API key"),
    ],
)
def test_a_server_that_names_no_model_is_told(models: Reply, message: str) -> None:
    assert failure(answer("Late."), models=models).startswith(f"the language model at URL {message}")


def test_a_wrong_address_is_told() -> None:
    with serving(answer("Late.")) as server:
        gone = server.url
    generator = open_generator(gone)
    generator.preload()  # tells nothing, raises nothing
    with pytest.raises(ModelError, match=f"can't reach the language model at {gone}: .*refused; is the server running"):
        next(generator.stream(MESSAGES, 5))
    with serving(answer("Late."), models=body("", 404)) as server:
        bare = server.url.removesuffix("/v1")
        with pytest.raises(ModelError, match=r"has no list of models; should the address end in /v1\?"):
            next(open_generator(bare).stream(MESSAGES, 5))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("http://", "http:// is no address of a server; write it like http://localhost:8080/v1"),
        ("http://host:port/v1", "is no address of a server"),
        ("https://[::1/v1", "is no address of a server"),
        ("https://me:secret@host/v1", "leave keys out of the generator's address; set the variable RAG_API_KEY"),
        ("https://host/v1?api_key=secret", "leave keys out of the generator's address"),
    ],
)
def test_an_impossible_address_is_refused_at_once(setting: str, message: str) -> None:
    with pytest.raises(ModelError) as caught:
        open_generator(setting)
    assert message in str(caught.value)


def test_what_is_opened_goes_by_the_setting() -> None:
    assert isinstance(open_generator("packaged"), LlamaGenerator)
    assert isinstance(open_generator("HTTPS://example.org/v1"), ServerGenerator)
    with pytest.raises(ModelError, match="can't open the model file none.gguf"):
        open_generator("none.gguf")


def test_a_draft_of_a_server_is_checked_like_any(corpus: Library, encoder: Embedder) -> None:
    with serving(answer(*DRAFT)) as server:
        given = assistant(corpus, encoder, ServerGenerator(server.url)).ask(OIL)
    assert (given.outcome, given.reason) == ("answered", None)
    assert "Rosneft and Lukoil" in given.text
    assert given.usage.tokens_out > 0
    with serving(answer("Gazprom", " was", " sanctioned", " in 2019 [1].")) as server:
        given = assistant(corpus, encoder, ServerGenerator(server.url)).ask(OIL)
    assert given.outcome == "answered"
    assert "Gazprom" not in given.text


@pytest.mark.parametrize("fault", ["broken off", "silent", "a web page", "broken JSON", "no key", "an error page",
                                   "an end without a word", "no such model"])  # fmt: skip
def test_whatever_goes_wrong_the_evidence_is_quoted(corpus: Library, encoder: Embedder, fault: str) -> None:
    reply, message = FAULTS[fault]
    with serving(reply) as server:
        given = assistant(corpus, encoder, ServerGenerator(server.url, patience=0.4)).ask(OIL)
    assert given.outcome == "failed"
    assert message in str(given.reason).replace(server.url, "URL")
    assert "Rosneft and Lukoil" in given.text
    assert {statement.origin for statement in given.statements} == {"quote"}


def test_a_question_can_be_stopped_while_the_server_is_silent(corpus: Library, encoder: Embedder) -> None:
    with serving(silence) as server:
        stream = assistant(corpus, encoder, ServerGenerator(server.url)).stream(OIL)
        assert [event for event, _ in zip(stream, range(4), strict=False)][1:] == [Piece("It"), Piece(""), Piece("")]
        stream.close()
        assert not server.over.is_set()  # it would have been silent for longer


def test_a_question_that_is_stopped_leaves_the_server(corpus: Library, encoder: Embedder) -> None:
    asked = threading.Event()

    def reply(handler: Handler) -> None:
        asked.set()
        handler.head()
        while not handler.server.over.wait(0.01):
            handler.say("Rosneft ")

    with serving(reply) as server:
        stream = assistant(corpus, encoder, ServerGenerator(server.url)).stream(OIL)
        assert any(isinstance(event, Piece) for event in stream)
        stream.close()
        assert asked.is_set()
        assert server.left.wait(20)
