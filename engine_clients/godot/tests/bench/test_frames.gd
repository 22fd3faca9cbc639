extends Node3D
## Time of the main thread in each frame while materials and props arrive, beside a client that takes
## everything as it comes.

const WITHIN_S: float = 120.0
const N_SETS: int = 7
const N_PROPS: int = 3
const ROUNDS: int = 2

var runner: Node


func test_frames_while_twenty_megabytes_arrive() -> void:
	var camera: Camera3D = Camera3D.new()
	add_child(camera)
	camera.make_current()
	# The first round of each fills the server's cache, so that what is measured is arrival.
	for turn: int in ROUNDS + 1:
		var ours: Dictionary = await _addon()
		var naive: Dictionary = await _naive()
		if turn > 0:
			runner.report("FRAMES", ours)
			runner.report("FRAMES", naive)
			runner.check(ours["bytes"] > 20000000, "%d bytes" % ours["bytes"])


func _addon() -> Dictionary:
	var client: VRBridgeClient = VRBridgeClient.new()
	add_child(client)
	client.open(runner.config["server"], runner.config["token"])
	await runner.until(client.is_open, WITHIN_S, "a connection")
	var spent: PackedInt64Array = []
	var things: Array[Node3D] = []
	var materials: Array[VRBridgeMaterial] = []
	var began_ms: int = Time.get_ticks_msec()
	for number: int in N_SETS:
		var material: VRBridgeMaterial = VRBridgeMaterial.new()
		material.generate_on_start = false
		material.prompt = _requests()[number]["params"]["prompt"]
		material.size_px = "1024"
		material.variation_seed = number
		var wall: MeshInstance3D = MeshInstance3D.new()
		wall.mesh = QuadMesh.new()
		wall.material_override = material
		wall.position = Vector3(0.4 * (number - 3), 0.0, -4.0)
		add_child(wall)
		things.append(wall)
		materials.append(material)
		material.generate(client)
	for number: int in N_PROPS:
		var prop: VRBridgeMesh3D = VRBridgeMesh3D.new()
		prop.generate_on_start = false
		prop.prompt = _requests()[N_SETS + number]["params"]["prompt"]
		prop.max_faces = 20000
		prop.lods = 1
		prop.has_collider = false
		prop.variation_seed = number
		prop.position = Vector3(number - 1.0, -1.0, -5.0)
		add_child(prop)
		things.append(prop)
		prop.generate(client)
	while not client.open_requests().is_empty() or client.budget.n_waiting() > 0:
		await get_tree().process_frame
		spent.append(client.budget.spent_us)
		if Time.get_ticks_msec() - began_ms > 1000.0 * WITHIN_S:
			runner.check(false, "it did not end")
			break
	for material: VRBridgeMaterial in materials:
		runner.check(
			not material.is_generating() and not material.facts.is_empty(), "a material is whole"
		)
	var told: Dictionary = _table("addon", spent, client.n_received_bytes(), began_ms)
	for thing: Node3D in things:
		thing.queue_free()
	client.queue_free()
	await get_tree().create_timer(0.3).timeout
	return told


func _naive() -> Dictionary:
	var client: NaiveClient = NaiveClient.new()
	add_child(client)
	var ended: Array[int] = []
	client.finished.connect(func() -> void: ended.append(1))
	var spent: PackedInt64Array = []
	var began_ms: int = Time.get_ticks_msec()
	var url: String = runner.config["server"]
	client.start(url, _requests())
	while ended.is_empty() and Time.get_ticks_msec() - began_ms < 1000.0 * WITHIN_S:
		await get_tree().process_frame
		spent.append(client.busy_us)
	runner.check(not ended.is_empty(), "it ends")
	var told: Dictionary = _table("naive", spent, client.n_bytes, began_ms)
	client.queue_free()
	await get_tree().create_timer(0.3).timeout
	return told


func _requests() -> Array[Dictionary]:
	var list: Array[Dictionary] = []
	var words: PackedStringArray = [
		"mossy stone", "red bricks", "oak planks", "cobblestone", "rusty iron", "sand", "grass"
	]
	for number: int in N_SETS:
		var params: Dictionary = {"prompt": words[number], "size_px": 1024, "seed": number}
		list.append({"kind": "texture", "params": params})
	words = ["a wooden barrel", "an armchair", "a stone well"]
	for number: int in N_PROPS:
		var params: Dictionary = {
			"prompt": words[number],
			"max_faces": 20000,
			"lods": 1,
			"collider": false,
			"seed": number
		}
		list.append({"kind": "mesh", "params": params})
	return list


func _table(who: String, spent: PackedInt64Array, n_bytes: int, began_ms: int) -> Dictionary:
	var sorted: PackedInt64Array = spent.duplicate()
	sorted.sort()
	return {
		"client": who,
		"bytes": n_bytes,
		"frames": spent.size(),
		"seconds": (Time.get_ticks_msec() - began_ms) / 1000.0,
		"p50_ms": sorted[sorted.size() / 2] / 1000.0,
		"p99_ms": sorted[mini(sorted.size() - 1, sorted.size() * 99 / 100)] / 1000.0,
		"max_ms": sorted[-1] / 1000.0,
	}
