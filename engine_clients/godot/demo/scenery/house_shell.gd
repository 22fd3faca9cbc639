class_name VillageHouseShell
extends RefCounted
## The walls and the roof of a house, as meshes.

## By how much the upper storey stands out over the lower one, in metres.
const JETTY_M: float = 0.22

## By how much the roof stands out over the walls.
const EAVES_M: float = 0.35

const _ROW_M: float = 0.42
const _TILE_M: float = 0.06

var _half: float
var _front: float
var _base: float
var _top: float
var _pitch: float


func _init(width_m: float, depth_m: float, base_m: float, upper_m: float, pitch: float) -> void:
	_half = width_m / 2.0
	_front = depth_m / 2.0
	_base = base_m
	_top = base_m + upper_m
	_pitch = pitch


## Returns the stone storey.
func base(material: Material) -> ArrayMesh:
	var builder: VillageMeshBuilder = VillageMeshBuilder.new()
	builder.ground_shade = 0.55
	builder.shade_height_m = 1.6
	var size: Vector3 = Vector3(2.0 * (_half - JETTY_M), 0.5, 2.0 * (_front - JETTY_M))
	builder.block(size + Vector3(0.12, 0.0, 0.12), Vector3(0.0, 0.25, 0.0))
	size.y = _base - 0.5
	builder.block(size, Vector3(0.0, 0.5 + size.y / 2.0, 0.0))
	return builder.mesh(material)


## Returns the storey of plaster with its gables.
func upper(material: Material) -> ArrayMesh:
	var builder: VillageMeshBuilder = VillageMeshBuilder.new()
	var size: Vector3 = Vector3(2.0 * _half, _top - _base, 2.0 * _front)
	builder.color = Color(0.97, 0.97, 0.97)
	builder.block(size, Vector3(0.0, _base + size.y / 2.0, 0.0))
	var peak: float = _top + _half * _pitch
	builder.triangle(
		Vector3(-_half, _top, _front), Vector3(_half, _top, _front), Vector3(0.0, peak, _front)
	)
	builder.triangle(
		Vector3(_half, _top, -_front), Vector3(-_half, _top, -_front), Vector3(0.0, peak, -_front)
	)
	return builder.mesh(material)


## Returns the roof: rows of tiles that lie over each other.
func roof(material: Material) -> ArrayMesh:
	var builder: VillageMeshBuilder = VillageMeshBuilder.new()
	var long: float = 2.0 * (_front + EAVES_M)
	for side: float in [-1.0, 1.0]:
		var out: Vector3 = Vector3(side * (_half + EAVES_M), _top - EAVES_M * _pitch, 0.0)
		var ridge: Vector3 = Vector3(0.0, _top + _half * _pitch, 0.0)
		var slope: Vector3 = ridge - out
		var up: Vector3 = slope.normalized()
		var normal: Vector3 = Vector3(side * -up.y, side * up.x, 0.0) * -1.0
		normal = normal if normal.y > 0.0 else -normal
		var n_rows: int = maxi(3, roundi(slope.length() / _ROW_M))
		var row_m: float = slope.length() / n_rows
		# A row leans a little more than the roof does, and so covers the upper edge of the one below.
		var lean: Vector3 = (up * row_m + normal * -_TILE_M).normalized()
		var across: Vector3 = Vector3(0.0, 0.0, -side)
		var turn: Basis = Basis(across, lean, across.cross(lean))
		for row: int in n_rows:
			var shade: float = 0.86 + 0.14 * fposmod(sin(row * 12.9 + side * 4.1) * 43.7, 1.0)
			builder.color = Color(shade, shade, shade)
			var middle: Vector3 = out + up * row_m * (row + 0.5) + normal * _TILE_M
			builder.box(Vector3(long, row_m * 1.12, _TILE_M * 1.3), Transform3D(turn, middle))
	builder.color = Color(0.8, 0.8, 0.8)
	builder.block(Vector3(0.26, 0.16, long + 0.06), Vector3(0.0, _top + _half * _pitch + 0.1, 0.0))
	return builder.mesh(material)
