"""Metrics of the verbs, one file each."""
