"""Missing frames, interpolated from both sides."""

import torch
from torch import Tensor


def bridge(frames: Tensor, missing: Tensor) -> Tensor:
    """`frames` `[B, T, C]` with linear interpolation where `missing` `[B, T]` (bool); at an end the last one is held.

    Rows without any frame left are returned as they are.
    """
    n, place = frames.shape[1], torch.arange(frames.shape[1], device=frames.device).expand(missing.shape)
    before = torch.where(missing, -1, place).cummax(1).values
    after = torch.where(missing, n, place).flip(1).cummin(1).values.flip(1)
    first, last = torch.where(before < 0, after, before), torch.where(after == n, before, after)
    first, last = first.clamp(0, n - 1), last.clamp(0, n - 1)
    weight = ((place - first) / (last - first).clamp_min(1)).to(frames.dtype)[..., None]
    wide = (*first.shape, frames.shape[2])
    low, high = (frames.gather(1, index[..., None].expand(wide)) for index in (first, last))
    bridged = torch.where(missing[..., None], low + (high - low) * weight, frames)
    return torch.where(missing.all(1)[:, None, None], frames, bridged)
