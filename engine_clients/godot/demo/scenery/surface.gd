@tool
class_name VillageSurface
extends StaticBody3D
## A wall, a floor or a roof that can be turned into whatever one says.
##
## What shows stays until the first picture of the new material is there; from then on the material
## grows finer by itself.

## Work went on; [param fraction] is 0–1.
signal progressed(stage: String, fraction: float)

## It looks as was asked.
signal completed

## It stays as it was.
signal failed(error: VRBridgeError)

const GROUP: StringName = &"vrbridge_nearby"

## What players and characters call it.
@export var spoken_name: String = "wall"

## Edge of the maps of its material in pixels.
@export_enum("64", "128", "256", "512", "1024", "2048") var size_px: String = "512"

## Whether its mesh has texture coordinates in metres; otherwise maps are laid on by position.
@export var has_uv_in_metres: bool = false

## Whether the colours of the mesh's vertices shade the material.
@export var has_shading: bool = false

## What shows it.
@export var shown_by: MeshInstance3D = null

## The material that was asked for last; null before.
var material: VRBridgeMaterial = null

var _outline: VillageOutline = null


## Makes one from a mesh, with a collider of the same shape.
static func of(node_name: String, name_to_speak: String, mesh: Mesh) -> VillageSurface:
	var surface: VillageSurface = VillageSurface.new()
	surface.name = node_name
	surface.spoken_name = name_to_speak
	surface.has_uv_in_metres = true
	surface.has_shading = true
	surface.shown_by = MeshInstance3D.new()
	surface.shown_by.name = "Mesh"
	surface.shown_by.mesh = mesh
	surface.add_child(surface.shown_by)
	var shape: CollisionShape3D = CollisionShape3D.new()
	shape.name = "Shape"
	shape.shape = mesh.create_trimesh_shape()
	surface.add_child(shape)
	return surface


func _ready() -> void:
	add_to_group(GROUP)
	set_meta(&"vrbridge_name", spoken_name)


## Asks for it to become what [param prompt] says.
func change(prompt: String, client: VRBridgeClient = null) -> VRBridgeRequest:
	if material != null:
		material.cancel()
	var wanted: VRBridgeMaterial = VRBridgeMaterial.new()
	wanted.generate_on_start = false
	wanted.size_px = size_px
	wanted.is_triplanar = not has_uv_in_metres
	wanted.vertex_color_use_as_albedo = has_shading
	wanted.vertex_color_is_srgb = has_shading
	wanted.prompt = prompt
	wanted.progressed.connect(progressed.emit)
	wanted.preview_shown.connect(func(_width_px: int) -> void: _show(wanted))
	wanted.completed.connect(_on_completed.bind(wanted))
	wanted.failed.connect(_on_failed.bind(wanted))
	material = wanted
	return wanted.generate(client)


## Whether a material for it is on its way.
func is_changing() -> bool:
	return material != null and material.is_generating()


## Draws a line around it, or takes the line away.
func highlight(is_on: bool) -> void:
	if is_on and _outline == null:
		_outline = VillageOutline.around(shown_by.mesh)
		shown_by.add_child(_outline)
	if _outline != null:
		_outline.visible = is_on
	shown_by.material_overlay = VillageOutline.tint() if is_on else null


func _show(wanted: VRBridgeMaterial) -> void:
	if wanted == material:
		shown_by.material_override = wanted


func _on_completed(_facts: Dictionary, wanted: VRBridgeMaterial) -> void:
	if wanted == material:
		_show(wanted)
		completed.emit()


func _on_failed(error: VRBridgeError, wanted: VRBridgeMaterial) -> void:
	if wanted == material:
		failed.emit(error)
