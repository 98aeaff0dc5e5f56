"""Make the pictures of docs/guide.md, and the sounds that belong to them.

    python egs/guide/make.py --out docs/guide
    python egs/guide/make.py --out out/guide --sounds --only blend

Speech is that of the two example voices of the shipped bundle, and espeak-ng's.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

import voicevae
from voicevae import audio, augmentation, design_plots, plots, verb_plots
from voicevae.bundle import DEFAULT
from voicevae.recipes.espeak import speak_words
from voicevae.tts import Modulator
from voicevae.units import DB_PER_NAT, SEMITONES_PER_NAT
from voicevae.verbs import maps, notes, setting

TUNE = "D4:0.4 F#4:0.4 A4:0.6 R:0.2 G4:0.4 E4:0.4 F#4:0.3 E4:0.3 D4:1"
WIDTH, COLOURS = 760, 64  # of a picture; keeps each below 100 kB
FEMALE, MALE = (DEFAULT / "voices" / f"{name}.flac" for name in ("female", "male"))


class Guide:
    """Where things go: pictures always, sounds where wanted."""

    def __init__(self, vv: voicevae.VoiceVAE, out: Path, sounds: bool) -> None:
        self.vv, self.out, self.sounds = vv, out, sounds

    def picture(self, name: str) -> Path:
        return self.out / f"{name}.png"

    def sound(self, name: str, wave: np.ndarray) -> None:
        if self.sounds:
            audio.write(self.out / f"{name}.wav", wave, self.vv.sample_rate)

    def speech(self, path: Path, seconds: float) -> np.ndarray:
        """The beginning of a recording, `[n]`."""
        return audio.read(path, self.vv.sample_rate)[: round(seconds * self.vv.sample_rate)]


def sample(guide: Guide) -> None:
    """A sentence in voices that nobody has."""
    vv, panels = guide.vv, []
    code = vv.encode(guide.speech(FEMALE, 2.0), residual=False)
    for gender, seed in (("female", 1), ("female", 2), ("male", 3)):
        name = f"{gender}, seed {seed}"
        wave = vv.decode(code.edit(speaker=vv.sample(seed, gender=gender)))
        guide.sound(f"sample-{gender}-{seed}", wave)
        panels.append((name, wave))
    plots.before_after(panels, vv.config, guide.picture("sample"))


def blend(guide: Guide) -> None:
    """A sentence on the way from one voice to another."""
    vv, panels = guide.vv, []
    code = vv.encode(guide.speech(FEMALE, 2.0), residual=False)
    for share in (0.0, 0.5, 1.0):
        speaker = vv.blend([FEMALE, MALE], [1 - share, share])
        wave = vv.decode(code.edit(speaker=speaker))
        guide.sound(f"blend-{share:g}", wave)
        panels.append((f"female {1 - share:g}, male {share:g}", wave))
    plots.before_after(panels, vv.config, guide.picture("blend"))


def transfer(guide: Guide) -> None:
    """A woman's sentence with the intonation of a man's: other words, so by its course."""
    vv, panels = guide.vv, []
    code, reference = (vv.encode(guide.speech(path, 2.0)) for path in (FEMALE, MALE))
    for name, made in (
        ("as it was said", code),
        ("half of the reference's intonation", vv.transfer(code, reference=reference, mix=0.5)),
        ("all of it", vv.transfer(code, reference=reference)),
        ("the reference", reference),
    ):
        wave = vv.decode(made)
        guide.sound(f"transfer-{name.replace(' ', '-')}", wave)
        panels.append((name, wave))
    plots.before_after(panels, vv.config, guide.picture("transfer"))


def style(guide: Guide) -> None:
    """A sentence, joyful and sad."""
    vv, panels = guide.vv, []
    code = vv.encode(guide.speech(MALE, 2.0))
    for name, strength in (("neutral", 0.0), ("joy", 0.7), ("sadness", 0.7)):
        wave = vv.decode(vv.style(code, style=name, strength=strength))
        guide.sound(f"style-{name}", wave)
        panels.append((f"{name}, strength {strength:g}" if strength else "as it was said", wave))
    plots.before_after(panels, vv.config, guide.picture("style"))


def traverse(guide: Guide) -> None:
    """The four most active dimensions of the speaker latent."""
    vv = guide.vv
    sweeps = vv.traverse(guide.speech(FEMALE, 1.2), dimensions=4)
    for sweep in sweeps:
        guide.sound(f"traverse-{sweep.name.replace(' ', '-')}", np.concatenate(vv.decode(sweep.codes)))
        print(f"{sweep.name}: {sweep.words()}")
    verb_plots.traversal(sweeps, vv.coder, guide.picture("traverse"))


def marks(guide: Guide) -> None:
    """espeak-ng's flat speech made lively, and one word of it stressed."""
    vv = guide.vv
    text = "The birch canoe slid on the smooth planks, and nobody saw it pass."
    wave, rate, timings = speak_words(text, "en+f2", pitch_range=20)
    stressed = text.replace("nobody", '<prosody pitch="+3st" volume="+4dB">nobody</prosody>')
    panels = [("espeak-ng, flat", audio.from_array(wave, rate, vv.sample_rate))]
    for name, ssml in (("pitch range x 2", text), ("pitch range x 2, nobody +3 semitones, +4 dB", stressed)):
        made, _ = Modulator(pitch_range=2, bundle=vv)(wave, rate, ssml=ssml, timings=timings)
        panels.append((name, made))
    for name, made in zip(("flat", "lively", "stressed"), panels, strict=True):
        guide.sound(f"marks-{name}", made[1])
    plots.before_after(panels, vv.config, guide.picture("marks"))


def repair(guide: Guide) -> None:
    """A sentence with gaps of 40, 100 and 200 ms."""
    vv = guide.vv
    wave = guide.speech(FEMALE, 2.6)
    damaged, spans = wave.copy(), [(0.50, 0.54), (1.10, 1.20), (1.42, 1.62)]
    for start, end in spans:
        damaged[round(start * vv.sample_rate) : round(end * vv.sample_rate)] = 0
    panels = [("recorded", wave), ("damaged", damaged), ("repaired", vv.repair(damaged))]
    for name, made in panels:
        guide.sound(f"repair-{name}", made)
    plots.before_after(panels, vv.config, guide.picture("repair"))


def augment(guide: Guide) -> None:
    """A sentence and three copies of it."""
    vv = guide.vv
    with TemporaryDirectory() as folder:
        corpus, copies = Path(folder) / "corpus", Path(folder) / "copies"
        (corpus / "ann").mkdir(parents=True)
        audio.write(corpus / "ann" / "sentence.wav", guide.speech(FEMALE, 2.0), vv.sample_rate)
        augmentation.augment(vv, corpus, copies, 3, rate=(0.8, 1.25), workers=1)
        panels = [("recorded", guide.speech(FEMALE, 2.0))]
        for path in sorted(copies.rglob("*.flac")):
            panels.append((path.parent.name, audio.read(path, vv.sample_rate)))
            guide.sound(f"augment-{path.parent.name}", panels[-1][1])
    plots.before_after(panels, vv.config, guide.picture("augment"))


def score(guide: Guide) -> None:
    """Speech with half a second of noise laid over it."""
    vv = guide.vv
    wave = guide.speech(MALE, 4.0).copy()
    damaged = slice(2 * vv.sample_rate, round(2.5 * vv.sample_rate))
    wave[damaged] += 0.1 * np.random.default_rng(0).standard_normal(damaged.stop - damaged.start).astype(np.float32)
    guide.sound("score", wave)
    verb_plots.anomaly(wave, vv.score(wave), vv.config, guide.picture("score"), "noise from 2 to 2.5 s")


def embed(guide: Guide) -> None:
    """A map of sampled voices, each of which says the same."""
    vv = guide.vv
    code = vv.encode(guide.speech(FEMALE, 1.5), residual=False)
    asked = ["female", "male"] * 12
    waves = [vv.decode(code.edit(speaker=vv.sample(seed, gender=gender))) for seed, gender in enumerate(asked)]
    names = [f"{gender}, seed {seed}" for seed, gender in enumerate(asked)]
    where = maps.project(vv.embed(waves, names=names).matrix(["z_s", "register"]))
    verb_plots.points(where, asked, guide.picture("embed"), "24 sampled voices: z_s and register, by pca")
    if guide.sounds:
        maps.write_html(where, names, asked, guide.out / "embed.html", "Sampled voices", "Colours are genders.")


def melody(guide: Guide) -> None:
    """A sentence sung, with vibrato."""
    vv = guide.vv
    code = vv.encode(guide.speech(FEMALE, 2.6))
    tune = notes.transposed(notes.read(TUNE), code.speaker.log_f0_mean, "octaves")
    wave = vv.decode(vv.melody(code, notes=tune, vibrato=(5.5, 30)))
    guide.sound("melody", wave)
    design_plots.song(wave, setting.tones(tune), vv.config, guide.picture("melody"), TUNE)


def search(guide: Guide) -> None:
    """A listener who has a man's voice in mind, and compares the mel and the F0 of a sentence."""
    vv, found = guide.vv, guide.vv.search()
    code = vv.encode(guide.speech(FEMALE, 2.0), residual=False)

    def heard(speaker: voicevae.Speaker) -> np.ndarray:
        mel, contours = vv.coder.decode(code.edit(speaker=speaker))
        return np.column_stack([DB_PER_NAT * mel, SEMITONES_PER_NAT * contours.log_f0])

    wanted = vv.speaker(MALE)
    ideal = heard(wanted)

    def away(speaker: voicevae.Speaker) -> float:
        apart = np.abs(heard(speaker) - ideal).mean(0)
        return float(apart[:-1].mean() + apart[-1])

    guesses, distances = [found.guess], [away(found.best())]
    for _ in range(20):
        one, other = found.pair()
        found.choose("a" if away(one) < away(other) else "b")
        guesses.append(found.guess)
        distances.append(away(found.best()))
    for name, voice in (("search-wanted", wanted), ("search-found", found.best())):
        guide.sound(name, vv.decode(code.edit(speaker=voice)))
    title, unit = "20 pairs, and the best guess", "from the voice in mind: mel (dB) + F0 (semitones)"
    design_plots.search(found.history, np.array(guesses), np.array(distances), guide.picture("search"), title, unit)


VERBS: dict[str, Callable[[Guide], None]] = {
    "sample": sample,
    "blend": blend,
    "transfer": transfer,
    "style": style,
    "traverse": traverse,
    "marks": marks,
    "repair": repair,
    "augment": augment,
    "melody": melody,
    "search": search,
    "score": score,
    "embed": embed,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("out/guide"), help="folder for pictures (default out/guide)")
    parser.add_argument("--sounds", action="store_true", help="write sounds, too")
    parser.add_argument("--only", nargs="+", choices=list(VERBS), default=list(VERBS), help="some of the verbs")
    parser.add_argument("--bundle", type=Path, default=DEFAULT, help="another bundle than the shipped one")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    try:
        guide = Guide(voicevae.load(args.bundle), args.out, args.sounds)
        for name in args.only:
            VERBS[name](guide)
            shrink(guide.picture(name))
            print(f"{guide.picture(name)}: {guide.picture(name).stat().st_size / 1000:.0f} kB")
    except (voicevae.VoiceVAEError, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def shrink(path: Path) -> None:
    """Fewer pixels and colours."""
    with Image.open(path) as image:
        small = image.convert("RGB").resize(
            (WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS
        )
    small.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
