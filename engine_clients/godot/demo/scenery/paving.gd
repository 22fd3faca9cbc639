@tool
class_name VillagePaving
extends VillageSurface
## A flat floor of any size that can be turned into whatever one says.

# One slab of the grid that lets shade vary over it.
const _SLAB_M: float = 2.0
const _RIM_SHADE: float = 0.72

## Its extent, in metres.
@export var extent_m: Vector2 = Vector2(18.0, 18.0):
	set(value):
		extent_m = value
		_build()

## How it looks as long as nothing was asked for.
@export var plain: Material = null:
	set(value):
		plain = value
		_build()


func _ready() -> void:
	super()
	_build()


func _build() -> void:
	if not is_node_ready() or shown_by == null:
		return
	var n_x: int = ceili(extent_m.x / _SLAB_M)
	var n_z: int = ceili(extent_m.y / _SLAB_M)
	var surface: SurfaceTool = SurfaceTool.new()
	surface.begin(Mesh.PRIMITIVE_TRIANGLES)
	for row: int in n_z + 1:
		for column: int in n_x + 1:
			var share: Vector2 = Vector2(float(column) / n_x, float(row) / n_z)
			var place: Vector2 = (share - Vector2(0.5, 0.5)) * extent_m
			var to_rim: float = minf(
				minf(share.x, 1.0 - share.x) * extent_m.x, minf(share.y, 1.0 - share.y) * extent_m.y
			)
			# Dirt gathers at the rim.
			var shade: float = lerpf(_RIM_SHADE, 1.0, clampf(to_rim / 3.0, 0.0, 1.0))
			surface.set_color(Color(shade, shade, shade))
			surface.set_normal(Vector3.UP)
			surface.set_tangent(Plane(1.0, 0.0, 0.0, 1.0))
			surface.set_uv(place)
			surface.add_vertex(Vector3(place.x, 0.0, place.y))
	for row: int in n_z:
		for column: int in n_x:
			var corner: int = row * (n_x + 1) + column
			for index: int in [0, 1, n_x + 1, 1, n_x + 2, n_x + 1]:
				surface.add_index(corner + index)
	shown_by.mesh = surface.commit()
	shown_by.mesh.surface_set_material(0, plain)
