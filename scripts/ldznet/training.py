"""What every training stage shares: steps with a cosine schedule, EMA weights, a log, and checkpoints to go on from."""

import json
import math
import time
from pathlib import Path
from typing import Callable, Iterable

import numpy as np
import torch
import torch.distributed as dist
from torch import nn


def autocast():
    """bf16 arithmetic where the machine has it: a CPU without it does it at a hundredth of its speed. The weights stay
    fp32."""
    if torch.cuda.is_available():
        return torch.autocast("cuda", torch.bfloat16)
    able = torch.cpu.get_capabilities()
    return torch.autocast("cpu", torch.bfloat16, enabled=bool(able.get("avx512_bf16") or able.get("amx_bf16")))


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def from_numpy(array: np.ndarray) -> torch.Tensor:
    """The array as a tensor on the device."""
    return torch.from_numpy(array).to(device())


def rank() -> int:
    """This process's number among those that train together."""
    return dist.get_rank() if dist.is_initialized() else 0


def processes() -> int:
    return dist.get_world_size() if dist.is_initialized() else 1


def barrier() -> None:
    """Waits for the other processes."""
    if dist.is_initialized():
        dist.barrier()


def share_gradients(parameters: list[nn.Parameter]) -> None:
    """Averages the gradients of all processes. One thread a process and this beats two threads in one: small layers
    wait for each other far more often than once a step."""
    if processes() == 1:
        return
    grads = [p.grad if p.grad is not None else torch.zeros_like(p) for p in parameters]
    flat = torch.cat([g.flatten() for g in grads])
    dist.all_reduce(flat)
    flat /= processes()
    for parameter, part in zip(parameters, flat.split([g.numel() for g in grads])):
        parameter.grad = part.view_as(parameter)


def save_whole(value, path: Path) -> None:
    """Writes a file whole or not at all."""
    temporary = path.with_suffix(".tmp")
    torch.save(value, temporary)
    temporary.replace(path)


class EMA:
    """Exponential moving average of a module's parameters and buffers; young averages follow faster."""

    def __init__(self, module: nn.Module, decay: float):
        self.decay = decay
        self.weights = {name: value.detach().clone() for name, value in module.state_dict().items()}

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, value in module.state_dict().items():
            if value.dtype.is_floating_point:
                self.weights[name].lerp_(value.detach(), 1 - decay)
            else:
                self.weights[name].copy_(value)


class Loop:
    """Runs `step_loss(step) -> (loss, figures)` for `steps` steps, resuming from `folder/<name>.ckpt`."""

    def __init__(
        self,
        name: str,
        module: nn.Module,
        folder: Path,
        steps: int,
        rate: float,
        decay: float = 0.999,
        weight_decay: float = 0.01,
        warmup: int = 100,
        slice_minutes: float = 0.0,
    ):
        self.name, self.module, self.steps, self.rate, self.warmup = name, module, steps, rate, warmup
        self.path = Path(folder) / f"{name}.ckpt"
        self.log = Path(folder) / f"{name}.jsonl"
        self.until = time.monotonic() + 60 * slice_minutes if slice_minutes else math.inf
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.trained = [p for p in module.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(self.trained, lr=rate, betas=(0.9, 0.99), weight_decay=weight_decay)
        self.ema = EMA(module, decay)
        self.start = 0
        if self.path.is_file():
            saved = torch.load(self.path, map_location=device(), weights_only=True)
            module.load_state_dict(saved["model"])
            self.ema.weights = saved["ema"]
            self.optimiser.load_state_dict(saved["optimiser"])
            self.start = saved["step"]

    def learning_rate(self, step: int) -> float:
        """Linear warm-up, then half a cosine down to a hundredth."""
        if step < self.warmup:
            return self.rate * (step + 1) / self.warmup
        done = min((step - self.warmup) / max(self.steps - self.warmup, 1), 1.0)
        return self.rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))

    def save(self, step: int) -> None:
        if rank() != 0:
            return
        state = {"model": self.module.state_dict(), "ema": self.ema.weights, "optimiser": self.optimiser.state_dict()}
        save_whole({**state, "step": step}, self.path)

    def over(self) -> bool:
        """Whether the slice of time has ended; the processes agree on it."""
        late = torch.tensor(float(time.monotonic() > self.until))
        if processes() > 1 and self.until != math.inf:
            dist.all_reduce(late, dist.ReduceOp.MAX)
        return bool(late)

    def run(self, step_loss: Callable, every: int = 50, save_every: int = 300) -> bool:
        """True when the last step is done, False when the slice of time ended first."""
        figures, since, begun = {}, 0, time.monotonic()
        for step in range(self.start, self.steps):
            for group in self.optimiser.param_groups:
                group["lr"] = self.learning_rate(step)
            loss, now = step_loss(step)
            loss.backward()
            share_gradients(self.trained)
            nn.utils.clip_grad_norm_(self.trained, 1.0)
            self.optimiser.step()
            self.optimiser.zero_grad(set_to_none=True)
            self.ema.update(self.module, step)
            for key, value in {"loss": loss, **now}.items():
                figures[key] = figures.get(key, 0.0) + float(
                    value.detach() if isinstance(value, torch.Tensor) else value
                )
            since += 1
            if (step + 1) % every == 0 and rank() == 0:
                seconds = time.monotonic() - begun
                line = {"step": step + 1, **{k: round(v / since, 4) for k, v in figures.items()}}
                line["steps_per_s"] = round(since / seconds, 3)
                with self.log.open("a") as log:
                    log.write(json.dumps(line) + "\n")
                print(self.name, line, flush=True)
                figures, since, begun = {}, 0, time.monotonic()
            if (step + 1) % save_every == 0:
                self.save(step + 1)
            if self.over():
                self.save(step + 1)
                return False
        self.save(self.steps)
        return True


def freeze(modules: Iterable[nn.Module]) -> None:
    for module in modules:
        module.eval().requires_grad_(False)


def trained(module: nn.Module, path: Path, prefix: str = "", strict: bool = True) -> nn.Module:
    """The module with the EMA weights of a stage, frozen; not strict: weights the module lacks are left out."""
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: train that stage first")
    weights = torch.load(path, map_location=device(), weights_only=True)["ema"]
    weights = {name[len(prefix) :]: value for name, value in weights.items() if name.startswith(prefix)}
    if not strict:
        weights = {name: value for name, value in weights.items() if name in module.state_dict()}
    module.load_state_dict(weights)
    freeze([module])
    return module


@torch.no_grad()
def take_over(module: nn.Module, path: Path) -> None:
    """Gives the module another run's EMA weights, wherever names and shapes agree."""
    own = module.state_dict()
    for name, value in torch.load(path, map_location=device(), weights_only=True)["ema"].items():
        if name in own and own[name].shape == value.shape:
            own[name].copy_(value)
