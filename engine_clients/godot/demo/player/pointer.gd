class_name VillagePointer
extends Node3D
## Finds what a ray hits, and draws a ring there.

const _REACH_M: float = 40.0
const _DROP_M: float = 6.0
const _FLAT: float = 0.7
const _RING_SIZE: float = 0.035

## What the ray hit last; null if nothing.
var hit: Hit = null

@onready var _ring: MeshInstance3D = $Ring


## Where a ray ended.
class Hit:
	extends RefCounted
	## What it hit.
	var node: Node3D = null
	## Where.
	var position: Vector3 = Vector3.ZERO
	## Away from what it hit.
	var normal: Vector3 = Vector3.UP


## Looks along a ray and remembers what it hit.
func aim(from: Vector3, direction: Vector3, hidden: Array[RID] = []) -> Hit:
	hit = _cast(from, direction.normalized() * _REACH_M, hidden)
	_ring.visible = hit != null
	if hit != null:
		var across: Vector3 = Vector3.RIGHT if absf(hit.normal.x) < 0.9 else Vector3.UP
		var side: Vector3 = across.cross(hit.normal).normalized()
		var size: float = _RING_SIZE * maxf(1.0, from.distance_to(hit.position))
		_ring.global_transform = Transform3D(
			Basis(hit.normal.cross(side), hit.normal, side).scaled(Vector3.ONE * size),
			hit.position + hit.normal * 0.02
		)
	return hit


## Returns where something would stand that is put at what was hit: there if it is level, else on the
## floor below it.
func standing_place(of: Hit, hidden: Array[RID] = []) -> Vector3:
	if of.normal.y >= _FLAT:
		return of.position
	var below: Hit = _cast(of.position + of.normal * 0.45, Vector3.DOWN * _DROP_M, hidden)
	return below.position if below != null else Vector3(of.position.x, 0.0, of.position.z)


## Hides the ring, as over a panel.
func rest() -> void:
	hit = null
	_ring.visible = false


func _cast(from: Vector3, way: Vector3, hidden: Array[RID]) -> Hit:
	var query: PhysicsRayQueryParameters3D = PhysicsRayQueryParameters3D.create(from, from + way)
	query.exclude = hidden
	var found: Dictionary = get_world_3d().direct_space_state.intersect_ray(query)
	if found.is_empty():
		return null
	var result: Hit = Hit.new()
	result.node = found["collider"]
	result.position = found["position"]
	result.normal = found["normal"]
	return result
