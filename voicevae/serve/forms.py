"""The fields of the requests. Those of edits follow from what `Edit` says of them."""

from typing import Any, Literal

from fastapi import UploadFile
from pydantic import BaseModel, ConfigDict, Field, create_model

from voicevae.code import SHARES
from voicevae.edits import CONTROLS, Edit

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
