"""Augmentation of a corpus with new voices and new prosody, with its labels; needs lhotse."""

from voicevae.augmentation.item import Item, copy_recording
from voicevae.augmentation.output import AugmentationReport
from voicevae.augmentation.plan import AugmentationPlan
from voicevae.augmentation.run import augment

__all__ = ["Item", "AugmentationPlan", "AugmentationReport", "augment", "copy_recording"]
