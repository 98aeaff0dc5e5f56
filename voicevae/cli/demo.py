"""`voicevae demo`: open a web page to convert, edit and inspect voices."""

from argparse import ArgumentParser, Namespace

from voicevae.cli.shared.options import add_bundle_option, add_number, add_watermark, whole
from voicevae.errors import needs

GROUP = "page"
SUMMARY = "open a web page to convert, edit and inspect voices"
EXAMPLES = """\
  voicevae demo
  voicevae demo --host 0.0.0.0 --port 8080 --auth me:secret --max-seconds 30"""


def add_options(parser: ArgumentParser) -> None:
    from voicevae.demo.settings import Settings

    host, port = Settings.host, Settings.port
    parser.add_argument("--host", default=host, metavar="ADDRESS", help=f"default {host}: this machine alone")
    parser.add_argument(
        "--port", type=whole(0, 65535), default=port, metavar="N", help=f"default {port}; 0: a free one"
    )
    parser.add_argument("--auth", metavar="USER:PASSWORD", help="user and password of the page")
    add_number(parser, "--max-seconds", (0.1, 3600), "S", "of one recording", Settings.max_seconds)
    add_number(parser, "--max-mb", (0.01, 1000), "MB", "of a file", Settings.max_mb)
    parser.add_argument(
        "--concurrency",
        type=whole(1, 64),
        default=Settings.concurrency,
        metavar="N",
        help="clicks worked on at a time (default: as many as cores)",
    )
    add_watermark(parser)
    add_bundle_option(parser)


def run(args: Namespace) -> int:
    with needs("demo", "demo"):
        from voicevae.demo import page
    from voicevae.demo.settings import Settings, credentials

    named = {name: getattr(args, name) for name in ("host", "port", "max_seconds", "max_mb", "concurrency", "bundle")}
    auth = None if args.auth is None else credentials(args.auth)
    page.run(Settings(**named, auth=auth, watermark=not args.no_watermark))
    return 0
