class_name VillageWorldPanel
extends Node3D
## Holds the panel in the world, where a ray points and presses instead of a mouse.

const _PIXEL_M: float = 0.00108
const _WIDE_PX: int = 860
const _AHEAD_M: float = 1.05
const _BELOW_M: float = 0.52
const _FOLLOW_AT: float = 1.0
const _FOLLOW_SPEED: float = 3.0

var _panel: Control = null
var _at_px: Vector2 = Vector2.ZERO
var _is_down: bool = false
var _is_over: bool = false
var _is_following: bool = false

@onready var _viewport: SubViewport = $Viewport
@onready var _quad: MeshInstance3D = $Quad


func _ready() -> void:
	visible = false
	var look: StandardMaterial3D = (_quad.mesh as QuadMesh).material
	look.albedo_texture = _viewport.get_texture()


func _process(delta: float) -> void:
	if _panel == null:
		return
	_fit()
	_follow(delta)


## Takes the panel into the world.
func take(panel: Control) -> void:
	_panel = panel
	panel.reparent(_viewport, false)
	panel.grow_horizontal = Control.GROW_DIRECTION_END
	panel.grow_vertical = Control.GROW_DIRECTION_END
	panel.custom_minimum_size.x = _WIDE_PX
	panel.set_anchors_and_offsets_preset(Control.PRESET_TOP_LEFT)
	visible = true
	_fit()
	global_transform = _place()


## Lets go of the panel, which is nobody's child then.
func give() -> void:
	_viewport.remove_child(_panel)
	_panel = null
	visible = false


## Moves its mouse to where a ray hits it; returns how far that is, or a negative number if it doesn't.
func point(from: Vector3, direction: Vector3) -> float:
	if _panel == null:
		return -1.0
	var share: Vector2 = _share(from, direction)
	var is_over: bool = Rect2(0.0, 0.0, 1.0, 1.0).has_point(share)
	if is_over != _is_over:
		_is_over = is_over
		_viewport.notification(
			Viewport.NOTIFICATION_VP_MOUSE_ENTER if is_over else Viewport.NOTIFICATION_VP_MOUSE_EXIT
		)
	if not is_over:
		return -1.0
	var now_px: Vector2 = share * Vector2(_viewport.size)
	var motion: InputEventMouseMotion = InputEventMouseMotion.new()
	motion.position = now_px
	motion.relative = now_px - _at_px
	motion.button_mask = MOUSE_BUTTON_MASK_LEFT if _is_down else 0 as MouseButtonMask
	_at_px = now_px
	_viewport.push_input(motion)
	var size: Vector2 = (_quad.mesh as QuadMesh).size
	var flat: Vector2 = (share - Vector2(0.5, 0.5)) * size
	return from.distance_to(to_global(Vector3(flat.x, -flat.y, 0.0)))


## Presses the mouse's button, or lets it go.
func press(is_down: bool) -> void:
	if _panel == null or is_down == _is_down:
		return
	_is_down = is_down
	var click: InputEventMouseButton = InputEventMouseButton.new()
	click.button_index = MOUSE_BUTTON_LEFT
	click.pressed = is_down
	click.position = _at_px
	_viewport.push_input(click)


## Returns where a ray hits the panel: 0–1 from its left and its top; negative if it misses.
func _share(from: Vector3, direction: Vector3) -> Vector2:
	var met: Variant = Plane(global_basis.z, global_position).intersects_ray(from, direction)
	if met == null:
		return -Vector2.ONE
	var place: Vector3 = met
	var local: Vector3 = to_local(place)
	var size: Vector2 = (_quad.mesh as QuadMesh).size
	return Vector2(local.x / size.x + 0.5, 0.5 - local.y / size.y)


func _fit() -> void:
	var wanted: Vector2i = Vector2i(_panel.get_combined_minimum_size().max(Vector2(_WIDE_PX, 0.0)))
	if _viewport.size != wanted:
		_viewport.size = wanted
		_panel.size = wanted
		(_quad.mesh as QuadMesh).size = Vector2(wanted) * _PIXEL_M


## Comes after the player once they have turned or walked away.
func _follow(delta: float) -> void:
	var goal: Transform3D = _place()
	var away_m: float = global_position.distance_to(goal.origin)
	if away_m > _FOLLOW_AT:
		_is_following = true
	elif away_m < 0.05:
		_is_following = false
	if _is_following:
		var share: float = minf(1.0, _FOLLOW_SPEED * delta)
		global_transform = global_transform.interpolate_with(goal, share)


func _place() -> Transform3D:
	var camera: Camera3D = get_viewport().get_camera_3d()
	if camera == null:
		return global_transform
	var ahead: Vector3 = -camera.global_basis.z
	ahead = (ahead * Vector3(1.0, 0.0, 1.0)).normalized()
	if ahead == Vector3.ZERO:
		ahead = Vector3.FORWARD
	var at: Vector3 = camera.global_position + ahead * _AHEAD_M + Vector3.DOWN * _BELOW_M
	return Transform3D(Basis.IDENTITY, at).looking_at(2.0 * at - camera.global_position, Vector3.UP)
