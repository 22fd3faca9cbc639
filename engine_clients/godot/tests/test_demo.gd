extends Node
## The village square, played against the real server.

const WITHIN_S: float = 40.0
const SQUARE: String = "res://demo/village_square.tscn"

var runner: Node


func test_the_blacksmith_answers_and_lights_the_forge() -> void:
	var square: VillageSquare = await _square()
	var answers: PackedStringArray = []
	square.blacksmith.answer_completed.connect(
		func(text: String, _emotion: String, _score: float) -> void: answers.append(text)
	)
	runner.equal(square.blacksmith.smithy.is_lit, false)
	square.panel.asked_with("Please light the fire of the forge.")
	await runner.until(func() -> bool: return not answers.is_empty(), WITHIN_S, "an answer")
	await runner.until(
		func() -> bool: return not square.blacksmith.overlay.visible_text().is_empty(),
		WITHIN_S,
		"it shows over his head"
	)
	runner.check(square.blacksmith.smithy.is_lit, "the fire burns")
	runner.equal(square.get_node("Context").state["forge"], "burning")
	await _close(square)


func test_a_wall_that_is_pointed_at_becomes_what_is_said() -> void:
	var square: VillageSquare = await _square()
	square.panel.choose(AskPanel.Mode.MATERIAL)
	var plinth: VillageSurface = square.get_node("Scenery/Plinth")
	var from: Vector3 = plinth.global_position + Vector3(0.0, 1.0, 3.0)
	square.choose_along(from, plinth.global_position - from)
	runner.equal(square.surface, plinth)
	runner.check("plinth" in square.panel.message(), square.panel.message())
	var done: Array[int] = []
	plinth.completed.connect(func() -> void: done.append(1))
	plinth.size_px = "64"
	square.ask(AskPanel.Mode.MATERIAL, "red bricks")
	await runner.until(func() -> bool: return not plinth.is_changing(), WITHIN_S, "a material")
	runner.equal(plinth.shown_by.material_override, plinth.material)
	runner.check(plinth.material.albedo_texture.get_width() == 64, "its maps are there")
	runner.check("red bricks" in square.panel.message(), square.panel.message())
	await _close(square)


func test_a_newer_wish_for_a_surface_replaces_the_older() -> void:
	var square: VillageSquare = await _square()
	square.panel.choose(AskPanel.Mode.MATERIAL)
	var ground: VillageSurface = square.get_node("Ground")
	ground.size_px = "64"
	square.choose_along(Vector3(1.0, 3.0, 4.0), Vector3.DOWN)
	runner.equal(square.surface, ground)
	square.ask(AskPanel.Mode.MATERIAL, "moss")
	var first: VRBridgeMaterial = ground.material
	square.ask(AskPanel.Mode.MATERIAL, "sand")
	await runner.until(
		func() -> bool: return ground.shown_by.material_override != null, WITHIN_S, "a material"
	)
	await runner.until(func() -> bool: return not ground.is_changing(), WITHIN_S, "its end")
	runner.check(ground.shown_by.material_override != first, "the newer one shows")
	runner.equal(ground.material.prompt, "sand")
	await _close(square)


func test_a_prop_stands_where_one_points_and_can_be_taken_away() -> void:
	var square: VillageSquare = await _square()
	square.panel.choose(AskPanel.Mode.PROP)
	square.choose_along(Vector3(-0.6, 2.0, 3.0), Vector3.DOWN)
	var made: Array[Dictionary] = []
	square.ask(AskPanel.Mode.PROP, "a wooden barrel")
	var prop: VRBridgeMesh3D = square.props.get_child(0)
	prop.completed.connect(func(facts: Dictionary) -> void: made.append(facts))
	await runner.until(func() -> bool: return not made.is_empty(), WITHIN_S, "a prop")
	runner.check(prop.global_position.is_equal_approx(Vector3(-0.6, 0.0, 3.0)), "it stands there")
	runner.check(prop.collider() != null and prop.level(0) != null, "with a body")
	await get_tree().physics_frame
	await get_tree().physics_frame
	var from: Vector3 = Vector3(-0.6, 0.4, 6.0)
	square.choose_along(from, Vector3.FORWARD)
	runner.equal(square.props.carried, prop)
	square.choose_along(Vector3(1.6, 2.0, 3.0), Vector3.DOWN)
	runner.equal(square.props.carried, null)
	runner.check(absf(prop.global_position.x - 1.6) < 0.01, "it was moved: %s" % prop.position)
	square.props.pick(prop)
	square.props.remove()
	await get_tree().process_frame
	runner.equal(square.props.get_child_count(), 0)
	await _close(square)


func test_what_goes_wrong_is_said_in_words() -> void:
	var square: VillageSquare = await _square()
	square.ask(AskPanel.Mode.MATERIAL, "moss")
	runner.check("Choose a wall" in square.panel.message(), square.panel.message())
	square.ask(AskPanel.Mode.PROP, "a chair")
	runner.check("Choose a place" in square.panel.message(), square.panel.message())
	square.choose_place(Vector3(0.0, 0.0, 3.0))
	square.ask(AskPanel.Mode.PROP, "x".repeat(5000))
	await runner.until(
		func() -> bool: return "invalid_params" in square.panel.message(), WITHIN_S, "an error"
	)
	await get_tree().process_frame
	runner.equal(square.props.get_child_count(), 0, "nothing is left standing")
	await _close(square)


func test_the_figures_are_live() -> void:
	var square: VillageSquare = await _square()
	await runner.until(
		func() -> bool: return square.figures.round_trip_ms > 0.0, WITHIN_S, "a round trip"
	)
	square.panel.asked_with("Good day!")
	await runner.until(func() -> bool: return square.figures.final_s > 0.0, WITHIN_S, "an end")
	runner.check(square.figures.first_s <= square.figures.final_s, "first comes first")
	await runner.until(
		func() -> bool:
			var line: String = square.panel.status()
			return "connected" in line and "dialogue" in line and " to " in line,
		WITHIN_S,
		"they show"
	)
	runner.check("frame" in square.panel.status(), square.panel.status())
	await _close(square)


func test_the_panel_can_be_used_with_a_ray() -> void:
	var square: VillageSquare = await _square()
	var world: VillageWorldPanel = square.get_node("WorldPanel")
	square._on_headset_entered(false)
	await get_tree().process_frame
	await get_tree().process_frame
	var material_button: Button = square.panel.get_node("%Material")
	var at_px: Vector2 = material_button.get_global_rect().get_center()
	var quad: QuadMesh = world.get_node("Quad").mesh
	var share: Vector2 = at_px / Vector2(world.get_node("Viewport").size) - Vector2(0.5, 0.5)
	var target: Vector3 = world.to_global(
		Vector3(share.x, -share.y, 0.0) * Vector3(quad.size.x, quad.size.y, 0.0)
	)
	var eye: Vector3 = square.player.head.global_position
	square._on_selected(eye, target - eye)
	await get_tree().process_frame
	world.press(false)
	await get_tree().process_frame
	runner.equal(square.panel.mode, AskPanel.Mode.MATERIAL)
	square._on_headset_left()
	await get_tree().process_frame
	runner.check(square.panel.get_parent() == square.get_node("%Dock"), "it is back on the screen")
	var screen: Rect2 = square.get_node("%Dock").get_global_rect()
	runner.check(screen.encloses(square.panel.get_global_rect()), "all of it")
	await _close(square)


func test_every_frame_is_light() -> void:
	var square: VillageSquare = await _square()
	var n_meshes: int = 0
	var n_triangles: int = 0
	for node: Node in square.find_children("*", "MeshInstance3D", true, false):
		var instance: MeshInstance3D = node
		if instance.mesh != null and instance.is_visible_in_tree():
			n_meshes += instance.mesh.get_surface_count()
			n_triangles += instance.mesh.get_faces().size() / 3
	runner.check(n_meshes < 160, "%d draws" % n_meshes)
	runner.check(n_triangles < 40000, "%d triangles" % n_triangles)
	await _close(square)


func _square() -> VillageSquare:
	var client: VRBridgeClient = VRBridgeClient.find()
	client.open(runner.config["server"], runner.config["token"])
	var square: VillageSquare = load(SQUARE).instantiate()
	add_child(square)
	await runner.until(client.is_open, WITHIN_S, "a connection")
	await get_tree().physics_frame
	await get_tree().physics_frame
	return square


## Others must not find a connection.
func _close(square: VillageSquare) -> void:
	square.queue_free()
	await get_tree().process_frame
	VRBridgeClient.find().close()
