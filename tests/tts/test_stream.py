"""A stream says what the whole recording says, whatever the chunks, in time and in bounded memory."""

from collections.abc import Iterator

import numpy as np
import pytest

from voicevae import VoiceVAE
from voicevae.errors import AudioError, EditError
from voicevae.features import extract
from voicevae.tts import Modulator
from voicevae.tts.stream import LATENCY_S, Stream

RATE = 16000


def chunked(wave: np.ndarray, n: int) -> Iterator[np.ndarray]:
    return (wave[start : start + n] for start in range(0, len(wave), n))


@pytest.fixture(scope="module")
def streamed(vv: VoiceVAE, speech: np.ndarray) -> np.ndarray:
    return np.concatenate(list(Modulator(bundle=vv, pitch_semitones=2).stream(chunked(speech, 1600), RATE)))


@pytest.mark.parametrize("n", [3001, 10**6])
def test_the_chunks_do_not_matter(vv: VoiceVAE, speech: np.ndarray, streamed: np.ndarray, n: int) -> None:
    found = np.concatenate(list(Modulator(bundle=vv, pitch_semitones=2).stream(chunked(speech, n), RATE)))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, streamed, atol=1e-6)


def test_a_stream_says_once_what_it_does_not_follow(vv: VoiceVAE) -> None:
    tone = 0.2 * np.sin(2 * np.pi * 1500 * np.arange(8 * RATE) / RATE)
    with pytest.warns(UserWarning, match=r"F0 after 0\.0 s of the stream lies outside 47 to 1100 Hz") as said:
        list(Modulator(bundle=vv).stream(chunked(tone, 4000), RATE))
    assert len(said) == 1


@pytest.mark.parametrize("rate", [0.8, 1.7])
def test_a_stream_keeps_time(vv: VoiceVAE, speech: np.ndarray, streamed: np.ndarray, rate: float) -> None:
    assert len(streamed) == len(speech)
    n = 2 * RATE - 77
    made = np.concatenate(list(Modulator(bundle=vv, rate=rate).stream(chunked(speech[:n], 800), RATE)))
    assert len(made) == round(n / rate)


def test_a_stream_says_what_the_whole_says(vv: VoiceVAE, speech: np.ndarray) -> None:
    """With the register known, pitch and level are those of the edited whole, away from the cuts as at them."""
    mod = Modulator(bundle=vv, pitch_semitones=3, pitch_range=1.5)
    whole, _ = mod(speech, RATE)
    made = np.concatenate(list(mod.stream(chunked(speech, 1600), RATE, speaker=speech)))
    one, two = extract(whole, vv.config), extract(made, vv.config)
    both = one.voiced & two.voiced
    assert both.sum() > 0.95 * one.voiced.sum()
    assert np.median(np.abs(one.log_f0 - two.log_f0)[both]) * 1200 / np.log(2) < 3
    loud = one.loudness_db > -45
    assert np.median(np.abs(one.loudness_db - two.loudness_db)[loud]) < 0.3
    assert np.abs(one.loudness_db - two.loudness_db)[loud].max() < 6


def test_a_range_is_about_what_was_heard_so_far(vv: VoiceVAE, speech: np.ndarray) -> None:
    """Monotone speech is at the mean of each moment: the first phrase's, in the end that of all."""
    made = np.concatenate(list(Modulator(bundle=vv, pitch_range=0).stream([speech], RATE)))
    source, found = extract(speech, vv.config), extract(made, vv.config)
    for span, heard in ((slice(10, 95), 110), (slice(150, 245), 256)):
        mean = source.log_f0[:heard][source.voiced[:heard]].mean()
        assert np.median(found.log_f0[span][found.voiced[span]]) == pytest.approx(mean, abs=0.006)


def test_a_hum_without_pauses_is_cut_in_time_without_a_click(vv: VoiceVAE) -> None:
    time = np.arange(8 * RATE) / RATE
    hum = 0.1 * np.sin(2 * np.pi * 150 * time).astype(np.float32)
    stream, parts = Stream(vv, lambda code: code, RATE), []
    taken = given = most = 0
    for chunk in chunked(hum, 4000):
        taken += len(chunk)
        parts += stream.feed(chunk)
        given = sum(len(part) for part in parts)
        most = max(most, len(stream.sound))
        assert taken - given <= (LATENCY_S + 0.1) * RATE
    assert 0 < given and most < (LATENCY_S + 1.5) * RATE and len(stream.context) <= 640
    made = np.concatenate([*parts, *stream.flush()])
    assert len(made) == taken
    steps = np.abs(np.diff(made[RATE : 7 * RATE]))
    assert steps.max() < 2 * np.percentile(steps, 95)


def test_silence_goes_through(vv: VoiceVAE, speech: np.ndarray) -> None:
    still = np.zeros(round(6.5 * RATE), np.float32)
    made = np.concatenate(list(Modulator(bundle=vv).stream([still, speech[:RATE]], RATE)))
    assert len(made) == 7.5 * RATE and np.isfinite(made).all()
    assert np.abs(made[: 6 * RATE]).max() < 1e-3 < np.abs(made[7 * RATE :]).max()


@pytest.mark.parametrize("n", [1, 799, 8000])
@pytest.mark.parametrize("value", [0, 1, 5, 3000])
def test_silence_and_offset_end_no_stream(vv: VoiceVAE, n: int, value: int) -> None:
    chunks = chunked(np.full(n, value, np.int16), 300)
    made = np.concatenate(list(Modulator(bundle=vv).stream(chunks, RATE)))
    assert len(made) == n and np.abs(made).max() < 1e-3


def test_a_stream_hears_channels_as_a_recording_does(vv: VoiceVAE, speech: np.ndarray, streamed: np.ndarray) -> None:
    opposite = speech[:, None] * np.array([1, -1], np.float32) + np.float32(0.05)
    for chunks in (chunked(opposite, 1600), (chunk.T for chunk in chunked(opposite, 1600))):
        made = np.concatenate(list(Modulator(bundle=vv, pitch_semitones=2).stream(chunks, RATE)))
        one, two = extract(streamed, vv.config), extract(made, vv.config)
        loud = one.loudness_db > one.loudness_db.max() - 30
        assert len(made) == len(streamed)
        assert np.abs(np.median((one.loudness_db - two.loudness_db)[loud])) < 1


def test_another_rate_lasts_as_long(vv: VoiceVAE, speech: np.ndarray) -> None:
    sound = np.repeat(speech[:20000], 2)  # at 32 kHz
    made = np.concatenate(list(Modulator(bundle=vv).stream(chunked(sound, 999), 2 * RATE)))
    assert abs(len(made) - 20000) <= 1


def test_integers_and_empty_chunks_will_do(vv: VoiceVAE, speech: np.ndarray) -> None:
    short = (speech[:8000] * 2**15).astype(np.int16)
    made = np.concatenate(list(Modulator(bundle=vv).stream([short[:0], short, short[:0]], RATE)))
    assert len(made) == 8000


@pytest.mark.parametrize(
    "chunks", [[], [np.zeros(0, np.float32)], [np.full(100, np.nan)], [np.ones((2, 2, 2))], [["a"]]]
)
def test_what_cannot_be_used_is_one_sentence(vv: VoiceVAE, chunks: list[object]) -> None:
    with pytest.raises(AudioError):
        list(Modulator(bundle=vv).stream(chunks, RATE))


@pytest.mark.parametrize("rate", [0, -1, float("nan"), None])
def test_a_rate_that_is_none_is_refused(vv: VoiceVAE, rate: int) -> None:
    with pytest.raises(AudioError, match="rate in Hz"):
        list(Modulator(bundle=vv).stream([np.zeros(100)], rate))


def test_low_latency_gives_the_same_speech_within_a_tenth_of_a_second(vv: VoiceVAE, speech: np.ndarray) -> None:
    mod = Modulator(bundle=vv, pitch_semitones=3)
    arrived, delays, parts = 0, [], []

    def chunks() -> Iterator[np.ndarray]:
        nonlocal arrived
        for start in range(0, len(speech), 320):
            arrived += len(speech[start : start + 320])
            yield speech[start : start + 320]

    for part in mod.stream(chunks(), RATE, low_latency=True):
        parts.append(part)
        delays.append(arrived - sum(map(len, parts)))
    assert sum(map(len, parts)) == len(speech)
    assert max(delays) < 0.1 * RATE
    late, whole = extract(np.concatenate(parts), vv.config), extract(mod(speech, RATE)[0], vv.config)
    voiced = late.voiced & whole.voiced
    voiced[:40] = False
    assert np.median(np.abs(late.log_f0 - whole.log_f0)[voiced]) < 20 * np.log(2) / 1200


def test_low_latency_refuses_what_needs_the_whole(vv: VoiceVAE, speech: np.ndarray) -> None:
    with pytest.raises(EditError):
        list(Modulator(bundle=vv, rate=0.8).stream([speech], RATE, low_latency=True))
