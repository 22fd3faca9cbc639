class_name VillageJoined
extends Node3D
## Joins the meshes right below it, which never move by themselves, into one with a surface for each
## material: few draws, and still a scene of parts in the editor.


func _ready() -> void:
	join(self)


## Joins the meshes right below a node.
static func join(node: Node) -> void:
	var tools: Dictionary = {}
	for child: Node in node.get_children():
		var part: MeshInstance3D = child as MeshInstance3D
		if part == null or not _is_plain(part):
			continue
		var look: Material = part.mesh.surface_get_material(0)
		if look not in tools:
			tools[look] = SurfaceTool.new()
			tools[look].begin(Mesh.PRIMITIVE_TRIANGLES)
		tools[look].append_from(part.mesh, 0, part.transform)
		part.free()
	if tools.is_empty():
		return
	var joined: ArrayMesh = ArrayMesh.new()
	for look: Material in tools:
		tools[look].commit(joined)
		joined.surface_set_material(joined.get_surface_count() - 1, look)
	var whole: MeshInstance3D = MeshInstance3D.new()
	whole.name = "Joined"
	whole.mesh = joined
	node.add_child(whole)


static func _is_plain(part: MeshInstance3D) -> bool:
	return (
		part.get_script() == null
		and part.get_child_count() == 0
		and not part.unique_name_in_owner
		and part.cast_shadow == GeometryInstance3D.SHADOW_CASTING_SETTING_ON
	)
