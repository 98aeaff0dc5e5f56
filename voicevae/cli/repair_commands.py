"""The command `repair`."""

from argparse import Namespace
from pathlib import Path

from voicevae import audio, provenance
from voicevae.cli import files
from voicevae.cli.inputs import load


def repair(args: Namespace) -> int:
    if args.list:
        return _list(args)
    outputs = files.targets(args.sources, args.output, args.out_dir, ".wav")
    vv = load(args)

    def work(source: Path, output: Path) -> float:
        spans = args.span or [(span.start_s, span.end_s) for span in vv.damage(source)]
        made = vv.repair(source, spans=spans, seed=args.seed)
        # No watermark: it would change what was not damaged.
        said = f"{len(spans)} spans repaired"
        gain = provenance.write(output, made, vv.sample_rate, provenance.made(vv.checksum, said), watermark=False)
        files.say_gain(output, gain)
        files.say_line(f"{output}: {said}, {1000 * sum(end - start for start, end in spans):.1f} ms")
        return len(made) / vv.sample_rate

    return files.run(work, args.sources, outputs, audio.FORMATS)


def _list(args: Namespace) -> int:
    vv = load(args)
    for source in args.sources:
        found = vv.damage(source)
        for span in found:
            files.say_line(f"{source}: {span.start_s:.5f} to {span.end_s:.5f} s, {span.kind}")
        files.say_line(f"{source}: {len(found)} damaged spans")
    return 0
