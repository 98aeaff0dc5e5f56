"""The server: conversions over HTTP, and voices live over WebSockets."""
