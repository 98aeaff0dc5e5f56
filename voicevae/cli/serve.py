"""`voicevae serve`: conversions over HTTP, and voices live over WebSockets."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from voicevae.cli.shared import listening
from voicevae.cli.shared.options import add_bundle_option, add_watermark, add_whole
from voicevae.errors import needs

GROUP = "page"
SUMMARY = "answer programs: conversions over HTTP, live voices over WebSockets"
EXAMPLES = """\
  voicevae serve
  voicevae serve --voices voices/ --port 9000
  voicevae serve --host 0.0.0.0 --token-file token.txt --max-seconds 30"""
ASKED = ("host", "port", "voices", "max_seconds", "max_mb", "concurrency", "per_minute", "max_live", "bundle")


def add_options(parser: ArgumentParser) -> None:
    from voicevae.serve.settings import Settings

    listening.add_address(parser, Settings.host, Settings.port)
    text = "file of the token that clients must send; needed where --host is not this machine alone"
    parser.add_argument("--token-file", type=Path, metavar="FILE", help=text)
    text = "folder of more voices: recordings, voice files, folders of one speaker's recordings"
    parser.add_argument("--voices", type=Path, metavar="DIR", help=text)
    listening.add_limits(parser, Settings.max_seconds, Settings.max_mb, "request")
    listening.add_concurrency(parser, Settings.concurrency, "requests")
    add_whole(parser, "--per-minute", (1, 100_000), "requests of one address in a minute", Settings.per_minute)
    add_whole(parser, "--max-live", (0, 1000), "live sockets at a time", Settings.max_live)
    add_watermark(parser)
    add_bundle_option(parser)


def run(args: Namespace) -> int:
    with needs("serve", "serve"):
        from voicevae.serve import server
    from voicevae.serve import token
    from voicevae.serve.settings import Settings

    named = {name: getattr(args, name) for name in ASKED}
    secret = None if args.token_file is None else token.read(args.token_file)
    server.run(Settings(**named, token=secret, watermark=not args.no_watermark))
    return 0
