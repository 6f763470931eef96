"""Larger than memory, and beyond one machine: see `make bench-scale` and `make bench-spark`."""
