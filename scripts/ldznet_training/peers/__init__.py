"""Other programs that run the same networks, to compare their speed with ours: `scripts/benchmark.py --peers`."""
