"""VoiceVAE, the one API: speech to code, code to speech, and everything between.

vv = voicevae.load()
code = vv.encode("speech.wav")
wave = vv.decode(code.edit(pitch_semitones=3, rate=0.9, speaker=vv.encode("reference.wav").speaker))
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from voicevae import audio, bundle
from voicevae.code import Code, Speaker
from voicevae.edits import edit_contours, stretch
from voicevae.errors import AudioError, EditError
from voicevae.features import VOICED, Frames, extract
from voicevae.features.statistics import MIN_VOICED, SPEECH_RANGE_DB, utterance_statistics
from voicevae.features.warp import warp_matrix
from voicevae.models.cvae import VoiceStatistics, absolute_contours, own_units, relative_contours

CHUNK_FRAMES = 1600  # 20 s at a time bounds the networks' memory
SPEAKER_FRAMES = 4800  # a minute shows a voice


def load(path: str | Path | None = None, device: str = "cpu") -> "VoiceVAE":
    """The bundle in the folder `path`, or the shipped one, on a torch device. Raises BundleError."""
    return VoiceVAE(bundle.load(path, device), device)


class VoiceVAE:
    """A loaded bundle. Waves are float32 mono `[n]` at `sample_rate`; a list of sources gives a list of results.

    Nothing here is random but a voice that is sampled and the vocoder's noise, both named by a seed.
    """

    def __init__(self, parts: bundle.Bundle, device: str = "cpu") -> None:
        self.bundle, self.device = parts, torch.device(device)
        self.config, self.vae, self.vocoder = parts.features, parts.vae, parts.vocoder
        self.card, self.checksum = parts.card, parts.checksum
        self.sample_rate = parts.features.sample_rate

    @torch.inference_mode()
    def encode(self, source: Any, sample_rate: int | None = None, detail: bool = True) -> Any:
        """Speech to `Code`.

        Args:
            source: path of a sound file, or an array or tensor `[n]`, `[channels, n]` or `[n, channels]` with its
                `sample_rate` (Hz; the bundle's own by default); or a list of these.
            detail: keep what the decoder does not explain, so that an unedited round trip is copy synthesis.

        Raises:
            AudioError: the sound cannot be used; the sentence says why.
        """
        if isinstance(source, list):
            return [self.encode(one, sample_rate, detail) for one in source]
        wave = self._wave(source, sample_rate)
        n_samples = len(wave)
        frames = extract(wave, self.config)
        del wave
        return self._encode_frames(frames, n_samples, detail)

    def decode(self, code: Any, seed: int = 0) -> Any:
        """`Code`, or a list of them, to waves `[n]`; energy edits may take a wave beyond +-1 (`audio.write` scales)."""
        if isinstance(code, list):
            return [self.decode(one, seed) for one in code]
        return np.concatenate(list(self.decode_blocks(code, seed)))

    def decode_blocks(self, code: Code, seed: int = 0) -> Iterator[np.ndarray]:
        """The wave of `decode` in blocks, in bounded memory."""
        self._check(code)
        with torch.inference_mode():
            mel, contours = self._decode_frames(code)
        left = max(round(code.n_samples / code.changes.rate), 1)
        inputs = [torch.from_numpy(x).to(self.device) for x in (mel, contours)]
        for block in self.vocoder.synthesize(inputs[0], inputs[1], seed):
            if left > 0:
                yield block[:left].cpu().numpy()
            left -= len(block)

    def convert(self, source: Any, sample_rate: int | None = None, *, voice: Any, seed: int = 0, **edits: float) -> Any:
        """The words and intonation of `source` in another voice.

        Args:
            voice: path, array or tensor (at `sample_rate`) of a recording of it, or a `Speaker`.
            edits: as in `Edit`, on top.
        """
        speaker = self.speaker(voice, sample_rate)
        code = self.encode(source, sample_rate, detail=False)
        codes = [one.edit(speaker=speaker, **edits) for one in (code if isinstance(code, list) else [code])]
        return self.decode(codes if isinstance(code, list) else codes[0], seed)

    def modulate(self, source: Any, sample_rate: int | None = None, *, seed: int = 0, **edits: float) -> Any:
        """`source` in its own voice with `edits` as in `Edit`: pitch_semitones, pitch_range, rate, energy_db..."""
        code = self.encode(source, sample_rate)
        if isinstance(code, list):
            return self.decode([one.edit(**edits) for one in code], seed)
        return self.decode(code.edit(**edits), seed)

    @torch.inference_mode()
    def speaker(self, voice: Any, sample_rate: int | None = None) -> Speaker:
        """The voice of a recording (a few seconds are enough), or `voice` itself if it is one.

        Raises:
            AudioError: the recording has no voiced speech.
        """
        if isinstance(voice, Speaker):
            return voice
        frames = extract(self._wave(voice, sample_rate), self.config)
        if frames.voiced.sum() < MIN_VOICED:
            name = voice if isinstance(voice, str | Path) else "The reference"
            raise AudioError(
                f"{name} has no voiced speech to take a voice from; give a recording of somebody speaking."
            )
        return self._speaker(frames, _statistics(frames))

    @torch.inference_mode()
    def sample_voice(self, seed: int = 0, label: str | None = None) -> Speaker:
        """A voice that nobody has, from the prior N(0, I), or from that of the training speaker `label`.

        The same seed gives the same voice. Raises EditError if there is no such label.
        """
        if label is not None and label not in self.bundle.speakers:
            raise EditError(f"The bundle knows no speaker {label!r}; `voicevae info` lists those it knows.")
        index = -1 if label is None else self.bundle.speakers.index(label)
        prior = self.vae.prior(torch.tensor([index], device=self.device))
        noise = torch.randn(prior.mean.shape, generator=torch.Generator().manual_seed(seed)).to(self.device)
        z = prior.mean + (0.5 * prior.log_variance).exp() * noise
        implied = self.vae.implied_statistics(z)
        mean, std = implied.log_f0[0].tolist()
        return Speaker(_array(z[0]), mean, max(std, 0.03), _array(implied.mel_mean[0]), _array(implied.mel_std[0]))

    def _wave(self, source: Any, sample_rate: int | None) -> np.ndarray:
        if isinstance(source, str | Path):
            return audio.read(source, self.sample_rate)
        return audio.from_array(source, sample_rate or self.sample_rate, self.sample_rate)

    def _encode_frames(self, frames: Frames, n_samples: int, detail: bool) -> Code:
        shown = _statistics(frames)
        speaker = self._speaker(frames, shown)
        statistics = self._tensors(speaker)
        loudness_db = float(shown["loudness_max_db"])
        level = torch.tensor([loudness_db], device=self.device)
        contours = torch.from_numpy(np.stack([frames.log_f0, frames.voicing, frames.loudness_db], 1)).to(self.device)
        relative = relative_contours(contours[None], statistics.log_f0, level)
        prosody = self._chunks(
            lambda x: self.vae.encode_prosody(x).mean,
            relative,
            self.vae.prosody_encoder.look_ahead,
            self._prosody_stride,
        )
        mel = torch.from_numpy(frames.mel).to(self.device)[None]
        content = self._chunks(
            lambda x: self.vae.encode_content(own_units(x, statistics)).mean,
            mel,
            self.vae.content_encoder.look_ahead,
            self._content_stride,
        )
        decoded = self._contours(prosody, mel.shape[1])
        code = Code(
            speaker,
            _array(prosody[0]),
            _array(content[0]),
            _array((relative - decoded)[0]),
            None,
            loudness_db,
            n_samples,
            self.sample_rate,
        )
        if not detail:
            return code
        explained = self._mel(content, relative, speaker)
        return Code(**{**vars(code), "mel_detail": frames.mel - explained})

    def _decode_frames(self, code: Code) -> tuple[np.ndarray, np.ndarray]:
        """Edited mel `[T, n_mels]` and contours `[T, 3]` (ln Hz, 0..1, dB)."""
        content, prosody = (torch.from_numpy(x).to(self.device)[None] for x in (code.content, code.prosody))
        detail = torch.from_numpy(code.contour_detail).to(self.device)[None]
        relative = self._contours(prosody, detail.shape[1]) + detail
        mel = self._mel(content, relative, code.speaker)
        if code.mel_detail is not None:
            mel += code.mel_detail
        else:
            mel -= self._level(mel)[:, None]
        if code.changes.formant_semitones:
            mel = self._shift_formants(mel, code.changes.formant_semitones)
        log_f0 = torch.tensor([[code.speaker.log_f0_mean, code.speaker.log_f0_std]], device=self.device)
        contours = _array(absolute_contours(relative, log_f0, torch.tensor([code.loudness_db], device=self.device))[0])
        contours = edit_contours(contours, code.speaker.log_f0_mean, code.changes)
        if code.changes.rate == 1.0:
            return mel, contours
        n_frames = self.config.n_frames(round(code.n_samples / code.changes.rate))
        return stretch(mel, code.changes.rate, n_frames), stretch(contours, code.changes.rate, n_frames)

    def _mel(self, content: Tensor, relative: Tensor, speaker: Speaker) -> np.ndarray:
        """Decoded mel `[T, n_mels]` of content `[1, T_c, D_c]` and relative contours `[1, T, 3]`."""
        statistics, z = self._tensors(speaker), torch.from_numpy(speaker.z).to(self.device)[None]
        stride, n_frames = self._content_stride, relative.shape[1]
        out = np.empty((n_frames, self.config.n_mels), np.float32)
        for start, stop, first, last in _spans(n_frames, self.vae.mel_decoder.look_ahead, self._prosody_stride):
            part = content[:, first // stride : -(-last // stride)]
            mel = self.vae.decode_mel(part, relative[:, first:last], z, statistics)
            out[start:stop] = _array(mel[0, start - first : stop - first])
        return out

    def _contours(self, prosody: Tensor, n_frames: int) -> Tensor:
        """Decoded relative contours `[1, T, 3]` of prosody `[1, T_p, D_p]`."""
        stride, parts = self._prosody_stride, []
        for start, stop, first, last in _spans(n_frames, self.vae.contour_decoder.look_ahead, stride):
            part = prosody[:, first // stride : -(-last // stride)]
            parts.append(self.vae.decode_contours(part, last - first)[:, start - first : stop - first])
        return torch.cat(parts, 1)

    def _chunks(self, encode: Any, x: Tensor, look_ahead: int, stride: int) -> Tensor:
        """`encode` of `x` `[1, T, C]`, a piece at a time, equal to all at once."""
        parts = []
        for start, stop, first, last in _spans(x.shape[1], look_ahead, self._prosody_stride):
            part = encode(x[:, first:last])
            parts.append(part[:, (start - first) // stride : -(-(stop - first) // stride)])
        return torch.cat(parts, 1)

    def _speaker(self, frames: Frames, shown: dict[str, np.ndarray]) -> Speaker:
        statistics = Speaker(
            np.zeros(0, np.float32),
            float(shown["log_f0_mean"]),
            float(shown["log_f0_std"]),
            shown["mel_mean"],
            shown["mel_std"],
        )
        span = _most_speech(frames, float(shown["loudness_max_db"]))
        speech = frames.loudness_db[span] > float(shown["loudness_max_db"]) - SPEECH_RANGE_DB
        weight = torch.from_numpy(0.1 + 0.9 * speech.astype(np.float32)).to(self.device)[None]
        mel = torch.from_numpy(frames.mel[span]).to(self.device)[None]
        z = self.vae.encode_speaker(mel, weight, self._tensors(statistics)).mean
        return Speaker(**{**vars(statistics), "z": _array(z[0])})

    def _tensors(self, speaker: Speaker) -> VoiceStatistics:
        log_f0 = torch.tensor([[speaker.log_f0_mean, speaker.log_f0_std]], device=self.device)
        mean, std = (torch.from_numpy(x).to(self.device)[None] for x in (speaker.mel_mean, speaker.mel_std))
        return VoiceStatistics(log_f0, mean, std)

    def _shift_formants(self, mel: np.ndarray, semitones: float) -> np.ndarray:
        matrix = warp_matrix(torch.tensor([2 ** (semitones / 12)]), self.config)[0].numpy()
        warped = mel @ matrix
        return warped + (self._level(mel) - self._level(warped))[:, None]

    def _level(self, mel: np.ndarray) -> np.ndarray:
        """Mean power over frequency that a mel `[T, n_mels]` stands for, `[T]`, natural log."""
        matrix = self.vocoder.envelope.cpu().numpy()
        pieces = (mel[i : i + CHUNK_FRAMES] @ matrix for i in range(0, len(mel), CHUNK_FRAMES))
        return np.concatenate([np.log(np.exp(piece).mean(1)) for piece in pieces])

    def _check(self, code: Code) -> None:
        wanted = (
            self.vae.config.content_dim,
            self.vae.config.prosody_dim,
            self.vae.config.speaker_dim,
            self.sample_rate,
        )
        if (code.content.shape[-1], code.prosody.shape[-1], len(code.speaker.z), code.sample_rate) != wanted:
            raise EditError("The code was made with another bundle; encode the speech again with this one.")

    @property
    def _content_stride(self) -> int:
        return self.vae.config.content_stride

    @property
    def _prosody_stride(self) -> int:
        return self.vae.config.prosody_stride


def _statistics(frames: Frames) -> dict[str, np.ndarray]:
    return utterance_statistics(frames.array())


def _most_speech(frames: Frames, loud_db: float) -> slice:
    """The minute of a recording that has the most speech in it."""
    if len(frames) <= SPEAKER_FRAMES:
        return slice(0, len(frames))
    speech = (frames.voicing >= VOICED) & (frames.loudness_db > loud_db - SPEECH_RANGE_DB)
    total = np.concatenate([[0], np.cumsum(speech)])
    start = int(np.argmax(total[SPEAKER_FRAMES:] - total[:-SPEAKER_FRAMES]))
    return slice(start, start + SPEAKER_FRAMES)


def _spans(n_frames: int, look_ahead: int, multiple: int) -> Iterator[tuple[int, int, int, int]]:
    """(start, stop) of each chunk, and (first, last) of what it must see, on whole steps of the slowest latent."""
    context = -(-look_ahead // multiple + 1) * multiple
    for start in range(0, n_frames, CHUNK_FRAMES):
        stop = min(start + CHUNK_FRAMES, n_frames)
        yield start, stop, max(start - context, 0), min(stop + context, n_frames)


def _array(x: Tensor) -> np.ndarray:
    return x.float().cpu().numpy()
