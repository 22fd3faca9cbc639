class_name VRBridgeMeshArrays
extends RefCounted
## A mesh that travels as bare arrays, turned into the engine's in slices that fit into frames.

## What such assets are announced as.
const MEDIA_TYPE: String = "application/vnd.vrbridge.arrays"

# Indices of one slice: about a third of a millisecond on a phone.
const _SLICE: int = 1500
const _MAX_VERTICES: int = 1 << 20

## What is wrong with the data; empty if nothing is.
var error: String = ""

## Material factors of each surface: [code]name base_color metallic roughness[/code].
var materials: Array[Dictionary] = []

## Corners of the mesh, in metres.
var positions: PackedVector3Array = []

var _data: PackedByteArray
var _normals: PackedVector3Array = []
var _uv: PackedVector2Array = []
var _colors: PackedColorArray = []
var _raw_indices: PackedByteArray = []
var _index_bytes: int = 2
var _ranges: Array[Vector2i] = []
var _is_read: bool = false
var _surface: int = 0
var _indices: PackedInt32Array = []
var _first: int = 0
var _last: int = 0
var _arrays: Array[Array] = []
var _has_tangents: bool
var _tangents: VRBridgeTangents = null


## Normal maps need [param has_tangents].
func _init(data: PackedByteArray, has_tangents: bool = false) -> void:
	_data = data
	_has_tangents = has_tangents


## Does a slice of the work, on any thread; true once [method mesh] can be called or there is an
## [member error].
func step() -> bool:
	if not error.is_empty():
		return true
	if not _is_read:
		_is_read = true
		_read()
		return not error.is_empty()
	if _surface == _ranges.size():
		return true
	if _tangents != null:
		_add_tangents()
	else:
		_widen()
	return not error.is_empty() or _surface == _ranges.size()


## Returns the mesh, without materials; null if there is an [member error].
func mesh() -> ArrayMesh:
	if not error.is_empty() or _surface != _ranges.size():
		return null
	var built: ArrayMesh = ArrayMesh.new()
	for arrays: Array in _arrays:
		built.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, arrays)
	for surface: int in materials.size():
		built.surface_set_name(surface, VRBridgeFields.text(materials[surface], "name"))
	return built


func _read() -> void:
	var codec: VRBridgeMessagePack = VRBridgeMessagePack.new()
	var value: Variant = codec.decode(_data)
	_data = PackedByteArray()
	if not (value is Dictionary):
		error = "no map of arrays"
		return
	var map: Dictionary = value
	positions = _unpacked(map, "positions", TYPE_PACKED_VECTOR3_ARRAY, 12)
	_normals = _unpacked(map, "normals", TYPE_PACKED_VECTOR3_ARRAY, 12)
	_uv = _unpacked(map, "uv", TYPE_PACKED_VECTOR2_ARRAY, 8)
	_raw_indices = VRBridgeFields.bytes_of(map, "indices")
	_index_bytes = VRBridgeFields.whole(map, "index_bytes", 2)
	var n_vertices: int = positions.size()
	var raw_colors: PackedByteArray = VRBridgeFields.bytes_of(map, "colors")
	if n_vertices == 0 or n_vertices > _MAX_VERTICES:
		error = "%d vertices" % n_vertices
	elif (
		_normals.size() != n_vertices
		or _uv.size() != n_vertices
		or raw_colors.size() != 4 * n_vertices
	):
		error = "arrays of different lengths"
	elif _index_bytes != 2 and _index_bytes != 4:
		error = "indices of %d bytes" % _index_bytes
	else:
		# The engine wants floats; it converts pictures faster than a script could.
		var picture: Image = Image.create_from_data(
			n_vertices, 1, false, Image.FORMAT_RGBA8, raw_colors
		)
		picture.convert(Image.FORMAT_RGBAF)
		_colors = _as_type(picture.get_data(), TYPE_PACKED_COLOR_ARRAY, 16)
		_read_surfaces(map)


func _unpacked(map: Dictionary, name: String, type: Variant.Type, item_bytes: int) -> Variant:
	return _as_type(VRBridgeFields.bytes_of(map, name), type, item_bytes)


## Returns little-endian 32-bit floats as a packed array of the engine; an empty one if they are no
## multiple of an item.
func _as_type(bytes: PackedByteArray, type: Variant.Type, item_bytes: int) -> Variant:
	var is_whole: bool = bytes.size() % item_bytes == 0
	# The engine's own serialization of such arrays: type, count, items.
	var encoded: PackedByteArray = PackedByteArray()
	encoded.resize(8)
	encoded.encode_u32(0, type)
	encoded.encode_u32(4, bytes.size() / item_bytes if is_whole else 0)
	if is_whole:
		encoded.append_array(bytes)
	return bytes_to_var(encoded)


func _read_surfaces(map: Dictionary) -> void:
	var n_indices: int = _raw_indices.size() / _index_bytes
	var surfaces: Array = VRBridgeFields.list_of(map, "surfaces")
	if surfaces.is_empty():
		surfaces = [
			{"start": 0, "count": n_indices, "material": VRBridgeFields.map_of(map, "material")}
		]
	for surface: Dictionary in surfaces:
		var start: int = VRBridgeFields.whole(surface, "start", -1)
		var count: int = VRBridgeFields.whole(surface, "count", -1)
		if start < 0 or count < 3 or count % 3 != 0 or start + count > n_indices:
			error = "a surface of indices %d to %d of %d" % [start, start + count, n_indices]
			return
		_ranges.append(Vector2i(start, count))
		materials.append(VRBridgeFields.map_of(surface, "material"))
	_begin_surface()


func _begin_surface() -> void:
	_indices = PackedInt32Array()
	_first = positions.size()
	_last = -1


func _widen() -> void:
	var span: Vector2i = _ranges[_surface]
	var done: int = _indices.size()
	var n: int = mini(_SLICE, span.y - done)
	_indices.resize(done + n)
	for offset: int in n:
		var place: int = span.x + done + offset
		var index: int = (
			_raw_indices.decode_u16(2 * place)
			if _index_bytes == 2
			else _raw_indices.decode_u32(4 * place)
		)
		_indices[done + offset] = index
		_first = mini(_first, index)
		_last = maxi(_last, index)
	if _indices.size() < span.y:
		return
	if _last >= positions.size():
		error = "index %d of %d vertices" % [_last, positions.size()]
		return
	_finish_indices()
	if _has_tangents:
		_tangents = VRBridgeTangents.new(_arrays[_surface])
	else:
		_next_surface()


func _add_tangents() -> void:
	if _tangents.step():
		_arrays[_surface][Mesh.ARRAY_TANGENT] = _tangents.result()
		_tangents = null
		_next_surface()


func _next_surface() -> void:
	_surface += 1
	if _surface < _ranges.size():
		_begin_surface()


func _finish_indices() -> void:
	# Front faces go the other way round here; so does the order of triangles, which doesn't matter.
	_indices.reverse()
	if _first > 0:
		for place: int in _indices.size():
			_indices[place] -= _first
	var arrays: Array = []
	arrays.resize(Mesh.ARRAY_MAX)
	arrays[Mesh.ARRAY_VERTEX] = positions.slice(_first, _last + 1)
	arrays[Mesh.ARRAY_NORMAL] = _normals.slice(_first, _last + 1)
	arrays[Mesh.ARRAY_TEX_UV] = _uv.slice(_first, _last + 1)
	arrays[Mesh.ARRAY_COLOR] = _colors.slice(_first, _last + 1)
	arrays[Mesh.ARRAY_INDEX] = _indices
	_arrays.append(arrays)
