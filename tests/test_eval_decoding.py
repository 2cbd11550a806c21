"""An answer's time is compared with that of the tokens that the model computed for it."""

from __future__ import annotations

from pathlib import Path

import llama_cpp
import pytest

from eval.decoding import Recorder, repeat, seconds
from rag.assistant import open_assistant
from rag.settings import Settings

ASKED = ("Who brought the memorandum to Istanbul?", "Where did the delegations meet in June 2025?")


def test_the_twin_repeats_what_the_model_computed(corpus_library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder(llama_cpp.Llama)
    monkeypatch.setattr(llama_cpp, "Llama", recorder)
    assistant = open_assistant(Settings(library=str(corpus_library), answer="written"))
    for question in ASKED:
        took = seconds(assistant, recorder, question)
        assert took is not None
        whole, bare = took
        assert whole > 0 and bare > 0
        assert recorder.work is not None
        ours = recorder.work.cached + len(recorder.work.prompt) + len(recorder.work.written) - 1
        memory = llama_cpp.llama_get_memory(recorder.twin.ctx)
        assert llama_cpp.llama_memory_seq_pos_max(memory, 0) + 1 == ours
    assert recorder.work.cached > 10  # the second question's prompt begins as the first one's
    assert repeat(recorder.twin, recorder.work) > 0
    assistant.library.close()


def test_a_question_that_is_refused_takes_no_model(corpus_library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder(llama_cpp.Llama)
    monkeypatch.setattr(llama_cpp, "Llama", recorder)
    assistant = open_assistant(Settings(library=str(corpus_library), answer="written"))
    assert seconds(assistant, recorder, "Which enzyme folds the proteins of a tulip?") is None
    assistant.library.close()
