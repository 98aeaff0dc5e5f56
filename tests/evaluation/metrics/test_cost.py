import sys
from time import sleep

import numpy as np
import pytest
import torch

from voicevae.evaluation.metrics import cost


def test_real_time_factor_is_the_median_time_over_the_seconds_of_sound() -> None:
    assert cost.real_time_factor(lambda: sleep(0.02), 2.0, 1) == pytest.approx(0.01, rel=0.5)


def test_threads_are_set_back_even_after_an_error() -> None:
    before = torch.get_num_threads()
    seen: list[int] = []
    cost.real_time_factor(lambda: seen.append(torch.get_num_threads()) or sleep(0.001), 1.0, before + 1)
    with pytest.raises(ZeroDivisionError):
        cost.real_time_factor(lambda: 1 / 0, 1.0, before + 1)
    assert set(seen) == {before + 1}
    assert torch.get_num_threads() == before


def test_peak_memory_is_that_of_the_command_and_not_of_this_process() -> None:
    ours = np.ones(40_000_000)  # 320 MB
    small = cost.process([sys.executable, "-c", "pass"]).peak_mb
    large = cost.process([sys.executable, "-c", "x = b'1' * 200_000_000"]).peak_mb
    assert small < 100 < ours.nbytes / 1e6
    assert large - small == pytest.approx(200, abs=15)


def test_a_process_that_waits_takes_time_and_one_that_computes_takes_cpu() -> None:
    waiting = cost.process([sys.executable, "-c", "import time; time.sleep(0.5)"])
    assert waiting.wall_s > 0.5 > waiting.cpu_s
    work = "import time\nwhile time.process_time() < 0.6: pass"
    assert cost.process([sys.executable, "-c", work]).cpu_s == pytest.approx(0.6, abs=0.2)


def test_a_command_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match="no such thing"):
        cost.process([sys.executable, "-c", "import sys; sys.exit('no such thing')"])


def test_a_loop_is_cut_to_length() -> None:
    assert cost.loop(np.array([1.0, 2.0, 3.0]), 5.0, 1).tolist() == [1, 2, 3, 1, 2]


def test_times_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        cost.validate([0.1, 0.0])


def test_conversion_is_timed_with_both_numbers_of_threads(unchanged, harmonic) -> None:
    found = cost.evaluate(unchanged, harmonic(100.0, 1.0), harmonic(200.0, 1.0))
    assert 0 < found["rtf_2_threads"] < 0.01
    assert 0 < found["rtf_1_thread"] < 0.01
