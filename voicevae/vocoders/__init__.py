"""Frames to sound: our source-filter vocoder, Griffin-Lim, and generators that users already have."""

from voicevae.vocoders.adapters import load

__all__ = ["load"]
