class_name VRBridgeRequestBounds
extends RefCounted
## What a request may not exceed, so that it is refused here and not by the server.

const _DEFAULT_MAX_MESSAGE_BYTES: int = 1 << 20
const _DEFAULT_MAX_OPEN: int = 32
# The server refuses what is too much at once; this only bounds what piles up while it is away.
const _OPEN_FACTOR: int = 4


## Returns why a request can't be made; null if it can. [param limits] are the server's,
## [param n_open] is how many others are open.
static func refusal(limits: Dictionary, n_open: int, message: Dictionary) -> VRBridgeError:
	var max_open: int = VRBridgeFields.whole(limits, "max_open_requests", _DEFAULT_MAX_OPEN)
	if n_open >= _OPEN_FACTOR * max_open:
		return VRBridgeError.new(
			"rate_limited", "%d requests are open already; wait for some to end." % n_open, true
		)
	var codec: VRBridgeMessagePack = VRBridgeMessagePack.new()
	var n_bytes: int = codec.encode(message).size()
	if n_bytes == 0:
		var reason: String = "The request can't be sent: %s." % codec.error
		return VRBridgeError.new("invalid_params", reason, false, -1.0, "params")
	var max_bytes: int = VRBridgeFields.whole(
		limits, "max_message_bytes", _DEFAULT_MAX_MESSAGE_BYTES
	)
	if n_bytes > max_bytes:
		var sizes: Array[int] = [n_bytes, max_bytes]
		var text: String = "The request has %d bytes, more than the %d that the server takes."
		return VRBridgeError.new("too_large", text % sizes, false, -1.0, "params")
	return null
