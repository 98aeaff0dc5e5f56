"""The application: its addresses, and what stands before them."""

from concurrent.futures import Executor
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Form, WebSocket
from fastapi.responses import Response
from fastapi.security import HTTPBearer
from pydantic import BaseModel
from starlette.middleware import Middleware

from voicevae.errors import EditError
from voicevae.serve import problems
from voicevae.serve.bodies import Bodies
from voicevae.serve.conversion import Converter, Upload
from voicevae.serve.forms import Convert, Modulate, SpeechToSpeech
from voicevae.serve.gate import Gate
from voicevae.serve.live import Engine, Marked, Session
from voicevae.serve.work import RETRY_S, Work
from voicevae.version import __version__

TYPES = {"wav": "audio/wav", "flac": "audio/flac", "ogg": "audio/ogg"}
SOUND: dict[str, Any] = {
    "response_class": Response,
    "responses": {
        200: {
            "description": "The sound, marked as made by a machine.",
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in TYPES.values()},
        }
    },
}
DESCRIPTION = """Convert and edit voices. Errors are `{"error": "one sentence"}`. Use a person's voice only with that
person's consent, and say that the result is made by a machine. `WS /v1/live`, for live speech, is in docs/server.md."""
MULTIPART = "multipart/form-data"


class Health(BaseModel):
    """status: "ok"; bundle: checksum of its weights; sample_rate: of what is made, Hz."""

    status: str
    version: str
    bundle: str
    sample_rate: int


class Named(BaseModel):
    """A voice; source: "shipped" or "folder"."""

    name: str
    source: str


class Listed(BaseModel):
    """All voices that can be named."""

    voices: list[Named]


def build(converter: Converter, work: Work, live: Executor) -> FastAPI:
    """The application that answers requests with `converter` in the threads of `work`, and live sockets in those of
    `live`."""
    settings = converter.settings
    before = [Middleware(Gate, settings=settings), Middleware(Bodies, max_mb=settings.max_mb)]
    app = FastAPI(title="voicevae", version=__version__, description=DESCRIPTION, middleware=before, redoc_url=None)
    app.include_router(_public(converter))
    app.include_router(_sounds(converter, work, settings.token is not None))
    app.include_router(_live(converter, live))
    problems.tell(app)
    return app


def _public(converter: Converter) -> APIRouter:
    router = APIRouter()

    @router.get("/health")
    async def health() -> Health:
        """Whether the server is there, also while it is busy; needs no token."""
        vv = converter.vv
        return Health(status="ok", version=__version__, bundle=vv.checksum, sample_rate=vv.sample_rate)

    return router


def _sounds(converter: Converter, work: Work, has_token: bool) -> APIRouter:
    shown = [Depends(HTTPBearer(auto_error=False))] if has_token else []  # the Gate checks it; this is for /docs
    router = APIRouter(prefix="/v1", dependencies=shown, responses=problems.RESPONSES)

    @router.get("/voices")
    async def voices() -> Listed:
        """The voices that can be named."""
        return Listed(voices=[Named(**one) for one in converter.voices.listed()])

    @router.post("/modulate", **SOUND)
    async def modulate(form: Annotated[Modulate, Form(media_type=MULTIPART)]) -> Response:
        """Change pitch, intonation, rate, loudness and formants of a recording."""
        speech, kind = Upload.of(form.speech, "speech"), form.response_format
        made = await work.do(lambda: converter.modulate(speech, kind, form.seed, form.changes()))
        return Response(made, media_type=TYPES[kind])

    @router.post("/convert", **SOUND)
    async def convert(form: Annotated[Convert, Form(media_type=MULTIPART)]) -> Response:
        """Convert a recording to the voice of `reference`, or to the one named `voice`."""
        if bool(form.reference) == bool(form.voice):
            raise EditError("Give the voice once: files as reference, or a name of /v1/voices as voice.")
        speech, kind = Upload.of(form.speech, "speech"), form.response_format
        voice = form.voice or [Upload.of(part, "reference") for part in form.reference]
        made = await work.do(lambda: converter.convert(speech, voice, kind, form.seed, form.changes()))
        return Response(made, media_type=TYPES[kind])

    @router.post("/audio/speech-to-speech", **SOUND)
    async def speech_to_speech(form: Annotated[SpeechToSpeech, Form(media_type=MULTIPART)]) -> Response:
        """The same for clients that name things as OpenAI's audio API does."""
        speech, kind = Upload.of(form.file, "file"), form.response_format
        made = await work.do(lambda: converter.convert(speech, form.voice, kind, 0, {"rate": form.speed}))
        return Response(made, media_type=TYPES[kind])

    return router


def _live(converter: Converter, pool: Executor) -> APIRouter:
    router, open_sockets, settings = APIRouter(prefix="/v1"), 0, converter.settings

    def start(rate: int, **asked: Any) -> Engine:
        engine = converter.vv.live(rate, **asked)
        return Marked(engine, rate) if settings.watermark else engine

    @router.websocket("/live")
    async def live(socket: WebSocket) -> None:
        nonlocal open_sockets
        if open_sockets >= settings.max_live:
            sentence = f"There are {open_sockets} live sockets, as many as may be; try again later."
            await socket.send_denial_response(problems.told(429, sentence, {"retry-after": RETRY_S}))
            return
        open_sockets += 1
        try:
            await socket.accept()
            await Session(socket, start, converter.voices.speaker, pool).run()
        finally:
            open_sockets -= 1

    return router
