extends Node3D
## A session on a headset, in which a material and a prop arrive.

const WITHIN_S: float = 60.0

var runner: Node


func test_a_material_and_a_prop_arrive_during_the_session() -> void:
	var xr: WebXRInterface = XRServer.find_interface("WebXR") as WebXRInterface
	var mode: String = runner.config["mode"]
	var said: PackedStringArray = []
	xr.session_supported.connect(
		func(asked: String, is_supported: bool) -> void:
			if is_supported:
				said.append("supported " + asked)
	)
	xr.session_started.connect(func() -> void: said.append("started"))
	xr.session_failed.connect(func(message: String) -> void: said.append("failed " + message))
	xr.session_ended.connect(func() -> void: said.append("ended"))
	xr.is_session_supported(mode)
	await runner.until(func() -> bool: return "supported " + mode in said, 10.0, "it is supported")
	var stage: TestStage = TestStage.new()
	add_child(stage)
	var origin: XROrigin3D = XROrigin3D.new()
	var camera: XRCamera3D = XRCamera3D.new()
	var hand: XRController3D = XRController3D.new()
	hand.tracker = &"right_hand"
	origin.add_child(camera)
	origin.add_child(hand)
	stage.add_child(origin)
	var client: VRBridgeClient = VRBridgeClient.new()
	add_child(client)
	client.open(runner.config["server"], runner.config["token"])
	await runner.until(client.is_open, WITHIN_S, "a connection")
	xr.session_mode = mode
	xr.requested_reference_space_types = "local-floor, local"
	xr.required_features = "local-floor"
	runner.check(xr.initialize(), "it initializes")
	await runner.until(func() -> bool: return "started" in said, 20.0, "a session: %s" % str(said))
	get_viewport().use_xr = true
	if mode == "immersive-ar":
		get_viewport().transparent_bg = true
	camera.make_current()
	await get_tree().create_timer(0.5).timeout
	runner.check(camera.global_position.y > 1.0, "the head is at %s" % camera.global_position)
	await runner.take_picture(mode + "_before")
	var context: VRBridgeContext = VRBridgeContext.new()
	context.head = camera
	context.right_hand = hand
	add_child(context)
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
	prop.position = Vector3(0.6, 1.0, -1.6)
	stage.add_child(prop)
	prop.generate(client)
	await runner.until(
		func() -> bool: return not material.is_generating() and not prop.is_generating(),
		WITHIN_S,
		"both"
	)
	runner.check("ended" not in said, "the session goes on")
	runner.check(prop.level(0) != null, "the prop stands there")
	var told: Dictionary = context.collect()
	runner.check(
		told["head"]["position"].y > 1.0 and "right" in told["hands"], "context: %s" % told
	)
	await get_tree().create_timer(0.5).timeout
	await runner.take_picture(mode + "_after")
	get_viewport().use_xr = false
	xr.uninitialize()
	await runner.until(func() -> bool: return "ended" in said, 10.0, "its end")
