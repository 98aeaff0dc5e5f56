"""Options of the verbs that answer others: the page and the server."""

from argparse import ArgumentParser

from voicevae.cli.shared.options import add_number, whole


def add_address(parser: ArgumentParser, host: str, port: int) -> None:
    """--host and --port."""
    parser.add_argument("--host", default=host, metavar="ADDRESS", help=f"default {host}: this machine alone")
    parser.add_argument(
        "--port", type=whole(0, 65535), default=port, metavar="N", help=f"default {port}; 0: a free one"
    )


def add_limits(parser: ArgumentParser, max_seconds: float, max_mb: float, of: str) -> None:
    """--max-seconds of a recording, and --max-mb of what `of` says."""
    add_number(parser, "--max-seconds", (0.1, 3600), "S", "length of a recording, at most", max_seconds)
    add_number(parser, "--max-mb", (0.01, 1000), "MB", f"of a {of}", max_mb)


def add_concurrency(parser: ArgumentParser, default: int, what: str) -> None:
    """--concurrency: how many of `what` are worked on at a time."""
    text = f"{what} worked on at a time (default: as many as cores)"
    parser.add_argument("--concurrency", type=whole(1, 64), default=default, metavar="N", help=text)
