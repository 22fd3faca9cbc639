@tool
@icon("res://addons/vrbridge/icons/mesh.svg")
class_name VRBridgeMesh3D
extends Node3D
## A thing made from words, with levels of detail and a collider, that stands where this node is.
##
## The coarsest level shows first, finer ones replace it near the player. Its pivot is the centre of the
## floor below it; its front looks along +Z.

## Work went on; [param fraction] is 0–1.
signal progressed(stage: String, fraction: float)

## A level can be seen; 0 is the finest.
signal level_shown(level: int)

## Everything is there.
signal completed(result: Dictionary)

## It could not be made; what showed before stays.
signal failed(error: VRBridgeError)

## What it is, in words.
@export_multiline var prompt: String = ""

## Most faces of the finest level.
@export_range(50, 20000) var max_faces: int = 1500

## How many levels of detail.
@export_range(1, 4) var lods: int = 3

## Longest side in metres; 0 takes the usual size of such a thing.
@export_range(0.0, 50.0, 0.05, "or_greater", "suffix:m") var size_m: float = 0.0

## Edge of the maps of its material in pixels; 0 takes the colours of its vertices alone.
@export_enum("0", "64", "128", "256", "512", "1024", "2048") var texture_px: String = "0"

## What builds it: [code]generated[/code], [code]library[/code], [code]procedural[/code] or a name that
## the server has; empty takes the server's default.
@export var style: String = ""

## The same number makes the same thing; -1 leaves it to the server.
@export var variation_seed: int = -1

## Whether it gets a static body around it.
@export var has_collider: bool = true

## Physics layers of the static body.
@export_flags_3d_physics var collision_layer: int = 1

## Larger values keep finer levels further away.
@export_range(0.1, 10.0, 0.1) var lod_bias: float = 1.0

## Shows a faint box as long as nothing else is there.
@export var has_placeholder: bool = true

## Asks for the thing as soon as a running scene has it.
@export var generate_on_start: bool = true

## What the server said about it, once it is complete.
var facts: Dictionary = {}

var _client: VRBridgeClient = null
var _request: VRBridgeRequest = null
var _loader: VRBridgeMeshLoader = null
# MeshInstance3D by level.
var _levels: Dictionary = {}
var _body: StaticBody3D = null
# What of them the thing has that was asked for last: levels as keys.
var _brought: Dictionary = {}
var _is_body_brought: bool = false
var _placeholder: MeshInstance3D = null


func _ready() -> void:
	if generate_on_start and not prompt.is_empty() and not Engine.is_editor_hint():
		generate()


func _notification(what: int) -> void:
	# Methods of an object that is being deleted can't be called any more; others' can.
	if what == NOTIFICATION_PREDELETE and _request != null and is_instance_valid(_client):
		_client.cancel(_request)


## Asks for it, instead of an older request that is still open. [param client] is the autoload unless
## another is given.
func generate(client: VRBridgeClient = null) -> VRBridgeRequest:
	cancel()
	_client = client if client != null else VRBridgeClient.find()
	if _client == null:
		failed.emit.call_deferred(
			VRBridgeError.new("cannot_connect", "There is no VRBridge autoload: enable the plugin.")
		)
		return null
	_show_placeholder()
	_brought.clear()
	_is_body_brought = false
	_loader = VRBridgeMeshLoader.new(_client.budget, texture_px.to_int() > 0)
	_loader.level_loaded.connect(_on_level_loaded)
	_loader.collider_loaded.connect(_on_collider_loaded)
	_loader.finished.connect(_on_finished)
	_loader.unreadable.connect(failed.emit)
	var options: Dictionary = {"slot": "mesh-%d" % get_instance_id(), "anchor": _anchor()}
	_request = _client.request("mesh", _params(), options)
	_request.progressed.connect(progressed.emit)
	_request.asset_grew.connect(_loader.grow)
	_request.asset_received.connect(_loader.take)
	_request.restarted.connect(_loader.restart)
	_request.completed.connect(_on_completed)
	_request.failed.connect(_on_failed)
	return _request


## Stops an open request.
func cancel() -> void:
	if _request != null:
		# How it ends, and what still comes of it, is not about what is asked for next.
		_request.completed.disconnect(_on_completed)
		_request.failed.disconnect(_on_failed)
		_loader.level_loaded.disconnect(_on_level_loaded)
		_loader.collider_loaded.disconnect(_on_collider_loaded)
		_loader.finished.disconnect(_on_finished)
		if not _request.is_ended and _client != null:
			_client.cancel(_request)
	_request = null
	_loader = null
	_hide_placeholder()


## Whether parts of it are on their way.
func is_generating() -> bool:
	return _request != null


## Returns the instance of a level, 0 being the finest; null if it is not there.
func level(number: int) -> MeshInstance3D:
	return _levels.get(number)


## Returns the static body; null without one.
func collider() -> StaticBody3D:
	return _body


## Returns its box in this node's space; empty as long as nothing shows.
func bounds() -> AABB:
	for number: int in 4:
		if _levels.has(number):
			return _levels[number].get_aabb()
	return AABB()


func _anchor() -> Dictionary:
	return {"position": global_position if is_inside_tree() else position}


func _params() -> Dictionary:
	var params: Dictionary = {
		"prompt": prompt, "max_faces": max_faces, "lods": lods, "collider": has_collider
	}
	if texture_px.to_int() > 0:
		params["texture_px"] = texture_px.to_int()
	if size_m > 0.0:
		params["size_m"] = size_m
	if variation_seed >= 0:
		params["seed"] = variation_seed
	if not style.is_empty():
		params["style"] = style
	return params


func _on_level_loaded(number: int, mesh: Mesh) -> void:
	_hide_placeholder()
	var instance: MeshInstance3D = _levels.get(number)
	if instance == null:
		instance = MeshInstance3D.new()
		instance.name = "Lod%d" % number
		add_child(instance)
		_levels[number] = instance
	instance.mesh = mesh
	_brought[number] = true
	_share_distances()
	level_shown.emit(number)


## Gives each level that is there its range of distances; together they cover all.
func _share_distances() -> void:
	var numbers: Array[int] = []
	numbers.assign(_levels.keys())
	numbers.sort()
	var longest_m: float = bounds().get_longest_axis_size()
	var begin_m: float = 0.0
	for place: int in numbers.size():
		var instance: MeshInstance3D = _levels[numbers[place]]
		var is_last: bool = place == numbers.size() - 1
		# Three times the distance is a ninth of the pixels.
		var end_m: float = 0.0 if is_last else lod_bias * longest_m * 4.0 * pow(3.0, numbers[place])
		instance.visibility_range_begin = begin_m
		instance.visibility_range_end = end_m
		begin_m = end_m


func _on_collider_loaded(points: PackedVector3Array) -> void:
	if _body == null:
		_body = StaticBody3D.new()
		_body.name = "Body"
		_body.collision_layer = collision_layer
		_body.add_child(CollisionShape3D.new())
		add_child(_body)
	var shape: ConvexPolygonShape3D = ConvexPolygonShape3D.new()
	shape.points = points
	var holder: CollisionShape3D = _body.get_child(0)
	holder.shape = shape
	_is_body_brought = true


## Frees what the thing of before had and the present one has not, unless there is nothing of it to see.
func _drop_older() -> void:
	if _brought.is_empty():
		return
	for number: int in _levels.keys():
		if number not in _brought:
			_levels[number].queue_free()
			_levels.erase(number)
	if _body != null and not _is_body_brought:
		_body.queue_free()
		_body = null
	_share_distances()


func _on_completed(result: Dictionary, _timing: Dictionary) -> void:
	facts = result
	_loader.complete()


func _on_finished() -> void:
	# Nothing came that could be read; what is wrong was told.
	_hide_placeholder()
	_drop_older()
	_request = null
	_loader = null
	completed.emit(facts)


func _on_failed(error: VRBridgeError) -> void:
	_request = null
	_loader = null
	_hide_placeholder()
	failed.emit(error)


func _show_placeholder() -> void:
	if not has_placeholder or not _levels.is_empty() or _placeholder != null:
		return
	var box: BoxMesh = BoxMesh.new()
	var side_m: float = size_m if size_m > 0.0 else 0.6
	box.size = Vector3.ONE * side_m
	var look: StandardMaterial3D = StandardMaterial3D.new()
	look.transparency = BaseMaterial3D.TRANSPARENCY_ALPHA
	look.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	look.albedo_color = Color(0.6, 0.8, 1.0, 0.18)
	box.material = look
	_placeholder = MeshInstance3D.new()
	_placeholder.mesh = box
	_placeholder.position.y = side_m / 2.0
	_placeholder.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	add_child(_placeholder)


func _hide_placeholder() -> void:
	if _placeholder != null:
		_placeholder.queue_free()
		_placeholder = null
