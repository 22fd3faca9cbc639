class_name VRBridgeMessagePack
extends RefCounted
## Reads and writes MessagePack as the bridge speaks it: nil, bool, int, float, str, bin, array, map.
##
## One object reads or writes one value at a time; [member error] tells what was wrong with the last
## one. Dictionaries need [String] or [StringName] keys. [Vector2], [Vector3], [Quaternion] and packed
## arrays of numbers are written as arrays, [PackedByteArray] as bin.

## Maps and arrays nest at most this deep, as the protocol says.
const MAX_DEPTH: int = 32

const _LISTS: PackedInt32Array = [
	TYPE_PACKED_INT32_ARRAY,
	TYPE_PACKED_INT64_ARRAY,
	TYPE_PACKED_FLOAT32_ARRAY,
	TYPE_PACKED_FLOAT64_ARRAY,
	TYPE_PACKED_STRING_ARRAY,
]

## What was wrong with the value or the bytes; empty if nothing was.
var error: String = ""

var _buffer: StreamPeerBuffer = StreamPeerBuffer.new()
var _size: int = 0


func _init() -> void:
	_buffer.big_endian = true


## Returns the bytes of a value; empty, with [member error] set, if it can't be written.
func encode(value: Variant) -> PackedByteArray:
	error = ""
	_buffer.data_array = PackedByteArray()
	_write(value, 0)
	return _buffer.data_array if error.is_empty() else PackedByteArray()


## Returns the value that the bytes hold; null, with [member error] set, if they hold none.
func decode(bytes: PackedByteArray) -> Variant:
	error = ""
	_buffer.data_array = bytes
	_size = bytes.size()
	var value: Variant = _read(bytes, 0)
	if error.is_empty() and _buffer.get_position() != _size:
		error = "%d bytes after the end" % (_size - _buffer.get_position())
	_buffer.data_array = PackedByteArray()
	return value if error.is_empty() else null


func _write(value: Variant, depth: int) -> void:
	if depth > MAX_DEPTH:
		_fail("nested more than %d deep" % MAX_DEPTH)
		return
	match typeof(value):
		TYPE_NIL:
			_buffer.put_u8(0xc0)
		TYPE_BOOL:
			var truth: bool = value
			_buffer.put_u8(0xc3 if truth else 0xc2)
		TYPE_INT:
			var number: int = value
			_write_int(number)
		TYPE_FLOAT:
			var real: float = value
			_write_float(real)
		TYPE_STRING, TYPE_STRING_NAME:
			var text: String = value
			_write_text(text)
		TYPE_PACKED_BYTE_ARRAY:
			var bytes: PackedByteArray = value
			_write_head(bytes.size(), -1, 0, 0xc4, 0xc5, 0xc6)
			_buffer.put_data(bytes)
		TYPE_DICTIONARY:
			var map: Dictionary = value
			_write_map(map, depth)
		TYPE_VECTOR2:
			var point: Vector2 = value
			_write_numbers([point.x, point.y])
		TYPE_VECTOR3:
			var place: Vector3 = value
			_write_numbers([place.x, place.y, place.z])
		TYPE_QUATERNION:
			var turn: Quaternion = value
			_write_numbers([turn.x, turn.y, turn.z, turn.w])
		TYPE_ARRAY:
			var list: Array = value
			_write_array(list, depth)
		_ when typeof(value) in _LISTS:
			_write_array(Array(value), depth)
		_:
			_fail("%s can't be sent" % type_string(typeof(value)))


func _write_int(number: int) -> void:
	if number >= 0:
		if number < 0x80:
			_buffer.put_u8(number)
		elif number < 0x100:
			_buffer.put_u8(0xcc)
			_buffer.put_u8(number)
		elif number < 0x10000:
			_buffer.put_u8(0xcd)
			_buffer.put_u16(number)
		elif number < 0x100000000:
			_buffer.put_u8(0xce)
			_buffer.put_u32(number)
		else:
			_buffer.put_u8(0xcf)
			_buffer.put_64(number)
	elif number >= -0x20:
		_buffer.put_8(number)
	elif number >= -0x80:
		_buffer.put_u8(0xd0)
		_buffer.put_8(number)
	elif number >= -0x8000:
		_buffer.put_u8(0xd1)
		_buffer.put_16(number)
	elif number >= -0x80000000:
		_buffer.put_u8(0xd2)
		_buffer.put_32(number)
	else:
		_buffer.put_u8(0xd3)
		_buffer.put_64(number)


func _write_float(real: float) -> void:
	if not is_finite(real):
		_fail("a number is not finite")
		return
	_buffer.put_u8(0xcb)
	_buffer.put_double(real)


func _write_text(text: String) -> void:
	var bytes: PackedByteArray = text.to_utf8_buffer()
	_write_head(bytes.size(), 0xa0, 32, 0xd9, 0xda, 0xdb)
	_buffer.put_data(bytes)


func _write_numbers(numbers: PackedFloat64Array) -> void:
	_buffer.put_u8(0x90 | numbers.size())
	for number: float in numbers:
		_write_float(number)


func _write_array(list: Array, depth: int) -> void:
	_write_head(list.size(), 0x90, 16, -1, 0xdc, 0xdd)
	for item: Variant in list:
		_write(item, depth + 1)


func _write_map(map: Dictionary, depth: int) -> void:
	_write_head(map.size(), 0x80, 16, -1, 0xde, 0xdf)
	for key: Variant in map:
		if typeof(key) != TYPE_STRING and typeof(key) != TYPE_STRING_NAME:
			_fail("the key %s is no String" % var_to_str(key).left(40))
			return
		var name: String = key
		_write_text(name)
		_write(map[key], depth + 1)


## Writes a length: in the low bits of [param short] below [param n_short], else behind the mark of the
## narrowest width there is (-1: there is none).
func _write_head(
	length: int, short: int, n_short: int, mark8: int, mark16: int, mark32: int
) -> void:
	if length < n_short:
		_buffer.put_u8(short | length)
	elif length < 0x100 and mark8 >= 0:
		_buffer.put_u8(mark8)
		_buffer.put_u8(length)
	elif length < 0x10000:
		_buffer.put_u8(mark16)
		_buffer.put_u16(length)
	else:
		_buffer.put_u8(mark32)
		_buffer.put_u32(length)


func _read(bytes: PackedByteArray, depth: int) -> Variant:
	if depth > MAX_DEPTH:
		return _fail("nested more than %d deep" % MAX_DEPTH)
	if not _has(1):
		return null
	var mark: int = _buffer.get_u8()
	if mark < 0x80:
		return mark
	if mark >= 0xe0:
		return mark - 0x100
	if mark < 0x90:
		return _read_map(bytes, mark & 0x0f, depth)
	if mark < 0xa0:
		return _read_array(bytes, mark & 0x0f, depth)
	if mark < 0xc0:
		return _read_text(mark & 0x1f)
	return _read_marked(bytes, mark, depth)


func _read_marked(bytes: PackedByteArray, mark: int, depth: int) -> Variant:
	match mark:
		0xc0:
			return null
		0xc2:
			return false
		0xc3:
			return true
		0xc4, 0xc5, 0xc6:
			return _read_bin(bytes, _read_length(1 << (mark - 0xc4)))
		0xca:
			return _buffer.get_float() if _has(4) else 0.0
		0xcb:
			return _buffer.get_double() if _has(8) else 0.0
		0xcc, 0xcd, 0xce:
			return _read_length(1 << (mark - 0xcc))
		0xcf:
			return _read_u64()
		0xd0:
			return _buffer.get_8() if _has(1) else 0
		0xd1:
			return _buffer.get_16() if _has(2) else 0
		0xd2:
			return _buffer.get_32() if _has(4) else 0
		0xd3:
			return _buffer.get_64() if _has(8) else 0
		0xd9, 0xda, 0xdb:
			return _read_text(_read_length(1 << (mark - 0xd9)))
		0xdc, 0xdd:
			return _read_array(bytes, _read_length(2 << (mark - 0xdc)), depth)
		0xde, 0xdf:
			return _read_map(bytes, _read_length(2 << (mark - 0xde)), depth)
	return _fail("the mark 0x%02x is not used here" % mark)


func _read_length(width: int) -> int:
	if not _has(width):
		return 0
	match width:
		1:
			return _buffer.get_u8()
		2:
			return _buffer.get_u16()
	return _buffer.get_u32()


func _read_u64() -> int:
	if not _has(8):
		return 0
	var number: int = _buffer.get_64()
	if number < 0:
		# GDScript has no unsigned 64-bit numbers.
		_fail("a number is over 2^63")
	return number


func _read_text(length: int) -> Variant:
	if not _has(length):
		return null
	var text: String = _buffer.get_utf8_string(length) if length > 0 else ""
	return text


func _read_bin(bytes: PackedByteArray, length: int) -> Variant:
	if not _has(length):
		return null
	var start: int = _buffer.get_position()
	_buffer.seek(start + length)
	return bytes.slice(start, start + length)


func _read_array(bytes: PackedByteArray, length: int, depth: int) -> Variant:
	# Every item takes a byte at least: a length over that is a lie, and no memory is taken for it.
	if not _has(length):
		return null
	var list: Array = []
	list.resize(length)
	for index: int in length:
		list[index] = _read(bytes, depth + 1)
		if not error.is_empty():
			return null
	return list


func _read_map(bytes: PackedByteArray, length: int, depth: int) -> Variant:
	if not _has(2 * length):
		return null
	var map: Dictionary = {}
	for index: int in length:
		var key: Variant = _read(bytes, depth + 1)
		if error.is_empty() and typeof(key) != TYPE_STRING:
			_fail("a key is no str")
		if not error.is_empty():
			return null
		map[key] = _read(bytes, depth + 1)
	return map if error.is_empty() else null


func _has(n_bytes: int) -> bool:
	if not error.is_empty():
		return false
	if _size - _buffer.get_position() < n_bytes:
		_fail("cut short")
		return false
	return true


func _fail(reason: String) -> Variant:
	if error.is_empty():
		error = reason
	return null
