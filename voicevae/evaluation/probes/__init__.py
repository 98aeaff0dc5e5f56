"""Probes: what classifiers that are trained afresh read from each latent."""
