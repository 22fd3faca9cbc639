@icon("res://addons/vrbridge/icons/context.svg")
class_name VRBridgeContext
extends Node
## Tells the bridge what the player sees and is: head, hands, what is looked at, what is near.
##
## Characters speak of it, and what the player looks at is made first. It is sent ten times a second at
## most, and only if it has changed.

## The player looks at something else now; empty if at nothing that is known.
signal focus_changed(object_id: String)

const _RATE_HZ: float = 10.0
const _MAX_NEARBY: int = 16

## The player's eyes; empty takes the viewport's camera.
@export var head: Node3D = null

## The left hand or controller, if there is one.
@export var left_hand: Node3D = null

## The right hand or controller, if there is one.
@export var right_hand: Node3D = null

## Name of the place, such as [code]village square[/code].
@export var place: String = ""

## Nodes of this group are told of when they are near; their names are taken from the metadata
## [code]vrbridge_name[/code] or the node's name.
@export var nearby_group: StringName = &"vrbridge_nearby"

## How near that is.
@export_range(0.5, 50.0, 0.5, "suffix:m") var nearby_radius_m: float = 8.0

## How far the ray goes that finds what is looked at.
@export_range(1.0, 200.0, 1.0, "suffix:m") var focus_distance_m: float = 30.0

## Physics layers that the ray sees.
@export_flags_3d_physics var focus_mask: int = 1

## Changes of position below this are not told.
@export_range(0.0, 0.5, 0.005, "suffix:m") var least_move_m: float = 0.02

## Changes of direction below this are not told.
@export_range(0.0, 10.0, 0.1, "suffix:°") var least_turn_degrees: float = 1.0

## Anything else that characters should know of, such as [code]{"time": "night"}[/code].
var state: Dictionary = {}

## What the player looks at; empty if at nothing that is known.
var focus: String = ""

var _due_s: float = 0.0
var _sent: Dictionary = {}


func _physics_process(_delta: float) -> void:
	var now_s: float = VRBridgeClient.now_s()
	if now_s < _due_s:
		return
	_due_s = now_s + 1.0 / _RATE_HZ
	var client: VRBridgeClient = VRBridgeClient.find()
	if client == null:
		return
	var context: Dictionary = collect()
	if context.is_empty() or not _has_changed(context):
		return
	_sent = context
	client.update_context(context)


## Returns what is sent; empty without eyes.
func collect() -> Dictionary:
	var eyes: Node3D = head if head != null else get_viewport().get_camera_3d()
	if eyes == null:
		return {}
	var context: Dictionary = {"head": _pose(eyes), "gaze": -eyes.global_basis.z.normalized()}
	var hands: Dictionary = {}
	if left_hand != null:
		hands["left"] = _pose(left_hand)
	if right_hand != null:
		hands["right"] = _pose(right_hand)
	if not hands.is_empty():
		context["hands"] = hands
	if not place.is_empty():
		context["place"] = place
	if not state.is_empty():
		context["state"] = state.duplicate(true)
	_look(eyes)
	if not focus.is_empty():
		context["focus"] = focus
	var near: Array[Dictionary] = _nearby(eyes.global_position)
	if not near.is_empty():
		context["nearby"] = near
	return context


## Has the next context be sent although nothing has changed.
func resend() -> void:
	_sent = {}


func _pose(node: Node3D) -> Dictionary:
	return {
		"position": node.global_position,
		"orientation": node.global_basis.get_rotation_quaternion(),
	}


func _look(eyes: Node3D) -> void:
	var from: Vector3 = eyes.global_position
	var query: PhysicsRayQueryParameters3D = PhysicsRayQueryParameters3D.create(
		from, from - eyes.global_basis.z * focus_distance_m, focus_mask
	)
	query.collide_with_areas = true
	var hit: Dictionary = eyes.get_world_3d().direct_space_state.intersect_ray(query)
	var seen: String = ""
	if not hit.is_empty():
		var node: Node = hit["collider"]
		seen = _id_of(_known(node))
	if seen != focus:
		focus = seen
		focus_changed.emit(seen)


## Returns the node of the group that another one belongs to; itself, if to none.
func _known(node: Node) -> Node:
	var above: Node = node
	while above != null:
		if above.is_in_group(nearby_group):
			return above
		above = above.get_parent()
	return node


func _id_of(node: Node) -> String:
	return str(node.get_meta("vrbridge_id", node.name))


func _nearby(from: Vector3) -> Array[Dictionary]:
	var found: Array[Dictionary] = []
	for node: Node in get_tree().get_nodes_in_group(nearby_group):
		var thing: Node3D = node as Node3D
		if thing != null and thing.global_position.distance_to(from) <= nearby_radius_m:
			var spoken: String = str(thing.name).capitalize().to_lower()
			(
				found
				. append(
					{
						"id": _id_of(thing),
						"name": str(thing.get_meta("vrbridge_name", spoken)),
						"position": thing.global_position,
					}
				)
			)
	found.sort_custom(
		func(a: Dictionary, b: Dictionary) -> bool:
			var place_a: Vector3 = a["position"]
			var place_b: Vector3 = b["position"]
			return place_a.distance_squared_to(from) < place_b.distance_squared_to(from)
	)
	return found.slice(0, _MAX_NEARBY)


func _has_changed(context: Dictionary) -> bool:
	if _sent.is_empty() or context.keys() != _sent.keys():
		return true
	for key: String in context:
		match key:
			"head":
				if _has_moved(context["head"], _sent["head"]):
					return true
			"gaze":
				pass  # It turns with the head.
			"hands":
				if _have_hands_moved(context["hands"], _sent["hands"]):
					return true
			_:
				if context[key] != _sent[key]:
					return true
	return false


func _have_hands_moved(now: Dictionary, before: Dictionary) -> bool:
	if now.keys() != before.keys():
		return true
	for hand: String in now:
		if _has_moved(now[hand], before[hand]):
			return true
	return false


func _has_moved(now: Dictionary, before: Dictionary) -> bool:
	var place_now: Vector3 = now["position"]
	var place_before: Vector3 = before["position"]
	var turn_now: Quaternion = now["orientation"]
	var turn_before: Quaternion = before["orientation"]
	var angle: float = turn_now.angle_to(turn_before)
	return (
		place_now.distance_to(place_before) > least_move_m or angle > deg_to_rad(least_turn_degrees)
	)
