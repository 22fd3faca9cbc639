class_name VRBridgeTangents
extends RefCounted
## Tangents of a surface for its normal map, worked out in slices.
##
## [member VRBridgeSurface] maps have +Y up and their first row on top, so the second direction of the
## tangent space runs against V, as the engine has it.

const _SLICE: int = 250

var _positions: PackedVector3Array
var _normals: PackedVector3Array
var _uv: PackedVector2Array
var _indices: PackedInt32Array
var _along_u: PackedVector3Array = []
var _along_v: PackedVector3Array = []
var _corner: int = 0
var _vertex: int = 0
var _result: PackedFloat32Array = []


## [param arrays] are those of a surface, with [constant Mesh.ARRAY_TEX_UV].
func _init(arrays: Array) -> void:
	_positions = arrays[Mesh.ARRAY_VERTEX]
	_normals = arrays[Mesh.ARRAY_NORMAL]
	_uv = arrays[Mesh.ARRAY_TEX_UV]
	_indices = arrays[Mesh.ARRAY_INDEX]
	_along_u.resize(_positions.size())
	_along_v.resize(_positions.size())
	_result.resize(4 * _positions.size())


## Does a slice; true once [method result] is there.
func step() -> bool:
	if _corner < _indices.size():
		_gather(mini(_corner + 3 * _SLICE, _indices.size()))
		return false
	_settle(mini(_vertex + _SLICE, _positions.size()))
	return _vertex == _positions.size()


## Returns four numbers for each vertex, as [constant Mesh.ARRAY_TANGENT] has them.
func result() -> PackedFloat32Array:
	return _result


func _gather(end: int) -> void:
	while _corner < end:
		var a: int = _indices[_corner]
		var b: int = _indices[_corner + 1]
		var c: int = _indices[_corner + 2]
		_corner += 3
		var edge_b: Vector3 = _positions[b] - _positions[a]
		var edge_c: Vector3 = _positions[c] - _positions[a]
		var uv_b: Vector2 = _uv[b] - _uv[a]
		var uv_c: Vector2 = _uv[c] - _uv[a]
		var turn: float = signf(uv_b.cross(uv_c))
		var along_u: Vector3 = (edge_b * uv_c.y - edge_c * uv_b.y) * turn
		var along_v: Vector3 = (edge_c * uv_b.x - edge_b * uv_c.x) * turn
		for corner: int in [a, b, c]:
			_along_u[corner] += along_u
			_along_v[corner] += along_v


func _settle(end: int) -> void:
	while _vertex < end:
		var normal: Vector3 = _normals[_vertex]
		var along: Vector3 = _along_u[_vertex]
		along -= normal * normal.dot(along)
		if along.length_squared() < 1e-16:
			# No direction on the surface is better than another where the maps have none.
			along = normal.cross(Vector3.RIGHT if absf(normal.x) < 0.9 else Vector3.UP)
		along = along.normalized()
		var up: float = normal.cross(along).dot(-_along_v[_vertex])
		_result[4 * _vertex] = along.x
		_result[4 * _vertex + 1] = along.y
		_result[4 * _vertex + 2] = along.z
		_result[4 * _vertex + 3] = -1.0 if up < 0.0 else 1.0
		_vertex += 1
