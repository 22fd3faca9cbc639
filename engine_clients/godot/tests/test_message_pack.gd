extends Node
## The codec against every golden message, and against bytes that are no message.

var runner: Node


func test_every_message_of_a_server_means_what_its_file_says() -> void:
	var codec: VRBridgeMessagePack = VRBridgeMessagePack.new()
	var golden: Array[Dictionary] = _golden("server")
	runner.check(golden.size() > 20, "%d golden messages" % golden.size())
	for message: Dictionary in golden:
		var hex: String = message["hex"]
		var found: Variant = codec.decode(hex.hex_decode())
		runner.equal(codec.error, "", message["name"])
		runner.check(_is_same(found, message["message"]), "%s: %s" % [message["name"], found])


func test_every_message_of_a_client_comes_back_the_same() -> void:
	var codec: VRBridgeMessagePack = VRBridgeMessagePack.new()
	for message: Dictionary in _golden("client"):
		var hex: String = message["hex"]
		var found: Variant = codec.decode(hex.hex_decode())
		runner.check(_is_same(found, message["message"]), "%s: %s" % [message["name"], found])
		var again: Variant = codec.decode(codec.encode(found))
		runner.check(
			_is_same(again, message["message"]), "%s, written: %s" % [message["name"], again]
		)


func test_messages_that_are_cut_short_are_refused() -> void:
	var codec: VRBridgeMessagePack = VRBridgeMessagePack.new()
	for message: Dictionary in _golden("server"):
		var hex: String = message["hex"]
		var bytes: PackedByteArray = hex.hex_decode()
		for length: int in range(0, mini(bytes.size(), 400)):
			if codec.decode(bytes.slice(0, length)) != null or codec.error.is_empty():
				runner.check(false, "%s cut at %d" % [message["name"], length])
	runner.check(codec.error == "cut short", "the last: %s" % codec.error)


func test_numbers_keep_their_value_at_every_width() -> void:
	var codec: VRBridgeMessagePack = VRBridgeMessagePack.new()
	for power: int in 63:
		for number: int in [(1 << power) - 1, 1 << power, -(1 << power), -(1 << power) - 1]:
			runner.equal(codec.decode(codec.encode(number)), number)
	for real: float in [0.0, -0.5, 1.0 / 3.0, 1e300, -1e-300]:
		runner.equal(codec.decode(codec.encode(real)), real)
	codec.encode(NAN)
	runner.equal(codec.error, "a number is not finite")
	codec.decode("cfffffffffffffffff".hex_decode())
	runner.equal(codec.error, "a number is over 2^63")


func test_texts_lists_and_maps_keep_their_length_at_every_width() -> void:
	var codec: VRBridgeMessagePack = VRBridgeMessagePack.new()
	for length: int in [0, 1, 31, 32, 255, 256, 65535, 65536]:
		var text: String = "é".repeat(length / 2) + "x".repeat(length % 2)
		runner.equal(codec.decode(codec.encode(text)), text, "text of %d" % length)
		var bytes: PackedByteArray = PackedByteArray()
		bytes.resize(length)
		bytes.fill(7)
		runner.equal(codec.decode(codec.encode(bytes)), bytes, "bin of %d" % length)
	for length: int in [0, 15, 16, 65535, 65536]:
		var list: Array = []
		list.resize(length)
		list.fill(true)
		runner.equal(codec.decode(codec.encode(list)), list, "array of %d" % length)
		var map: Dictionary = {}
		for index: int in mini(length, 70000):
			map[str(index)] = index
		runner.equal(codec.decode(codec.encode(map)), map, "map of %d" % length)


func test_what_has_no_place_on_the_wire_is_refused() -> void:
	var codec: VRBridgeMessagePack = VRBridgeMessagePack.new()
	for value: Variant in [Color.RED, {1: 2}, self, {"deep": [Transform3D.IDENTITY]}]:
		runner.equal(codec.encode(value), PackedByteArray())
		runner.check(not codec.error.is_empty(), "an error for %s" % type_string(typeof(value)))
	var deep: Array = []
	for level: int in 40:
		deep = [deep]
	codec.encode(deep)
	runner.equal(codec.error, "nested more than 32 deep")
	var bytes: PackedByteArray = PackedByteArray()
	bytes.resize(60)
	bytes.fill(0x91)
	codec.decode(bytes)
	runner.equal(codec.error, "nested more than 32 deep")
	for hex: String in [
		"c1", "d4", "c7", "81c0c0", "8101c0", "c0c0", "", "dd7fffffff", "dbffffffff"
	]:
		runner.equal(codec.decode(hex.hex_decode()), null, hex)
		runner.check(not codec.error.is_empty(), "an error for %s" % hex)


func test_the_engines_vectors_are_written_as_numbers() -> void:
	var codec: VRBridgeMessagePack = VRBridgeMessagePack.new()
	var value: Dictionary = {"position": Vector3(1, 2, 3), "orientation": Quaternion(0, 0, 0, 1)}
	runner.equal(
		codec.decode(codec.encode(value)),
		{"position": [1.0, 2.0, 3.0], "orientation": [0.0, 0.0, 0.0, 1.0]}
	)


func _golden(folder: String) -> Array[Dictionary]:
	var messages: Array[Dictionary] = []
	for file: String in DirAccess.get_files_at("res://wire/" + folder):
		var text: String = FileAccess.get_file_as_string("res://wire/%s/%s" % [folder, file])
		messages.append(JSON.parse_string(text))
	return messages


## Whether a value means what a golden file says: numbers by value, bins as hexadecimal.
func _is_same(found: Variant, wanted: Variant) -> bool:
	if wanted is Dictionary:
		var map: Dictionary = wanted
		if map.size() == 1 and "$bin" in map:
			return found is PackedByteArray and found.hex_encode() == map["$bin"]
		if not (found is Dictionary) or found.size() != map.size():
			return false
		for key: String in map:
			if key not in found or not _is_same(found[key], map[key]):
				return false
		return true
	if wanted is Array:
		if not (found is Array) or found.size() != wanted.size():
			return false
		for index: int in wanted.size():
			if not _is_same(found[index], wanted[index]):
				return false
		return true
	if wanted is float or wanted is int:
		return (found is float or found is int) and is_equal_approx(float(found), float(wanted))
	return typeof(found) == typeof(wanted) and found == wanted
