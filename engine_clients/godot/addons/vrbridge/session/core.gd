class_name VRBridgeCore
extends RefCounted
## One session with a server, over as many connections as it takes: messages in, messages out, no
## socket and no clock.
##
## What arrives is told by the signals of the [VRBridgeRequest] that it belongs to.

## The server answered [code]hello[/code].
signal welcomed(is_resumed: bool)

## The server can't go on with the session; requests that may be are sent again.
signal session_lost

## An error about the connection and not about one request.
signal complained(error: VRBridgeError)

## The server drains; it can be reached again after a while.
signal went_away(reconnect_after_s: float)

## The answer to a ping; [param t] as it was sent.
signal ponged(t: float, server_s: float)

## The server erased so many items of this scope.
signal forgot(scope: String, n_items: int)

## Version of the protocol.
const VERSION: int = 1

# An acknowledgement a message would double the packets; the end of a request is told at once.
const _ACK_EVERY: int = 16
const _UNSEQUENCED: PackedStringArray = ["welcome", "chunk", "pong", "goaway"]

## What the server can answer: one entry per request kind.
var capabilities: Dictionary = {}

## The server's limits.
var limits: Dictionary = {}

## The server's [code]name[/code] and [code]version[/code].
var server: Dictionary = {}

## Name of the session; empty before the first welcome.
var session: String = ""

## Highest [code]seq[/code] that was processed.
var received: int = 0

## Whether the present connection was answered with a welcome.
var is_welcome: bool = false

## Close code that the connection has to be closed with; 0 if it may go on.
var close_code: int = 0

## Why it has to be closed.
var close_reason: String = ""

var _token: String
var _client: Dictionary
var _receive: Dictionary
var _codec: VRBridgeMessagePack = VRBridgeMessagePack.new()
var _secret: String = ""
var _acknowledged: int = 0
# VRBridgeRequest by id.
var _open: Dictionary = {}
var _outbox: VRBridgeOutbox = VRBridgeOutbox.new()
var _last_id: int = 0
var _intake: VRBridgeIntake


## [param client] holds [code]name version engine device[/code], [param receive] what this scene can
## take, as [code]hello[/code] says it. Complete assets that nobody has consumed hold back further
## ones above [param max_held_bytes].
func _init(
	token: String, client: Dictionary, receivable: Dictionary, max_held_bytes: int = 8 << 20
) -> void:
	_token = token
	_client = client
	_receive = receivable
	# With less, credit for the next chunk could wait for the rest of this one.
	var window_bytes: int = maxi(receivable["window_bytes"], 2 * int(receivable["chunk_bytes"]))
	_receive["window_bytes"] = window_bytes
	_intake = VRBridgeIntake.new(window_bytes, max_held_bytes)


## Requests without an end.
func open_requests() -> Array[VRBridgeRequest]:
	return Array(_open.values(), TYPE_OBJECT, &"RefCounted", VRBridgeRequest)


## Begins a connection: [code]hello[/code] is the next message to send, credit starts anew.
func start_connection() -> void:
	is_welcome = false
	close_code = 0
	close_reason = ""
	_intake.start_connection()
	_outbox.clear()
	var hello: Dictionary = {
		"type": "hello", "version": VERSION, "client": _client, "receive": _receive
	}
	if not _token.is_empty():
		hello["token"] = _token
	if not session.is_empty():
		hello["resume"] = {
			"session": session,
			"secret": _secret,
			"received": received,
			"assets": _intake.unfinished(),
		}
	_outbox.add(hello)


## Notes that the connection is gone; what was not sent is built again for the next one.
func end_connection() -> void:
	is_welcome = false
	_outbox.clear()


## Whether there is something to send.
func has_outgoing() -> bool:
	return _outbox.has_next()


## Returns the bytes of the next message to send, which stays the next one until [method sent].
func next_outgoing() -> PackedByteArray:
	return _outbox.next()


## Notes that the next message was sent.
func sent() -> void:
	_outbox.sent()


## Enters a request. If it can't be sent the error is returned, and null if it can.
func enter(request: VRBridgeRequest, options: Dictionary) -> VRBridgeError:
	var message: Dictionary = {
		"type": "request", "id": _last_id + 1, "kind": request.kind, "params": request.params
	}
	message.merge(options)
	var refusal: VRBridgeError = VRBridgeRequestBounds.refusal(limits, _open.size(), message)
	if refusal != null:
		return refusal
	_last_id += 1
	request.id = _last_id
	request.anchor = VRBridgeFields.map_of(options, "anchor")
	request._message = message
	_open[request.id] = request
	_send(message)
	return null


## Asks the server to stop; nothing happens if the request has ended.
func cancel(request: VRBridgeRequest) -> void:
	if _open.get(request.id) == request and not request._is_cancelled:
		request._is_cancelled = true
		_send({"type": "cancel", "id": request.id})


## Queues a message that belongs to no request; false if there is no connection to take it.
func send(message: Dictionary) -> bool:
	if _outbox.is_full():
		return false
	_send(message)
	return is_welcome


## Says how many characters of an answer were read; said again on the session's next connections.
func heard(request_id: int, n_characters: int) -> void:
	send(_outbox.heard(request_id, n_characters))


## Notes that the bytes of a complete asset are not held any more, so that more may come.
func consumed(n_bytes: int) -> void:
	_intake.consumed(n_bytes)
	_grant()


## Says that an asset is not wanted, or known already: no more of it comes.
func skip(asset: VRBridgeAsset) -> void:
	if _intake.drop(asset.number):
		_send({"type": "skip", "asset": asset.number})


## Acknowledges what is not acknowledged yet.
func flush() -> void:
	if is_welcome and received > _acknowledged:
		_acknowledged = received
		_send({"type": "ack", "received": received})


## Ends every open request with an error.
func fail_all(error: VRBridgeError) -> void:
	var requests: Array[VRBridgeRequest] = open_requests()
	_open.clear()
	_intake.clear()
	for request: VRBridgeRequest in requests:
		request._end_badly(error)


## Takes one message from the server. Afterwards [member close_code] says whether the connection may
## go on.
func receive(bytes: PackedByteArray) -> void:
	var value: Variant = _codec.decode(bytes)
	if not (value is Dictionary):
		_close(1007, "not MessagePack")
		return
	var message: Dictionary = value
	var type: String = VRBridgeFields.text(message, "type")
	if type.is_empty():
		_close(1007, "not a message")
	elif type == "welcome":
		_welcome(message)
	elif type == "done" and _intake.has_unfinished(VRBridgeFields.whole(message, "id")):
		# Its end comes after its last chunk: something was lost, and it is not counted as seen.
		_close(4010, "end before the last chunk")
	elif not is_welcome:
		_close(1002, "a message before the welcome")
	elif _is_counted(type, message) and not _count(VRBridgeFields.whole(message, "seq")):
		return
	else:
		_dispatch(type, message)
		if received - _acknowledged >= _ACK_EVERY or type == "done" or type == "error":
			flush()


func _is_counted(type: String, message: Dictionary) -> bool:
	return "seq" in message and type not in _UNSEQUENCED


func _count(seq: int) -> bool:
	if seq != received + 1:
		_close(4010, "gap: %d then %d" % [received, seq])
		return false
	received = seq
	return true


func _dispatch(type: String, message: Dictionary) -> void:
	match type:
		"chunk":
			_take_chunk(message)
		"asset":
			_announce(message)
		"pong":
			ponged.emit(
				VRBridgeFields.number(message, "t"), VRBridgeFields.number(message, "server_s")
			)
		"forgotten":
			forgot.emit(
				VRBridgeFields.text(message, "scope"), VRBridgeFields.whole(message, "items")
			)
		"goaway":
			went_away.emit(VRBridgeFields.number(message, "reconnect_after_s"))
		"error" when message.get("id") == null:
			complained.emit(VRBridgeError.of(message))
		"accepted", "progress", "text", "action", "done", "error":
			_tell(type, message)


func _tell(type: String, message: Dictionary) -> void:
	var request: VRBridgeRequest = _open.get(VRBridgeFields.whole(message, "id"))
	if request == null:
		return
	if type == "done" or type == "error":
		_forget(request)
	request._take(type, message)


func _welcome(message: Dictionary) -> void:
	if VRBridgeFields.whole(message, "version") != VERSION:
		_close(4526, "protocol version %s" % message.get("version"))
		return
	var had_session: bool = not session.is_empty()
	var is_resumed: bool = VRBridgeFields.truth(message, "resumed")
	session = VRBridgeFields.text(message, "session")
	_secret = VRBridgeFields.text(message, "secret")
	is_welcome = true
	capabilities = VRBridgeFields.map_of(message, "capabilities")
	limits = VRBridgeFields.map_of(message, "limits")
	server = VRBridgeFields.map_of(message, "server")
	if is_resumed:
		# The first acknowledgement retires the previous secret.
		_acknowledged = -1
	else:
		received = 0
		_acknowledged = 0
		_intake.clear()
		if had_session:
			_outbox.forget_heard()
			_restart()
	for request: VRBridgeRequest in open_requests():
		# The id makes this safe: a request that did arrive never runs twice.
		if not request._is_accepted:
			_send(request._message)
		if request._is_cancelled:
			_send({"type": "cancel", "id": request.id})
	_outbox.add_heard_again()
	if is_resumed:
		flush()
	elif had_session:
		session_lost.emit()
	welcomed.emit(is_resumed)


func _restart() -> void:
	for request: VRBridgeRequest in open_requests():
		if request._is_muted or request._is_cancelled or not request.is_resent:
			_open.erase(request.id)
			if request._is_cancelled:
				request._end_badly(VRBridgeError.new("cancelled", "The request was cancelled."))
			else:
				request._end_badly(
					VRBridgeError.new(
						"session_lost",
						"The server no longer knows this session; make the request again.",
						true
					)
				)
			continue
		request._is_accepted = false
		request._n_characters = 0
		request.restarted.emit()


func _announce(message: Dictionary) -> void:
	var asset: VRBridgeAsset = _intake.announce(message)
	if asset == null:
		_close(1002, "malformed asset")
		return
	var request: VRBridgeRequest = _listening(asset)
	if request != null:
		request.asset_started.emit(asset)
	if asset.is_complete():
		_complete(asset)


func _take_chunk(message: Dictionary) -> void:
	var asset: VRBridgeAsset = _intake.take(message)
	if _intake.is_broken:
		# Resuming from the offset that we do have repairs it.
		_close(4010, "chunk out of order")
		return
	if asset != null:
		var request: VRBridgeRequest = _listening(asset)
		if asset.is_complete():
			_complete(asset)
		elif request != null:
			request.asset_grew.emit(asset)
	_grant()


func _complete(asset: VRBridgeAsset) -> void:
	_intake.drop(asset.number)
	var request: VRBridgeRequest = _listening(asset)
	if request == null:
		return
	if asset.is_intact():
		_intake.hold(asset.n_bytes)
		asset._on_released = consumed
		request.asset_received.emit(asset)
		return
	request._end_badly(
		VRBridgeError.new(
			"digest_mismatch",
			(
				"The `%s` asset arrived damaged: its SHA-256 is not the announced one. Ask again."
				% asset.role
			),
			true
		)
	)
	request._is_muted = true
	cancel(request)


## Returns the request that an asset is for, or null if nobody listens any more.
func _listening(asset: VRBridgeAsset) -> VRBridgeRequest:
	var request: VRBridgeRequest = _open.get(asset.request_id)
	return null if request == null or request._is_muted else request


func _forget(request: VRBridgeRequest) -> void:
	_open.erase(request.id)
	_intake.drop_all_of(request.id)


func _grant() -> void:
	var limit: int = _intake.next_limit() if is_welcome else 0
	if limit > 0:
		_send({"type": "credit", "limit": limit})


func _send(message: Dictionary) -> void:
	if is_welcome:
		_outbox.add(message)


func _close(code: int, reason: String) -> void:
	close_code = code
	close_reason = reason
