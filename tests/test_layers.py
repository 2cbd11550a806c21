"""Imports go one way, index <- rag <- {ui, eval}, and nothing heavy is imported with a module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
LAYERS = {
    "index": {"index"},
    "rag": {"index", "rag"},
    "eval": {"index", "rag", "eval"},
    "ui": {"index", "rag", "ui"},
}
HEAVY = {
    "torch", "sentence_transformers", "transformers", "gradio", "onnxruntime", "faiss", "llama_cpp",
    "langchain_text_splitters", "openvino", "bs4", "dateparser", "py3langid",
}  # fmt: skip
FILES = [path for layer in LAYERS for path in (REPOSITORY / layer).glob("*.py")]
MODULES = sorted(path.relative_to(REPOSITORY).as_posix() for path in FILES)

each_module = pytest.mark.parametrize("name", MODULES)


def packages(node: ast.AST, layer: str) -> Iterator[str]:
    """Yield the top-level packages that one statement imports."""
    if isinstance(node, ast.Import):
        yield from (alias.name.split(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield layer if node.level else (node.module or "").split(".")[0]
    elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"import_module", "importlib.import_module"}:
        yield from (str(arg.value).split(".")[0] for arg in node.args[:1] if isinstance(arg, ast.Constant))


def run_on_import(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that run when the module is imported: not functions' bodies, not what only type checkers read."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and ast.unparse(child.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            continue
        yield child
        yield from run_on_import(child)


def imports(source: str, layer: str) -> tuple[set[str], set[str]]:
    """Return what a module imports anywhere, and what as soon as it is imported itself."""
    tree = ast.parse(source)
    everywhere = {name for node in ast.walk(tree) for name in packages(node, layer)}
    return everywhere, {name for node in run_on_import(tree) for name in packages(node, layer)}


def read(name: str) -> tuple[set[str], set[str]]:
    return imports((REPOSITORY / name).read_text(encoding="utf-8"), name.split("/")[0])


def test_there_are_modules_of_every_layer() -> None:
    assert {name.split("/")[0] for name in MODULES} == set(LAYERS)
    assert {"index/sync.py", "rag/assistant.py", "ui/cli.py"} <= set(MODULES)


@each_module
def test_imports_go_one_way(name: str) -> None:
    everywhere, at_once = read(name)
    layer = name.split("/")[0]
    may = LAYERS[layer] | ({"eval"} if name == "ui/cli.py" else set())
    assert everywhere & set(LAYERS) <= may
    assert at_once & set(LAYERS) <= LAYERS[layer]  # ui/cli.py imports eval inside functions only


@each_module
def test_nothing_heavy_is_imported_with_a_module(name: str) -> None:
    assert read(name)[1] & HEAVY == set()


@pytest.mark.parametrize(
    ("source", "everywhere", "at_once"),
    [
        ("import torch.nn as nn, os", {"torch", "os"}, {"torch", "os"}),
        ("from eval.metrics import ndcg", {"eval"}, {"eval"}),
        ("from . import sync", {"index"}, {"index"}),
        ("def f():\n    import torch", {"torch"}, set()),
        ("class A:\n    import torch\n    def f(self):\n        import faiss", {"torch", "faiss"}, {"torch"}),
        ("try:\n    import torch\nexcept ImportError:\n    torch = None", {"torch"}, {"torch"}),
        ("if TYPE_CHECKING:\n    import torch", {"torch"}, set()),
        ("x = importlib.import_module('torch.nn')", {"torch"}, {"torch"}),
    ],
)
def test_the_checks_see_every_import(source: str, everywhere: set[str], at_once: set[str]) -> None:
    assert imports(source, "index") == (everywhere, at_once)
