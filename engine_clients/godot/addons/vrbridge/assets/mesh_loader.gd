class_name VRBridgeMeshLoader
extends RefCounted
## Turns the assets of a mesh request into meshes, a collider and the maps of their materials.

## A level is ready to be shown; 0 is the finest.
signal level_loaded(number: int, mesh: Mesh)

## The corners of the convex collider, in metres.
signal collider_loaded(points: PackedVector3Array)

## Everything that came was loaded.
signal finished

## An asset can't be read.
signal unreadable(error: VRBridgeError)

var _budget: VRBridgeFrameBudget
var _has_maps: bool
var _n_loading: int = 0
var _is_complete: bool = false
# StandardMaterial3D by name, shared by all levels, so that maps are bound once.
var _materials: Dictionary = {}
# What holds the maps of a material until all of them are there, by its name.
var _stand_ins: Dictionary = {}
# VRBridgeMapLoader by material.
var _maps: Dictionary = {}


## [param has_maps]: maps follow the levels, which need tangents for them.
func _init(budget: VRBridgeFrameBudget, has_maps: bool) -> void:
	_budget = budget
	_has_maps = has_maps


## Takes note of more bytes of a map.
func grow(asset: VRBridgeAsset) -> void:
	if VRBridgeImages.is_picture(asset):
		_maps_of(asset).grow(asset)


## Takes a complete asset.
func take(asset: VRBridgeAsset) -> void:
	if VRBridgeImages.is_picture(asset):
		_maps_of(asset).take(asset)
		return
	_n_loading += 1
	if asset.media_type == VRBridgeMeshArrays.MEDIA_TYPE:
		_take_arrays(asset)
	else:
		_budget.add_heavy(_take_glb.bind(asset))


## Says that everything has come.
func complete() -> void:
	_is_complete = true
	# Maps that are there already end at once; it is over when all were counted.
	_n_loading += 1
	for maps: VRBridgeMapLoader in _maps.values():
		_n_loading += 1
		maps.complete()
	_n_loading -= 1
	_finish_if_ready()


## Forgets what came, since it comes once more.
func restart() -> void:
	_maps.clear()
	_is_complete = false


func _take_arrays(asset: VRBridgeAsset) -> void:
	var arrays: VRBridgeMeshArrays = VRBridgeMeshArrays.new(
		asset.data, _has_maps and asset.role != "collider"
	)
	if VRBridgeDecoding.has_threads():
		VRBridgeDecoding.run(_budget, _worked_out.bind(arrays), _place.bind(asset))
		return
	_budget.add(
		func() -> bool:
			if not arrays.step():
				return false
			_budget.add_heavy(_place.bind(arrays, asset))
			return true
	)


func _worked_out(arrays: VRBridgeMeshArrays) -> VRBridgeMeshArrays:
	while not arrays.step():
		pass
	return arrays


func _place(arrays: VRBridgeMeshArrays, asset: VRBridgeAsset) -> void:
	asset.release()
	if not arrays.error.is_empty():
		_fail(asset, arrays.error)
	elif asset.role == "collider":
		collider_loaded.emit(arrays.positions)
	else:
		var mesh: ArrayMesh = arrays.mesh()
		for surface: int in arrays.materials.size():
			mesh.surface_set_material(surface, _material(arrays.materials[surface]))
		level_loaded.emit(_level(asset), mesh)
	_n_loading -= 1
	_finish_if_ready()


func _take_glb(asset: VRBridgeAsset) -> void:
	var file: VRBridgeGlb = VRBridgeGlb.new()
	var mesh: Mesh = file.mesh(asset.data)
	asset.release()
	if mesh == null:
		_fail(asset, file.error)
	elif asset.role == "collider":
		collider_loaded.emit(mesh.get_faces())
	else:
		for surface: int in file.materials.size():
			var own: StandardMaterial3D = mesh.surface_get_material(surface) as StandardMaterial3D
			var name: String = file.materials[surface]
			if own != null and name not in _materials:
				own.vertex_color_use_as_albedo = true
				_materials[name] = own
			mesh.surface_set_material(surface, _materials.get(name))
		level_loaded.emit(_level(asset), mesh)
	_n_loading -= 1
	_finish_if_ready()


func _material(facts: Dictionary) -> StandardMaterial3D:
	var name: String = VRBridgeFields.text(facts, "name")
	var made: StandardMaterial3D = _materials.get(name)
	if made == null:
		made = StandardMaterial3D.new()
		made.resource_name = name
		made.vertex_color_use_as_albedo = true
		var factor: Array = VRBridgeFields.list_of(facts, "base_color")
		if factor.size() == 4:
			# Factors are linear, the engine's colours are not.
			made.albedo_color = Color(factor[0], factor[1], factor[2], factor[3]).linear_to_srgb()
		made.metallic = VRBridgeFields.number(facts, "metallic")
		made.roughness = VRBridgeFields.number(facts, "roughness", 1.0)
		_materials[name] = made
	return made


func _maps_of(asset: VRBridgeAsset) -> VRBridgeMapLoader:
	var name: String = VRBridgeFields.text(asset.meta, "material")
	if name not in _maps:
		_stand_ins[name] = StandardMaterial3D.new()
		var maps: VRBridgeMapLoader = VRBridgeMapLoader.new(_stand_ins[name], _budget)
		maps.swapped.connect(_bind.bind(name))
		maps.unreadable.connect(unreadable.emit)
		_maps[name] = maps
	return _maps[name]


## Puts complete maps on a material, whose colours stood in for them.
func _bind(name: String) -> void:
	var maps: VRBridgeMapLoader = _maps[name]
	# Levels may still be on their way; their factors are in the maps.
	var textured: StandardMaterial3D = _material({"name": name})
	for role: String in VRBridgeSurface.ROLES:
		var texture: Texture2D = VRBridgeSurface.of(_stand_ins[name], role)
		if texture != null:
			VRBridgeSurface.put(textured, role, texture)
	# A map that can't be read leaves what stood in for it.
	if VRBridgeSurface.of(_stand_ins[name], "base_color") != null:
		textured.vertex_color_use_as_albedo = false
		textured.albedo_color = Color.WHITE
	if VRBridgeSurface.of(_stand_ins[name], "orm") != null:
		textured.metallic = 1.0
		textured.roughness = 1.0
	if maps.metres_per_tile() > 0.0:
		textured.uv1_scale = Vector3.ONE / maps.metres_per_tile()
	_n_loading -= 1
	_finish_if_ready()


func _level(asset: VRBridgeAsset) -> int:
	return asset.role.trim_prefix("lod").to_int()


func _fail(asset: VRBridgeAsset, reason: String) -> void:
	unreadable.emit(
		VRBridgeError.new(
			"unreadable", "The `%s` mesh can't be read: %s." % [asset.role, reason], true
		)
	)


func _finish_if_ready() -> void:
	if _is_complete and _n_loading == 0:
		_is_complete = false
		finished.emit()
