import sys
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torchaudio.pipelines import Wav2Vec2ASRBundle

from voicevae.errors import VoiceVAEError
from voicevae.evaluation.metrics import recogniser
from voicevae.recipes.espeak import speak

SENTENCES = ["rice is often served in round bowls", "open the door and go outside", "he read the book last night"]


@pytest.fixture(scope="module")
def sphinx() -> Iterator[recogniser.Recogniser]:
    pytest.importorskip("pocketsphinx")
    yield recogniser.named("pocketsphinx")


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_spoken_sentence_is_told_from_others(sphinx: recogniser.Recogniser, index: int) -> None:
    wave, rate = speak(SENTENCES[index])
    assert sphinx.choose(wave, rate, SENTENCES) == index


def test_what_is_heard_does_not_depend_on_what_was_heard_before(sphinx: recogniser.Recogniser) -> None:
    wave, rate = speak("Open the door.")
    first = sphinx.transcribe(wave, rate)
    sphinx.transcribe(0.5 * wave[::-1], rate)
    assert sphinx.transcribe(wave, rate) == first


def test_noise_is_no_sentence(sphinx: recogniser.Recogniser) -> None:
    assert sphinx.choose(np.zeros(4000, np.float32), 16000, SENTENCES) == recogniser.NONE


def test_case_and_punctuation_go() -> None:
    assert recogniser.plain("It's  GOOD, isn't it?") == "it's good isn't it"


@pytest.mark.parametrize("name", ["sphinx", "whisper", "wav2vec2:", "wav2vec2:NO_SUCH"])
def test_an_unknown_name_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(VoiceVAEError, match="choose"):
        recogniser.named(name)


def test_weights_that_are_not_at_hand_are_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(Wav2Vec2ASRBundle, "get_model", fail)
    with pytest.raises(VoiceVAEError, match=r"weights of wav2vec2:ASR_BASE_960H .*no network.*pocketsphinx"):
        recogniser.named("wav2vec2:ASR_BASE_960H")


def test_a_ctc_output_is_read_greedily(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = ("-", "|", "E", "T", "A", "O", "N", "I", "H", "S", "R", "D", "L", "U", "M", "W", "C", "F", "G", "Y", "P")
    said = ["-", "H", "H", "I", "-", "|", "A", "L", "-", "L", "L", "-"]
    scores = torch.nn.functional.one_hot(torch.tensor([[labels.index(s) for s in said]]), 29).float()
    model = torch.nn.Module()
    model.forward = lambda wave: (scores, None)  # type: ignore[method-assign]
    monkeypatch.setattr(Wav2Vec2ASRBundle, "get_model", lambda self: model)
    reader = recogniser.named("wav2vec2:ASR_BASE_960H")
    assert reader.transcribe(np.zeros(16000), 16000) == "hi all"
    assert reader.choose(np.zeros(16000), 16000, ["bye none", "Hi, all!"]) == 1
    assert reader.language == "en"


def test_whisper_is_asked_at_16_khz(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[np.ndarray] = []

    class Model:
        def transcribe(self, wave: np.ndarray, **options: object) -> dict[str, str]:
            asked.append(wave)
            return {"text": " Hello, World."}

    package = SimpleNamespace(available_models=lambda: ["base.en"], load_model=lambda size, device: Model())
    monkeypatch.setitem(sys.modules, "whisper", package)
    reader = recogniser.named("whisper:base.en")
    assert reader.transcribe(np.ones(8000, np.float32), 8000) == "hello world"
    assert len(asked[0]) == 16000 and asked[0].dtype == np.float32
    with pytest.raises(VoiceVAEError, match=r"base\.en"):
        recogniser.named("whisper:enormous")
