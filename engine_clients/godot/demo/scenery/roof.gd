@tool
class_name VillageRoof
extends VillageSurface
## A roof of rows of tiles over whatever stands below it. Its gable looks along +Z.

## Width of what it covers, in metres.
@export var width_m: float = 5.0

## Length from the front to the back.
@export var depth_m: float = 4.0

## Height of the walls below it.
@export var wall_m: float = 2.6

## How much it rises for a metre of width.
@export var pitch: float = 0.7

## Colour of the tiles.
@export var tiles: Color = Color(0.4, 0.24, 0.2)


func _ready() -> void:
	super()
	has_uv_in_metres = true
	has_shading = true
	var look: StandardMaterial3D = StandardMaterial3D.new()
	look.albedo_color = tiles
	look.roughness = 0.85
	look.vertex_color_use_as_albedo = true
	look.vertex_color_is_srgb = true
	var shell: VillageHouseShell = VillageHouseShell.new(width_m, depth_m, 0.0, wall_m, pitch)
	shown_by.mesh = shell.roof(look)
	var holder: CollisionShape3D = $Shape
	holder.shape = shown_by.mesh.create_trimesh_shape()
