"""Who takes part in a benchmark: this project and what people would use instead, each in an environment of its own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from eval.fields import Json
from eval.processes import Failed, Surroundings, reason
from index.models import EMBEDDER, GENERATOR
from index.places import cache_dir

ROOT = Path(__file__).resolve().parent.parent
_SCRIPTS = ROOT / "eval" / "peers"
_VERSIONS = "import json, sys, importlib.metadata as m; print(json.dumps({p: m.version(p) for p in sys.argv[1:]}))"


@dataclass(frozen=True, slots=True)
class Contestant:
    """One way to ask documents: its script in eval/peers, and the packages whose versions its figures depend on."""

    name: str
    script: str
    packages: tuple[str, ...]

    @property
    def requirements(self) -> Path | None:
        """What it needs in an environment of its own; None for what runs in this project's."""
        file = _SCRIPTS / f"{self.script}.txt"
        return file if file.is_file() else None

    @property
    def environment(self) -> Path:
        """Folder of its virtual environment, kept for the next run."""
        made_of = sys.version.encode() + (self.requirements.read_bytes() if self.requirements else b"")
        return cache_dir() / "peers" / f"{self.script}-{hashlib.sha256(made_of).hexdigest()[:8]}"

    @property
    def python(self) -> str:
        """The interpreter that runs it."""
        return str(self.environment / "bin" / "python") if self.requirements else sys.executable

    @property
    def fingerprint(self) -> str:
        """What tells its indexes from others': the code that makes them."""
        files = [_SCRIPTS / "contest.py", _SCRIPTS / f"{self.script}.py"]
        files += [self.requirements] if self.requirements else sorted((ROOT / "index").glob("*.py"))
        return hashlib.sha256(b"".join(map(Path.read_bytes, files))).hexdigest()[:12]

    @property
    def installed(self) -> bool:
        """Whether its environment is complete."""
        return not self.requirements or (self.environment / "ready").is_file()

    def install(self) -> None:
        """Make its environment with pip, which needs the network or a full cache. Raises Failed."""
        if self.installed:
            return
        shutil.rmtree(self.environment, ignore_errors=True)  # one that was interrupted
        pip = [self.python, "-m", "pip", "install", "--quiet", "--requirement", str(self.requirements)]
        for command in ([sys.executable, "-m", "venv", str(self.environment)], pip):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise Failed(f"it could not be installed: {reason(done.stderr or done.stdout, done.returncode)}")
        (self.environment / "ready").touch()

    def command(self, *arguments: str | Path) -> list[str]:
        """What to run; see `eval.peers.contest`."""
        return [self.python, "-m", f"eval.peers.{self.script}", *map(str, arguments)]

    def versions(self) -> Json:
        """Return the versions of its packages. Raises Failed when one is missing."""
        done = subprocess.run(
            [self.python, "-c", _VERSIONS, *self.packages], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise Failed(reason(done.stderr, done.returncode))
        versions: Json = json.loads(done.stdout)
        return versions


_ENGINES = ("llama-cpp-python", "sentence-transformers", "torch")
OURS = Contestant("this", "ours", ("chapterverse", "llama-cpp-python", "onnxruntime", "faiss-cpu"))
NAIVE = Contestant("naive pipeline", "naive", OURS.packages)
ENCODER = Contestant("encoder alone", "encoder", ("openvino", "onnxruntime", "tokenizers"))
IMPORT = Contestant("import sentence_transformers", "", ("sentence-transformers", "torch"))
PEERS = (
    Contestant("LangChain", "langchain", ("langchain", "langchain-community", "faiss-cpu", *_ENGINES)),
    Contestant("LlamaIndex", "llamaindex", ("llama-index-core", "llama-index-llms-llama-cpp", *_ENGINES)),
    Contestant("txtai", "txtai", ("txtai", "faiss-cpu", "llama-cpp-python", "transformers", "torch")),
)


def surroundings(work: Path) -> Surroundings:
    """Return what all contestants run in: the same models, no network for models, none of the user's settings."""
    unwanted = "PYTHONDONTWRITEBYTECODE"  # who starts often keeps what was compiled
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAG_") and name != unwanted}
    own = {
        "PYTHONPATH": str(ROOT),
        "RAG_CACHE_DIR": str(cache_dir().resolve()),
        "RAG_DATA_DIR": str(work),
        "BENCH_EMBEDDER": str(EMBEDDER.path()),
        "BENCH_GENERATOR": str(GENERATOR.path() / GENERATOR.weights),
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
    }
    return Surroundings(kept | own, work)
