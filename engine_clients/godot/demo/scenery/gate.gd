class_name VillageGate
extends Node3D
## The gate of the village, of two leaves.

const _OPEN_DEGREES: float = 105.0
const _OPENING_S: float = 2.2

## Whether it is open, or opening.
var is_open: bool = false

@onready var _left: Node3D = $LeftLeaf
@onready var _right: Node3D = $RightLeaf


## Swings both leaves open.
func open() -> void:
	if is_open:
		return
	is_open = true
	var tween: Tween = create_tween().set_parallel()
	tween.set_trans(Tween.TRANS_CUBIC).set_ease(Tween.EASE_IN_OUT)
	tween.tween_property(_left, ^"rotation_degrees:y", _OPEN_DEGREES, _OPENING_S)
	tween.tween_property(_right, ^"rotation_degrees:y", -_OPEN_DEGREES, _OPENING_S)
