"""Two-dimensional maps of embeddings, as points and as a self-contained HTML page."""

import html
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from voicevae.aside import written
from voicevae.errors import EditError, MissingPackageError

METHODS = ("pca", "umap")
NEIGHBOURS = 15
WIDTH, HEIGHT, MARGIN, RADIUS = 900, 640, 40, 5
COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22")
PAGE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body {{ font: 15px/1.4 system-ui, sans-serif; margin: 1.5em; color: #222; background: #fff; }}
svg {{ width: 100%; max-width: {width}px; height: auto; border: 1px solid #ccc; }}
circle {{ fill-opacity: .75; }} circle:hover {{ stroke: #000; stroke-width: 2; }}
.key {{ display: inline-block; margin-right: 1em; }} .dot {{ display: inline-block; width: .7em; height: .7em;
border-radius: 50%; margin-right: .3em; }}</style></head>
<body><h1>{title}</h1><p>{about} Point at a dot to read its name.</p>
<svg viewBox="0 0 {width} {height}" role="img" aria-label="{title}">
{dots}
</svg>
<p>{key}</p></body></html>
"""


def project(matrix: np.ndarray, method: str = "pca") -> np.ndarray:
    """Points `[n, 2]` of rows `[n, D]`, whose columns are scaled to standard deviation 1 first.

    Args:
        method: "pca", the first two principal components; or "umap", if umap-learn is installed.

    Raises:
        EditError: fewer than three rows, or an unknown method. MissingPackageError: umap-learn is not installed.
    """
    if method not in METHODS:
        raise EditError(f"method is {method!r}; give one of {', '.join(METHODS)}.")
    if len(matrix) < 3:
        raise EditError(f"A map needs three recordings or more, there are {len(matrix)}; give more.")
    std = matrix.std(0)
    scaled = (matrix - matrix.mean(0)) / np.where(std > 1e-9, std, 1)
    if method == "umap":
        try:
            from umap import UMAP
        except ImportError:
            raise MissingPackageError(
                "The method umap needs umap-learn; pip install umap-learn brings it, or use pca."
            ) from None
        return np.asarray(UMAP(n_neighbors=min(NEIGHBOURS, len(matrix) - 1), random_state=0).fit_transform(scaled))
    _, _, directions = np.linalg.svd(scaled, full_matrices=False)
    plane = directions[:2]
    signs = np.sign(plane[np.arange(len(plane)), np.abs(plane).argmax(1)])  # a component's sign is arbitrary: fix it
    points = scaled @ (plane * signs[:, None]).T
    return np.pad(points, ((0, 0), (0, 2 - points.shape[1])))


def colours(labels: Sequence[str]) -> dict[str, str]:
    """A colour for each of `labels`, in alphabetical order; there are ten."""
    return {label: COLOURS[i % len(COLOURS)] for i, label in enumerate(sorted(set(labels)))}


def write_html(
    points: np.ndarray, names: Sequence[str], labels: Sequence[str], path: str | Path, title: str, about: str
) -> None:
    """Write points `[n, 2]` as a self-contained page; each shows its name and label under the pointer.

    Raises:
        OutputError: the path cannot be written.
    """
    colour = colours(labels)
    dots = "\n".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS}" fill="{colour[label]}">'
        f"<title>{html.escape(name)} ({html.escape(label)})</title></circle>"
        for (x, y), name, label in zip(_placed(points), names, labels, strict=True)
    )
    key = "\n".join(
        f'<span class="key"><span class="dot" style="background: {value}"></span>{html.escape(label)}</span>'
        for label, value in colour.items()
    )
    page = PAGE.format(
        title=html.escape(title), about=html.escape(about), width=WIDTH, height=HEIGHT, dots=dots, key=key
    )
    path = Path(path)
    with written(path) as aside:
        aside.write_text(page, encoding="utf-8", errors="backslashreplace")


def _placed(points: np.ndarray) -> np.ndarray:
    """Points in pixels of the page, both axes on one scale, y upwards."""
    low, high = points.min(0), points.max(0)
    scale = min((WIDTH - 2 * MARGIN) / max(high[0] - low[0], 1e-9), (HEIGHT - 2 * MARGIN) / max(high[1] - low[1], 1e-9))
    middle = np.array([WIDTH, HEIGHT]) / 2
    return middle + (points - (low + high) / 2) * scale * [1, -1]
