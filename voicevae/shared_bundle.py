"""A bundle for work in processes: pickled as its path, loaded once in each process."""

from dataclasses import dataclass
from pathlib import Path

from voicevae.errors import BundleError
from voicevae.voice import VoiceVAE, load


@dataclass(frozen=True)
class SharedBundle:
    """Path of a bundle, the device and the engine to load it on, and its checksum."""

    path: str
    device: str
    engine: str
    checksum: str

    @classmethod
    def of(cls, vv: VoiceVAE) -> "SharedBundle":
        """That of `vv`, which serves the work done in this process.

        Raises:
            BundleError: the bundle does not come from a folder.
        """
        if vv.path is None:
            raise BundleError("The bundle lies in no folder, so that no worker can load it; save it first.")
        made = cls(str(Path(vv.path).resolve()), vv.networks.device, vv.networks.engine, vv.checksum)
        _keep(made, vv)
        return made

    def load(self) -> VoiceVAE:
        """The loaded bundle; one a process is kept.

        Raises:
            BundleError: it cannot be loaded, or another bundle lies there.
        """
        if self not in _loaded:
            _keep(self, load(self.path, self.device, self.engine))
        if _loaded[self].checksum != self.checksum:
            raise BundleError(f"{self.path} is another bundle to this worker; give all machines the same files.")
        return _loaded[self]


_loaded: dict[SharedBundle, VoiceVAE] = {}


def _keep(shared: SharedBundle, vv: VoiceVAE) -> None:
    _loaded.clear()
    _loaded[shared] = vv
