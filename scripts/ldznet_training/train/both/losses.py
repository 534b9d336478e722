"""Losses over the names that a picture knows. Targets are 1 + index of a name, 0 for none, -1 for ignore."""

import torch
import torch.nn.functional as F
from torch import Tensor

THING_TERM = 0.5  # weight of "a thing is here" against stuff and background
RARE = 10.0  # highest weight of a name, relative to the mean


def name_weights(cells: Tensor) -> Tensor:
    """Weights of the classes of a cross-entropy from their counts (N+1): frequency^-1/2, 1 on average over cells."""
    share = (cells + 1) / (cells + 1).sum()
    weight = share.rsqrt()
    weight = weight / (share * weight).sum()
    return weight.clamp(max=RARE)


def known_scores(scores: Tensor, known: Tensor) -> Tensor:
    """Scores (B,N,cells) of names with that of "none", 0, in front; those of unknown names become very low."""
    scores = scores.float().masked_fill(~known[:, :, None], -1e4)
    return torch.cat([torch.zeros_like(scores[:, :1]), scores], dim=1)


def cell_loss(scores: Tensor, target: Tensor, known: Tensor, weights: Tensor, things: Tensor) -> tuple[Tensor, dict]:
    """Cross-entropy of each cell's name among those known, and of "a thing is here".

    scores (B,N,cells); target (B,cells); known (B,N); weights (N+1) of the classes; things bool (N+1).
    """
    scores = known_scores(scores, known)
    named = F.cross_entropy(scores, target, weight=weights, ignore_index=-1)
    is_thing = things[:, None].to(scores.device)
    some = scores.masked_fill(~is_thing, -1e4).logsumexp(1)
    rest = scores.masked_fill(is_thing, -1e4).logsumexp(1)
    valid = target >= 0
    wanted = things[target.clamp(min=0)].float()
    thing = F.binary_cross_entropy_with_logits(some - rest, wanted, reduction="none")
    thing = (thing * valid).sum() / valid.sum().clamp(min=1)
    with torch.no_grad():
        best = scores.argmax(1)
        of_things = valid & (wanted > 0)
        figures = {
            "names": ((best == target) & of_things).sum() / of_things.sum().clamp(min=1),
            "something": ((some > rest) & of_things).sum() / of_things.sum().clamp(min=1),
            "cells": ((best == target) & valid).sum() / valid.sum().clamp(min=1),
        }
    return named + THING_TERM * thing, figures


def presence_loss(pooled: Tensor, present: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Binary cross-entropy of which known names a picture shows, summed over names, and the recall of the best five.

    pooled (B,N): logits; present and known bool (B,N).
    """
    loss = F.binary_cross_entropy_with_logits(pooled, present.float(), reduction="none") * known
    with torch.no_grad():
        top = pooled.masked_fill(~known, -1e4).topk(min(5, pooled.shape[1]), dim=1).indices
        recall = present.gather(1, top).sum(1) / present.sum(1).clamp(1, 5)
    return loss.sum(1).mean(), recall.mean()


def wording_loss(scores: Tensor, same: Tensor) -> Tensor:
    """Cross-entropy of which other texts of a batch name the same, for those that have one.

    scores (B,B): similarities of texts; same float (B,B): whether two name the same.
    """
    own = torch.eye(len(same), dtype=torch.bool, device=same.device)
    other = same.masked_fill(own, 0)
    count = other.sum(1, keepdim=True)
    losses = F.cross_entropy(scores.masked_fill(own, -1e4), other / count.clamp(min=1), reduction="none")
    return losses.sum() / (count > 0).sum().clamp(min=1)
