"""Metrics of recordings, and of round trips, edits and conversions."""
