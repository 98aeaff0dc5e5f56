"""Record of a run in `run.json` beside its checkpoints, and the check that a checkpoint is of this run."""

import hashlib
import json
import pickle
import platform
import subprocess
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import torch
from lightning.pytorch.utilities import rank_zero_only

from voicevae.data.batches import FrameBank
from voicevae.training.config import RecipeConfig
from voicevae.training.run import Training
from voicevae.training.settings import TrainingError

PACKAGES = ("torch", "lightning", "lhotse", "numpy")


@rank_zero_only
def record(folder: Path, config: RecipeConfig, more: dict[str, object]) -> None:
    """Write the run's configuration, versions, git state, and `more`."""
    folder.mkdir(parents=True, exist_ok=True)
    text = {
        "config": asdict(config),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "git": git_state(),
    }
    (folder / "run.json").write_text(json.dumps(text | more, indent=1))


def git_state() -> str:
    """The commit of this code, with "-dirty" where files differ from it; empty where it is no checkout."""
    command, here = ["git", "describe", "--always", "--dirty"], Path(__file__).parent
    try:
        return subprocess.run(command, cwd=here, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:  # no git
        return ""


def fingerprint(bank: FrameBank) -> dict[str, object]:
    """Size and checksum of the training data: frames and speakers, not their paths."""
    names = [(cut.id, cut.supervisions[0].speaker, int(n)) for cut, n in zip(bank.cuts, bank.length, strict=True)]
    digest = hashlib.blake2b(json.dumps(names).encode(), digest_size=16)
    digest.update(bank.frames.data)
    return {"utterances": len(names), "frames": len(bank.frames), "checksum": digest.hexdigest()}


def check_resumable(module: Training, folder: Path) -> None:
    """Raise TrainingError unless the weights of `folder / "last.ckpt"`, if it is there, are those that `module` has."""
    path = folder / "last.ckpt"
    if not path.exists():
        return
    try:
        saved = torch.load(path, "meta", weights_only=True)["state_dict"]
    except (OSError, RuntimeError, KeyError, EOFError, pickle.UnpicklingError) as error:
        reason = error.__class__.__name__
        raise TrainingError(f"{path} is no whole checkpoint ({reason}); delete it to begin anew.") from None
    was, now = ({name: list(value.shape) for name, value in state.items()} for state in (saved, module.state_dict()))
    changed = sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))
    if changed:
        one = changed[0]
        raise TrainingError(
            f"{path} is of another model: {len(changed)} of its weights differ, as {one}, which was "
            f"{was.get(one, 'not there')} and is now {now.get(one, 'not there')}; go back to the configuration in "
            f"{folder / 'run.json'}, or delete {folder} to begin anew."
        )
