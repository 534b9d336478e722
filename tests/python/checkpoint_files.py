"""What tests of checkpoint files share: weights, and a check that a file gives them."""

import torch

from ldznet_training.checkpoints.loading import load_tensors

WEIGHTS = {
    "model.a.weight": torch.arange(12.0).reshape(3, 4) / 8,
    "model.b.bias": torch.tensor([-1.5, 0.25]),
    "model.scalar": torch.tensor(3.0),
    "model.empty": torch.zeros(0, 2),
}


def same(path, names=lambda name: name, expected=WEIGHTS) -> None:
    """Checks that a file gives these weights."""
    found = load_tensors(path)
    assert list(found) == [names(name) for name in expected]
    for name, tensor in expected.items():
        stored = found[names(name)]
        values = stored.read()
        assert stored.shape == tuple(tensor.shape) == tuple(values.shape)
        assert stored.dtype == values.dtype
        assert torch.equal(values.float(), tensor.float()), name
