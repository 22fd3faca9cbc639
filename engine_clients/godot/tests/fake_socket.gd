class_name FakeSocket
extends VRBridgeSocket
## A socket without a network: the test is the server.

## Messages that the client sent over the present connection.
var sent: Array[Dictionary] = []

## Where the present connection goes.
var address: String = ""

## How many connections were opened.
var n_opened: int = 0

## Code that the client closed with; 0 if it did not.
var closed_with: int = 0

## Whether messages find no room.
var is_full: bool = false

var _is_open: bool = false
var _is_closed: bool = true
var _waiting: Array[PackedByteArray] = []
var _code: int = 0
var _codec: VRBridgeMessagePack = VRBridgeMessagePack.new()


func _init() -> void:
	super(1 << 16)


func open(url: String) -> Error:
	n_opened += 1
	address = url
	sent.clear()
	_waiting.clear()
	closed_with = 0
	_is_open = true
	_is_closed = false
	return OK


func poll() -> void:
	pass


func is_open() -> bool:
	return _is_open


func is_closed() -> bool:
	return _is_closed


func n_waiting() -> int:
	return _waiting.size()


func next_message() -> PackedByteArray:
	return _waiting.pop_front()


func was_text() -> bool:
	return false


func send(message: PackedByteArray) -> bool:
	if is_full or not _is_open:
		return false
	sent.append(_codec.decode(message))
	return true


func close(code: int, _reason: String) -> void:
	closed_with = code
	_is_open = false
	_is_closed = true
	_code = code


func close_code() -> int:
	return _code if _code > 0 else 1006


func close_reason() -> String:
	return ""


## Has the server say something.
func say(message: Dictionary) -> void:
	_waiting.append(_codec.encode(message))


## Has the server close, or the network break (1006).
func cut(code: int = 1006) -> void:
	_is_open = false
	_is_closed = true
	_code = code


## The messages of a type that the client sent.
func sent_of(type: String) -> Array[Dictionary]:
	return sent.filter(func(message: Dictionary) -> bool: return message["type"] == type)
