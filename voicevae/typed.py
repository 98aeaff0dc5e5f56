"""A configuration as read from YAML or JSON, as a dataclass: keys are its fields, values have their types."""

import contextlib
import dataclasses
from typing import Any, TypeVar

Config = TypeVar("Config")


def changed(default: Config, values: Any, where: str) -> Config:
    """The dataclass `default` with what `values` says, at any depth.

    Whole numbers stand for floats, and so does text such as 1e-3, which YAML takes for text; lists stand for tuples.

    Raises:
        ValueError: an unknown key or a value of another type; one sentence that begins with `where`.
    """
    if not isinstance(values, dict):
        raise ValueError(f"{where}: expected keys with values, found {values!r}.")
    fields = {f.name: f for f in dataclasses.fields(default)}  # type: ignore[arg-type]
    if unknown := sorted(set(values) - set(fields), key=str):
        raise ValueError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(fields)}.")
    read = {
        name: _value(getattr(default, name), fields[name].type, value, where, name) for name, value in values.items()
    }
    return dataclasses.replace(default, **read)  # type: ignore[type-var]


def _value(default: Any, kind: Any, value: Any, where: str, name: str) -> Any:
    if dataclasses.is_dataclass(default):
        return changed(default, value, f"{where}, {name}")
    if kind is float and type(value) in (int, str):
        with contextlib.suppress(ValueError):
            value = float(value)
    if kind == tuple[int, ...] and type(value) is list and all(type(item) is int for item in value):
        return tuple(value)
    if kind == dict[str, float] and type(value) is dict and all(type(item) in (int, float) for item in value.values()):
        return {str(key): float(item) for key, item in value.items()}
    if type(value) is not kind:
        raise ValueError(f"{where}: {name} must be {getattr(kind, '__name__', kind)}, not {value!r}.")
    return value
