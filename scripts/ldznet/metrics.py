"""The metrics of the CLIPSeg and LD-ZNet evaluation: counts over 49 thresholds, mIoU, IoU_FG and AP."""

from dataclasses import dataclass, field

import numpy as np
from scipy.integrate import simpson

THRESHOLDS = np.arange(1, 50) / 50  # 0.02 .. 0.98
ABSENT_AREA = 0.001  # of the picture: a mask smaller than this finds nothing


@dataclass
class Metrics:
    """Adds up samples; a pixel is positive when its probability is greater than the threshold."""

    counts: list[np.ndarray] = field(default_factory=list)  # per sample (3, 49): tp, fp, fn
    quiet: list[bool] = field(default_factory=list)  # per sample without the object: nothing found

    def add(self, probability: np.ndarray, truth: np.ndarray) -> None:
        """One sample: probability (H,W) and truth bool (H,W)."""
        if not truth.any():
            self.quiet.append(bool((probability > 0.5).mean() < ABSENT_AREA))
            return
        inside = np.sort(probability[truth])
        outside = np.sort(probability[~truth])
        tp = len(inside) - np.searchsorted(inside, THRESHOLDS.astype(probability.dtype), side="right")
        fp = len(outside) - np.searchsorted(outside, THRESHOLDS.astype(probability.dtype), side="right")
        self.counts.append(np.stack([tp, fp, len(inside) - tp]).astype(np.float64))

    def summary(self) -> dict[str, float]:
        """miou and iou_fg at 0.3, 0.5 and the best threshold, ap, absent_accuracy, and the numbers of samples."""
        out: dict[str, float] = {"samples": len(self.counts), "absent": len(self.quiet)}
        if self.quiet:
            out["absent_accuracy"] = float(np.mean(self.quiet))
        if not self.counts:
            return out
        tp, fp, fn = np.stack(self.counts).transpose(1, 0, 2)  # each (samples, 49)
        miou = (tp / (1 + tp + fp + fn)).mean(0)
        tp, fp, fn = tp.sum(0), fp.sum(0), fn.sum(0)
        iou_fg = tp / (1 + tp + fp + fn)
        at = {"0.3": 14, "0.5": 24}
        out |= {f"miou@{k}": float(miou[i]) for k, i in at.items()} | {"miou@best": float(miou.max())}
        out |= {f"iou_fg@{k}": float(iou_fg[i]) for k, i in at.items()} | {
            "best_threshold": float(THRESHOLDS[miou.argmax()])
        }
        recall, first = np.unique(tp / (1 + tp + fn), return_index=True)
        out["ap"] = float(simpson((tp / (1 + tp + fp))[first], x=recall))
        return out
