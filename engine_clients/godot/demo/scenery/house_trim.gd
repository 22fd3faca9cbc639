class_name VillageHouseTrim
extends RefCounted
## What stands out from the walls of a house: timber, the door, windows, the chimney.

const _WOOD: Color = Color(0.26, 0.17, 0.11)
const _BEAM_M: float = 0.17
const _DEEP_M: float = 0.08
const _BRICK: Color = Color(0.42, 0.3, 0.26)
const _FLOWERS: Array[Color] = [Color(0.82, 0.24, 0.22), Color(0.93, 0.75, 0.4)]

var _half: float
var _front: float
var _base: float
var _top: float
var _peak: float
var _windows: Array[Transform3D] = []


func _init(width_m: float, depth_m: float, base_m: float, upper_m: float, pitch: float) -> void:
	_half = width_m / 2.0
	_front = depth_m / 2.0
	_base = base_m
	_top = base_m + upper_m
	_peak = _top + _half * pitch
	_find_windows()


## Returns posts, beams, braces and all else made of wood or brick.
func timber(material: Material) -> ArrayMesh:
	var builder: VillageMeshBuilder = VillageMeshBuilder.new()
	builder.color = _WOOD
	for side: float in [-1.0, 1.0]:
		_frame(builder, Vector3(0.0, 0.0, side * _front), Vector3(0.0, 0.0, side), _half)
		_frame(builder, Vector3(side * _half, 0.0, 0.0), Vector3(side, 0.0, 0.0), _front)
		_gable(builder, side * _front, Vector3(0.0, 0.0, side))
	_joists(builder)
	for window: Transform3D in _windows:
		_window_frame(builder, window)
	builder.color = _BRICK
	builder.ground_shade = 1.0
	builder.block(
		Vector3(0.7, _peak - _top + 0.9, 0.7),
		Vector3(_half * 0.45, (_peak + _top + 0.9) / 2.0, -_front * 0.4)
	)
	builder.color = _BRICK * 0.7
	builder.block(Vector3(0.84, 0.16, 0.84), Vector3(_half * 0.45, _peak + 0.9, -_front * 0.4))
	return builder.mesh(material)


## Returns the door with its frame and its step.
func door(color: Color, material: Material) -> ArrayMesh:
	var builder: VillageMeshBuilder = VillageMeshBuilder.new()
	var z: float = _front - VillageHouseShell.JETTY_M
	var x: float = -_half * 0.35
	builder.color = Color(0.45, 0.43, 0.4)
	builder.block(Vector3(1.5, 0.14, 0.6), Vector3(x, 0.07, z + 0.2))
	builder.color = _WOOD
	builder.block(Vector3(1.24, 2.12, 0.16), Vector3(x, 1.06, z))
	for plank: int in 4:
		builder.color = color * (0.86 + 0.09 * (plank % 3))
		builder.block(Vector3(0.235, 1.92, 0.1), Vector3(x - 0.36 + 0.24 * plank, 1.04, z + 0.06))
	builder.color = Color(0.13, 0.12, 0.12)
	for high: float in [0.5, 1.6]:
		builder.block(Vector3(0.9, 0.07, 0.03), Vector3(x, high, z + 0.12))
	builder.color = Color(0.75, 0.58, 0.3)
	builder.block(Vector3(0.07, 0.07, 0.08), Vector3(x + 0.36, 1.02, z + 0.14))
	return builder.mesh(material)


## Returns the panes of all windows.
func panes(material: Material) -> ArrayMesh:
	var builder: VillageMeshBuilder = VillageMeshBuilder.new()
	for window: Transform3D in _windows:
		builder.box(Vector3(0.74, 0.94, 0.04), window)
	return builder.mesh(material)


func _find_windows() -> void:
	var high: float = (_base + _top) / 2.0 + 0.08
	if _top - _base > 1.6:
		for x: float in [-0.5, 0.5]:
			_windows.append(Transform3D(Basis.IDENTITY, Vector3(x * _half, high, _front)))
		for side: float in [-1.0, 1.0]:
			var turn: Basis = Basis(Vector3.UP, side * PI / 2.0)
			for z: float in [-0.4, 0.4]:
				_windows.append(Transform3D(turn, Vector3(side * _half, high, z * _front)))
	var shown: float = _front - VillageHouseShell.JETTY_M
	_windows.append(Transform3D(Basis.IDENTITY, Vector3(_half * 0.42, 1.5, shown)))


## Adds the frame of one side of the upper storey.
func _frame(builder: VillageMeshBuilder, middle: Vector3, out: Vector3, half_m: float) -> void:
	var along: Vector3 = Vector3.UP.cross(out)
	var low: Vector3 = middle + Vector3.UP * (_base + _BEAM_M / 2.0)
	var high: Vector3 = middle + Vector3.UP * (_top - _BEAM_M / 2.0)
	for rail: Vector3 in [low, high]:
		builder.beam(rail - along * half_m, rail + along * half_m, _BEAM_M, _DEEP_M, out)
	var n_bays: int = maxi(2, roundi(half_m * 2.0 / 1.25))
	for post: int in n_bays + 1:
		var at: Vector3 = along * lerpf(-half_m + 0.06, half_m - 0.06, float(post) / n_bays)
		builder.beam(low + at, high + at, _BEAM_M, _DEEP_M * 1.2, out)
	var bay_m: float = 2.0 * half_m / n_bays
	for side: float in [-1.0, 1.0]:
		var foot: Vector3 = low + along * side * (half_m - 0.1)
		builder.beam(foot, high + along * side * (half_m - bay_m), 0.13, _DEEP_M, out)


func _gable(builder: VillageMeshBuilder, z: float, out: Vector3) -> void:
	var foot: Vector3 = Vector3(0.0, _top, z)
	var peak: Vector3 = Vector3(0.0, _peak, z)
	builder.beam(foot, peak, _BEAM_M, _DEEP_M, out)
	var collar: Vector3 = foot.lerp(peak, 0.45)
	var wide: Vector3 = Vector3(_half * 0.55, 0.0, 0.0)
	builder.beam(collar - wide, collar + wide, 0.14, _DEEP_M, out)
	for side: float in [-1.0, 1.0]:
		builder.beam(foot + Vector3(side * _half * 0.55, 0.0, 0.0), collar, 0.13, _DEEP_M, out)
		# The boards at the edge of the roof.
		var edge: Vector3 = Vector3(0.0, 0.0, signf(z) * (VillageHouseShell.EAVES_M - 0.02))
		var eaves_m: float = VillageHouseShell.EAVES_M
		var slope: float = (_peak - _top) / _half
		builder.beam(
			Vector3(side * (_half + eaves_m), _top - eaves_m * slope - 0.06, z) + edge,
			peak + edge + Vector3.DOWN * 0.06,
			0.2,
			0.07,
			out
		)


## Adds the ends of the beams on which the upper storey rests.
func _joists(builder: VillageMeshBuilder) -> void:
	var n: int = roundi(2.0 * _half / 0.6)
	for number: int in n + 1:
		var x: float = lerpf(-_half + 0.12, _half - 0.12, float(number) / n)
		builder.block(Vector3(0.13, 0.16, 0.5), Vector3(x, _base - 0.08, _front - 0.2))


func _window_frame(builder: VillageMeshBuilder, window: Transform3D) -> void:
	for side: float in [-1.0, 1.0]:
		builder.color = _WOOD
		builder.box(
			Vector3(0.09, 1.1, 0.12), window.translated_local(Vector3(side * 0.4, 0.0, 0.0))
		)
		builder.box(
			Vector3(0.94, 0.09, 0.12), window.translated_local(Vector3(0.0, side * 0.51, 0.0))
		)
		builder.color = Color(0.28, 0.36, 0.31)
		builder.box(
			Vector3(0.36, 1.02, 0.05), window.translated_local(Vector3(side * 0.64, 0.0, 0.04))
		)
	builder.color = _WOOD
	builder.box(Vector3(0.04, 0.94, 0.08), window)
	builder.box(Vector3(0.74, 0.04, 0.08), window)
	builder.box(Vector3(1.0, 0.2, 0.26), window.translated_local(Vector3(0.0, -0.64, 0.13)))
	for flower: int in 6:
		builder.color = (_FLOWERS[flower % 2] if flower % 3 != 2 else Color(0.3, 0.42, 0.2))
		var spot: Vector3 = Vector3(-0.4 + 0.16 * flower, -0.5 + 0.03 * (flower % 2), 0.14)
		builder.box(Vector3(0.13, 0.14, 0.16), window.translated_local(spot))
