"""Run an exported model on the processor: onnxruntime in float32, or OpenVINO in float32, int8 or bfloat16.

Knows arrays, not texts. A batch is computed by one thread: to have several processor cores busy, call from several. So
no core waits for another. The work has the priority of the thread that loads the model, or asks for its first batch.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Inputs = Mapping[str, NDArray[np.int64]]
    Floats = NDArray[np.float32]

Precision = Literal["float32", "int8", "bfloat16"]
RUNTIMES = ("onnxruntime float32", "openvino float32", "openvino int8", "openvino bfloat16")
_GROUP = 64  # numbers that share a scale in int8
_SHAPES = 16  # of batches that OpenVINO keeps kernels for; its own limit of 5,000 takes a gigabyte in the end


class Runtime(Protocol):
    """Runs one model; several threads may call it at once."""

    def run(self, inputs: Inputs) -> Floats:
        """Compute the vectors of a batch, shape (texts, dimension), from inputs of shape (texts, tokens)."""
        ...


class OnnxRuntime:
    """The model in onnxruntime.

    It is loaded at once, or takes three times as long and is `settled`: its weights are rearranged, a copy of all of
    them, and each batch is computed by so many threads. A short text then takes less than half the time, a long one
    as much as before.
    """

    def __init__(self, folder: Path, *, settled: bool = False, threads: int = 1) -> None:
        onnxruntime = import_onnxruntime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        options.add_session_config_entry("session.disable_prepacking", "0" if settled else "1")
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def run(self, inputs: Inputs, output: Literal["vectors", "tokens"] = "vectors") -> Floats:
        """Compute the vectors of a batch, or of each of its tokens, shape (texts, tokens, dimension)."""
        (values,) = self._session.run([output], dict(inputs))
        return cast("Floats", values)


class OpenVino:
    """The model in OpenVINO, for so many calling threads at once. Raises ImportError where OpenVINO isn't installed.

    In int8 the weights are rounded when the model is loaded, and each token's activations as they come, both in groups
    of 64 with a scale of their own: nothing is calibrated on data, and what else is in its batch changes a vector by
    thousandths. In bfloat16 raises ValueError on a processor that can only emulate it, at a hundredth of the speed.
    """

    def __init__(self, folder: Path, precision: Precision, workers: int = 1) -> None:
        import numpy as np

        openvino = _openvino()
        core = openvino.Core()
        if precision == "bfloat16" and "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
            raise ValueError("this processor has no bfloat16")
        whole = core.read_model(folder / "model.onnx")
        model = openvino.Model([whole.output("vectors")], whole.get_parameters(), "vectors")
        if precision == "int8":
            _to_int8(model)
        compiled = core.compile_model(
            model,
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": "bf16" if precision == "bfloat16" else "f32",
                "DYNAMIC_QUANTIZATION_GROUP_SIZE": _GROUP if precision == "int8" else 0,
                "NUM_STREAMS": workers,
                "INFERENCE_NUM_THREADS": workers,
                "ENABLE_CPU_PINNING": False,
                "CPU_RUNTIME_CACHE_CAPACITY": _SHAPES,
            },
        )
        self._idle: SimpleQueue[Any] = SimpleQueue()
        for _ in range(workers):
            self._idle.put(compiled.create_infer_request())
        # Two threads that hand OpenVINO its first arrays at the same moment wait for each other forever: one holds the
        # interpreter's lock and waits for what the other, which waits for that lock, initialises once for the process.
        self.run({name: np.ones((1, 1), np.int64) for one in compiled.inputs for name in one.names})

    def run(self, inputs: Inputs) -> Floats:
        """Compute the vectors of a batch."""
        request = self._idle.get()
        try:
            return cast("Floats", request.infer(dict(inputs))["vectors"])
        finally:
            self._idle.put(request)


def start(name: str, folder: Path, workers: int) -> Runtime:
    """Load an export into one of RUNTIMES, for so many threads that call it at once."""
    library, precision = name.split()
    return OnnxRuntime(folder) if library == "onnxruntime" else OpenVino(folder, cast("Precision", precision), workers)


def import_onnxruntime() -> Any:  # noqa: ANN401 - not type-checked
    """Import onnxruntime without what it would tell its makers: since 1.29 it reports its use from Linux, too."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    return onnxruntime


def _openvino() -> Any:  # noqa: ANN401 - not type-checked
    """Import OpenVINO without what it would tell its makers: it reports being imported unless this can't be found."""
    sys.modules.setdefault("openvino_telemetry", cast(Any, None))
    import openvino

    return openvino


def _to_int8(model: Any) -> None:  # noqa: ANN401 - an openvino.Model
    """Replace the weights of matrix products by int8 with a scale for every 64 of a row, in place."""
    import numpy as np
    from openvino import opset13 as op

    for product in model.get_ordered_ops():
        if product.get_type_name() != "MatMul" or product.input_value(1).get_node().get_type_name() != "Constant":
            continue
        attributes = product.get_attributes()
        weights = product.input_value(1).get_node().data
        rows = weights if attributes["transpose_b"] else np.swapaxes(weights, -1, -2)  # (outputs, inputs)
        if rows.ndim != 2 or rows.shape[1] % _GROUP:
            continue
        groups = rows.astype(np.float32).reshape(len(rows), -1, _GROUP)
        scales = np.maximum(np.abs(groups).max(axis=-1, keepdims=True), np.finfo(np.float32).tiny) / 127
        small = op.convert(op.constant(np.rint(groups / scales).astype(np.int8)), "f32")
        restored = op.reshape(op.multiply(small, op.constant(scales)), op.constant(np.array(rows.shape)), False)
        replacement = op.matmul(product.input_value(0), restored, attributes["transpose_a"], True)
        product.output(0).replace(replacement.output(0))
    model.validate_nodes_and_infer_types()
