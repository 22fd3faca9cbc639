class_name VillageMeshBuilder
extends RefCounted
## Puts flat faces together into one mesh, with texture coordinates in metres and shading in the colours
## of its vertices: few draws, and any material lies on it without stretching.

## Colour of the vertices that are added next.
var color: Color = Color.WHITE

## How dark vertices on the ground are; 1 leaves them as they are.
var ground_shade: float = 1.0

## Up to which height they are darkened, in metres.
var shade_height_m: float = 2.0

var _tool: SurfaceTool = SurfaceTool.new()
var _is_empty: bool = true


func _init() -> void:
	_tool.begin(Mesh.PRIMITIVE_TRIANGLES)


## Adds a face with four corners, counterclockwise as seen from its front, from the bottom left.
func quad(a: Vector3, b: Vector3, c: Vector3, d: Vector3) -> void:
	triangle(a, b, c)
	triangle(a, c, d, (b - a).normalized())


## Adds a face with three corners, counterclockwise as seen from its front. Its texture runs along
## [param along], or along its first edge.
func triangle(a: Vector3, b: Vector3, c: Vector3, along: Vector3 = Vector3.ZERO) -> void:
	var normal: Vector3 = (b - a).cross(c - a).normalized()
	var right: Vector3 = along if along != Vector3.ZERO else (b - a).normalized()
	var down: Vector3 = right.cross(normal)
	# Front faces run clockwise in the engine.
	for corner: Vector3 in [a, c, b]:
		var shade: float = lerpf(ground_shade, 1.0, clampf(corner.y / shade_height_m, 0.0, 1.0))
		_tool.set_color(Color(color.r * shade, color.g * shade, color.b * shade))
		_tool.set_normal(normal)
		_tool.set_uv(Vector2(corner.dot(right), corner.dot(down)))
		_tool.add_vertex(corner)
	_is_empty = false


## Adds a box of a size around the middle of [param place].
func box(size: Vector3, place: Transform3D) -> void:
	var x: Vector3 = place.basis.x * size.x / 2.0
	var y: Vector3 = place.basis.y * size.y / 2.0
	var z: Vector3 = place.basis.z * size.z / 2.0
	for turn: int in 4:
		_side(place.origin, x, y, z)
		var turned: Vector3 = x
		x = -z
		z = turned
	_side(place.origin, x, -z, y)
	_side(place.origin, x, z, -y)


## Adds a box that stands straight.
func block(size: Vector3, middle: Vector3) -> void:
	box(size, Transform3D(Basis.IDENTITY, middle))


## Adds a beam of a thickness from one point to another.
func beam(from: Vector3, to: Vector3, wide_m: float, deep_m: float, out: Vector3) -> void:
	var along: Vector3 = to - from
	var up: Vector3 = along.normalized()
	var basis: Basis = Basis(up.cross(out).normalized(), up, up.cross(out).normalized().cross(up))
	box(Vector3(wide_m, along.length(), deep_m), Transform3D(basis, (from + to) / 2.0))


## Adds a cylinder, or a cone, that stands on [param foot]; with many sides it is round.
func cylinder(foot: Vector3, bottom_m: float, top_m: float, high_m: float, n_sides: int) -> void:
	var head: Vector3 = foot + Vector3.UP * high_m
	for side: int in n_sides:
		var one: Vector3 = Vector3.BACK.rotated(Vector3.UP, TAU * side / n_sides)
		var other: Vector3 = Vector3.BACK.rotated(Vector3.UP, TAU * (side + 1) / n_sides)
		if top_m <= 0.0:
			triangle(foot + one * bottom_m, foot + other * bottom_m, head)
			continue
		quad(
			foot + one * bottom_m, foot + other * bottom_m, head + other * top_m, head + one * top_m
		)
		triangle(head + one * top_m, head + other * top_m, head)


## Returns what was put together; null if nothing was.
func mesh(material: Material = null) -> ArrayMesh:
	if _is_empty:
		return null
	_tool.generate_tangents()
	_tool.index()
	var built: ArrayMesh = _tool.commit()
	built.surface_set_material(0, material)
	return built


func _side(middle: Vector3, x: Vector3, y: Vector3, z: Vector3) -> void:
	quad(middle - x - y + z, middle + x - y + z, middle + x + y + z, middle - x + y + z)
