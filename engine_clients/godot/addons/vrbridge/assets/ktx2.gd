class_name VRBridgeKtx2
extends RefCounted
## A KTX2 file of native blocks, which may still be arriving: its smallest levels come first.
##
## The engine's own reader wants whole files; this one hands out what is there.

const _IDENTIFIER: PackedByteArray = [
	0xab, 0x4b, 0x54, 0x58, 0x20, 0x32, 0x30, 0xbb, 0x0d, 0x0a, 0x1a, 0x0a
]
const _INDEX_START: int = 80
const _LEVEL_BYTES: int = 24
const _MAX_PX: int = 16384
# By vkFormat, the UNORM ones.
const _FORMATS: Dictionary = {
	9: Image.FORMAT_R8,
	16: Image.FORMAT_RG8,
	37: Image.FORMAT_RGBA8,
	131: Image.FORMAT_DXT1,
	133: Image.FORMAT_DXT1,
	137: Image.FORMAT_DXT5,
	139: Image.FORMAT_RGTC_R,
	141: Image.FORMAT_RGTC_RG,
	145: Image.FORMAT_BPTC_RGBA,
	147: Image.FORMAT_ETC2_RGB8,
	151: Image.FORMAT_ETC2_RGBA8,
	157: Image.FORMAT_ASTC_4x4,
}

## What is wrong with the file; empty if nothing is.
var error: String = ""

## Of the largest level, in pixels.
var width_px: int = 0

## Of the largest level, in pixels.
var height_px: int = 0

## How many levels there are; 0 as long as not even the header is there.
var n_levels: int = 0

var _format: Image.Format = Image.FORMAT_MAX
var _starts: PackedInt64Array = []
var _sizes: PackedInt64Array = []


## Reads the header of a file of which [param n_arrived] bytes are there, -1 for all;
## [method is_known] is false as long as the header is not complete.
func _init(data: PackedByteArray, n_arrived: int = -1) -> void:
	var n_bytes: int = data.size() if n_arrived < 0 else n_arrived
	if n_bytes < _INDEX_START:
		return
	if data.slice(0, 12) != _IDENTIFIER:
		error = "no KTX2 file"
		return
	var count: int = data.decode_u32(40)
	var vk_format: int = data.decode_u32(12)
	width_px = data.decode_u32(20)
	height_px = data.decode_u32(24)
	if vk_format not in _FORMATS or data.decode_u32(44) != 0:
		error = "vkFormat %d, which this scene can't show" % vk_format
	elif width_px < 1 or height_px < 1 or maxi(width_px, height_px) > _MAX_PX:
		error = "%d × %d pixels" % [width_px, height_px]
	elif count < 1 or count > 16:
		error = "%d levels" % count
	if not error.is_empty() or n_bytes < _INDEX_START + count * _LEVEL_BYTES:
		return
	_format = _FORMATS[vk_format]
	for level: int in count:
		_starts.append(data.decode_s64(_INDEX_START + level * _LEVEL_BYTES))
		_sizes.append(data.decode_s64(_INDEX_START + level * _LEVEL_BYTES + 8))
	n_levels = count


## Whether the header is there and can be used.
func is_known() -> bool:
	return n_levels > 0 and error.is_empty()


## Returns the largest level that is there with all smaller ones, if so many bytes are; -1 if none is.
func finest_level(n_arrived: int) -> int:
	for level: int in n_levels:
		if _starts[level] >= 0 and _starts[level] + _sizes[level] <= n_arrived:
			return level
	return -1


## Returns the picture with its mip chain from a level down; null, with [member error] set, if the
## file's bytes don't make one.
func image(data: PackedByteArray, from_level: int = 0) -> Image:
	if from_level < 0 or from_level >= n_levels:
		error = "it is cut short"
		return null
	var width: int = maxi(1, width_px >> from_level)
	var height: int = maxi(1, height_px >> from_level)
	var has_mips: bool = n_levels - from_level > 1
	# The engine wants the largest level first.
	var blocks: StreamPeerBuffer = StreamPeerBuffer.new()
	var n_bytes: int = _bytes_of_chain(width, height, has_mips)
	blocks.resize(n_bytes)
	for level: int in range(from_level, n_levels):
		if _starts[level] < 0 or _sizes[level] < 0 or _starts[level] + _sizes[level] > data.size():
			error = "it is cut short"
			return null
		blocks.put_data(data.slice(_starts[level], _starts[level] + _sizes[level]))
	if blocks.get_position() != n_bytes or blocks.get_size() != n_bytes:
		error = "its levels have not the sizes that they must have"
		return null
	return Image.create_from_data(width, height, has_mips, _format, blocks.data_array)


## Returns the bytes that the engine expects of a picture of this size.
func _bytes_of_chain(width: int, height: int, has_mips: bool) -> int:
	var total: int = 0
	while true:
		total += _bytes_of_level(width, height)
		if not has_mips or (width == 1 and height == 1):
			return total
		width = maxi(1, width >> 1)
		height = maxi(1, height >> 1)
	return total


func _bytes_of_level(width: int, height: int) -> int:
	match _format:
		Image.FORMAT_R8:
			return width * height
		Image.FORMAT_RG8:
			return 2 * width * height
		Image.FORMAT_RGBA8:
			return 4 * width * height
	var is_half: bool = _format in [Image.FORMAT_DXT1, Image.FORMAT_RGTC_R, Image.FORMAT_ETC2_RGB8]
	var n_blocks: int = ((width + 3) >> 2) * ((height + 3) >> 2)
	return n_blocks * (8 if is_half else 16)
