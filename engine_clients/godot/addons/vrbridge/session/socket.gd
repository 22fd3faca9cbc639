class_name VRBridgeSocket
extends RefCounted
## The engine's WebSocket, reduced to what a session needs.

## The subprotocol of the bridge.
const SUBPROTOCOL: String = "vrbridge.v1"

const _SPARE_BYTES: int = 1 << 20
const _MAX_PACKETS: int = 4096

var _peer: WebSocketPeer = WebSocketPeer.new()
var _window_bytes: int


## On the web, what doesn't fit into the inbound buffer is dropped without a word: [param window_bytes]
## is the credit, for which there is always room.
func _init(window_bytes: int) -> void:
	_window_bytes = window_bytes


## Begins to connect.
func open(url: String) -> Error:
	_peer = WebSocketPeer.new()
	_peer.supported_protocols = [SUBPROTOCOL]
	# All of these count at the handshake only.
	_peer.inbound_buffer_size = nearest_po2(2 * _window_bytes + _SPARE_BYTES)
	_peer.outbound_buffer_size = 2 * _SPARE_BYTES
	_peer.max_queued_packets = _MAX_PACKETS
	return _peer.connect_to_url(url)


## Moves bytes; once a frame, and as long as it is closing.
func poll() -> void:
	_peer.poll()


## Whether messages can be sent.
func is_open() -> bool:
	return _peer.get_ready_state() == WebSocketPeer.STATE_OPEN


## Whether it is closed, by whomever.
func is_closed() -> bool:
	return _peer.get_ready_state() == WebSocketPeer.STATE_CLOSED


## How many messages wait.
func n_waiting() -> int:
	return _peer.get_available_packet_count()


## Returns the next message that waits.
func next_message() -> PackedByteArray:
	return _peer.get_packet()


## Whether the message that was returned last was text, which the bridge never sends.
func was_text() -> bool:
	return _peer.was_string_packet()


## Sends a message; false if there is no room for it now.
func send(message: PackedByteArray) -> bool:
	return _peer.send(message, WebSocketPeer.WRITE_MODE_BINARY) == OK


## Begins to close.
func close(code: int, reason: String) -> void:
	_peer.close(code, reason)


## The code that it was closed with; 1006 if it was cut.
func close_code() -> int:
	var code: int = _peer.get_close_code()
	return code if code > 0 else 1006


## The reason that came with the code.
func close_reason() -> String:
	return _peer.get_close_reason()
