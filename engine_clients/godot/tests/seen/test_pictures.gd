extends Node3D
## What a player sees: pictures for people, and for the harness, which looks for what should be on them.

const WITHIN_S: float = 60.0

var runner: Node


func test_what_was_asked_for_can_be_seen() -> void:
	var stage: TestStage = TestStage.new()
	add_child(stage)
	stage.camera.make_current()
	var client: VRBridgeClient = VRBridgeClient.new()
	add_child(client)
	client.open(runner.config["server"], runner.config["token"])
	await runner.until(client.is_open, WITHIN_S, "a connection")
	await runner.take_picture("before")
	var material: VRBridgeMaterial = VRBridgeMaterial.new()
	material.prompt = "red brick wall"
	material.variation_seed = 7
	material.metres_per_tile = 1.0
	stage.wall.material_override = material
	material.generate(client)
	var prop: VRBridgeMesh3D = VRBridgeMesh3D.new()
	prop.generate_on_start = false
	prop.prompt = "a wooden barrel"
	prop.variation_seed = 5
	prop.size_m = 0.9
	prop.texture_px = "256"
	prop.position = Vector3(0.75, 1.0, -1.6)
	stage.add_child(prop)
	var whole: VRBridgeRequest = prop.generate(client)
	await runner.until(
		func() -> bool: return not material.is_generating() and whole.is_ended, WITHIN_S, "both"
	)
	await runner.until(func() -> bool: return not prop.is_generating(), WITHIN_S, "the prop")
	var panel: VRBridgeOverlay3D = VRBridgeOverlay3D.new()
	panel.reveal_hz = 0.0
	panel.hold_s = 30.0
	panel.offset = Vector3(0.75, 2.05, -1.6)
	stage.add_child(panel)
	panel.show_line("A barrel and a wall, as you asked. Anything else?", "Blacksmith")
	await get_tree().create_timer(0.5).timeout
	await runner.take_picture("after")
	runner.check(
		prop.level(0) != null and stage.wall.material_override == material, "both stand there"
	)
