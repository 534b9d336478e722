"""OpenVINO and ONNX Runtime: each makes a callable of a network of straight_line.py, ready to be timed."""

import importlib.util
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..errors import UserError

REQUIREMENTS = "scripts/requirements-peers.txt"
PACKAGES = ("openvino", "onnxruntime", "onnx")  # PyTorch writes ONNX files with the last one


def check_installed() -> None:
    """Raises UserError unless all packages are installed."""
    if missing := [name for name in PACKAGES if importlib.util.find_spec(name) is None]:
        raise UserError(f"--peers needs {' and '.join(missing)}: run .venv/bin/pip install --no-deps -r {REQUIREMENTS}")


def has_bf16() -> bool:
    """Whether OpenVINO computes in bfloat16 on this CPU."""
    import openvino

    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


class OpenVino:
    """A network compiled by OpenVINO for one shape. `precision`: fp32 or bf16."""

    name = "OpenVINO"

    def __init__(self, network: torch.jit.ScriptModule, inputs: Sequence[Tensor], precision: str):
        import openvino

        model = openvino.convert_model(network, example_input=tuple(inputs))
        model.reshape({port: list(tensor.shape) for port, tensor in zip(model.inputs, inputs, strict=True)})
        settings = {
            "INFERENCE_PRECISION_HINT": {"fp32": "f32", "bf16": "bf16"}[precision],
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            "PERFORMANCE_HINT": "LATENCY",
        }
        self.request = openvino.Core().compile_model(model, "CPU", settings).create_infer_request()
        self.inputs = [tensor.numpy() for tensor in inputs]

    def __call__(self) -> list[np.ndarray]:
        """The network's outputs; the next call overwrites them."""
        return list(self.request.infer(self.inputs, share_inputs=True, share_outputs=True).values())


class OnnxRuntime:
    """A network in ONNX Runtime. `precision`: fp32."""

    name = "ONNX Runtime"

    def __init__(self, network: torch.jit.ScriptModule, inputs: Sequence[Tensor], precision: str):
        import onnxruntime

        assert precision == "fp32"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        # The other side has its turn after each run.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter's remarks on TorchScript and tracing
            file = Path(folder) / "network.onnx"
            torch.onnx.export(network, tuple(inputs), str(file), dynamo=False, external_data=True)
            self.session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        names = [port.name for port in self.session.get_inputs()]
        self.inputs = {name: tensor.numpy() for name, tensor in zip(names, inputs, strict=True)}

    def __call__(self) -> list[np.ndarray]:
        """The network's outputs."""
        return self.session.run(None, self.inputs)


RUNTIMES = {"bf16": (OpenVino,), "fp32": (OpenVino, OnnxRuntime)}  # by precision
