class_name VillageFigure
extends Node3D
## The blacksmith's body: breathes, turns to the player, moves the mouth and a hand while talking.

const _TURN_SPEED: float = 2.4
const _HEAD_LIMIT: float = 0.6
const _POINTING_S: float = 2.0
const _SULLEN: PackedStringArray = ["anger", "disgust", "fear", "sadness"]

var _time_s: float = 0.0
var _talk: float = 0.0
var _point_s: float = 0.0
var _is_talking: bool = false
var _frown: float = 0.0

@onready var _torso: Node3D = $Torso
@onready var _head: Node3D = $Torso/Head
@onready var _mouth: Node3D = $Torso/Head/Mouth
@onready var _left_brow: Node3D = $Torso/Head/LeftBrow
@onready var _right_brow: Node3D = $Torso/Head/RightBrow
@onready var _left_arm: Node3D = $Torso/LeftArm
@onready var _left_elbow: Node3D = $Torso/LeftArm/Elbow
@onready var _right_arm: Node3D = $Torso/RightArm
@onready var _torso_y: float = _torso.position.y
@onready var _left_rest: Vector3 = _left_arm.rotation
@onready var _elbow_rest: Vector3 = _left_elbow.rotation
@onready var _right_rest: Vector3 = _right_arm.rotation
@onready var _mouth_size: Vector3 = _mouth.scale
@onready var _brow_tilt: float = _right_brow.rotation.z


func _ready() -> void:
	for part: Node in [
		self, _torso, _head, _left_arm, _left_elbow, _right_arm, $Torso/RightArm/Elbow
	]:
		VillageJoined.join(part)


func _process(delta: float) -> void:
	_time_s += delta
	_talk = move_toward(_talk, 1.0 if _is_talking else 0.0, delta * 3.0)
	_point_s = maxf(0.0, _point_s - delta)
	_face_player(delta)
	_move()


## Begins to talk.
func start_talking() -> void:
	_is_talking = true


## Falls silent.
func stop_talking() -> void:
	_is_talking = false


## Points at what is being done.
func point() -> void:
	_point_s = _POINTING_S


## Shows a feeling; [param score] is its strength.
func feel(emotion: String, score: float) -> void:
	_frown = score if emotion in _SULLEN else -0.6 * score if emotion != "neutral" else 0.0


func _face_player(delta: float) -> void:
	var camera: Camera3D = get_viewport().get_camera_3d()
	if camera == null:
		return
	var to: Vector3 = camera.global_position - global_position
	var wanted: float = atan2(to.x, to.z)
	var now: float = global_rotation.y
	var left: float = angle_difference(now, wanted)
	# The head goes first, the body follows.
	var step: float = clampf(left, -_TURN_SPEED * delta, _TURN_SPEED * delta)
	global_rotation.y = now + step * clampf(absf(left), 0.0, 1.0)
	_head.rotation.y = lerp_angle(
		_head.rotation.y, clampf(left, -_HEAD_LIMIT, _HEAD_LIMIT), minf(1.0, 5.0 * delta)
	)


func _move() -> void:
	var breath: float = sin(_time_s * 1.7)
	_torso.position.y = _torso_y + 0.006 * breath
	_torso.rotation.z = 0.012 * sin(_time_s * 0.6)
	_head.rotation.x = 0.03 * sin(_time_s * 0.9) + 0.05 * _talk * sin(_time_s * 5.3)
	var open: float = _talk * absf(sin(_time_s * 9.0) * sin(_time_s * 3.7 + 0.4))
	_mouth.scale.y = _mouth_size.y * (1.0 + 2.4 * open)
	var gesture: float = _talk * (0.55 + 0.45 * sin(_time_s * 2.3))
	_left_arm.rotation.x = _left_rest.x - 0.35 * gesture
	_left_elbow.rotation.x = _elbow_rest.x - 0.75 * gesture
	var reach: float = smoothstep(0.0, 0.4, _point_s) * smoothstep(0.0, 0.4, _POINTING_S - _point_s)
	_right_arm.rotation = _right_rest + Vector3(-0.9, 0.0, 0.35) * reach
	_right_arm.rotation.x += 0.02 * breath
	_left_brow.rotation.z = -_brow_tilt + 0.35 * _frown
	_right_brow.rotation.z = _brow_tilt - 0.35 * _frown
