"""The web chat's server: what it refuses to do, and that it is on this machine alone."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from index.embedder import Embedder, EmbeddingModel
from index.errors import UsageError
from index.library import Library
from tests.rag_helpers import assistant
from tests.ui_helpers import Server
from ui.web import make_app, serve


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.20", "::", "example.org"])
def test_beyond_this_machine_a_password_is_needed(
    corpus: Library, encoder: Embedder, model: EmbeddingModel, host: str
) -> None:
    with pytest.raises(UsageError, match="--password"):
        make_app(assistant(corpus, encoder, None), model, host=host)


def test_a_port_that_is_taken_is_named_with_the_remedy(
    corpus: Library, encoder: Embedder, model: EmbeddingModel
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} .* taken; choose another with --port"):
            serve(assistant(corpus, encoder, None), model, port=port, open_browser=False)


def test_the_page_is_served_to_this_machine_under_its_own_name_only(corpus_library: Path) -> None:
    with Server(corpus_library) as server:
        page = urllib.request.urlopen(server.url, timeout=30).read().decode()
        assert "Chapter and verse" in page
        assert "fonts.googleapis.com" not in page
        renamed = urllib.request.Request(server.url, headers={"Host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError, match="400"):
            urllib.request.urlopen(renamed, timeout=30)
        with pytest.raises(OSError, match="refused|unreachable|timed out"), socket.socket() as outside:
            outside.settimeout(2)
            outside.connect((_address_in_the_network(), server.port))


def _address_in_the_network() -> str:
    """An address of this machine that isn't the loopback's; where it has none, another one that nothing listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it only chooses the address it would send from
        except OSError:
            return "127.0.0.2"
        return str(probe.getsockname()[0])
