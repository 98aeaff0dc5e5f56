"""Download the archives of a corpus, and unpack them.

    python -m voicevae.recipes.fetch --to corpora/ljspeech https://data.keithito.com/data/speech/LJSpeech-1.1.tar.bz2

A download goes on where it stopped, and what was unpacked is not fetched again: .fetch beside it remembers that. While
some archives are unpacked and others not, .fetch holds a file `unfinished`.
"""

import shutil
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError

from lhotse.utils import resumable_download

from voicevae.errors import CorpusError
from voicevae.recipes import command


def main(argv: Sequence[str] | None = None) -> None:
    parser = command.Parser(__doc__)
    parser.add_argument("--to", type=Path, required=True, help="folder for what the archives hold")
    parser.add_argument("--else", dest="otherwise", default="try again later", help="what to do where that fails")
    parser.add_argument("urls", nargs="+", metavar="URL", help="archives: .zip, .tar.gz, .tgz or .tar.bz2")
    args = parser.parse_args(argv)
    command.run(lambda: fetch(args.urls, args.to, args.otherwise))


def fetch(urls: list[str], to: Path, otherwise: str = "try again later") -> None:
    """Unpack the archives at `urls` in the folder `to`, one over the other.

    Raises:
        CorpusError: one cannot be had, or is damaged; it ends in what to do `otherwise`.
    """
    aside = to / ".fetch"
    aside.mkdir(parents=True, exist_ok=True)
    for url in urls:
        archive = aside / url.rpartition("/")[2]
        done = archive.with_name(f"{archive.name}.done")
        if not done.exists():
            _download(url, archive, otherwise)
            (aside / "unfinished").touch()
            _unpack(archive, to, otherwise)
            archive.unlink()
            done.touch()
    (aside / "unfinished").unlink(missing_ok=True)


def _download(url: str, archive: Path, otherwise: str) -> None:
    try:
        resumable_download(url, archive)
    except (OSError, HTTPException) as error:
        cause = error.reason if type(error) is URLError else error
        why = getattr(cause, "strerror", None) or cause
        raise CorpusError(f"{url} cannot be downloaded ({why}); {otherwise}.") from None


def _unpack(archive: Path, to: Path, otherwise: str) -> None:
    try:
        if archive.suffix == ".zip":
            shutil.unpack_archive(archive, to)
        else:
            shutil.unpack_archive(archive, to, filter="data")
    except (shutil.ReadError, OSError, EOFError) as error:
        archive.unlink()
        raise CorpusError(f"What came as {archive.name} is damaged ({error}); {otherwise}.") from None


if __name__ == "__main__":
    main()
