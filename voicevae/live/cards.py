"""Sound cards: a real one by sounddevice (extra `live`), and one of files for tests and measurements."""

import time
from collections import deque
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, Protocol

import numpy as np

from voicevae.errors import AudioError, MissingPackageError, first_line, needs
from voicevae.live.session import Session

WAIT_S = 1.0  # between attempts to open a device that went away
WATCH_S = 0.1
MONITORED_BLOCKS = 4  # that the monitor may be behind


class Card(Protocol):
    """Plays what a session makes of what it records."""

    def run(self, session: Session, going: Callable[[], bool]) -> None:
        """Run until the sound ends, or `going`, which is called about ten times a second, says no."""


class FileCard:
    """A sound card whose microphone is a wave `[n]` at `rate` Hz; with `paced` it keeps real time.

    A block whose turn is over before it is processed is dropped, as by a real card.
    """

    def __init__(self, wave: np.ndarray, rate: int, n_block: int, paced: bool) -> None:
        self.wave, self.rate, self.n_block, self.paced = wave, rate, n_block, paced

    def run(self, session: Session, going: Callable[[], bool]) -> None:
        """As `Card.run`; then the rest of the stream comes out."""
        n_late = round(session.live.latency_ms * self.rate / 1000)
        wave, n = np.concatenate([self.wave, np.zeros(n_late, np.float32)]), self.n_block
        begin, watched = time.perf_counter(), 0.0
        for start in range(0, len(wave), n):
            block, now = wave[start : start + n], time.perf_counter() - begin
            recorded = (start + n) / self.rate  # when the card has the whole block
            if self.paced and now > recorded + n / self.rate:
                session.drop(block)
            else:
                if self.paced:
                    time.sleep(max(recorded - now, 0))
                session.process(block)
            if recorded >= watched:
                watched = recorded + WATCH_S
                if not going():
                    return


class SoundCard:
    """A real one. A device that goes away is waited for.

    Args:
        devices: input and output, each a name, a number or None for the usual one.
        say: shows a sentence.
        monitor: another output that plays the same, as `devices`; None for none.
    """

    def __init__(
        self, devices: tuple[Any, Any], rate: int, n_block: int, say: Callable[[str], object], monitor: Any = None
    ) -> None:
        self.sounddevice = _sounddevice()
        self.devices, self.rate, self.n_block, self.say, self.monitor = devices, rate, n_block, say, monitor
        self._monitored: deque[np.ndarray] = deque(maxlen=MONITORED_BLOCKS)
        self._check()

    def run(self, session: Session, going: Callable[[], bool]) -> None:
        """As `Card.run`."""

        def callback(recorded: Any, played: Any, n: int, times: Any, status: Any) -> None:
            if status:  # a block was lost before or after
                session.late += 1
            played[:, 0] = session.process(recorded[:, 0])
            self._monitored.append(played.copy())

        waiting = False
        while going():
            try:
                with self._opened(callback) as stream, self._monitor():
                    if waiting:
                        self.say("The sound device is back.")
                    waiting = False
                    while stream.active:
                        time.sleep(WATCH_S)
                        if not going():
                            return
                reason = "it stopped"
            except self.sounddevice.PortAudioError as error:
                reason = first_line(error)
            if not waiting:
                self.say(f"The sound device is gone ({reason}); waiting for it.")
            waiting = True
            time.sleep(WAIT_S)

    def _opened(self, callback: Callable[..., None]) -> Any:
        return self.sounddevice.Stream(device=self.devices, callback=callback, **self._format())

    def _monitor(self) -> Any:
        """The stream of the monitor, which plays the newest blocks, and drops what it cannot."""
        if self.monitor is None:
            return nullcontext()

        def callback(played: Any, n: int, times: Any, status: Any) -> None:
            played[:] = self._monitored.popleft() if self._monitored else 0

        return self.sounddevice.OutputStream(device=self.monitor, callback=callback, **self._format())

    def _format(self) -> dict[str, Any]:
        return {
            "samplerate": self.rate,
            "blocksize": self.n_block,
            "channels": 1,
            "dtype": "float32",
            "latency": "low",
        }

    def _check(self) -> None:
        """Raise AudioError where a device is missing, or does not take the rate."""
        sd = self.sounddevice
        checks = [(sd.check_input_settings, self.devices[0]), (sd.check_output_settings, self.devices[1])]
        if self.monitor is not None:
            checks.append((sd.check_output_settings, self.monitor))
        for check, device in checks:
            name = "The usual sound device" if device is None else f"The sound device {device!r}"
            try:
                check(device=device, channels=1, dtype="float32", samplerate=self.rate)
            except (ValueError, sd.PortAudioError) as error:
                raise AudioError(
                    f"{name} cannot be used at {self.rate} Hz ({first_line(error)}); "
                    "`voicevae live --list-devices` shows those that there are."
                ) from None


def devices() -> str:
    """The sound devices that there are, a line each, numbered."""
    return str(_sounddevice().query_devices())


def _sounddevice() -> Any:
    try:
        with needs("live", "Live speech at a sound card"):
            import sounddevice
    except OSError:
        raise MissingPackageError(
            "Live speech at a sound card needs the PortAudio library; install it (libportaudio2 on Debian and Ubuntu)."
        ) from None
    return sounddevice
