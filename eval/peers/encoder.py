"""The encoder that `rag index` runs, alone: on what a library embeds, tokenised beforehand.

    python -m eval.peers.encoder PLACE      prints {"seconds": S, "processor": S, "runtime": ...} of encoding them

No contestant by `eval.peers.contest`: it finds nothing and answers nothing. It is what indexing can't be faster than.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from index.embedder import EmbeddingModel
from index.encoder import Tokenised
from index.export import exported
from index.fastest import fastest
from index.headers import embedded_text
from index.library import Library
from index.runtimes import start


def main(place: Path) -> None:
    """Encode the chunks of a library, a batch on each core."""
    with closing(Library.open(place)) as library:
        chunks = library.store.chunks(library.store.vectors()[0]).values()
        documents = library.store.documents()
        texts = [embedded_text(documents[chunk.document_id], chunk.start, chunk.end) for chunk in chunks]
    model = EmbeddingModel.open("packaged")
    export = exported(model.fingerprint)
    if export is None:
        raise SystemExit("the model has no export to run")
    name = fastest(export)
    runtime = start(name, export, model.threads)
    batches = [batch.inputs for batch in Tokenised(export).batches(texts)]
    runtime.run(batches[0])
    with ThreadPoolExecutor(model.threads) as pool:
        list(pool.map(runtime.run, batches[: 2 * model.threads]))
        began, used = time.perf_counter(), time.process_time()
        list(pool.map(runtime.run, batches))
        took = {"seconds": time.perf_counter() - began, "processor": time.process_time() - used, "runtime": name}
    print(json.dumps(took))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
