@tool
class_name VillageHouse
extends Node3D
## A house of stone below and timber and plaster above, whose gable looks along +Z. Its walls and its roof
## are surfaces of their own.

## What players and characters call it.
@export var spoken_name: String = "house":
	set(value):
		spoken_name = value
		_build_later()

## Width of the gable, in metres.
@export_range(3.0, 10.0, 0.1, "suffix:m") var width_m: float = 5.0:
	set(value):
		width_m = value
		_build_later()

## Length from the front to the back.
@export_range(3.0, 12.0, 0.1, "suffix:m") var depth_m: float = 6.0:
	set(value):
		depth_m = value
		_build_later()

## Height of the stone storey.
@export_range(2.0, 4.0, 0.1, "suffix:m") var base_m: float = 2.5:
	set(value):
		base_m = value
		_build_later()

## Height of the storey of timber and plaster.
@export_range(0.5, 4.0, 0.1, "suffix:m") var upper_m: float = 2.2:
	set(value):
		upper_m = value
		_build_later()

## How much the roof rises for a metre of width.
@export_range(0.5, 1.6, 0.05) var pitch: float = 1.1:
	set(value):
		pitch = value
		_build_later()

@export_group("Colours")
@export var plaster: Color = Color(0.86, 0.78, 0.64):
	set(value):
		plaster = value
		_build_later()
@export var stone: Color = Color(0.43, 0.43, 0.44):
	set(value):
		stone = value
		_build_later()
@export var tiles: Color = Color(0.5, 0.24, 0.17):
	set(value):
		tiles = value
		_build_later()
@export var door: Color = Color(0.2, 0.33, 0.34):
	set(value):
		door = value
		_build_later()

@export_group("")
## Whether light shows in the windows.
@export var is_lit: bool = true

var _is_due: bool = false


func _ready() -> void:
	_is_due = true
	_build()


func _build_later() -> void:
	# The editor changes one property after the other.
	if is_node_ready() and not _is_due:
		_is_due = true
		_build.call_deferred()


func _build() -> void:
	_is_due = false
	for child: Node in get_children(true):
		if child.has_meta(&"built"):
			child.free()
	var shell: VillageHouseShell = VillageHouseShell.new(width_m, depth_m, base_m, upper_m, pitch)
	_add_surface("Base", "stone wall", shell.base(_plain(stone, 0.95)))
	_add_surface("Upper", "plaster wall", shell.upper(_plain(plaster, 0.9)))
	_add_surface("Roof", "roof", shell.roof(_plain(tiles, 0.8)))
	var wood: VillageHouseTrim = VillageHouseTrim.new(width_m, depth_m, base_m, upper_m, pitch)
	_add_mesh("Timber", wood.timber(_plain(Color.WHITE, 0.9)))
	_add_mesh("Door", wood.door(door, _plain(Color.WHITE, 0.8)))
	_add_mesh("Panes", wood.panes(_glass()))


func _add_surface(node_name: String, kind: String, mesh: Mesh) -> void:
	var surface: VillageSurface = VillageSurface.of(
		node_name, "%s of the %s" % [kind, spoken_name], mesh
	)
	surface.set_meta(&"vrbridge_id", "%s %s" % [name, node_name])
	surface.set_meta(&"built", true)
	add_child(surface, false, Node.INTERNAL_MODE_FRONT)


func _add_mesh(node_name: String, mesh: Mesh) -> void:
	var instance: MeshInstance3D = MeshInstance3D.new()
	instance.name = node_name
	instance.mesh = mesh
	instance.set_meta(&"built", true)
	add_child(instance, false, Node.INTERNAL_MODE_FRONT)


func _plain(color: Color, roughness: float) -> StandardMaterial3D:
	var look: StandardMaterial3D = StandardMaterial3D.new()
	look.albedo_color = color
	look.roughness = roughness
	look.vertex_color_use_as_albedo = true
	look.vertex_color_is_srgb = true
	return look


func _glass() -> StandardMaterial3D:
	var look: StandardMaterial3D = StandardMaterial3D.new()
	look.albedo_color = Color(0.16, 0.15, 0.16)
	look.roughness = 0.25
	if is_lit:
		look.emission_enabled = true
		look.emission = Color(1.0, 0.66, 0.28)
		look.emission_energy_multiplier = 1.1
	return look
