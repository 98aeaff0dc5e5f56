"""Where to cut a stream of speech into phrases."""

import numpy as np

MIN_PHRASE_S = 1.0
MAX_PHRASE_S = 6.0
PAUSE_S = 0.15
PAUSE_DB = 30.0  # below the loudest frame
SMOOTH_S = 0.06  # over which the quietest place is sought


def levels_db(wave: np.ndarray, hop_length: int) -> np.ndarray:
    """Level of each whole hop of `wave` `[n]` about its mean, dB of full scale, `[n // hop_length]`."""
    hops = wave[: len(wave) // hop_length * hop_length].reshape(-1, hop_length)
    return 10 * np.log10(hops.var(1, dtype=np.float64) + 1e-20)


def cut(level_db: np.ndarray, frame_rate: float) -> int:
    """The end of the first phrase in frames of `level_db` `[T]`, `frame_rate` a second; 0 while there is none.

    It is the middle of the first `PAUSE_S` of silence, `MIN_PHRASE_S` or more after the beginning; where there is no
    pause for `MAX_PHRASE_S`, the quietest place in the second half of them.
    """
    least, most, pause = (round(seconds * frame_rate) for seconds in (MIN_PHRASE_S, MAX_PHRASE_S, PAUSE_S))
    if len(level_db) < least + pause:
        return 0
    seen = level_db[:most]
    quiet = np.concatenate([[0], np.cumsum(seen < seen.max() - PAUSE_DB)])
    pauses = np.flatnonzero(quiet[pause:] - quiet[:-pause] == pause) + pause // 2
    pauses = pauses[pauses >= least]
    if len(pauses):
        return int(pauses[0])
    if len(level_db) < most:
        return 0
    width = round(SMOOTH_S * frame_rate)
    smooth = np.convolve(seen, np.full(width, 1 / width), "same")
    return most // 2 + int(np.argmin(smooth[most // 2 : most - width]))
