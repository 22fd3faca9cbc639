class_name VRBridgeOutbox
extends RefCounted
## Messages that wait to be sent over the present connection, and what has to be said again on the next.

# Answers whose hearing is told again on a new connection, since nothing says that it arrived.
const _MAX_HEARD: int = 32
const _MAX_WAITING: int = 1024

var _codec: VRBridgeMessagePack = VRBridgeMessagePack.new()
var _waiting: Array[Dictionary] = []
# Characters by request.
var _heard: Dictionary = {}


## Forgets what waits; it is built again for the next connection.
func clear() -> void:
	_waiting.clear()


## Adds a message.
func add(message: Dictionary) -> void:
	_waiting.append(message)


## Whether too much waits already.
func is_full() -> bool:
	return _waiting.size() >= _MAX_WAITING


## Whether something waits.
func has_next() -> bool:
	return not _waiting.is_empty()


## Returns the bytes of the next message, which stays the next one until [method sent].
func next() -> PackedByteArray:
	return _codec.encode(_waiting[0])


## Notes that the next message was sent.
func sent() -> void:
	_waiting.pop_front()


## Keeps in mind how much of an answer was read, and returns the message that says so.
func heard(request_id: int, n_characters: int) -> Dictionary:
	_heard.erase(request_id)
	_heard[request_id] = n_characters
	if _heard.size() > _MAX_HEARD:
		_heard.erase(_heard.keys()[0])
	return {"type": "heard", "id": request_id, "characters": n_characters}


## Adds what was read of answers once more.
func add_heard_again() -> void:
	for id: int in _heard:
		add({"type": "heard", "id": id, "characters": _heard[id]})


## Forgets the answers of a session that is gone.
func forget_heard() -> void:
	_heard.clear()
