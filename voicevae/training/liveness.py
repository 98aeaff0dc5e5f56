"""When one of a training's processes dies, all end at once, with one sentence and exit code 2.

Lightning starts the processes of one machine, looks after them every five seconds, and kills all without a word; one
that waits for a dead one's gradients may wait for minutes. Under torchrun and SLURM these look after the processes.
"""

import os
import sys
import time
from subprocess import Popen
from threading import Thread
from threading import enumerate as enumerate_threads
from typing import Any, NoReturn

from lightning.pytorch.callbacks import Callback

STARTER = "VOICEVAE_TRAINING_STARTER"  # environment: the process that starts the others
FOLLOWER = "voicevae-follower"
ECHO_S = 3.0  # in which another's death must be noticed, once it has made an error here
LOOK_S = 0.5


class Liveness(Callback):
    """Watches over the other processes of this machine, from the first training of a process to its end."""

    interrupted = False  # by the user, who knows

    def __init__(self) -> None:
        self.n = 1
        if "LOCAL_RANK" not in os.environ:  # nobody has started this one: those that Lightning starts inherit it
            os.environ[STARTER] = str(os.getpid())

    def setup(self, trainer: Any, module: Any, stage: str) -> None:
        self.n = trainer.world_size
        if FOLLOWER in {thread.name for thread in enumerate_threads()}:
            return
        processes = getattr(trainer.strategy.launcher, "procs", [])
        for place in range(len(processes)):
            Thread(target=self._follow, args=(place, processes), daemon=True, name=FOLLOWER).start()
        if _starter_lives():
            Thread(target=self._follow_starter, args=(trainer.local_rank,), daemon=True, name=FOLLOWER).start()

    def on_exception(self, trainer: Any, module: Any, exception: BaseException) -> None:
        Liveness.interrupted = isinstance(exception, KeyboardInterrupt)

    def echo(self) -> None:
        """Call it on an error: if that is but the echo of another process' death, this one ends here."""
        if self.n > 1:
            time.sleep(ECHO_S)

    def _follow(self, place: int, processes: list[Popen[bytes]]) -> None:
        code = processes[place].wait()
        if code == 0 or Liveness.interrupted:
            return
        if code != 2:  # with which it ends after a sentence of its own
            how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
            self._say(f"process {place + 1}", how)
        else:
            time.sleep(LOOK_S)
        for process in processes:
            process.kill()
        _leave()

    def _follow_starter(self, local_rank: int) -> None:
        while _starter_lives():
            time.sleep(LOOK_S)
        if local_rank == 1:
            self._say("process 0", "has ended")
        _leave()

    def _say(self, which: str, how: str) -> None:
        print(
            f"Of the {self.n} processes of this training {which} {how}, so all have ended; go on from the last "
            "checkpoint with --resume.",
            file=sys.stderr,
            flush=True,
        )


def _starter_lives() -> bool:
    return os.environ.get(STARTER) == str(os.getppid())


def _leave() -> NoReturn:
    os._exit(2)
