extends Node
## Against the real server: what arrives, in which formats, and what becomes of it.

const WITHIN_S: float = 40.0

var runner: Node


func test_a_greeting_brings_what_the_server_can_do() -> void:
	var client: VRBridgeClient = await _connected()
	for kind: String in ["dialogue", "texture", "mesh"]:
		runner.check(kind in client.capabilities(), "%s is offered" % kind)
	runner.equal(client.server()["name"], "vrbridge")
	runner.check(client.limits()["max_open_requests"] > 0, "limits")
	var trips: Array[float] = []
	client.ping_measured.connect(
		func(trip_s: float, _server_s: float) -> void: trips.append(trip_s)
	)
	client.ping()
	await runner.until(func() -> bool: return not trips.is_empty(), WITHIN_S, "a pong")
	runner.check(trips[0] > 0.0 and trips[0] < 5.0, "a round trip of %s s" % trips[0])


func test_wishes_to_be_forgotten_are_answered_whatever_the_line_does() -> void:
	var client: VRBridgeClient = await _connected()
	var answers: Array[String] = []
	var errors: Array[String] = []
	client.forgotten.connect(
		func(scope: String, n_items: int) -> void: answers.append("%s %s" % [scope, n_items >= 0])
	)
	client.error_occurred.connect(
		func(error: VRBridgeError) -> void: errors.append("%s %s" % [error.code, error.field])
	)
	client.forget("session")
	await runner.until(func() -> bool: return answers.size() == 1, WITHIN_S, "an answer")
	client.forget("player")
	client.drop_connection()
	client.forget("session")
	# What was asked before the cut may have an answer from before it, too.
	await runner.until(
		func() -> bool: return "player true" in answers and answers.count("session true") == 2,
		WITHIN_S,
		"an answer to each"
	)
	client.forget("everything")
	await runner.until(func() -> bool: return errors.size() == 1, WITHIN_S, "a refusal")
	runner.check(errors[0].ends_with(" scope"), errors[0])
	client.close()
	client.forget("player")
	await runner.until(func() -> bool: return errors.size() == 2, WITHIN_S, "another one")
	runner.equal(errors[1], "unavailable ")


func test_a_character_answers_word_by_word_in_its_panel() -> void:
	var client: VRBridgeClient = await _connected()
	var smith: VRBridgeCharacter3D = VRBridgeCharacter3D.new()
	add_child(smith)
	add_child(Camera3D.new())
	var pieces: PackedStringArray = []
	var seen: PackedInt64Array = []
	var ends: Array[String] = []
	smith.text_received.connect(func(text: String) -> void: pieces.append(text))
	smith.answer_completed.connect(
		func(text: String, _emotion: String, _score: float) -> void: ends.append(text)
	)
	smith.failed.connect(func(error: VRBridgeError) -> void: runner.check(false, str(error)))
	smith.overlay.characters_shown.connect(func(n: int) -> void: seen.append(n))
	var request: VRBridgeRequest = smith.say("Good day! What do you forge here?", client)
	await runner.until(func() -> bool: return not ends.is_empty(), WITHIN_S, "an answer")
	if ends.is_empty():
		return
	runner.equal("".join(pieces), ends[0])
	runner.check(pieces.size() > 2, "it came in %d pieces" % pieces.size())
	await runner.until(
		func() -> bool: return smith._n_heard == 0, WITHIN_S, "it was told what was read"
	)
	runner.equal(seen[-1], ends[0].length())
	runner.check(seen.size() > 5, "it appeared bit by bit")
	runner.equal(smith.overlay.visible_text(), ends[0])
	runner.equal(client._core._outbox._heard, {request.id: ends[0].length()} as Dictionary)


func test_a_character_does_what_the_scene_offers() -> void:
	var client: VRBridgeClient = await _connected()
	var smith: VRBridgeCharacter3D = VRBridgeCharacter3D.new()
	add_child(smith)
	var opened: Array[Dictionary] = []
	var chosen: PackedStringArray = []
	var schema: Dictionary = {
		"type": "object",
		"properties": {"which": {"type": "string", "enum": ["north gate", "south gate"]}},
		"required": ["which"],
	}
	smith.add_action("open_gate", "Open one of the gates of the village", schema, opened.append)
	smith.action_chosen.connect(func(action: String, _a: Dictionary) -> void: chosen.append(action))
	var request: VRBridgeRequest = smith.say("Please open the north gate for me.", client)
	await runner.until(func() -> bool: return request.is_ended, WITHIN_S, "an answer")
	runner.equal(chosen, PackedStringArray(["open_gate"]))
	runner.equal(opened, [{"which": "north gate"}] as Array[Dictionary])


func test_context_is_taken() -> void:
	var client: VRBridgeClient = await _connected()
	var complaints: Array[VRBridgeError] = []
	client.error_occurred.connect(complaints.append)
	var camera: Camera3D = Camera3D.new()
	add_child(camera)
	var context: VRBridgeContext = VRBridgeContext.new()
	context.head = camera
	context.left_hand = camera
	context.place = "village square"
	context.state = {"time": "evening"}
	add_child(context)
	context.set_physics_process(false)
	for turn: int in 5:
		camera.rotate_y(0.3)
		client.update_context(context.collect())
		await get_tree().create_timer(0.06).timeout
	var trips: Array[float] = []
	client.ping_measured.connect(
		func(trip_s: float, _server_s: float) -> void: trips.append(trip_s)
	)
	client.ping()
	await runner.until(func() -> bool: return not trips.is_empty(), WITHIN_S, "a pong")
	runner.check(complaints.is_empty(), "complaints: %s" % str(complaints))
	runner.check(client.is_open(), "still connected")


func test_a_material_arrives_in_bc1_with_a_preview_first() -> void:
	await _material(["bc1", "bc5"], Image.FORMAT_DXT1, Image.FORMAT_RGTC_RG)


func test_a_material_arrives_in_etc2() -> void:
	await _material(["etc2"], Image.FORMAT_ETC2_RGB8, Image.FORMAT_ETC2_RGB8)


func test_a_material_arrives_as_jpeg_where_nothing_else_is_known() -> void:
	await _material(["jpeg"], Image.FORMAT_RGB8, Image.FORMAT_RGB8)


func test_the_same_seed_gives_the_same_pixels() -> void:
	var client: VRBridgeClient = await _connected({"texture_formats": ["rgba8"]})
	var seen: Array[PackedByteArray] = []
	for turn: int in 2:
		var material: VRBridgeMaterial = VRBridgeMaterial.new()
		material.size_px = "64"
		material.variation_seed = 11
		material.prompt = "red bricks"
		var request: VRBridgeRequest = material.generate(client)
		await runner.until(
			func() -> bool: return not material.is_generating(), WITHIN_S, "a material"
		)
		runner.check(request.error == null, str(request.error))
		seen.append(material.albedo_texture.get_image().get_data())
	runner.check(seen[0] == seen[1] and seen[0].size() > 64 * 64 * 4, "the same, with mips")


func test_a_prop_arrives_as_arrays_with_levels_and_a_collider() -> void:
	var client: VRBridgeClient = await _connected({"mesh_formats": ["arrays"]})
	await _prop(client, "a wooden barrel", "0")


func test_a_prop_arrives_as_glb_just_the_same() -> void:
	var arrays: VRBridgeMesh3D = await _prop(
		await _connected({"mesh_formats": ["arrays"]}), "a wooden crate", "0"
	)
	var glb: VRBridgeMesh3D = await _prop(
		await _connected({"mesh_formats": ["glb"]}), "a wooden crate", "0"
	)
	for number: int in 3:
		var one: MeshInstance3D = arrays.level(number)
		var other: MeshInstance3D = glb.level(number)
		if one == null or other == null:
			runner.check(false, "level %d is missing" % number)
			continue
		runner.equal(one.mesh.get_faces().size(), other.mesh.get_faces().size())
		runner.check(one.get_aabb().is_equal_approx(other.get_aabb()), "boxes of level %d" % number)


func test_a_prop_made_anew_keeps_nothing_of_the_older_one() -> void:
	var client: VRBridgeClient = await _connected()
	var prop: VRBridgeMesh3D = await _prop(client, "a wooden crate", "0")
	var coarse: MeshInstance3D = prop.level(2)
	var body: StaticBody3D = prop.collider()
	prop.lods = 1
	prop.has_collider = false
	prop.generate(client)
	runner.equal(prop.level(2), coarse, "it shows until the newer one is there")
	await runner.until(func() -> bool: return not prop.is_generating(), WITHIN_S, "another prop")
	runner.check(prop.level(0) != null, "the newer one")
	runner.equal([prop.level(1), prop.level(2), prop.collider()], [null, null, null])
	runner.equal(prop.level(0).visibility_range_end, 0.0, "it shows to the end of the world")
	await get_tree().process_frame
	runner.check(not is_instance_valid(coarse) and not is_instance_valid(body), "they are freed")


func test_a_newer_prompt_takes_the_place_of_the_older_one() -> void:
	var client: VRBridgeClient = await _connected()
	var material: VRBridgeMaterial = VRBridgeMaterial.new()
	material.size_px = "64"
	var prop: VRBridgeMesh3D = VRBridgeMesh3D.new()
	prop.generate_on_start = false
	add_child(prop)
	for asked: Variant in [material, prop]:
		var ends: PackedStringArray = []
		asked.failed.connect(func(error: VRBridgeError) -> void: ends.append(error.code))
		asked.completed.connect(func(_facts: Dictionary) -> void: ends.append("done"))
		asked.prompt = "granite"
		var first: VRBridgeRequest = asked.generate(client)
		asked.prompt = "marble"
		asked.generate(client)
		await runner.until(
			func() -> bool: return first.is_ended and not ends.is_empty(), WITHIN_S, "both ends"
		)
		runner.equal(ends, PackedStringArray(["done"]), "what nobody asks about is not told")
		runner.check(not asked.is_generating(), "it is done")


func test_a_prop_wears_the_maps_that_were_made_for_it() -> void:
	var client: VRBridgeClient = await _connected()
	var prop: VRBridgeMesh3D = await _prop(client, "a wooden chest", "64")
	if prop.level(0) == null:
		return
	var surfaces: Array = prop.level(0).mesh.surface_get_arrays(0)
	runner.check(surfaces[Mesh.ARRAY_TANGENT].size() > 0, "tangents for the normal map")
	var look: StandardMaterial3D = prop.level(0).mesh.surface_get_material(0)
	runner.check(look.albedo_texture != null and look.normal_texture != null, "maps")
	runner.equal(look.vertex_color_use_as_albedo, false)
	runner.equal(prop.level(1).mesh.surface_get_material(0), look, "shared by the levels")


func test_a_cancelled_request_ends_so_and_brings_no_more() -> void:
	var client: VRBridgeClient = await _connected()
	var request: VRBridgeRequest = client.request("texture", {"prompt": "moss", "size_px": 2048})
	var after: Array[int] = []
	await runner.until(
		func() -> bool: return client.open_requests().size() == 1, WITHIN_S, "it is open"
	)
	client.cancel(request)
	request.asset_received.connect(func(_a: VRBridgeAsset) -> void: after.append(1))
	await runner.until(func() -> bool: return request.is_ended, WITHIN_S, "its end")
	runner.equal(request.error.code, "cancelled")
	runner.check(after.is_empty(), "nothing came after it")


func test_what_nobody_waits_for_any_more_is_cancelled() -> void:
	var client: VRBridgeClient = await _connected()
	var parent: Node3D = Node3D.new()
	add_child(parent)
	var prop: VRBridgeMesh3D = VRBridgeMesh3D.new()
	prop.generate_on_start = false
	prop.prompt = "a sofa"
	parent.add_child(prop)
	var of_prop: VRBridgeRequest = prop.generate(client)
	var material: VRBridgeMaterial = VRBridgeMaterial.new()
	material.generate_on_start = false
	material.prompt = "marble"
	material.size_px = "2048"
	var of_material: VRBridgeRequest = material.generate(client)
	parent.queue_free()
	material = null
	await runner.until(
		func() -> bool: return of_prop.is_ended and of_material.is_ended, WITHIN_S, "both ends"
	)
	runner.equal(of_prop.error.code, "cancelled")
	runner.equal(of_material.error.code, "cancelled")


func test_a_listener_may_close_the_connection() -> void:
	var client: VRBridgeClient = await _connected()
	var ends: Array[String] = []
	var request: VRBridgeRequest = client.request("texture", {"prompt": "sand", "size_px": 64})
	request.asset_received.connect(func(_asset: VRBridgeAsset) -> void: client.close())
	client.disconnected.connect(func(_code: int, _wait_s: float) -> void: ends.append("lost"))
	await runner.until(func() -> bool: return request.is_ended, WITHIN_S, "its end")
	runner.equal(request.error.code, "cancelled")
	await get_tree().create_timer(0.3).timeout
	runner.check(ends.is_empty() and not client.is_open(), "it stays closed")
	client.open(_url("server"), runner.config["token"])
	await runner.until(client.is_open, WITHIN_S, "a new connection")


func test_a_new_prompt_supersedes_the_old_one() -> void:
	var client: VRBridgeClient = await _connected()
	var material: VRBridgeMaterial = VRBridgeMaterial.new()
	material.size_px = "1024"
	material.prompt = "granite"
	var first: VRBridgeRequest = client.request(
		"texture", {"prompt": "granite", "size_px": 1024}, {"slot": "wall"}
	)
	var second: VRBridgeRequest = client.request(
		"texture", {"prompt": "marble", "size_px": 64}, {"slot": "wall"}
	)
	await runner.until(
		func() -> bool: return first.is_ended and second.is_ended, WITHIN_S, "both ends"
	)
	runner.equal(first.error.code, "superseded")
	runner.equal(second.error, null)


func test_a_bad_request_says_which_field() -> void:
	var client: VRBridgeClient = await _connected()
	var request: VRBridgeRequest = client.request("texture", {"prompt": "moss", "size_px": 100})
	await request.finished()
	runner.equal(request.error.code, "invalid_params")
	runner.equal(request.error.field, "params.size_px")
	var unknown: VRBridgeRequest = client.request("sculpture", {})
	await unknown.finished()
	runner.equal(unknown.error.code, "unknown_kind")


func test_a_drop_in_the_middle_of_an_asset_loses_nothing() -> void:
	var client: VRBridgeClient = await _connected({"chunk_bytes": 16384, "window_bytes": 65536})
	var resumed: Array[bool] = []
	client.connected.connect(func(is_resumed: bool) -> void: resumed.append(is_resumed))
	var drops: Array[String] = []
	var dropping: Callable = func(asset: VRBridgeAsset) -> void:
		# Twice in each of two maps.
		if drops.count(asset.role) < 2 and asset.n_arrived > 100000 * (drops.count(asset.role) + 1):
			drops.append(asset.role)
			client.drop_connection.call_deferred()
	var roles: PackedStringArray = await _large(client, dropping)
	runner.equal(roles, PackedStringArray(["preview", "base_color", "normal", "orm"]))
	runner.check(drops.size() >= 4, "dropped %s" % str(drops))
	runner.check(
		resumed.size() >= drops.size() and false not in resumed, "resumed: %s" % str(resumed)
	)


func test_a_cut_line_loses_nothing() -> void:
	var client: VRBridgeClient = await _connected({}, "cutting")
	var roles: PackedStringArray = await _large(client)
	runner.equal(roles, PackedStringArray(["preview", "base_color", "normal", "orm"]))
	runner.check(client.n_connections() >= 3, "%d connections" % client.n_connections())


func test_a_scene_that_stands_still_for_five_seconds_loses_nothing() -> void:
	var client: VRBridgeClient = await _connected()
	var loud: VRBridgeRequest = client.request("dialogue", {"npc": "blacksmith", "text": "Hello!"})
	var began_ms: Array[int] = []
	var standing: Callable = func(_asset: VRBridgeAsset) -> void:
		if began_ms.is_empty():
			began_ms.append(Time.get_ticks_msec())
			client.set_process(false)
			get_tree().create_timer(5.0).timeout.connect(client.set_process.bind(true))
	var roles: PackedStringArray = await _large(client, standing)
	runner.check(Time.get_ticks_msec() - began_ms[0] >= 5000, "it stood still")
	runner.equal(roles, PackedStringArray(["preview", "base_color", "normal", "orm"]))
	runner.check(await loud.finished(), "and the answer: %s" % loud.error)
	runner.equal(client.n_connections(), 1, "on one connection")


func test_a_server_that_is_gone_for_a_while_is_found_again() -> void:
	var client: VRBridgeClient = await _connected({}, "vanishing")
	var waits: Array[float] = []
	client.disconnected.connect(func(_code: int, wait_s: float) -> void: waits.append(wait_s))
	await runner.until(func() -> bool: return not client.is_open(), WITHIN_S, "it is gone")
	var request: VRBridgeRequest = client.request("texture", {"prompt": "sand", "size_px": 64})
	await runner.until(func() -> bool: return request.is_ended, WITHIN_S, "an end all the same")
	runner.equal(request.error, null)
	runner.check(waits.size() >= 1, "waits: %s" % str(waits))


func test_a_bad_token_is_told_once() -> void:
	var client: VRBridgeClient = VRBridgeClient.new()
	add_child(client)
	client.close()
	var errors: Array[VRBridgeError] = []
	client.error_occurred.connect(errors.append)
	client.open(_url("server"), "forged")
	var request: VRBridgeRequest = client.request("texture", {"prompt": "sand"})
	await runner.until(func() -> bool: return not errors.is_empty(), WITHIN_S, "a refusal")
	runner.equal(errors[0].code, "unauthorized")
	runner.check("vrbridge token create" in errors[0].message, errors[0].message)
	runner.equal(request.error.code, "unauthorized")
	await get_tree().create_timer(0.7).timeout
	runner.equal(client.n_connections(), 1)
	var late: VRBridgeRequest = client.request("texture", {"prompt": "sand"})
	await late.finished()
	runner.equal(late.error.code, "cannot_connect")


func test_a_server_of_another_version_is_told_once() -> void:
	var client: VRBridgeClient = VRBridgeClient.new()
	add_child(client)
	client.close()
	var errors: Array[VRBridgeError] = []
	client.error_occurred.connect(errors.append)
	client.open(_url("other_version"))
	await runner.until(func() -> bool: return not errors.is_empty(), WITHIN_S, "a refusal")
	runner.equal(errors[0].code, "cannot_connect")
	runner.check("version" in errors[0].message, errors[0].message)
	await get_tree().create_timer(0.7).timeout
	runner.equal(client.n_connections(), 1)


func _connected(receive: Dictionary = {}, way: String = "server") -> VRBridgeClient:
	var client: VRBridgeClient = VRBridgeClient.new()
	add_child(client)
	client.open(_url(way), runner.config["token"], receive)
	await runner.until(client.is_open, WITHIN_S, "a connection")
	return client


func _url(way: String) -> String:
	return runner.config[way]


func _material(formats: Array, color: Image.Format, normal: Image.Format) -> void:
	var client: VRBridgeClient = await _connected({"texture_formats": formats})
	var material: VRBridgeMaterial = VRBridgeMaterial.new()
	var widths: PackedInt64Array = []
	var ends: Array[Dictionary] = []
	material.preview_shown.connect(func(width_px: int) -> void: widths.append(width_px))
	material.completed.connect(func(facts: Dictionary) -> void: ends.append(facts))
	material.failed.connect(func(error: VRBridgeError) -> void: runner.check(false, str(error)))
	material.size_px = "256"
	material.prompt = "mossy stone wall"
	material.generate(client)
	var before: RID = material.get_shader_rid()
	await runner.until(func() -> bool: return not ends.is_empty(), WITHIN_S, "a material")
	runner.check(widths.size() >= 1 and widths[0] <= 128, "previews: %s" % str(widths))
	if ends.is_empty():
		return
	runner.check(ends[0]["origin"] in ["generated", "procedural"], "origin %s" % ends[0]["origin"])
	runner.equal(material.get_shader_rid(), before, "no shader was compiled for it")
	var maps: Array[Texture2D] = [
		material.albedo_texture, material.normal_texture, material.roughness_texture
	]
	for map: Texture2D in maps:
		runner.equal(map.get_size(), Vector2(256, 256))
		runner.check(map.get_image().has_mipmaps(), "mips")
	runner.equal(maps[0].get_image().get_format(), color)
	runner.equal(maps[1].get_image().get_format(), normal)
	runner.equal(material.metallic_texture, maps[2])
	runner.check(material.uv1_scale.x > 0.1 and material.uv1_triplanar, "laid on in metres")
	var image: Image = maps[0].get_image()
	image.decompress()
	var mean: Color = Color.BLACK
	for place: int in 64:
		mean += image.get_pixel((place * 37) % 256, (place * 91) % 256) / 64.0
	runner.check(mean.v > 0.08 and mean.v < 0.9, "it is neither black nor white: %s" % mean)


func _prop(client: VRBridgeClient, prompt: String, texture_px: String) -> VRBridgeMesh3D:
	var prop: VRBridgeMesh3D = VRBridgeMesh3D.new()
	prop.generate_on_start = false
	prop.prompt = prompt
	prop.variation_seed = 5
	prop.texture_px = texture_px
	add_child(prop)
	var shown: PackedInt64Array = []
	var ends: Array[Dictionary] = []
	prop.level_shown.connect(func(level: int) -> void: shown.append(level))
	prop.completed.connect(func(facts: Dictionary) -> void: ends.append(facts))
	prop.failed.connect(func(error: VRBridgeError) -> void: runner.check(false, str(error)))
	prop.generate(client)
	await runner.until(func() -> bool: return not ends.is_empty(), WITHIN_S, "a prop")
	runner.equal(shown, PackedInt64Array([2, 1, 0]), "the coarsest first")
	if shown.size() < 3:
		return prop
	var budgets: Array[int] = [1500, 400, 80]
	var end_m: float = 0.0
	for number: int in 3:
		var level: MeshInstance3D = prop.level(number)
		var n_faces: int = level.mesh.get_faces().size() / 3
		runner.check(
			n_faces <= budgets[number] and n_faces > 8, "%d faces of level %d" % [n_faces, number]
		)
		runner.equal(level.visibility_range_begin, end_m)
		end_m = level.visibility_range_end
		_check_faces(level.mesh)
	runner.equal(end_m, 0.0, "the coarsest shows to the end of the world")
	var shape: ConvexPolygonShape3D = prop.collider().get_child(0).shape
	runner.check(shape.points.size() >= 8, "a collider of %d points" % shape.points.size())
	var box: AABB = prop.bounds()
	runner.check(absf(box.position.y) < 0.05, "it stands on the floor: %s" % box)
	runner.check(
		box.get_longest_axis_size() > 0.2 and box.get_longest_axis_size() < 3.0, "%s" % box
	)
	return prop


## Front faces run clockwise here, so a face's own normal points against the product of its edges.
func _check_faces(mesh: Mesh) -> void:
	var n_right: int = 0
	var n_faces: int = 0
	for surface: int in mesh.get_surface_count():
		var arrays: Array = mesh.surface_get_arrays(surface)
		var places: PackedVector3Array = arrays[Mesh.ARRAY_VERTEX]
		var normals: PackedVector3Array = arrays[Mesh.ARRAY_NORMAL]
		var indices: PackedInt32Array = arrays[Mesh.ARRAY_INDEX]
		for corner: int in range(0, indices.size(), 3):
			var a: Vector3 = places[indices[corner]]
			var across: Vector3 = (places[indices[corner + 1]] - a).cross(
				places[indices[corner + 2]] - a
			)
			n_faces += 1
			n_right += 1 if across.dot(normals[indices[corner]]) <= 0.0 else 0
	runner.check(n_right >= 0.95 * n_faces, "%d of %d faces look outwards" % [n_right, n_faces])


## Asks for a material of 4 MiB and more, and returns the roles that came whole.
func _large(client: VRBridgeClient, on_growth: Callable = Callable()) -> PackedStringArray:
	var request: VRBridgeRequest = client.request(
		"texture", {"prompt": "cobblestone", "size_px": 512, "seed": 3, "format": "rgba8"}
	)
	var roles: PackedStringArray = []
	if on_growth.is_valid():
		request.asset_grew.connect(on_growth)
	request.asset_received.connect(func(asset: VRBridgeAsset) -> void: roles.append(asset.role))
	request.restarted.connect(func() -> void: runner.check(false, "the session was lost"))
	await runner.until(func() -> bool: return request.is_ended, WITHIN_S, "its end")
	runner.equal(request.error, null)
	return roles
