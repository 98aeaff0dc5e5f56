"""Ours beside what a user could take instead, on the same recordings in one run: `python -m benchmarks.vocoder`.

It needs the packages of the extras "eval" and "bench"; what is missing is named and left out.
"""
