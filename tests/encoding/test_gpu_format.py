"""What the table of GPU formats says, against Vulkan's and Khronos' own numbers."""

import pytest

from vrbridge.encoding.gpu_format import GPU_FORMATS

# name: (VkFormat, block edge, block bytes, Khronos colour model), from vulkan_core.h and khr_df.h.
KHRONOS = {
    "bc1": (131, 4, 8, 128),  # VK_FORMAT_BC1_RGB_UNORM_BLOCK, KHR_DF_MODEL_BC1A
    "bc5": (141, 4, 16, 132),  # VK_FORMAT_BC5_UNORM_BLOCK, KHR_DF_MODEL_BC5
    "bc7": (145, 4, 16, 134),  # VK_FORMAT_BC7_UNORM_BLOCK, KHR_DF_MODEL_BC7
    "etc2": (147, 4, 8, 161),  # VK_FORMAT_ETC2_R8G8B8_UNORM_BLOCK, KHR_DF_MODEL_ETC2
    "astc4x4": (157, 4, 16, 162),  # VK_FORMAT_ASTC_4x4_UNORM_BLOCK, KHR_DF_MODEL_ASTC
    "astc6x6": (165, 6, 16, 162),  # VK_FORMAT_ASTC_6x6_UNORM_BLOCK
    "rgba8": (37, 1, 4, 1),  # VK_FORMAT_R8G8B8A8_UNORM, KHR_DF_MODEL_RGBSDA
}


def test_every_format_is_the_unorm_one_of_vulkan() -> None:
    ours = {
        name: (format_.vk_format, format_.block_px, format_.block_bytes, format_.color_model)
        for name, format_ in GPU_FORMATS.items()
    }
    assert ours == KHRONOS


@pytest.mark.parametrize("name", KHRONOS)
def test_the_samples_fill_a_block_without_gaps(name: str) -> None:
    format_ = GPU_FORMATS[name]
    end = 0
    for sample in format_.samples:
        assert sample.bit_offset == end
        end += sample.n_bits
    assert end == 8 * format_.block_bytes


@pytest.mark.parametrize(
    ("name", "size", "expected"),
    [
        ("bc1", (512, 512), 128 * 128 * 8),
        ("bc1", (1, 1), 8),
        ("bc5", (5, 4), 2 * 16),
        ("astc6x6", (512, 512), 86 * 86 * 16),
        ("astc6x6", (6, 7), 2 * 16),
        ("rgba8", (3, 2), 24),
    ],
)
def test_partial_blocks_count_whole(name: str, size: tuple[int, int], expected: int) -> None:
    assert GPU_FORMATS[name].level_bytes(*size) == expected
