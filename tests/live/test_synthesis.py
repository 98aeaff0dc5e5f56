"""The vocoder of a stream against that of a whole recording."""

import numpy as np

from voicevae import VoiceVAE
from voicevae.features import extract
from voicevae.live.steps import STEP_FRAMES
from voicevae.live.synthesis import SILENT, Synthesis
from voicevae.vocoders.excitation import pulse_train


def test_with_the_whole_look_ahead_the_samples_are_those_of_a_file(vv: VoiceVAE, speech: np.ndarray) -> None:
    frames = extract(speech, vv.config)
    mel, contours = frames.mel, frames.contours.array()
    ahead, hop = vv.vocoder.look_ahead + 1, vv.config.hop_length
    stream, made = Synthesis(vv.vocoder, vv.coder.networks.filters_ends, ahead), []
    begun = np.array([SILENT[0], contours[0, 0]])  # a stream has a frame before the first
    stream.phase = -float(pulse_train(begun, np.zeros(2), hop, vv.sample_rate)[1][1])
    for end in range(STEP_FRAMES, len(mel) + 1, STEP_FRAMES):
        known = np.clip(np.arange(end - STEP_FRAMES - ahead, end), 0, None)
        made.append(stream.feed(mel[known], contours[end - STEP_FRAMES : end]))
    whole = np.concatenate(list(vv.vocoder.synthesize(mel, contours)))
    wave = np.concatenate(made)[ahead * hop + vv.config.win_length // 2 :]
    inside = slice(ahead * hop, len(wave) - vv.config.win_length)
    np.testing.assert_allclose(wave[inside], whole[inside], atol=1e-4 * np.abs(whole).max())
