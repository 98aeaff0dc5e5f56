"""A step that several processes take together is the step that one would take with the whole batch.

Each process (rank) has its own part of the batch, and DDP takes the mean of their gradients. That is the gradient of
the whole batch if, first, what a loss is divided by or compared with is of the whole batch (`joint`), and, second, an
item is drawn the same noise however many ranks there are (`JointDraws`). One process alone does neither.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode


def ranks() -> int:
    """How many processes train together."""
    together = torch.distributed.is_available() and torch.distributed.is_initialized()
    return torch.distributed.get_world_size() if together else 1


def first() -> bool:
    """Whether this is rank zero."""
    return ranks() == 1 or torch.distributed.get_rank() == 0


def joint(value: Tensor) -> Tensor:
    """The mean of `value` over all ranks, which all must ask for; with one it is `value` itself.

    Its gradient is that of this rank's `value`. The mean over ranks of such gradients, as DDP takes it, is the gradient
    of the mean, whatever is made of it next.
    """
    if ranks() == 1:
        return value
    mean = value.detach().clone(memory_format=torch.contiguous_format)
    torch.distributed.all_reduce(mean)
    return value + (mean / ranks() - value.detach())


class JointDraws(TorchFunctionMode):
    """Within it, what is drawn at random for each of `n_items` is this rank's part of what is drawn for all ranks.

    All ranks must have the same random state. It costs each rank the draws of all.
    """

    def __init__(self, n_items: int) -> None:
        super().__init__()
        self.n_items, self.ranks, self.rank = n_items, ranks(), torch.distributed.get_rank()

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in (torch.rand, torch.randn):
            size = torch.Size(args[0] if args and isinstance(args[0], list | tuple) else args)
            if size and size[0] == self.n_items:
                return self._own(func(self.ranks * size[0], *size[1:], **kwargs))
        elif func in (torch.rand_like, torch.randn_like) and args[0].ndim and len(args[0]) == self.n_items:
            like = args[0]
            whole = like.new_empty_strided((self.ranks * len(like), *like.shape[1:]), like.stride())
            return self._own(func(whole, **kwargs))
        return func(*args, **kwargs)

    def _own(self, whole: Tensor) -> Tensor:
        return whole[self.rank * self.n_items : (self.rank + 1) * self.n_items]
