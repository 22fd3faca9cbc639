class_name VillageOutline
extends MeshInstance3D
## A line around a mesh: a hull of the same shape, a little larger, of which only the inside shows.

const _SHADER: String = "res://demo/things/outline.gdshader"

const _TINT: Color = Color(1.0, 0.72, 0.3, 0.16)

static var _material: ShaderMaterial = null
static var _tint: StandardMaterial3D = null


## Makes one around a mesh. Corners share their normals, so that the hull has no gaps.
static func around(mesh: Mesh) -> VillageOutline:
	var normals: Dictionary = {}
	var corners: PackedVector3Array = mesh.get_faces()
	var normal: Vector3 = Vector3.ZERO
	for place: int in corners.size():
		if place % 3 == 0:
			var across: Vector3 = corners[place + 2] - corners[place]
			normal = across.cross(corners[place + 1] - corners[place]).normalized()
		var key: Vector3i = Vector3i((corners[place] * 500.0).round())
		normals[key] = normals.get(key, Vector3.ZERO) + normal
	var outwards: PackedVector3Array = []
	outwards.resize(corners.size())
	for place: int in corners.size():
		outwards[place] = normals[Vector3i((corners[place] * 500.0).round())].normalized()
	var arrays: Array = []
	arrays.resize(Mesh.ARRAY_MAX)
	arrays[Mesh.ARRAY_VERTEX] = corners
	arrays[Mesh.ARRAY_NORMAL] = outwards
	var hull: ArrayMesh = ArrayMesh.new()
	hull.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, arrays)
	var outline: VillageOutline = VillageOutline.new()
	outline.mesh = hull
	outline.material_override = material()
	outline.cast_shadow = SHADOW_CASTING_SETTING_OFF
	return outline


## The material of the line; laid over a mesh with smooth normals it is one by itself.
static func material() -> ShaderMaterial:
	if _material == null:
		_material = ShaderMaterial.new()
		_material.shader = load(_SHADER)
	return _material


## A veil that is laid over what is chosen.
static func tint() -> StandardMaterial3D:
	if _tint == null:
		_tint = StandardMaterial3D.new()
		_tint.transparency = BaseMaterial3D.TRANSPARENCY_ALPHA
		_tint.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
		_tint.albedo_color = _TINT
	return _tint
