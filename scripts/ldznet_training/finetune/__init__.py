"""Training of a bundle's mask head on a data set of one's own.

`samples.py` reads the data set, `frozen.py` runs and caches the networks that stay as they are, `training.py` trains
the head, and `result.py` writes the new bundle.
"""
