"""What can be done with voices and codes beyond conversion and edits: a verb a module, each a method of `VoiceVAE`."""
