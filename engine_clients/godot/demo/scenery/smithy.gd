class_name VillageSmithy
extends Node3D
## The open smithy. Its forge glows a little, and bright once it is lit.

const _EMBERS_ENERGY: float = 1.3
const _FIRE_ENERGY: float = 7.0

## Whether the fire burns.
var is_lit: bool = false

var _heat: float = 0.0
var _time_s: float = 0.0

@onready var _glow: OmniLight3D = $Glow
@onready var _sparks: CPUParticles3D = $Sparks
@onready var _coals: StandardMaterial3D = ($Coals as MeshInstance3D).mesh.surface_get_material(0)


func _process(delta: float) -> void:
	_time_s += delta
	_heat = move_toward(_heat, 1.0 if is_lit else 0.0, delta / 1.5)
	var flicker: float = 1.0 + 0.1 * sin(_time_s * 9.1) + 0.07 * sin(_time_s * 23.7)
	_glow.light_energy = lerpf(_EMBERS_ENERGY, _FIRE_ENERGY, _heat) * flicker
	_coals.emission_energy_multiplier = lerpf(1.0, 4.0, _heat) * flicker


## Makes the fire burn.
func light() -> void:
	is_lit = true
	_sparks.emitting = true
