"""`voicevae live`: speak in another voice, or with edits, while you speak."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voicevae.cli.shared import edits, inputs
from voicevae.cli.shared.jobs import say
from voicevae.cli.shared.keys import Keys
from voicevae.cli.shared.options import add_machine, add_number, add_seed, add_watermark, add_whole
from voicevae.edits import CONTROLS
from voicevae.errors import EditError, InputError, VoiceVAEError

if TYPE_CHECKING:
    import numpy as np

    from voicevae.live.cards import Card
    from voicevae.live.session import Recorder, Session
    from voicevae.voice import VoiceVAE

GROUP = "speech"
SUMMARY = "speak in another voice, or with edits, while you speak"
EXAMPLES = """\
  voicevae live --list-devices
  voicevae live --voice female --input 2 --output "CABLE Input"
  voicevae live --pitch +4 --formant +1 --gate-db -50
  voicevae live --voice one.voice --voice two.voice --record out.wav
  voicevae live --from speech.wav --to out.wav --voice male --paced"""
KEYS = "m mutes, b bypasses, v is the next voice, q ends"
BLOCK_MS, RATE = 20.0, 48000


def add_options(parser: ArgumentParser) -> None:
    from voicevae.live.trackers import LATENCIES

    parser.add_argument("--list-devices", action="store_true", help="show the sound devices, and end")
    parser.add_argument("--input", metavar="DEVICE", help="microphone, by name or number (default: the usual one)")
    parser.add_argument("--output", metavar="DEVICE", help="where to play, by name or number (default: the usual one)")
    parser.add_argument("--monitor", metavar="DEVICE", help="play it here, too, to hear yourself")
    text = "voice to speak in, as for convert; by --voice again, more of them, to switch between"
    inputs.add_voice(parser, "--voice", text, action="append", default=[])
    text = "a recording of you, of some seconds: the first words are as good as the later ones"
    parser.add_argument("--enrol", type=Path, metavar="FILE", help=text)
    edits.add_shares(parser)
    edits.add_values(parser, [name for name in CONTROLS if name != "rate"])
    parser.add_argument("--preset", type=Path, metavar="FILE", help="JSON of edits by name; options come upon it")
    add_whole(parser, "--rate-hz", (8000, 192000), "sample rate of the devices", RATE)
    add_number(parser, "--block-ms", (1, 200), "MS", "length of the device's blocks", BLOCK_MS)
    add_number(parser, "--gate-db", (-100, 0), "DB", "what is softer is silence, and no work; -50, say", None)
    text = "low (the default): 77 ms; best: 249 ms, with the F0 that recordings have"
    parser.add_argument("--latency", choices=LATENCIES, default=LATENCIES[0], help=text)
    parser.add_argument("--passthrough", action="store_true", help="begin bypassed: what comes in goes out")
    parser.add_argument("--record", type=Path, metavar="FILE", help="write what is played to a sound file, too")
    files = parser.add_argument_group("files in place of devices")
    files.add_argument("--from", dest="source", type=Path, metavar="FILE", help="sound file in place of a microphone")
    files.add_argument("--to", type=Path, metavar="FILE", help="sound file in place of a loudspeaker")
    files.add_argument("--paced", action="store_true", help="in real time, as a device would")
    add_seed(parser)
    add_watermark(parser)
    add_machine(parser)


def run(args: Namespace) -> int:
    from voicevae.live import cards

    if args.list_devices:
        print(cards.devices())
        return 0
    _check(args)
    voices = [inputs.voice(name) for name in args.voice]
    asked = preset(args.preset) | edits.asked(args)
    if not args.threads:
        args.threads = 1  # a block is too little work to share
    vv = inputs.load(args)
    card, rate = _card(args, vv)
    speakers = [vv.speaker(one) for one in voices]
    own = {"enrol": args.enrol, "gate_db": args.gate_db, "latency": args.latency, "seed": args.seed}
    live = vv.live(rate, voice=speakers[0] if speakers else None, **own, **asked)
    recorders = [_recorder(vv, path, args, rate) for path in (args.to, args.record) if path is not None]
    from voicevae.live.session import Session

    def heard(block: "np.ndarray") -> None:
        for one in recorders:
            one(block)

    session = Session(live, bypassed=args.passthrough, heard=heard)
    try:
        with Keys() as keys:
            if keys.watched:
                say(f"{live.latency_ms:.0f} ms behind, beside the device's own delay; {KEYS}.")
            card.run(session, Desk(session, keys, speakers).going)
    except KeyboardInterrupt:
        pass
    finally:
        for one in recorders:
            one.close()
    say(f"{session.blocks} blocks, {session.late} late; load {session.load:.0%}; {live.latency_ms:.0f} ms behind.")
    return 0


def preset(path: Path | None) -> dict[str, float]:
    """Edits by name, of a JSON file. Raises InputError: it is none. EditError: a value that cannot be."""
    import json

    from voicevae.live.change import Setting
    from voicevae.tts.inputs import read_text

    if path is None:
        return {}
    try:
        found = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise InputError(f"{path} is not JSON ({error}); write edits by name.") from None
    if not isinstance(found, dict) or "voice" in found:
        raise InputError(f'{path} holds no edits by name; write for example {{"pitch_semitones": 3}}.')
    try:
        Setting().changed(**found)
    except EditError as error:
        raise EditError(f"{path}: {error}") from None
    return found


class Desk:
    """Keys and meters of a session."""

    def __init__(self, session: "Session", keys: Keys, voices: list[Any]) -> None:
        self.session, self.keys, self.voices, self.chosen = session, keys, voices, 0

    def going(self) -> bool:
        """Act on keys, and show the meters; False when it is to end."""
        for key in self.keys.pressed():
            if key == "m":
                self.session.muted = not self.session.muted
            elif key == "b":
                self.session.bypassed = not self.session.bypassed
            elif key == "v" and self.voices:
                self.chosen = (self.chosen + 1) % len(self.voices)
                self.session.live.set(voice=self.voices[self.chosen])
            elif key == "q":
                return False
        if sys.stderr.isatty():
            print(f"\r{self.meters()}", end="", file=sys.stderr, flush=True)
        return True

    def meters(self) -> str:
        """One line."""
        s = self.session
        state = "muted" if s.muted else "bypassed" if s.bypassed else f"voice {self.chosen + 1}" if self.voices else ""
        levels = f"in {s.in_db:4.0f} dB  out {s.out_db:4.0f} dB"
        return f"{levels}  load {s.load:4.0%}  late {s.late}  {s.live.latency_ms:.0f} ms  {state:10}"


def _check(args: Namespace) -> None:
    if (args.source is None) != (args.to is None):
        raise VoiceVAEError("--from needs --to, and --to needs --from; give both.")
    if args.source is None and args.paced:
        raise VoiceVAEError("--paced is for files, as a device keeps time itself; give --from and --to.")
    from voicevae import audio

    for path in (args.to, args.record):
        if path is not None:
            audio.check_output(path)


def _card(args: Namespace, vv: "VoiceVAE") -> tuple["Card", int]:
    from voicevae import audio
    from voicevae.files import check_not_input
    from voicevae.live.cards import FileCard, SoundCard

    if args.source is not None:
        check_not_input(args.to, [args.source])
        rate = vv.sample_rate
        n_block = max(round(args.block_ms * rate / 1000), 1)
        return FileCard(audio.read(args.source, rate), rate, n_block, args.paced), rate
    rate = args.rate_hz
    devices = _device(args.input), _device(args.output)
    return SoundCard(devices, rate, round(args.block_ms * rate / 1000), say, _device(args.monitor)), rate


def _device(name: str | None) -> str | int | None:
    return int(name) if name is not None and name.isdecimal() else name


def _recorder(vv: "VoiceVAE", path: Path, args: Namespace, rate: int) -> "Recorder":
    from voicevae.live.session import Recorder

    mark = not args.no_watermark
    return Recorder(lambda blocks: vv.write(path, blocks, edits="live", watermark=mark), rate, vv.sample_rate)
