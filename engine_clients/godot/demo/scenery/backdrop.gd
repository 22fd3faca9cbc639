@tool
class_name VillageBackdrop
extends MeshInstance3D
## What stands beyond the square: hills, firs, and the tower of a church, in one mesh.

const _N_FIRS: int = 46
const _NEAR_M: float = 17.0
const _FAR_M: float = 38.0
const _N_HILLS: int = 15
const _HILLS_M: float = 95.0

@export var fir: Color = Color(0.17, 0.25, 0.17)
@export var hill: Color = Color(0.26, 0.32, 0.27)
@export var tower: Color = Color(0.46, 0.43, 0.4)

## Another number, other places.
@export var variation_seed: int = 4


func _ready() -> void:
	var random: RandomNumberGenerator = RandomNumberGenerator.new()
	random.seed = variation_seed
	var builder: VillageMeshBuilder = VillageMeshBuilder.new()
	_add_hills(builder, random)
	_add_firs(builder, random)
	_add_tower(builder, Vector3(-11.0, 0.0, -24.0))
	var look: StandardMaterial3D = StandardMaterial3D.new()
	look.vertex_color_use_as_albedo = true
	look.vertex_color_is_srgb = true
	look.roughness = 1.0
	mesh = builder.mesh(look)


func _add_hills(builder: VillageMeshBuilder, random: RandomNumberGenerator) -> void:
	for number: int in _N_HILLS:
		var turn: float = TAU * number / _N_HILLS + random.randf_range(-0.1, 0.1)
		var out: Vector3 = Vector3.FORWARD.rotated(Vector3.UP, turn) * _HILLS_M
		builder.color = hill * random.randf_range(0.85, 1.1)
		var wide_m: float = random.randf_range(26.0, 40.0)
		builder.cylinder(out - Vector3.UP * 2.0, wide_m, 6.0, random.randf_range(9.0, 24.0), 11)


func _add_firs(builder: VillageMeshBuilder, random: RandomNumberGenerator) -> void:
	for number: int in _N_FIRS:
		var turn: float = random.randf_range(0.0, TAU)
		var out_m: float = random.randf_range(_NEAR_M, _FAR_M)
		var foot: Vector3 = Vector3.FORWARD.rotated(Vector3.UP, turn) * out_m
		var high_m: float = random.randf_range(4.0, 8.0)
		builder.color = Color(0.24, 0.17, 0.12)
		builder.cylinder(foot, 0.2, 0.15, high_m * 0.25, 5)
		for tier: int in 3:
			builder.color = fir * (0.85 + 0.13 * tier) * random.randf_range(0.9, 1.15)
			var at: Vector3 = foot + Vector3.UP * high_m * (0.16 + 0.24 * tier)
			builder.cylinder(at, high_m * (0.24 - 0.055 * tier), 0.0, high_m * 0.38, 7)


func _add_tower(builder: VillageMeshBuilder, foot: Vector3) -> void:
	builder.color = tower
	builder.block(Vector3(4.0, 13.0, 4.0), foot + Vector3.UP * 6.5)
	builder.color = tower * 0.85
	builder.block(Vector3(4.5, 0.5, 4.5), foot + Vector3.UP * 12.8)
	builder.color = Color(0.12, 0.11, 0.12)
	builder.block(Vector3(1.0, 2.2, 4.1), foot + Vector3.UP * 10.6)
	builder.color = Color(0.27, 0.29, 0.33)
	builder.cylinder(foot + Vector3.UP * 13.0, 3.1, 0.0, 7.5, 8)
