"""Stage 1: a folder of recordings to features and manifests in <exp>/data."""

import argparse
import sys
from pathlib import Path

import yaml

from voicevae.data.prepare import prepare
from voicevae.errors import VoiceVAEError
from voicevae.features import FeatureConfig


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="folder <speaker>/<utterance>.<ext>")
    parser.add_argument("--exp", type=Path, required=True, help="folder of the experiment")
    parser.add_argument("--config", type=Path, help="YAML file whose section 'features' differs from the default")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--seed", type=int, default=0, help="of the speakers held out, if the corpus names none")
    args = parser.parse_args()
    try:
        conf = yaml.safe_load(args.config.read_text(encoding="utf-8")) if args.config else {}
        features = FeatureConfig(**(conf or {}).get("features", {}))
        report = prepare(args.corpus, args.exp, features, args.workers, args.seed)
    except VoiceVAEError as error:
        print(error, file=sys.stderr)
        return 2
    print(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
