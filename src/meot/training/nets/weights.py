"""Weights of nets from files, whoever wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from meot.errors import ModelError


def read_weights(file: Path) -> dict[str, Tensor]:
    """Name -> tensor, floats in single precision, of a .safetensors or .pt file. ModelError when it is none."""
    try:
        if file.suffix == ".safetensors":
            state = load_file(file)
        else:
            state = torch.load(file, weights_only=True, map_location="cpu")
    except Exception as error:  # broken bytes make unpickling raise whatever it stumbles over
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(f"{file}: cannot be read as weights ({reason}); name a .safetensors or .pt file") from None
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise ModelError(f"{file}: expected a dict of tensors; name the weights of a net (its state_dict)")
    return {name: v.float() if v.is_floating_point() else v for name, v in state.items()}


def fill(net: nn.Module, state: Mapping[str, Tensor], name: str, *, most: str = "") -> None:
    """Take what fits by name and shape; what is a classifier of other classes stays as it was.

    name: of the weights, for the message. most: prefix of the tensors that must be there. ModelError when more than a
    tenth of those are not.
    """
    ours = net.state_dict()
    fits = {key: value for key, value in state.items() if key in ours and value.shape == ours[key].shape}
    needed = [key for key in ours if key.startswith(most) and not key.endswith("num_batches_tracked")]
    lost = [key for key in needed if key not in fits]
    if len(lost) > 0.1 * len(needed):
        raise ModelError(
            f"{name}: does not fit the net, {len(lost)} of {len(needed)} tensors are missing such as {lost[0]}; "
            "name the weights of this net"
        )
    net.load_state_dict(fits, strict=False)
