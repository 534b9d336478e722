"""Training of a bundle on a data set of one's own.

`samples.py` reads the data set, `frozen.py` runs and caches the networks that stay as they are, and `training.py`
trains a part (`part.py`) of the bundle: the whole head (`whole_head.py`), or what names semantic latents
(`semantic_part.py`). `result.py` writes the new bundle.
"""
