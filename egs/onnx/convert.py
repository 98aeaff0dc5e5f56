"""A conversion with onnxruntime, numpy and soundfile alone: docs/onnx.md as a program. Sounds are mono at 16 kHz.

python egs/onnx/convert.py speech.wav reference.wav out.wav BUNDLE swift_f0/model.onnx
"""

import json
import sys

import numpy as np
import onnxruntime
import soundfile
from numpy.lib.stride_tricks import sliding_window_view

RATE, HOP, WIN, FFT, BANDS = 16000, 200, 640, 1024, 80
HANN = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WIN) / WIN)
HZ = np.linspace(0, RATE / 2, FFT // 2 + 1)
RESIDUAL, LIKENESS, DB = 0.4, 0.25, np.log(10) / 10  # shares; nats of power in a dB


def filters(n: int) -> tuple[np.ndarray, np.ndarray]:  # triangles of unit sum; interpolation between their centres
    hz, bins = 700 * (10 ** (np.linspace(0, np.log10(1 + 8000 / 700), n + 2)) - 1), HZ[:, None]
    made = np.maximum(np.minimum((bins - hz[:-2]) / np.diff(hz)[:-1], (hz[2:] - bins) / np.diff(hz)[1:]), 0)
    empty = np.flatnonzero(made.sum(0) == 0)
    made[np.round(hz[1:-1][empty] * FFT / RATE).astype(int), empty] = 1
    return made / made.sum(0), np.stack([np.interp(HZ, hz[1:-1], band) for band in np.eye(n)])


(FILTERS, TO_BINS), (BROAD, _) = filters(BANDS), filters(8)


def run(model: str, **inputs: object) -> list[np.ndarray]:
    return onnxruntime.InferenceSession(model).run(None, {k: np.asarray(v, np.float32) for k, v in inputs.items()})


def stft(wave: np.ndarray, n: int) -> np.ndarray:
    return np.fft.rfft(sliding_window_view(np.pad(wave, WIN // 2 + HOP), WIN)[HOP::HOP][:n] * HANN, FFT)


def istft(spectrum: np.ndarray) -> np.ndarray:
    total = np.zeros((2, (len(spectrum) + 1) * HOP + WIN))
    frames = np.pad(np.fft.irfft(spectrum, FFT)[:, :WIN], ((0, 1), (0, 0)))  # one more, that fades the end
    for t, frame in enumerate(frames):
        total[:, t * HOP : t * HOP + WIN] += frame * HANN, HANN**2
    return (total[0] / np.maximum(total[1], 1e-9))[WIN // 2 :][: len(spectrum) * HOP]


def smooth(power: np.ndarray, width_hz: np.ndarray) -> np.ndarray:  # over one F0; held below the first harmonic
    made, bins, pad = np.empty_like(power), np.arange(len(HZ)), 200
    for t, (row, width) in enumerate(zip(power, width_hz * FFT / RATE, strict=True)):
        total = np.concatenate([[0], np.cumsum(np.pad(row, pad, mode="reflect"))])
        low = np.maximum(bins, (bins < width) * width) + pad + 0.5 - width / 2
        made[t] = np.diff(np.interp([low, low + width], np.arange(len(total)), total), axis=0) / width
    return np.maximum(made, 1e-10)


class Recording:
    def __init__(self, wave: np.ndarray, f0_model: str) -> None:
        reach, n, self.n_samples = RATE // 4, len(wave) // HOP + 1, len(wave)
        kernel = np.sinc(16 * np.arange(-reach, reach + 1) / RATE) * np.blackman(2 * reach + 1)  # below 8 Hz: offset
        long, size = np.pad(wave, reach, mode="reflect"), 1 << (len(wave) + 4 * reach).bit_length()
        slow = np.fft.irfft(np.fft.rfft(long, size) * np.fft.rfft(kernel / kernel.sum(), size), size)
        wave = wave - slow[2 * reach :][: len(wave)]
        power = np.square(wave[: len(wave) // HOP * HOP].reshape(-1, HOP)).mean(1)
        loud = np.percentile(power[power >= 1e-6 * power.max()], 95)
        wave = wave * np.sqrt(10**-1.5 / loud)  # -15 dB; -20 dB for the F0 model
        hz, sure = (x.ravel() for x in run(f0_model, audio=wave[None] * 10**-0.25, fmin=46.875, fmax=2093.75))
        sure, own = np.where((hz < 47) | (hz > 1100), 0, sure), np.arange(len(hz)) * 256 / RATE
        self.voicing = np.interp(np.arange(n) / 80, own, sure)
        self.log_f0 = np.interp(np.arange(n) / 80, own[sure >= 0.5], np.log(hz[sure >= 0.5]))
        voiced, f0_hz = self.voicing >= 0.5, np.exp(self.log_f0)
        power = np.abs(stft(wave, n)) ** 2 / np.square(HANN).sum()
        envelope, white = smooth(power, np.where(voiced, f0_hz, 50)), power / smooth(power, 2 * f0_hz)
        level = envelope.mean(1, keepdims=True)
        comb = (white * np.cos(2 * np.pi * HZ / f0_hz[:, None])) @ BROAD / (white @ BROAD)
        harmonic = 2 * np.arctanh(np.clip(comb, -0.98, 0.98)) * voiced[:, None]
        self.mel = np.concatenate([np.log(envelope / level @ FILTERS), harmonic], 1)
        self.loudness = 10 * np.log10(level[:, 0] * loud * 10**1.5)
        self.quiet = np.percentile(self.loudness, 95) - self.loudness  # dB below the loud frames
        self.speech, self.f0 = self.quiet < 40, (self.log_f0[voiced].mean(), self.log_f0[voiced].std())
        self.mean, self.cov = self.mel[self.speech].mean(0), np.cov(self.mel[self.speech].T, bias=True)
        self.statistics = np.concatenate([self.f0, self.mean, np.sqrt(np.diag(self.cov))])


def transport(source: np.ndarray, n: int, prior: np.ndarray, frames: int, target: np.ndarray) -> np.ndarray:
    # A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2; `source`, of `n` frames, leans on `prior` as if that were of `frames`
    a, b = (x + 0.05 * np.eye(len(x)) for x in ((n * source + frames * prior) / (n + frames), target))
    values, vectors = np.linalg.eigh(a)
    root, inverse = ((vectors * values**power) @ vectors.T for power in (0.5, -0.5))
    values, vectors = np.linalg.eigh(root @ b @ root)
    return inverse @ (vectors * np.sqrt(np.maximum(values, 1e-8))) @ vectors.T @ inverse


def convert(source: Recording, target: Recording, bundle: str) -> np.ndarray:
    with open(f"{bundle}/vae.safetensors", "rb") as file:  # 8 bytes of length, JSON, numbers
        places = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        corpus = np.frombuffer(file.read()[slice(*places["mel_cov"]["data_offsets"])], "<f4").reshape(88, 88)
    pitch = (source.log_f0 - source.f0[0]) / source.f0[1]
    relative = np.stack([pitch, 2 * source.voicing - 1, -source.quiet / 20], 1)
    whole = transport(source.cov, source.speech.sum(), corpus, 40, corpus)
    said = run(f"{bundle}/content_encoder.onnx", mel=(source.mel - source.mean) @ whole)[0]
    spoken = said[source.speech[::2]]
    said = (said - spoken.mean(0)) / np.sqrt(spoken.var(0) + 1e-6) * source.speech[::2, None]
    made = []
    for one in (source, target):
        voice = {"statistics": one.statistics}
        z = run(f"{bundle}/speaker_encoder.onnx", mel=one.mel, weight=0.1 + 0.9 * one.speech, **voice)[0]
        made += run(f"{bundle}/mel_decoder.onnx", content=said, contours=relative, speaker=z, **voice)
    mel = made[1] + RESIDUAL * (source.mel - made[0])
    speech, mean = mel[source.speech], mel[source.speech].mean(0)
    whole = transport(np.cov(speech.T, bias=True), len(speech), target.cov, 3, target.cov)
    whole = LIKENESS * whole + (1 - LIKENESS) * np.eye(len(whole))
    mel = (mel - mean) @ whole + mean + LIKENESS * (target.mean - mean)
    mel[:, :BANDS] -= np.log(np.exp(mel[:, :BANDS] @ TO_BINS).mean(1, keepdims=True))
    return vocode(mel, pitch * target.f0[1] + target.f0[0], source.voicing, source.loudness, bundle)[: source.n_samples]


def vocode(mel: np.ndarray, log_f0: np.ndarray, voicing: np.ndarray, loudness: np.ndarray, bundle: str) -> np.ndarray:
    n, bins, voiced = len(mel), len(HZ), voicing >= 0.5
    change = np.clip(np.diff(loudness, prepend=loudness[:1]), -20, 20) / 5
    told = np.stack([(np.minimum(log_f0, np.log(165)) - 5) * 2, voicing * 2 - 1, change], 1)
    parts = np.split(run(f"{bundle}/vocoder.onnx", mel=mel, source=told)[0], [bins, 2 * bins, 3 * bins], 1)
    shape, level = 0.5 * mel[:, :BANDS] @ TO_BINS, 0.5 * DB * loudness[:, None]
    pulse = shape + np.clip(parts[0], -8, 4)
    fold = np.concatenate([[1], np.full(FFT // 2 - 1, 2), [1], np.zeros(FFT // 2 - 1)])  # minimum phase
    gain = np.exp(pulse + level + 1j * (np.fft.rfft(np.fft.irfft(pulse) * fold).imag + parts[1]))
    f0_hz, gate = (np.interp(np.arange(n * HOP) / HOP, np.arange(n), x) for x in (log_f0, voiced))
    f0_hz = np.clip(np.exp(f0_hz), 20, RATE / 4)  # pulses: all partials in closed form, one more that fades
    turn = 2 * np.pi * (np.concatenate([[0], np.cumsum(f0_hz[:-1])]) / RATE % 1)
    ratio, near = RATE / 2 / f0_hz, np.abs(np.sin(turn / 2)) < 1e-4
    top = np.floor(ratio)
    kernel = np.where(near, top - 1, np.sin((top - 0.5) * turn) / (2 * np.where(near, 1, np.sin(turn / 2))) - 0.5)
    pulses = (kernel + (ratio - top) * np.cos(top * turn)) * gate * np.sqrt(2 / ratio)
    noise = [np.random.default_rng((0, i)).standard_normal(1 << 15, np.float32) for i in range(n * HOP // 32768 + 1)]
    breath = np.exp(shape + level + np.clip(parts[2], -8, 4))
    wave = istft(gain * stft(pulses, n) + breath * stft(np.concatenate(noise)[: n * HOP], n))
    wanted = mel[:, :BANDS] + np.clip(parts[3], -2, 2) + 2 * level
    width = np.where(voiced, np.clip(np.exp(log_f0), 20, RATE / 4), 50)
    below = np.arange(bins) < (width * FFT / RATE).astype(int)[:, None]
    for _ in range(2):  # corrections
        shown = np.log(smooth(np.abs(stft(wave, n)) ** 2 / np.square(HANN).sum(), width) @ FILTERS)
        gain = 0.5 * np.clip(wanted - shown, -9, 9) @ TO_BINS
        held = np.minimum(gain, np.take_along_axis(gain, below.sum(1, keepdims=True), 1))
        wave = istft(stft(wave, n) * np.exp(np.where(below, held, gain)))
    return wave


if __name__ == "__main__":
    *sounds, out, folder, f0 = sys.argv[1:]
    soundfile.write(out, convert(*(Recording(soundfile.read(path)[0], f0) for path in sounds), folder), RATE)
