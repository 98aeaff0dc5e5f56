"""Voices that can be named again: sample voices, and those of a seed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from voicevae.code import Speaker
from voicevae.demo.state import Studio
from voicevae.errors import EditError

SEEDS = 16  # of each gender on the map
SAMPLE, SEED = "sample voice ", ", seed "
GENDERS = ("female", "male")


@dataclass(frozen=True)
class Voice:
    """python: an expression that gives it, after the lines `before`; shell: commands that write it to `new.voice`."""

    name: str
    kind: str
    speaker: Speaker
    python: str
    shell: tuple[str, ...]
    before: tuple[str, ...] = ()


def named(studio: Studio, name: str) -> Voice:
    """The voice of a name on the map, or of any "<gender>, seed <n>".

    Raises:
        EditError: there is none.
    """
    if name.startswith(SAMPLE) and (sample := name.removeprefix(SAMPLE)) in studio.samples:
        speaker = studio.speaker(sample)
        python = f'vv.speaker(voicevae.bundle.DEFAULT / "voices" / "{sample}.flac")'
        return Voice(name, "sample voices", speaker, python, (f"voicevae blend {sample} {sample} -o new.voice",))
    found = re.fullmatch(rf"(\w+){SEED}(\d{{1,9}})", name)
    if found is None:
        raise EditError(f"There is no voice {name!r}; click on one, or make one by a seed.")
    return seeded(studio, int(found[2]), found[1])


def seeded(studio: Studio, seed: int, gender: str) -> Voice:
    """Raises EditError for a seed that is none, BundleError for a bundle without a space of voices."""
    speaker = studio.vv.sample(seed, gender=gender)
    shell = (f"voicevae sample --seed {seed} --gender {gender} -o new.voice",)
    return Voice(
        f"{gender}{SEED}{seed}", f"{gender}, by a seed", speaker, f"vv.sample({seed}, gender={gender!r})", shell
    )


def blended(studio: Studio, one: Voice, other: Voice, share: float) -> Voice:
    """`share` (0..1) of the way from one to the other."""
    speaker = studio.vv.blend([one.speaker, other.speaker], [1 - share, share])
    python = f"vv.blend([{one.python}, {other.python}], [{1 - share:g}, {share:g}])"
    shell = [
        line.replace("new.voice", f"{name}.voice") for name, v in (("one", one), ("two", other)) for line in v.shell
    ]
    shell.append(f"voicevae blend one.voice two.voice --weights {1 - share:g} {share:g} -o new.voice")
    name = f"{1 - share:.0%} of {one.name}, {share:.0%} of {other.name}"
    return Voice(name, "blends", speaker, python, tuple(shell))


def known(studio: Studio) -> Sequence[Voice]:
    """What is on the map before anybody makes a voice."""
    names = [f"{SAMPLE}{name}" for name in studio.samples]
    names += [f"{gender}{SEED}{seed}" for gender in GENDERS for seed in range(SEEDS)]
    return [named(studio, name) for name in names]
