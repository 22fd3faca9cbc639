"""Which numbers a device multiplies fastest."""

import torch


def fastest_dtype(device: torch.device) -> torch.dtype:
    """Return bfloat16 where products in it are faster than in float32, else float32."""
    if device.type == "cuda":
        is_fast = bool(torch.cuda.is_bf16_supported())
    else:
        has_instructions = "AVX512" in torch.backends.cpu.get_cpu_capability()
        is_fast = has_instructions and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return torch.bfloat16 if is_fast else torch.float32
