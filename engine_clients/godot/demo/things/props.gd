class_name VillageProps
extends Node3D
## The things that players had made. Each can be picked up again, moved, turned and taken away.

## One is carried now, or none.
signal carrying_changed(prop: VRBridgeMesh3D)

const _TURN: float = PI / 4.0
const _LOOK_UP_LEVELS: int = 3

## What is being carried; null if nothing is.
var carried: VRBridgeMesh3D = null


## Has one made at a place, looking at [param towards]. One that can't be made is taken away.
func put(
	prompt: String, place: Vector3, towards: Vector3, client: VRBridgeClient = null
) -> VRBridgeMesh3D:
	put_down()
	var prop: VRBridgeMesh3D = VRBridgeMesh3D.new()
	prop.name = prompt.to_pascal_case().validate_node_name()
	prop.prompt = prompt
	prop.texture_px = "256"
	prop.generate_on_start = false
	prop.add_to_group(VillageSurface.GROUP)
	prop.set_meta(&"vrbridge_name", prompt)
	add_child(prop, true)
	prop.global_position = place
	prop.rotation.y = atan2(towards.x - place.x, towards.z - place.z)
	prop.failed.connect(_on_failed.bind(prop))
	prop.generate(client)
	return prop


## Returns the prop that a node is part of; null if it is none.
func prop_of(node: Node) -> VRBridgeMesh3D:
	var above: Node = node
	while above != null and above != self:
		if above is VRBridgeMesh3D:
			return above
		above = above.get_parent()
	return null


## Picks one up.
func pick(prop: VRBridgeMesh3D) -> void:
	put_down()
	carried = prop
	_mark(prop, true)
	carrying_changed.emit(prop)


## Moves what is carried.
func carry(place: Vector3) -> void:
	if carried != null:
		carried.global_position = place


## Turns what is carried.
func turn() -> void:
	if carried != null:
		carried.rotate_y(_TURN)


## Leaves what is carried where it is.
func put_down() -> void:
	if carried != null:
		_mark(carried, false)
		carried = null
		carrying_changed.emit(null)


## Takes what is carried away.
func remove() -> void:
	if carried != null:
		var prop: VRBridgeMesh3D = carried
		put_down()
		prop.queue_free()


## What rays must not hit: the body of what is carried.
func hidden_from_rays() -> Array[RID]:
	if carried == null or carried.collider() == null:
		return []
	return [carried.collider().get_rid()]


func _mark(prop: VRBridgeMesh3D, is_on: bool) -> void:
	for number: int in _LOOK_UP_LEVELS:
		var level: MeshInstance3D = prop.level(number)
		if level != null:
			level.material_overlay = VillageOutline.material() if is_on else null


func _on_failed(_error: VRBridgeError, prop: VRBridgeMesh3D) -> void:
	if prop.bounds().size == Vector3.ZERO:
		if prop == carried:
			put_down()
		prop.queue_free()
