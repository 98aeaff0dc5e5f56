from collections.abc import Callable

import numpy as np
import pytest

from benchmarks import editing
from voicevae.features import FeatureConfig

CONFIG = FeatureConfig()


def test_who_changes_nothing_has_no_error_at_no_edit(vowel: Callable[..., np.ndarray]) -> None:
    made = editing.measure(lambda wave, semitones, rate: wave, vowel(), 0.0, 1.0, CONFIG, rated=False)
    assert len(made.cents) > 40 and made.cents.max() == 0
    assert made.drift_cents == pytest.approx(0, abs=1) and np.isnan(made.dnsmos)


def test_an_edit_that_was_not_made_is_an_error_of_its_size(vowel: Callable[..., np.ndarray]) -> None:
    made = editing.measure(lambda wave, semitones, rate: wave, vowel(), 3.0, 1.0, CONFIG, rated=False)
    assert np.median(made.cents) == pytest.approx(300, abs=1e-2)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(editing.MODULES, editing.SIGNALSMITH, "no_such_stretch")
    assert editing.SIGNALSMITH in editing.missing() and editing.OURS not in editing.missing()
