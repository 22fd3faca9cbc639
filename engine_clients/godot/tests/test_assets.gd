extends Node
## Files that are not what they say, and files that are still arriving.

var runner: Node


func test_a_texture_that_is_arriving_shows_its_coarse_levels() -> void:
	var file: PackedByteArray = _ktx2(64, 7)
	var whole: VRBridgeKtx2 = VRBridgeKtx2.new(file)
	runner.equal(whole.error, "")
	runner.equal(whole.n_levels, 7)
	var seen: Dictionary = {}
	for size: int in range(0, file.size() + 1):
		var part: PackedByteArray = file.slice(0, size)
		var reader: VRBridgeKtx2 = VRBridgeKtx2.new(part)
		runner.check(reader.error.is_empty(), "an error at %d: %s" % [size, reader.error])
		var level: int = reader.finest_level(part.size()) if reader.is_known() else -1
		if level >= 0 and level not in seen:
			seen[level] = true
			var image: Image = reader.image(part, level)
			runner.equal(image.get_size(), Vector2i(64, 64) / (1 << level))
			runner.equal(image.get_pixel(0, 0).g8, 10 * level, "the right level")
	runner.equal(seen.size(), 7)


func test_textures_that_are_damaged_say_so() -> void:
	var good: PackedByteArray = _ktx2(64, 7)
	for place: int in [0, 11, 12, 20, 24, 40, 44, 80, 88]:
		var bad: PackedByteArray = good.duplicate()
		bad.encode_u32(place, 0x7fffff01)
		var asset: VRBridgeAsset = _asset("image/ktx2", bad)
		runner.equal(VRBridgeImages.read(asset), null, "byte %d" % place)
	runner.equal(VRBridgeImages.read(_asset("image/ktx2", good.slice(0, 300))), null)
	for media_type: String in ["image/jpeg", "image/tiff", "text/html"]:
		runner.equal(VRBridgeImages.read(_asset(media_type, PackedByteArray())), null)


func test_arrays_become_surfaces_with_their_materials() -> void:
	var map: Dictionary = _quads(2)
	var arrays: VRBridgeMeshArrays = _built(map)
	runner.equal(arrays.error, "")
	var mesh: ArrayMesh = arrays.mesh()
	runner.equal(mesh.get_surface_count(), 2)
	runner.equal(arrays.materials[1]["name"], "part 1")
	for surface: int in 2:
		var made: Array = mesh.surface_get_arrays(surface)
		runner.equal(made[Mesh.ARRAY_VERTEX].size(), 4, "only its own vertices")
		runner.equal(
			made[Mesh.ARRAY_INDEX], PackedInt32Array([3, 2, 0, 2, 1, 0]), "the other way round"
		)
		runner.equal(made[Mesh.ARRAY_COLOR][0], Color8(255, 128, 0, 255))


func test_indices_of_four_bytes_and_many_slices_do_just_as_well() -> void:
	var map: Dictionary = _quads(900)
	map.erase("surfaces")
	var narrow: VRBridgeMeshArrays = _built(map)
	var wide: PackedByteArray = PackedByteArray()
	var raw: PackedByteArray = map["indices"]
	wide.resize(2 * raw.size())
	for index: int in raw.size() / 2:
		wide.encode_u32(4 * index, raw.decode_u16(2 * index))
	map["indices"] = wide
	map["index_bytes"] = 4
	var one: ArrayMesh = _built(map).mesh()
	runner.equal(one.get_surface_count(), 1)
	runner.equal(one.get_faces().size(), 900 * 6)
	runner.equal(one.get_faces().size(), narrow.mesh().get_faces().size())


func test_arrays_that_don_t_fit_together_say_so() -> void:
	var changes: Dictionary = {
		"positions": PackedByteArray(),
		"normals": PackedByteArray([1, 2, 3, 4]),
		"uv": null,
		"colors": PackedByteArray([255]),
		"indices": PackedByteArray([0, 0, 200, 0, 1, 0]),
		"index_bytes": 3,
		"surfaces": [{"start": 0, "count": 7}],
	}
	for key: String in changes:
		var map: Dictionary = _quads(1)
		map[key] = changes[key]
		if key == "indices":
			map.erase("surfaces")
		var arrays: VRBridgeMeshArrays = _built(map)
		runner.check(
			not arrays.error.is_empty() and arrays.mesh() == null, "%s: %s" % [key, arrays.error]
		)
	var nothing: VRBridgeMeshArrays = VRBridgeMeshArrays.new("garbage".to_utf8_buffer())
	runner.check(nothing.step() and not nothing.error.is_empty(), nothing.error)


func test_tangents_follow_the_texture() -> void:
	var upright: PackedFloat32Array = [0, 1, 1, 1, 1, 0, 0, 0]
	var mirrored: PackedFloat32Array = [1, 1, 0, 1, 0, 0, 1, 0]
	var turned: PackedFloat32Array = [0, 0, 0, 1, 1, 1, 1, 0]
	for uv: PackedFloat32Array in [upright, mirrored, turned]:
		var quads: Dictionary = _quads(1)
		quads["uv"] = uv.to_byte_array()
		var arrays: VRBridgeMeshArrays = VRBridgeMeshArrays.new(_packed(quads), true)
		while not arrays.step():
			pass
		var made: Array = arrays.mesh().surface_get_arrays(0)
		var tangents: PackedFloat32Array = made[Mesh.ARRAY_TANGENT]
		var tool: SurfaceTool = SurfaceTool.new()
		tool.create_from(arrays.mesh(), 0)
		tool.generate_tangents()
		var wanted: PackedFloat32Array = tool.commit_to_arrays()[Mesh.ARRAY_TANGENT]
		runner.equal(tangents.size(), 16)
		for place: int in 16:
			runner.check(
				absf(tangents[place] - wanted[place]) < 0.01, "%s: %s" % [tangents, wanted]
			)


func test_a_prop_with_unreadable_parts_says_so_and_ends() -> void:
	var errors: Array[VRBridgeError] = []
	var ends: Array[int] = []
	var budget: VRBridgeFrameBudget = VRBridgeFrameBudget.new()
	var loader: VRBridgeMeshLoader = VRBridgeMeshLoader.new(budget, false)
	loader.unreadable.connect(errors.append)
	loader.finished.connect(func() -> void: ends.append(1))
	loader.take(_asset(VRBridgeMeshArrays.MEDIA_TYPE, "no".to_utf8_buffer(), "lod0"))
	loader.complete()
	for frame: int in 5:
		budget.begin()
		budget.run()
		budget.end()
	runner.equal(errors.size(), 1)
	runner.equal(errors[0].code, "unreadable")
	runner.equal(ends.size(), 1)


func test_a_level_has_its_colour_although_the_first_map_was_faster() -> void:
	var budget: VRBridgeFrameBudget = VRBridgeFrameBudget.new()
	var loader: VRBridgeMeshLoader = VRBridgeMeshLoader.new(budget, false)
	var levels: Array[Mesh] = []
	loader.level_loaded.connect(func(_number: int, mesh: Mesh) -> void: levels.append(mesh))
	var map: VRBridgeAsset = _asset(VRBridgeImages.MEDIA_TYPE_KTX2, _ktx2(64, 7))
	map.meta = {"material": "part 0"}
	loader.grow(map)
	var quads: Dictionary = _quads(1)
	quads["surfaces"][0]["material"]["base_color"] = [0.0, 1.0, 0.0, 1.0]
	loader.take(_asset(VRBridgeMeshArrays.MEDIA_TYPE, _packed(quads), "lod0"))
	for frame: int in 5:
		budget.begin()
		budget.run()
	runner.equal(levels.size(), 1)
	var look: StandardMaterial3D = levels[0].surface_get_material(0)
	runner.equal(look.albedo_color, Color(0.0, 1.0, 0.0))


func test_a_prop_is_finished_when_all_its_materials_have_their_maps() -> void:
	var budget: VRBridgeFrameBudget = VRBridgeFrameBudget.new()
	var loader: VRBridgeMeshLoader = VRBridgeMeshLoader.new(budget, true)
	var meshes: Array[Mesh] = []
	var bare: Array[bool] = []
	loader.level_loaded.connect(func(_number: int, mesh: Mesh) -> void: meshes.append(mesh))
	loader.finished.connect(
		func() -> void:
			for surface: int in 2:
				var look: StandardMaterial3D = meshes[0].surface_get_material(surface)
				bare.append(look.vertex_color_use_as_albedo)
	)
	loader.take(_asset(VRBridgeMeshArrays.MEDIA_TYPE, _packed(_quads(2)), "lod0"))
	for surface: int in 2:
		loader.take(_map_of("part %d" % surface, _ktx2(64, 7)))
	await _work_off(budget)
	loader.complete()
	runner.equal(bare, [false, false] as Array[bool], "both wear maps by then, and it ends once")


func test_colours_of_vertices_stay_where_their_map_can_not_be_read() -> void:
	var budget: VRBridgeFrameBudget = VRBridgeFrameBudget.new()
	var loader: VRBridgeMeshLoader = VRBridgeMeshLoader.new(budget, true)
	var meshes: Array[Mesh] = []
	var errors: Array[VRBridgeError] = []
	var ends: Array[int] = []
	loader.level_loaded.connect(func(_number: int, mesh: Mesh) -> void: meshes.append(mesh))
	loader.unreadable.connect(errors.append)
	loader.finished.connect(func() -> void: ends.append(1))
	var quads: Dictionary = _quads(1)
	quads["surfaces"][0]["material"]["base_color"] = [0.0, 1.0, 0.0, 1.0]
	loader.take(_asset(VRBridgeMeshArrays.MEDIA_TYPE, _packed(quads), "lod0"))
	await _work_off(budget)
	loader.take(_map_of("part 0", _ktx2(64, 7).slice(0, 300)))
	# It is over when the last one was looked at, although that one can't be read.
	loader.complete()
	await _work_off(budget)
	runner.equal([errors.size(), ends.size()], [1, 1])
	var look: StandardMaterial3D = meshes[0].surface_get_material(0)
	runner.equal(look.vertex_color_use_as_albedo, true)
	runner.equal(look.albedo_color, Color(0.0, 1.0, 0.0))


func test_work_stays_in_its_frame_and_textures_come_one_by_one() -> void:
	var budget: VRBridgeFrameBudget = VRBridgeFrameBudget.new()
	var now_us: Array[int] = [0]
	budget.clock = func() -> int: return now_us[0]
	var uploads: Array[int] = []
	var slices: Array[int] = [0]
	for number: int in 3:
		budget.add_heavy(
			func() -> void:
				uploads.append(number)
				now_us[0] += 300
		)
	budget.add(
		func() -> bool:
			slices[0] += 1
			now_us[0] += 400
			return slices[0] == 12
	)
	var told: PackedStringArray = []
	while budget.n_waiting() > 0 and told.size() < 50:
		budget.begin()
		budget.run()
		budget.end()
		told.append("%d uploads, %d slices, %d µs" % [uploads.size(), slices[0], budget.spent_us])
	(
		runner
		. equal(
			told,
			PackedStringArray(
				[
					"1 uploads, 3 slices, 1500 µs",
					"2 uploads, 6 slices, 1500 µs",
					"3 uploads, 9 slices, 1500 µs",
					"3 uploads, 12 slices, 1200 µs",
				]
			)
		)
	)


func test_a_frame_without_time_still_does_one_thing_of_each_kind_in_turn() -> void:
	var budget: VRBridgeFrameBudget = VRBridgeFrameBudget.new()
	var now_us: Array[int] = [0]
	budget.clock = func() -> int: return now_us[0]
	var done: PackedStringArray = []
	for number: int in 3:
		budget.add_heavy(func() -> void: done.append("upload"))
		budget.add(
			func() -> bool:
				done.append("slice")
				return true
		)
	for frame: int in 6:
		budget.begin()
		# What arrived in this frame took all of it.
		now_us[0] += 5000
		budget.run()
		budget.end()
		runner.equal(done.size(), frame + 1, "one a frame")
	runner.equal(done, PackedStringArray(["upload", "slice", "upload", "slice", "upload", "slice"]))


func test_work_whose_owner_is_gone_is_dropped() -> void:
	var budget: VRBridgeFrameBudget = VRBridgeFrameBudget.new()
	var owner: Node = Node.new()
	budget.add(owner.is_inside_tree)
	budget.add_heavy(owner.queue_free)
	budget.watch(owner.is_inside_tree)
	owner.free()
	budget.begin()
	budget.run()
	runner.equal(budget.n_waiting(), 0)


func _map_of(material: String, data: PackedByteArray) -> VRBridgeAsset:
	var asset: VRBridgeAsset = _asset(VRBridgeImages.MEDIA_TYPE_KTX2, data)
	asset.meta = {"material": material}
	return asset


## Runs frames for as long as there is work in them.
func _work_off(budget: VRBridgeFrameBudget) -> void:
	while budget.n_waiting() > 0:
		budget.begin()
		budget.run()
		budget.end()
		await get_tree().process_frame


func _asset(
	media_type: String, data: PackedByteArray, role: String = "base_color"
) -> VRBridgeAsset:
	var asset: VRBridgeAsset = VRBridgeAsset.new(
		{
			"asset": 1,
			"id": 1,
			"role": role,
			"media_type": media_type,
			"bytes": data.size(),
			"meta": {}
		}
	)
	asset.data = data
	return asset


## A file of plain colours, in which green tells the level.
func _ktx2(width_px: int, n_levels: int) -> PackedByteArray:
	var file: PackedByteArray = [
		0xab, 0x4b, 0x54, 0x58, 0x20, 0x32, 0x30, 0xbb, 0x0d, 0x0a, 0x1a, 0x0a
	]
	file.resize(80 + 24 * n_levels)
	file.encode_u32(12, 37)
	file.encode_u32(20, width_px)
	file.encode_u32(24, width_px)
	file.encode_u32(40, n_levels)
	for level: int in range(n_levels - 1, -1, -1):
		var edge: int = width_px >> level
		var image: Image = Image.create_empty(edge, edge, false, Image.FORMAT_RGBA8)
		image.fill(Color8(1, 10 * level, 3))
		file.encode_u64(80 + 24 * level, file.size())
		file.encode_u64(88 + 24 * level, 4 * edge * edge)
		file.append_array(image.get_data())
	return file


## Squares beside each other, each with a material of its own.
func _quads(n: int) -> Dictionary:
	var places: PackedFloat32Array = []
	var normals: PackedFloat32Array = []
	var uv: PackedFloat32Array = []
	var colors: PackedByteArray = []
	var indices: PackedByteArray = []
	var surfaces: Array[Dictionary] = []
	indices.resize(12 * n)
	for quad: int in n:
		places.append_array([quad, 0, 0, quad + 1, 0, 0, quad + 1, 1, 0, quad, 1, 0])
		uv.append_array([0, 1, 1, 1, 1, 0, 0, 0])
		for corner: int in 4:
			normals.append_array([0, 0, 1])
			colors.append_array([255, 128, 0, 255])
		var first: int = 4 * quad
		var order: Array[int] = [first, first + 1, first + 2, first, first + 2, first + 3]
		for place: int in 6:
			indices.encode_u16(12 * quad + 2 * place, order[place])
		surfaces.append({"start": 6 * quad, "count": 6, "material": {"name": "part %d" % quad}})
	return {
		"positions": places.to_byte_array(),
		"normals": normals.to_byte_array(),
		"uv": uv.to_byte_array(),
		"colors": colors,
		"indices": indices,
		"index_bytes": 2,
		"surfaces": surfaces,
	}


func _packed(map: Dictionary) -> PackedByteArray:
	return VRBridgeMessagePack.new().encode(map)


func _built(map: Dictionary) -> VRBridgeMeshArrays:
	var arrays: VRBridgeMeshArrays = VRBridgeMeshArrays.new(_packed(map))
	while not arrays.step():
		pass
	return arrays
