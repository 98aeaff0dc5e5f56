"""A bundle in words."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicevae.bundle import Bundle


def describe(parts: "Bundle", folder: Path) -> str:
    """Configuration and card of the bundle that lies in `folder`, as text."""
    f, m = parts.features, parts.model
    prosody, content = (f.frame_rate / stride for stride in (m.prosody_stride, m.content_stride))
    megabytes = sum(path.stat().st_size for path in folder.glob("*.safetensors")) / 2**20
    counts = {name: count / 1e6 for name, count in parts.parameters.items()}
    steps = parts.training.get("steps", {})
    rows = {
        "Bundle": f"{folder}, checksum {parts.checksum}",
        "Sound": f"{f.sample_rate:,} Hz, {f.frame_rate:g} frames a second of {f.n_mels} mel bands, F0 from "
        f"{f.f0_min_hz:g} to {f.f0_max_hz:g} Hz",
        "Speaker": f"{m.speaker_dim} numbers a recording, and the mean and standard deviation of its F0 and mel",
        "Prosody": f"{m.prosody_dim} numbers, {prosody:g} times a second",
        "Content": f"{m.content_dim} numbers, {content:g} times a second",
        "Size": f"{counts['vae']:.2f} M parameters in the VAE, {counts['vocoder']:.2f} M in the vocoder; "
        f"{megabytes:.1f} MiB of weights",
        "Engines": "ONNX Runtime, torch" if parts.graphs else f"torch; `voicevae export {folder}` adds ONNX Runtime",
        "Trained": ", ".join(f"{name} {n:,} steps" for name, n in steps.items()) or "not at all, or it does not say",
        "Speakers": f"{len(parts.speakers)} known (--speakers lists them)" if parts.speakers else "none known",
    }
    return "\n".join(f"{name:<10}{text}" for name, text in rows.items()) + f"\n\n{parts.card.strip()}\n"
