"""Corpora to lhotse manifests to batches; for training only, never imported by inference."""
