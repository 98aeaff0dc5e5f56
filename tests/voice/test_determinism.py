"""Chunks, lists and the state of the process change nothing; a seed says which noise."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.voice.conftest import vowel
from voicevae import VoiceVAE, chunks
from voicevae.code import Code
from voicevae.features import extract
from voicevae.vocoders import source_filter


@pytest.mark.parametrize("chunk_frames", [40, 64])
def test_chunks_leave_no_trace(vv: VoiceVAE, code: Code, monkeypatch: pytest.MonkeyPatch, chunk_frames: int) -> None:
    whole = vv.decode(code.edit(rate=0.8, formant_semitones=1))
    voice = vv.speaker(vowel(1.0, 210.0, (900, 2400)))
    converted, _ = vv.coder.decode(code.edit(speaker=voice))
    monkeypatch.setattr(chunks, "CHUNK_FRAMES", chunk_frames)
    monkeypatch.setattr(source_filter, "CHUNK_FRAMES", chunk_frames)
    again = vv.encode(vowel(1.6))
    for name in ("prosody", "content", "contour_residual", "mel_residual"):
        np.testing.assert_allclose(getattr(again, name), getattr(code, name), atol=1e-4, err_msg=name)
    np.testing.assert_allclose(again.speaker.z, code.speaker.z, atol=1e-5)
    blocks = list(vv.decode_blocks(again.edit(rate=0.8, formant_semitones=1)))
    assert len(blocks) > 2
    np.testing.assert_allclose(np.concatenate(blocks), whole, atol=1e-3 * np.abs(whole).max())
    np.testing.assert_allclose(vv.coder.decode(code.edit(speaker=voice))[0], converted, atol=1e-3)


@pytest.mark.parametrize("share", [0.4, 1.0])
def test_what_is_used_up_decodes_the_same(vv: VoiceVAE, code: Code, share: float) -> None:
    voice = vv.speaker(vowel(1.0, 210.0, (900, 2400)))
    for edited in (code.edit(speaker=voice, residual=share), code.edit(residual=share, rate=0.9)):
        residual = edited.mel_residual.copy()
        kept, _ = vv.coder.decode(edited)
        np.testing.assert_array_equal(edited.mel_residual, residual)
        used, _ = vv.coder.decode(replace(edited, mel_residual=residual), overwrite=True)
        np.testing.assert_array_equal(used, kept)


def test_frames_that_are_used_up_are_encoded_the_same(vv: VoiceVAE, code: Code) -> None:
    frames = extract(vowel(1.6), vv.config)
    kept = vv.coder.encode(frames, code.n_samples, residual=True)
    used = vv.coder.encode(frames, code.n_samples, residual=True, overwrite=True)
    assert used.mel_residual is frames.mel
    np.testing.assert_array_equal(used.mel_residual, kept.mel_residual)


def test_a_list_equals_its_items_one_by_one(vv: VoiceVAE) -> None:
    sources = [vowel(0.8), vowel(0.5, 220.0)]
    together, speaker = vv.encode(sources), vv.speaker(vowel(1.0, 200.0))
    for source, one in zip(sources, together, strict=True):
        np.testing.assert_array_equal(vv.encode(source).content, one.content)
    for of in (
        lambda x: vv.decode(vv.encode(x)),
        lambda x: vv.convert(x, voice=speaker, seed=3),
        lambda x: vv.modulate(x, rate=1.2, seed=3),
    ):
        for source, wave in zip(sources, of(sources), strict=True):
            np.testing.assert_array_equal(wave, of(source))


def test_the_same_seed_says_the_same(vv: VoiceVAE, code: Code) -> None:
    np.testing.assert_array_equal(vv.decode(code, seed=1), vv.decode(code, seed=1))
    assert not np.array_equal(vv.decode(code, seed=1), vv.decode(code, seed=2))


def test_the_state_of_the_world_does_not_matter(vv: VoiceVAE) -> None:
    torch.manual_seed(1)
    one = vv.convert(vowel(0.4), voice=vv.sample(5), seed=1)
    torch.manual_seed(2)
    np.testing.assert_array_equal(vv.convert(vowel(0.4), voice=vv.sample(5), seed=1), one)
