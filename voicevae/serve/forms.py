"""The fields of the requests. Those of edits follow from what `Edit` says of them."""

from typing import Any, Literal

from fastapi import UploadFile
from pydantic import BaseModel, ConfigDict, Field, create_model

from voicevae.code import SHARES
from voicevae.edits import CONTROLS, Edit
from voicevae.serve import pcm

Format = Literal["wav", "flac", "ogg"]
FORMAT: Any = Field("wav", description="of the answer")
SEED: Any = Field(0, ge=0, le=2**32 - 1, description="random seed of the unvoiced noise")
VOICE: Any = Field(None, max_length=255, description="name of a voice, as /v1/voices lists it; or give reference")
RECORDING = "recording in any format that libsndfile reads"


def edit_field(name: str) -> Any:
    """The field of an edit, with its range, and what it does."""
    one = CONTROLS[name]
    return Field(getattr(Edit(), name), ge=one.low, le=one.high, description=f"{one.help}; {one.unit}")


def _share(name: str) -> Any:
    default, text = SHARES[name]
    return Field(default, ge=0, le=1, description=text)


class Speech(BaseModel):
    """speech: what is changed. No other fields than those that are named are taken."""

    model_config = ConfigDict(extra="forbid")
    speech: UploadFile = Field(description=RECORDING)
    response_format: Format = FORMAT
    seed: int = SEED


EDITS: dict[str, Any] = {name: (float, edit_field(name)) for name in CONTROLS}
SHARED: dict[str, Any] = {name: (float, _share(name)) for name in SHARES}
Edited: Any = create_model("Edited", __base__=Speech, **EDITS)
Shared: Any = create_model("Shared", __base__=Edited, **SHARED)


class Modulate(Edited):
    """A recording, and edits."""

    def changes(self) -> dict[str, float]:
        """The edits, as verbs take them."""
        return {name: getattr(self, name) for name in CONTROLS}


class Convert(Shared):
    """A recording, the voice that it is to have, edits, and shares."""

    voice: str | None = VOICE
    reference: list[UploadFile] = Field(
        [], description="recordings of one voice, 5 s or more in all; or one voice file (*.voice)"
    )

    def changes(self) -> dict[str, float]:
        """The edits and shares, as verbs take them."""
        return {name: getattr(self, name) for name in (*CONTROLS, *SHARES)}


class SpeechToSpeech(BaseModel):
    """A conversion, as clients of OpenAI's audio API name its parts."""

    model_config = ConfigDict(extra="forbid")
    file: UploadFile = Field(description=RECORDING)
    model: Literal["voicevae"] = Field("voicevae", description="there is one")
    voice: str = Field(max_length=255, description="name of a voice, as /v1/voices lists it")
    response_format: Format = FORMAT
    speed: float = edit_field("rate")


class LiveBase(BaseModel):
    """voice: name of a voice, or None for the speaker's own."""

    model_config = ConfigDict(extra="forbid")
    voice: str | None = Field(None, max_length=255)


LIVE: dict[str, Any] = {name: field for name, field in (EDITS | SHARED).items() if name != "rate"}  # of its speaker
LiveEdits: Any = create_model("LiveEdits", __base__=LiveBase, **LIVE)


class LiveChange(LiveEdits):
    """What is changed between two blocks of a live socket: what is not named stays. end: no more blocks come."""

    end: bool = False

    def changes(self) -> dict[str, Any]:
        """What was named, as `vv.live` takes it, but for the voice."""
        return {name: getattr(self, name) for name in LIVE if name in self.model_fields_set}


class LiveStart(LiveChange):
    """The first message of a live socket. sample_rate: of the blocks that come and go, Hz; format: of their samples;
    gate_db: what is softer, dB of full scale, is silence, and no work."""

    sample_rate: int = Field(16000, ge=8000, le=96000)
    format: pcm.Format = "int16"
    gate_db: float | None = Field(None, ge=-120, le=0)

    def changes(self) -> dict[str, Any]:
        """What was named, as `vv.live` takes it, but for the voice."""
        return super().changes() | ({} if self.gate_db is None else {"gate_db": self.gate_db})
