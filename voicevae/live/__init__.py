"""Live speech: edits and conversions of a stream, some 80 ms behind it."""
