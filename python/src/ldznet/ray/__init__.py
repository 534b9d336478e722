"""Segments the pictures of a Ray data set on many processes or machines: `pip install "ldznet[ray]"`.

    import ray
    import ldznet.ray

    pictures = ray.data.read_parquet("pictures.parquet")  # a column `image` with paths
    masks = ldznet.ray.segment(pictures, ["panda", "sky"], actors=8, num_cpus=2)
    ldznet.ray.write(masks, "results", format="parquet")

`python -m ldznet.ray` does the same for files and folders.
"""

from .output import finished, write
from .segment import segment

__all__ = ["finished", "segment", "write"]
