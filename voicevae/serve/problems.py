"""Errors as one sentence of JSON: {"error": "..."}."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from voicevae.errors import VoiceVAEError
from voicevae.names import printable

UNEXPECTED = "This did not work, for a reason that the server did not foresee; its log has more."
PLAIN = {
    400: "The request cannot be read; send its fields as multipart/form-data.",
    404: "There is no such address; /docs lists those that there are.",
    405: "This address takes another method; /docs says which.",
}
SHOWN = 80  # characters of a value


class Problem(BaseModel):
    """What was wrong, and what to do."""

    error: str = Field(description="one sentence")


WHY = {
    400: "The body is no form.",
    401: "The token is missing or wrong.",
    403: "The request is from a page of another site.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    422: "A field or a recording cannot be used.",
    429: "Too many requests, of this client or of all.",
    500: "The server failed.",
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": text} for status, text in WHY.items()
}


def told(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An answer that is an error."""
    return JSONResponse({"error": printable(sentence)}, status, headers)


def tell(app: FastAPI) -> None:
    """Let `app` answer errors in a sentence."""

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> JSONResponse:
        is_plain = error.detail == HTTPStatus(error.status_code).phrase or error.status_code == 400
        sentence = PLAIN.get(error.status_code, error.detail) if is_plain else error.detail
        return told(error.status_code, sentence, error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        return told(422, field_sentence(error.errors()[0]))

    @app.exception_handler(VoiceVAEError)
    async def unusable(_: Request, error: VoiceVAEError) -> JSONResponse:
        return told(422, str(error))

    @app.exception_handler(Exception)
    async def failed(_: Request, error: Exception) -> JSONResponse:
        return told(500, UNEXPECTED)  # starlette raises it again, and the log has it


def field_sentence(error: Mapping[str, Any], where: str = "/docs") -> str:
    """What is wrong with a field, from an error of pydantic; `where` all fields are listed."""
    name = ".".join(str(part) for part in error["loc"] if part != "body") or "The body"
    name, kind = name[:SHOWN], error["type"]
    if kind == "missing":
        return f"{name} is missing; {where} says what to send."
    if kind == "extra_forbidden":
        return f"There is no field {name}; {where} lists those that there are."
    if "Expected UploadFile" in error["msg"]:
        return f"{name} is no file; send it as a part with a filename."
    value = error["input"] if isinstance(error["input"], str | int | float) else "no single value"
    return f"{name} is {str(value)[:SHOWN]}; {error['msg'].replace('Input', 'it', 1)}."
