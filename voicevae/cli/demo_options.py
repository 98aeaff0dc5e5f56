"""What can be typed after `voicevae demo`, and what it does."""

import argparse
from pathlib import Path

from voicevae.cli.options import Add, add_watermark, command, number, whole
from voicevae.errors import VoiceVAEError

EXAMPLE = """\
  voicevae demo
  voicevae demo --host 0.0.0.0 --port 8080 --auth me:secret --max-seconds 30"""


def add_demo(add: Add) -> None:
    parser = command(add, "demo", demo, "open a page to hear, see and change voices", EXAMPLE)
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="default 127.0.0.1: this machine alone")
    parser.add_argument("--port", type=whole(0, 65535), default=7860, metavar="N", help="default 7860; 0: a free one")
    parser.add_argument("--auth", metavar="USER:PASSWORD", help="who may open the page")
    parser.add_argument(
        "--max-seconds", type=number(0.1, 3600), default=60.0, metavar="S", help="of one recording (default 60)"
    )
    parser.add_argument("--max-mb", type=number(0.01, 1000), default=20.0, metavar="MB", help="of a file (default 20)")
    parser.add_argument(
        "--concurrency", type=whole(1, 64), metavar="N", help="clicks worked on at a time (default: as many as cores)"
    )
    add_watermark(parser)
    parser.add_argument("--bundle", type=Path, metavar="DIR", help="bundle to use instead of the shipped one")


def demo(args: argparse.Namespace) -> int:
    try:
        from voicevae.demo import page
    except ImportError as error:
        raise VoiceVAEError(f'demo needs {error.name}; pip install "voicevae[demo]" brings it.') from None
    from voicevae.demo.settings import Settings, credentials

    named = {name: getattr(args, name) for name in ("host", "port", "max_seconds", "max_mb", "bundle")}
    if args.concurrency is not None:
        named["concurrency"] = args.concurrency
    auth = None if args.auth is None else credentials(args.auth)
    page.run(Settings(**named, auth=auth, watermark=not args.no_watermark))
    return 0
