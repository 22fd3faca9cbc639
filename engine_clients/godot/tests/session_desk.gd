class_name SessionDesk
extends RefCounted
## A session on a fake socket with a clock that the test turns.

var socket: FakeSocket = FakeSocket.new()
var core: VRBridgeCore
var link: VRBridgeLink
var now_s: float = 0.0
var seq: int = 0
var lost: Array[float] = []
var errors: Array[VRBridgeError] = []


func _init(window_bytes: int = 4096, max_held_bytes: int = 8192) -> void:
	core = VRBridgeCore.new(
		"", {"name": "test"}, {"chunk_bytes": 1024, "window_bytes": window_bytes}, max_held_bytes
	)
	link = VRBridgeLink.new(core, socket, "ws://test/ws", func() -> float: return 0.5)
	# Methods and no lambdas, which would keep each other alive.
	link.lost.connect(_on_lost)
	link.gave_up.connect(errors.append)


## Connects and has the server welcome it.
func greet(is_resumed: bool = false, more: Dictionary = {}) -> void:
	if link.phase == VRBridgeLink.Phase.IDLE:
		link.start(now_s)
	turn()
	var welcome: Dictionary = {
		"type": "welcome", "version": 1, "session": "s", "secret": "x", "resumed": is_resumed
	}
	socket.say(welcome.merged(more, true))
	turn()
	if not is_resumed:
		seq = 0


## Lets time pass, in frames of a sixtieth of a second.
func turn(seconds: float = 0.0) -> void:
	var end_s: float = now_s + seconds
	link.advance(now_s, func() -> bool: return true)
	while now_s < end_s:
		now_s = minf(end_s, now_s + 1.0 / 60.0)
		link.advance(now_s, func() -> bool: return true)


## Has the server say something that counts.
func say(message: Dictionary) -> void:
	seq += 1
	socket.say(message.merged({"seq": seq}))
	turn()


## Makes a request and sends it.
func ask(kind: String = "texture", options: Dictionary = {}) -> VRBridgeRequest:
	var request: VRBridgeRequest = VRBridgeRequest.new(kind, {"prompt": "stone"})
	core.enter(request, options)
	turn()
	return request


## Has the server announce an asset.
func announce(request: VRBridgeRequest, number: int, body: PackedByteArray) -> void:
	var context: HashingContext = HashingContext.new()
	context.start(HashingContext.HASH_SHA256)
	if not body.is_empty():
		context.update(body)
	say(
		{
			"type": "asset",
			"id": request.id,
			"asset": number,
			"role": "base_color",
			"media_type": "image/ktx2",
			"bytes": body.size(),
			"digest": "sha256:" + context.finish().hex_encode(),
			"meta": {},
		}
	)


## Has the server send a piece of an asset.
func chunk(number: int, body: PackedByteArray, from: int, to: int) -> void:
	socket.say({"type": "chunk", "asset": number, "offset": from, "data": body.slice(from, to)})
	turn()


func _on_lost(_code: int, wait_s: float) -> void:
	lost.append(wait_s)


## Bytes that differ from their neighbours.
static func bytes(n: int) -> PackedByteArray:
	var body: PackedByteArray = PackedByteArray()
	body.resize(n)
	for index: int in n:
		body[index] = (index * 7 + index / 251) % 256
	return body
