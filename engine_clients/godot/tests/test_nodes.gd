extends Node3D
## The nodes that a designer places: panels, context, characters.

var runner: Node


func test_a_panel_reads_the_same_from_near_and_far() -> void:
	var camera: Camera3D = Camera3D.new()
	add_child(camera)
	camera.make_current()
	var panel: VRBridgeOverlay3D = VRBridgeOverlay3D.new()
	panel.reveal_hz = 0.0
	panel.fade_s = 0.0
	add_child(panel)
	panel.show_line("Well met, traveller.", "Smith")
	for distance_m: float in [0.5, 2.0, 10.0]:
		panel.offset = Vector3(0.0, 0.0, -distance_m)
		await get_tree().process_frame
		await get_tree().process_frame
		var row_m: float = 48.0 * 0.001 * panel.global_basis.get_scale().y
		var degrees: float = rad_to_deg(2.0 * atan(row_m / 2.0 / distance_m))
		runner.check(
			absf(degrees - panel.text_height_degrees) < 0.02, "%s° at %s m" % [degrees, distance_m]
		)
		var to_camera: Vector3 = (camera.global_position - panel.global_position).normalized()
		runner.check(
			panel.global_basis.z.normalized().dot(to_camera) > 0.99, "it looks at the player"
		)
	camera.queue_free()


func test_a_panel_hangs_on_what_it_is_told() -> void:
	var camera: Camera3D = Camera3D.new()
	add_child(camera)
	camera.make_current()
	camera.position = Vector3(0.0, 1.7, 0.0)
	camera.rotation.y = PI / 2.0
	var thing: Node3D = Node3D.new()
	add_child(thing)
	thing.position = Vector3(3.0, 0.0, -4.0)
	var panel: VRBridgeOverlay3D = VRBridgeOverlay3D.new()
	add_child(panel)
	panel.show_line("Here.")
	panel.anchor = VRBridgeOverlay3D.Anchor.OBJECT
	panel.target = thing
	panel.offset = Vector3(0.0, 2.0, 0.0)
	await get_tree().process_frame
	await get_tree().process_frame
	runner.check(panel.global_position.is_equal_approx(Vector3(3.0, 2.0, -4.0)), "on the object")
	panel.anchor = VRBridgeOverlay3D.Anchor.HEAD
	panel.offset = Vector3(0.0, -0.2, -2.0)
	await get_tree().process_frame
	await get_tree().process_frame
	runner.check(
		panel.global_position.is_equal_approx(Vector3(-2.0, 1.5, 0.0)),
		"ahead: %s" % panel.global_position
	)
	camera.queue_free()


func test_lines_wait_for_each_other_and_fade() -> void:
	var panel: VRBridgeOverlay3D = VRBridgeOverlay3D.new()
	panel.hold_s = 0.1
	panel.reveal_hz = 200.0
	add_child(panel)
	var speakers: PackedStringArray = []
	var n_emptied: Array[int] = []
	panel.line_started.connect(func(speaker: String) -> void: speakers.append(speaker))
	panel.emptied.connect(func() -> void: n_emptied.append(1))
	panel.show_line("One", "A")
	var growing: VRBridgeOverlay3D.Line = panel.show_line("Two ", "B", false)
	await runner.until(func() -> bool: return speakers.size() == 2, 5.0, "the second line")
	runner.check(panel.visible, "it shows")
	panel.extend(growing, "and three")
	await get_tree().create_timer(0.4).timeout
	runner.equal(panel.visible_text(), "Two and three")
	runner.check(panel.is_busy(), "a line that may grow stays")
	panel.finish(growing)
	await runner.until(func() -> bool: return not n_emptied.is_empty(), 5.0, "it is gone")
	runner.equal(panel.visible, false)
	runner.equal(speakers, PackedStringArray(["A", "B"]))


func test_rows_stay_where_they_are_while_words_appear() -> void:
	var panel: VRBridgeOverlay3D = VRBridgeOverlay3D.new()
	panel.reveal_hz = 120.0
	panel.width_degrees = 12.0
	add_child(panel)
	var text: String = "A horseshoe takes a quarter of an hour, if the coal is dry and nobody talks."
	panel.show_line(text)
	var begins: Dictionary = {}
	var n_steps: int = 0
	while panel.visible_text().length() < text.length() and panel.is_busy():
		await get_tree().process_frame
		n_steps += 1
		var rows: PackedStringArray = panel._text.text.split("\n")
		for row: int in rows.size() - 1:
			runner.check(begins.get(row, rows[row]) == rows[row], "row %d: %s" % [row, rows[row]])
			begins[row] = rows[row]
	runner.check(n_steps > 3, "it appears bit by bit: %d steps" % n_steps)
	runner.check(begins.size() >= 2, "%d rows" % begins.size())
	runner.equal("".join(panel._rows), text)


func test_too_many_lines_keep_the_one_that_is_read_and_the_newest() -> void:
	var panel: VRBridgeOverlay3D = VRBridgeOverlay3D.new()
	add_child(panel)
	for number: int in 40:
		panel.show_line(str(number))
	runner.equal(panel._lines.size(), 16)
	runner.equal(panel._lines[0].text, "0")
	runner.equal(panel._lines[-1].text, "39")


func test_context_tells_what_is_seen_and_what_is_near() -> void:
	var eyes: Node3D = Node3D.new()
	add_child(eyes)
	eyes.position = Vector3(0.0, 1.7, 0.0)
	var anvil: StaticBody3D = _body("Anvil", Vector3(0.0, 1.7, -3.0))
	_body("FarTower", Vector3(0.0, 0.0, 40.0))
	var context: VRBridgeContext = VRBridgeContext.new()
	context.head = eyes
	context.place = "smithy"
	add_child(context)
	var seen: PackedStringArray = []
	context.focus_changed.connect(func(id: String) -> void: seen.append(id))
	await get_tree().physics_frame
	await get_tree().physics_frame
	var told: Dictionary = context.collect()
	runner.equal(told["focus"], "Anvil")
	runner.equal(told["place"], "smithy")
	runner.equal(told["gaze"], Vector3(0.0, 0.0, -1.0))
	runner.equal(
		told["nearby"],
		[{"id": "Anvil", "name": "anvil", "position": anvil.position}] as Array[Dictionary]
	)
	eyes.rotation.y = PI / 2.0
	told = context.collect()
	runner.check("focus" not in told, "nothing there")
	runner.equal(seen, PackedStringArray(["Anvil", ""]))


func test_context_that_has_not_changed_is_not_told_again() -> void:
	var eyes: Node3D = Node3D.new()
	add_child(eyes)
	var context: VRBridgeContext = VRBridgeContext.new()
	context.head = eyes
	add_child(context)
	await get_tree().physics_frame
	context._sent = context.collect()
	eyes.position.x += 0.005
	runner.check(not context._has_changed(context.collect()), "half a centimetre")
	eyes.position.x += 0.05
	runner.check(context._has_changed(context.collect()), "five centimetres")
	context._sent = context.collect()
	eyes.rotate_y(deg_to_rad(0.3))
	runner.check(not context._has_changed(context.collect()), "a third of a degree")
	eyes.rotate_y(deg_to_rad(3.0))
	runner.check(context._has_changed(context.collect()), "three degrees")
	context._sent = context.collect()
	context.state = {"time": "night"}
	runner.check(context._has_changed(context.collect()), "a state")


func test_nodes_without_a_connection_say_so() -> void:
	var errors: Array[VRBridgeError] = []
	var smith: VRBridgeCharacter3D = VRBridgeCharacter3D.new()
	var prop: VRBridgeMesh3D = VRBridgeMesh3D.new()
	prop.prompt = "a chair"
	smith.failed.connect(errors.append)
	prop.failed.connect(errors.append)
	add_child(smith)
	add_child(prop)
	smith.say("Hello?")
	var material: VRBridgeMaterial = VRBridgeMaterial.new()
	material.failed.connect(errors.append)
	material.prompt = "moss"
	material.generate()
	await runner.until(func() -> bool: return errors.size() >= 3, 5.0, "errors: %s" % str(errors))
	for error: VRBridgeError in errors:
		runner.equal(error.code, "cannot_connect")


func _body(id: String, place: Vector3) -> StaticBody3D:
	var body: StaticBody3D = StaticBody3D.new()
	body.name = id
	var shape: CollisionShape3D = CollisionShape3D.new()
	shape.shape = BoxShape3D.new()
	body.add_child(shape)
	add_child(body)
	body.position = place
	body.add_to_group(&"vrbridge_nearby")
	return body
