"""Published corpora, each as it is unpacked: pure functions from a folder to utterances, and so to manifests.

The function of a corpus says which recordings it has, and which speakers are held out; its module's first lines say
which publication has that split.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from voicevae.data.corpora.aishell3 import aishell3
from voicevae.data.corpora.cml_tts import cml_tts
from voicevae.data.corpora.cmu_arctic import cmu_arctic
from voicevae.data.corpora.emodb import emodb
from voicevae.data.corpora.esd import esd
from voicevae.data.corpora.layout import Found
from voicevae.data.corpora.libri import librispeech, libritts_r
from voicevae.data.corpora.ljspeech import ljspeech
from voicevae.data.corpora.speechocean762 import speechocean762
from voicevae.data.corpora.vcc2020 import vcc2020
from voicevae.data.corpora.vctk import vctk
from voicevae.data.folder import Corpus, manifests, read_corpus
from voicevae.errors import CorpusError

FOLDER = "folder"
CORPORA: dict[str, Callable[[Path], Found]] = {
    "aishell3": aishell3,
    "cml_tts": cml_tts,
    "cmu_arctic": cmu_arctic,
    "emodb": emodb,
    "esd": esd,
    "librispeech": librispeech,
    "libritts_r": libritts_r,
    "ljspeech": ljspeech,
    "speechocean762": speechocean762,
    "vcc2020": vcc2020,
    "vctk": vctk,
}
LAYOUTS = (FOLDER, *CORPORA)


def read(folder: Path, layout: str = FOLDER, seed: int = 0) -> Corpus:
    """Manifests of the recordings in `folder`; reads headers and transcripts only.

    Args:
        layout: one of `LAYOUTS`.
        seed: of the speakers held out, where the corpus has none of those that are usually.

    Raises:
        CorpusError: the folder does not hold this corpus.
    """
    if layout == FOLDER:
        return read_corpus(folder, seed)
    if layout not in CORPORA:
        raise CorpusError(f"There is no layout {layout!r}; give one of {', '.join(LAYOUTS)}.")
    utterances, skipped = CORPORA[layout](folder.resolve())
    if {u.split for u in utterances} == {"train"}:
        utterances = [replace(u, split="") for u in utterances]
    return manifests(folder, utterances, skipped, seed)
