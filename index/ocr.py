"""Recognises the words on the pictures of pages: optical character recognition, by RapidOCR where it is installed.

It comes with the extra "ocr", its models with it: PP-OCRv6, which reads some fifty languages in Latin and East Asian
scripts (https://github.com/RapidAI/RapidOCR). Run in a child process with limits, which `index/scans.py` asks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from index import isolation
from index.pdf import opened
from index.printed import bounds
from index.readers import as_pdf, read
from index.recognised import Words
from index.runtimes import import_onnxruntime

SECONDS = 120.0  # that a page may take; on two cores it takes six
MEGABYTES = 2560  # of which the models and a page of ordinary size take half
_SURE = 0.65  # what is read with less confidence is mostly no writing, or upside down
_LONG_SIDE = 2000  # pixels; larger pictures are made smaller by RapidOCR
_DPI = 220  # which makes as many of A4's


def serve(seconds: float, megabytes: int) -> None:
    """Recognise the pages that are asked for through standard input. To be run in a process of its own."""
    recognise = _recogniser()

    def work(task: bytes, data: bytes) -> Mapping[str, Any]:
        wanted = json.loads(task)
        path = Path(wanted["path"])
        if "page" in wanted:
            return {"words": page_words(as_pdf(path, data), wanted["page"], recognise)}
        return asdict(read(path, data, {int(page): words for page, words in wanted["pages"].items()}))

    isolation.serve(seconds, megabytes, work)


def page_words(data: bytes, number: int, recognise: Any) -> list[Words]:  # noqa: ANN401 - a rapidocr.RapidOCR
    """Recognise the words on page `number`, from 1, of a PDF. Raises ReadError when it can't be opened."""
    import numpy as np

    pdf = opened(data)
    try:
        page = pdf[number - 1]
        left, bottom, right, top = bounds(page)
        width, height = max(right - left, 1.0), max(top - bottom, 1.0)
        scale = min(_LONG_SIDE / max(width, height), _DPI / 72)
        picture = page.render(scale=scale).to_numpy()[:, :, :3]
    finally:
        pdf.close()
    found = recognise(np.ascontiguousarray(picture))
    across, down = width / picture.shape[1], height / picture.shape[0]
    words = []
    for text, corners in zip(found.txts or (), _boxes(found.boxes), strict=True):
        x, y, x_end, y_end = corners
        sides = (left + x * across, top - y_end * down, left + x_end * across, top - y * down)
        words.append((" ".join(text.split()), *(round(side, 1) for side in sides)))
    return words


def _boxes(corners: Any) -> Sequence[tuple[float, float, float, float]]:  # noqa: ANN401 - an array, (boxes, 4, 2), or None
    """Straighten boxes that are a little askew: left, top, right, bottom in pixels."""
    if corners is None:
        return []
    ordered = corners.copy()
    ordered.sort(axis=1)  # each coordinate by itself
    low, high = ordered[:, :2].mean(axis=1), ordered[:, 2:].mean(axis=1)
    return [(float(a[0]), float(a[1]), float(b[0]), float(b[1])) for a, b in zip(low, high, strict=True)]


def _recogniser() -> Any:  # noqa: ANN401 - a rapidocr.RapidOCR
    """Load RapidOCR with the models of its package, by their paths: one that is missing is an error, never fetched."""
    import_onnxruntime()
    import rapidocr

    models = Path(rapidocr.__file__).parent / "models"
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.text_score": _SURE,
            "Global.use_cls": False,  # it takes one in ten long lines for one that stands on its head
            "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
            "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
        }
    )
