"""`voicevae demo`: open a web page to convert, edit and inspect voices."""

from argparse import ArgumentParser, Namespace

from voicevae.cli.shared import listening
from voicevae.cli.shared.options import add_bundle_option, add_watermark
from voicevae.errors import needs

GROUP = "page"
SUMMARY = "open a web page to convert, edit and inspect voices"
EXAMPLES = """\
  voicevae demo
  voicevae demo --host 0.0.0.0 --port 8080 --auth me:secret --max-seconds 30"""


def add_options(parser: ArgumentParser) -> None:
    from voicevae.demo.settings import Settings

    listening.add_address(parser, Settings.host, Settings.port)
    parser.add_argument("--auth", metavar="USER:PASSWORD", help="user and password of the page")
    listening.add_limits(parser, Settings.max_seconds, Settings.max_mb, "file")
    listening.add_concurrency(parser, Settings.concurrency, "requests")
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
