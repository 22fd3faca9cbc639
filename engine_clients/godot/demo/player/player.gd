class_name VillagePlayer
extends XROrigin3D
## The player: eyes and two hands in a headset, eyes alone on a flat screen.

## The trigger, or the mouse button, went down on what is pointed at.
signal selected(from: Vector3, direction: Vector3)

## It was let go.
signal released

const EYES_M: float = 1.65

const _WALK_MPS: float = 2.4
const _LOOK: float = 0.0032
const _DEAD: float = 0.25
const _SNAP_AT: float = 0.7
const _SNAP: float = PI / 6.0
const _BODY_M: float = 0.4
const _KNEE_M: float = 0.6

## How far from the middle of the world one may walk, in metres.
@export var range_m: float = 9.0

## Whether a headset shows the scene.
var is_in_xr: bool = false:
	set(value):
		is_in_xr = value
		_left.visible = value
		_right.visible = value
		if not value:
			head.transform = Transform3D(Basis.IDENTITY, Vector3.UP * EYES_M)

var _is_looking: bool = false
var _has_snapped: bool = false

@onready var head: XRCamera3D = $Head
@onready var _left: XRController3D = $LeftHand
@onready var _right: XRController3D = $RightHand
@onready var _beam: Node3D = $RightHand/Beam


func _ready() -> void:
	is_in_xr = false
	_right.button_pressed.connect(_on_button_pressed)
	_right.button_released.connect(_on_button_released)


func _process(delta: float) -> void:
	if is_in_xr:
		var stick: Vector2 = _stick_of(_left)
		_walk(Vector2(stick.x, -stick.y), delta)
		_snap_turn(_stick_of(_right).x)
	elif not _is_typing():
		_walk(_keys(), delta)


func _unhandled_input(event: InputEvent) -> void:
	if is_in_xr:
		return
	if event is InputEventMouseButton:
		var click: InputEventMouseButton = event
		if click.button_index == MOUSE_BUTTON_RIGHT:
			_is_looking = click.pressed
		elif click.button_index == MOUSE_BUTTON_LEFT:
			if click.pressed:
				selected.emit(
					head.project_ray_origin(click.position), head.project_ray_normal(click.position)
				)
			else:
				released.emit()
	elif event is InputEventMouseMotion and _is_looking:
		look((event as InputEventMouseMotion).relative)
	elif event is InputEventScreenDrag:
		look((event as InputEventScreenDrag).relative)


## Turns the eyes by a movement of the mouse, in pixels.
func look(pixels: Vector2) -> void:
	rotate_y(-pixels.x * _LOOK)
	head.rotation.x = clampf(head.rotation.x - pixels.y * _LOOK, -1.3, 1.3)


## Returns the ray that points: from the right hand, or from the eyes through the mouse.
func pointing() -> Transform3D:
	if is_in_xr:
		return _right.global_transform
	var mouse: Vector2 = get_viewport().get_mouse_position()
	var origin: Vector3 = head.project_ray_origin(mouse)
	return Transform3D(Basis.IDENTITY, origin).looking_at(origin + head.project_ray_normal(mouse))


## Ends the beam of the right hand where it hits something.
func show_beam(length_m: float) -> void:
	_beam.scale.z = length_m


func _keys() -> Vector2:
	var way: Vector2 = Vector2.ZERO
	for key: Array in [
		[KEY_W, Vector2.UP],
		[KEY_UP, Vector2.UP],
		[KEY_S, Vector2.DOWN],
		[KEY_DOWN, Vector2.DOWN],
		[KEY_A, Vector2.LEFT],
		[KEY_LEFT, Vector2.LEFT],
		[KEY_D, Vector2.RIGHT],
		[KEY_RIGHT, Vector2.RIGHT],
	]:
		var code: Key = key[0]
		if Input.is_physical_key_pressed(code):
			var step: Vector2 = key[1]
			way += step
	return way.limit_length()


func _is_typing() -> bool:
	return get_viewport().gui_get_focus_owner() is LineEdit


func _stick_of(hand: XRController3D) -> Vector2:
	# Runtimes name the same stick differently.
	for input: StringName in [&"primary", &"thumbstick"]:
		var stick: Vector2 = hand.get_vector2(input)
		if stick.length() > _DEAD:
			return stick
	return Vector2.ZERO


func _snap_turn(side: float) -> void:
	if absf(side) < _SNAP_AT:
		_has_snapped = false
	elif not _has_snapped:
		_has_snapped = true
		# About the eyes, and not about the middle of the room.
		var eyes: Vector3 = head.global_position
		rotate_y(-signf(side) * _SNAP)
		global_position += (eyes - head.global_position) * Vector3(1.0, 0.0, 1.0)


func _walk(way: Vector2, delta: float) -> void:
	if way == Vector2.ZERO:
		return
	var ahead: Basis = Basis(Vector3.UP, head.global_rotation.y)
	var step: Vector3 = ahead * Vector3(way.x, 0.0, way.y) * _WALK_MPS * delta
	var from: Vector3 = head.global_position
	from.y = global_position.y + _KNEE_M
	var reach: Vector3 = step.normalized() * (_BODY_M + step.length())
	var query: PhysicsRayQueryParameters3D = PhysicsRayQueryParameters3D.create(from, from + reach)
	var wall: Dictionary = get_world_3d().direct_space_state.intersect_ray(query)
	if not wall.is_empty():
		var normal: Vector3 = wall["normal"]
		step = step.slide(Vector3(normal.x, 0.0, normal.z).normalized())
	var goal: Vector3 = global_position + step
	var out: Vector2 = Vector2(goal.x, goal.z).limit_length(range_m)
	global_position = Vector3(out.x, goal.y, out.y)


func _on_button_pressed(button: String) -> void:
	if is_in_xr and button == "trigger_click":
		selected.emit(_right.global_position, -_right.global_basis.z)


func _on_button_released(button: String) -> void:
	if is_in_xr and button == "trigger_click":
		released.emit()
