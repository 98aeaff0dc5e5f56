"""Live speech: edits and conversions of a stream, some 70 ms behind it."""
