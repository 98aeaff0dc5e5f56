"""From file to file: read, edit, write. The functions are methods of `VoiceVAE`, which they take first.

Whatever is written is written aside first, says where it is from, and carries the watermark unless it is told not to
(`voicevae.provenance`). An output that cannot be written, or that is one of the inputs, is refused before the work.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import numpy as np

from voicevae import audio, provenance
from voicevae.code import Code
from voicevae.errors import OutputError
from voicevae.verbs import anonymous

if TYPE_CHECKING:
    from voicevae.codec import Codec, Source, Voice
    from voicevae.voice import VoiceVAE

Progress = Callable[[float], object]


def unseen(share: float) -> None:
    """Progress without a display."""


class Writing(TypedDict, total=False):
    """How speech is written.

    seed: random seed of the unvoiced noise (0). watermark: put the inaudible watermark into the sound (True).
    progress: is called with each share of the work as it is done; they sum to 1.
    """

    seed: int
    watermark: bool
    progress: Progress


@dataclass(frozen=True)
class Written:
    """A sound file that was written. gain: that was applied, less than 1 where the wave would have clipped."""

    path: Path
    gain: float
    duration_s: float


def write(
    vv: Codec, out: str | Path, wave: np.ndarray | Iterable[np.ndarray], *, edits: str, watermark: bool = True
) -> Written:
    """A wave that was made with this bundle to a sound file that says so.

    Args:
        out: its extension decides the format.
        wave: `[n]`, or an iterable of such blocks, in bounded memory; it is scaled where it would clip.
        edits: what was done, in words, without names of files.
        watermark: put the inaudible watermark into the sound.

    Raises:
        AudioError: it cannot be written.
    """
    n_samples = 0

    def counted() -> Iterator[np.ndarray]:
        nonlocal n_samples
        for block in [wave] if isinstance(wave, np.ndarray) else wave:
            n_samples += len(block)
            yield block

    origin = provenance.made(vv.checksum, edits)
    gain = provenance.write(out, counted(), vv.sample_rate, origin, watermark=watermark)
    return Written(Path(out), gain, n_samples / vv.sample_rate)


def decode_file(
    vv: Codec,
    code: Code | str | Path,
    out: str | Path,
    *,
    edits: str | None = None,
    overwrite: bool = False,
    **how: Unpack[Writing],
) -> Written:
    """`decode` of a code, or of the file that it was saved to, to the sound file `out`, in bounded memory.

    Args:
        edits: what was done, in words; otherwise as the code says.
        overwrite: the code is of no further use, which saves memory.

    Raises:
        AudioError: it cannot be written. EditError: the code is of another bundle.
    """
    made, overwrite = (code, overwrite) if isinstance(code, Code) else (Code.load(code), True)
    progress, seconds = how.get("progress", unseen), made.duration_s

    def blocks() -> Iterator[np.ndarray]:
        for block in vv.decode_blocks(made, how.get("seed", 0), overwrite):
            yield block
            progress(len(block) / vv.sample_rate / seconds)

    said = provenance.edits_of(made) if edits is None else edits
    return write(vv, out, blocks(), edits=said, watermark=how.get("watermark", True))


def convert_file(
    vv: VoiceVAE,
    source: Source | Code,
    out: str | Path,
    sample_rate: int | None = None,
    *,
    voice: Voice,
    seed: int = 0,
    watermark: bool = True,
    progress: Progress = unseen,
    **edits: Any,
) -> Written:
    """`convert` to the sound file `out`; see `voicevae.files.Writing`."""
    how: Writing = {"seed": seed, "watermark": watermark, "progress": progress}
    speaker = vv.speaker(voice, sample_rate)
    code, how = _code(vv, source, sample_rate, out, how, inputs=[voice])
    return decode_file(vv, code.edit(speaker, **edits), out, overwrite=not isinstance(source, Code), **how)


def modulate_file(
    vv: VoiceVAE,
    source: Source | Code,
    out: str | Path,
    sample_rate: int | None = None,
    *,
    seed: int = 0,
    watermark: bool = True,
    progress: Progress = unseen,
    **edits: Any,
) -> Written:
    """`modulate` to the sound file `out`; see `voicevae.files.Writing`."""
    how: Writing = {"seed": seed, "watermark": watermark, "progress": progress}
    code, how = _code(vv, source, sample_rate, out, how, own=edits)
    return decode_file(vv, code.edit(**edits), out, overwrite=not isinstance(source, Code), **how)


def transfer_file(
    vv: VoiceVAE,
    source: Source | Code,
    out: str | Path,
    sample_rate: int | None = None,
    *,
    reference: Source | Code,
    mix: float = 1.0,
    **how: Unpack[Writing],
) -> Written:
    """`transfer` to the sound file `out`; see `voicevae.files.Writing`."""
    code, how = _code(vv, source, sample_rate, out, how, inputs=[reference])
    made = vv.transfer(code, sample_rate, reference=reference, mix=mix)
    return decode_file(vv, made, out, edits="intonation of another recording", **how)


def style_file(
    vv: VoiceVAE,
    source: Source | Code,
    out: str | Path,
    sample_rate: int | None = None,
    *,
    style: str,
    strength: float = 1.0,
    **how: Unpack[Writing],
) -> Written:
    """`style` to the sound file `out`; see `voicevae.files.Writing`."""
    code, how = _code(vv, source, sample_rate, out, how)
    made = vv.style(code, style=style, strength=strength)
    return decode_file(vv, made, out, edits=f"style {style} {strength:g}", **how)


def melody_file(
    vv: VoiceVAE,
    source: Source | Code,
    out: str | Path,
    sample_rate: int | None = None,
    *,
    notes: Any = None,
    voice: Voice | None = None,
    seed: int = 0,
    watermark: bool = True,
    progress: Progress = unseen,
    **options: Any,
) -> Written:
    """`melody`, in another `voice` if one is given, to the sound file `out`; see `voicevae.files.Writing`."""
    how: Writing = {"seed": seed, "watermark": watermark, "progress": progress}
    speaker = None if voice is None else vv.speaker(voice, sample_rate)
    code, how = _code(vv, source, sample_rate, out, how, inputs=[voice])
    song = vv.melody(code.edit(speaker), notes=notes, **options)
    return decode_file(vv, song, out, edits="melody", **how)


def anonymize_file(
    vv: VoiceVAE,
    source: Source | Code,
    out: str | Path,
    sample_rate: int | None = None,
    *,
    secret: int,
    speaker: str = "",
    flatten: float = 0.0,
    gender: str | None = None,
    residual: float = anonymous.RESIDUAL,
    **how: Unpack[Writing],
) -> Written:
    """`anonymize` to the sound file `out`; see `voicevae.files.Writing`, whose seed is that of the noise.

    Args:
        secret: the seed of `anonymize`.
    """
    code, how = _code(vv, source, sample_rate, out, how)
    made = vv.anonymize(code, seed=secret, speaker=speaker, flatten=flatten, gender=gender, residual=residual)
    return decode_file(vv, made, out, edits="anonymised", overwrite=not isinstance(source, Code), **how)


def repair_file(
    vv: VoiceVAE,
    source: Source,
    out: str | Path,
    sample_rate: int | None = None,
    *,
    spans: Sequence[tuple[float, float]],
    seed: int = 0,
) -> Written:
    """`repair` to the sound file `out`, without a watermark: it would change what was not damaged."""
    _check(out, [source])
    made = vv.repair(source, sample_rate, spans=spans, seed=seed)
    return write(vv, out, made, edits=f"{len(spans)} spans repaired", watermark=False)


def check_not_input(output: Path, inputs: Iterable[object]) -> None:
    """Raise OutputError if `output` is a file among `inputs`, or in a folder or list among them; what is no path is no
    file."""
    if not os.path.exists(output):
        return
    for one in inputs:
        if isinstance(one, list | tuple):
            check_not_input(output, one)
        elif isinstance(one, str | os.PathLike) and os.path.exists(one):
            folder = Path(one).resolve()
            if os.path.samefile(output, one) or (folder.is_dir() and output.resolve().is_relative_to(folder)):
                raise OutputError(f"{output} is an input; choose another output, so that it is not overwritten.")


def _check(out: str | Path, inputs: Iterable[object]) -> None:
    audio.check_output(out)
    check_not_input(Path(out), inputs)


def _code(
    vv: VoiceVAE,
    source: Source | Code,
    sample_rate: int | None,
    out: str | Path,
    how: Writing,
    *,
    inputs: Iterable[object] = (),
    own: Mapping[str, Any] | None = None,
) -> tuple[Code, Writing]:
    """The code of `source`, and `how` to write, with the other half of the progress.

    inputs: more files, besides `source`, that `out` may not be. own: edits, where the code is only to have these.
    """
    _check(out, [source, *inputs])
    if isinstance(source, Code):
        return source, how
    progress = how.get("progress", unseen)

    def half(share: float) -> None:
        progress(share / 2)

    if own is None:
        code = vv.encode(source, sample_rate, progress=half)
    else:
        code = vv.encode_to_edit(source, sample_rate, own, half)
    return code, {**how, "progress": half}
