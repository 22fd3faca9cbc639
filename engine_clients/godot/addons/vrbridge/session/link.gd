class_name VRBridgeLink
extends RefCounted
## Keeps one session connected: connects, greets, notices a dead server, waits and tries again.
##
## [method advance] does a frame's part of it; time is passed in.

## The connection is gone; it is tried again after [param wait_s] seconds.
signal lost(close_code: int, wait_s: float)

## The connection is gone, and trying again unchanged makes no sense.
signal gave_up(error: VRBridgeError)

## Where a link is in connecting.
enum Phase { IDLE, WAITING, OPENING, GREETING, WELCOME, CLOSING, ENDED }

## Bound of the first wait, which doubles with each attempt.
const BACKOFF_BASE_S: float = 0.25
## Bound of every wait.
const BACKOFF_MAX_S: float = 20.0

const _OPEN_TIMEOUT_S: float = 10.0
const _CLOSE_TIMEOUT_S: float = 2.0
const _HEARTBEAT_S: float = 5.0
const _MAX_SILENT_TICKS: int = 3
# A frame longer than this means that the scene stood still, and not the server.
const _STANDSTILL_S: float = 2.0
const _FLUSH_S: float = 0.2
const _GOING_AWAY: int = 1001
const _TAKEN_OVER: int = 4509
# How long the greeting of a connection that is gone may still be on its way.
const _LATE_S: float = 30.0
const _FINAL: Dictionary = {
	1002: "The server found a broken WebSocket message.",
	1003: "The server got a text message.",
	1007: "The server got a message that is no MessagePack map.",
	1008: "The server refuses this connection by its rules.",
	1009: "The server got a message over its limit.",
	4501: "The server refuses the token. `vrbridge token create` makes one.",
	4503: "The token does not allow this connection.",
	4509: "Another connection has taken this session over.",
	4526: "The server speaks another version of the protocol. Update the addon or the server.",
}

## Where it is in connecting.
var phase: Phase = Phase.IDLE

## How many connections there were.
var n_connections: int = 0

## How long a lost connection is tried again.
var give_up_s: float = 300.0

## Bytes that have arrived, in all.
var n_received_bytes: int = 0

var _core: VRBridgeCore
var _socket: VRBridgeSocket
var _url: String
var _random: Callable
# Messages that arrived and were not looked at yet, and where the first of them is.
var _inbound: Array[PackedByteArray] = []
var _n_taken: int = 0
var _until_s: float = 0.0
var _lost_at_s: float = -1.0
var _attempt: int = 0
var _pause_s: float = 0.0
var _leave_at_s: float = -1.0
var _unanswered_at_s: float = -INF
var _flush_at_s: float = 0.0
var _tick_at_s: float = 0.0
var _n_silent: int = 0
var _seen_bytes: int = 0
var _advanced_at_s: float = 0.0
# What this side closes with, until the other side has answered.
var _closing_code: int = 0


## [param random] gives numbers in [0, 1) for the waits.
func _init(
	core: VRBridgeCore, socket: VRBridgeSocket, url: String, random: Callable = randf
) -> void:
	_core = core
	_socket = socket
	_url = url
	_random = random
	core.went_away.connect(_go_away)


## Returns how long to wait before the next attempt, with full jitter so that many scenes don't return
## at once.
static func backoff_s(attempt: int, share: float) -> float:
	return share * minf(BACKOFF_MAX_S, BACKOFF_BASE_S * pow(2.0, minf(attempt, 16.0)))


## Begins to connect.
func start(now_s: float) -> void:
	_advanced_at_s = now_s
	_connect(now_s)


## Closes for good.
func stop() -> void:
	if phase == Phase.WELCOME:
		_core.flush()
		_send_all()
	if phase not in [Phase.IDLE, Phase.WAITING, Phase.ENDED]:
		_socket.close(1000, "")
		_socket.poll()
	_core.end_connection()
	phase = Phase.ENDED


## Moves what can be moved, and takes messages for as long as [param may_go_on] says: one a call at
## least.
func advance(now_s: float, may_go_on: Callable) -> void:
	if now_s - _advanced_at_s > _STANDSTILL_S:
		_n_silent = 0
		_tick_at_s = now_s + _HEARTBEAT_S
	_advanced_at_s = now_s
	match phase:
		Phase.WAITING:
			if now_s >= _until_s:
				_connect(now_s)
		Phase.OPENING, Phase.GREETING, Phase.WELCOME, Phase.CLOSING:
			_run(now_s, may_go_on)


## Sends what waits, if there is a connection; within a frame, so that a question doesn't wait for the
## next one.
func send_now() -> void:
	if phase == Phase.WELCOME:
		_send_all()
		_socket.poll()


## Drops the connection as a bad network would; the session is resumed.
func drop(now_s: float) -> void:
	if phase in [Phase.OPENING, Phase.GREETING, Phase.WELCOME]:
		_socket.close(4000, "dropped")
		_end(now_s, 1006, "")


func _connect(now_s: float) -> void:
	n_connections += 1
	_inbound.clear()
	_n_taken = 0
	_closing_code = 0
	_core.start_connection()
	phase = Phase.OPENING
	_until_s = now_s + _OPEN_TIMEOUT_S
	var failure: Error = _socket.open(VRBridgeAddress.of(_url, _core.session))
	if failure == ERR_INVALID_PARAMETER:
		_give_up(
			VRBridgeError.new(
				"cannot_connect", "`%s` is no address such as ws://127.0.0.1:8765/ws." % _url
			)
		)
	elif failure != OK:
		_end(now_s, 1006, "")


func _run(now_s: float, may_go_on: Callable) -> void:
	_socket.poll()
	if phase == Phase.OPENING and _socket.is_open():
		phase = Phase.GREETING
	if phase != Phase.CLOSING:
		_fetch()
		_take(now_s, may_go_on)
	if phase in [Phase.GREETING, Phase.WELCOME]:
		_look_after(now_s)
		_send_all()
	# A listener may have closed it meanwhile.
	if phase == Phase.ENDED:
		return
	if _socket.is_closed() and _n_taken == _inbound.size():
		_end(
			now_s,
			_closing_code if _closing_code > 0 else _socket.close_code(),
			_socket.close_reason()
		)
	elif phase != Phase.WELCOME and now_s >= _until_s:
		_end(now_s, _closing_code if _closing_code > 0 else 1006, "")


## Moves messages out of the engine's buffer, which has a bound; credit bounds ours.
func _fetch() -> void:
	if _n_taken == _inbound.size():
		_inbound.clear()
		_n_taken = 0
	for index: int in _socket.n_waiting():
		var message: PackedByteArray = _socket.next_message()
		if _socket.was_text():
			_close(1003, "text message")
			return
		n_received_bytes += message.size()
		_inbound.append(message)


func _take(now_s: float, may_go_on: Callable) -> void:
	while _n_taken < _inbound.size() and phase in [Phase.GREETING, Phase.WELCOME]:
		var message: PackedByteArray = _inbound[_n_taken]
		# The array keeps its length until all are taken; what was taken need not stay in memory.
		_inbound[_n_taken] = PackedByteArray()
		_n_taken += 1
		_core.receive(message)
		if _core.close_code > 0:
			_close(_core.close_code, _core.close_reason)
			return
		if phase == Phase.GREETING and _core.is_welcome:
			_greeted(now_s)
		if not may_go_on.call():
			return


func _greeted(now_s: float) -> void:
	phase = Phase.WELCOME
	_attempt = 0
	_lost_at_s = -1.0
	_pause_s = 0.0
	_leave_at_s = -1.0
	_n_silent = 0
	_tick_at_s = now_s + _HEARTBEAT_S


func _look_after(now_s: float) -> void:
	if now_s >= _flush_at_s:
		_flush_at_s = now_s + _FLUSH_S
		_core.flush()
	if phase == Phase.WELCOME and now_s >= _tick_at_s:
		_tick_at_s = now_s + _HEARTBEAT_S
		_n_silent = _n_silent + 1 if n_received_bytes == _seen_bytes else 0
		_seen_bytes = n_received_bytes
		if _n_silent >= _MAX_SILENT_TICKS:
			drop(now_s)
		elif _n_silent > 0:
			_core.send({"type": "ping", "t": now_s})
	if _leave_at_s >= 0.0 and now_s >= _leave_at_s and _core.open_requests().is_empty():
		# The time that the server told has been waited already.
		_pause_s = 0.0
		_leave_at_s = -1.0
		_close(_GOING_AWAY, "the server is going away")


func _send_all() -> void:
	while _core.has_outgoing() and phase in [Phase.GREETING, Phase.WELCOME]:
		if not _socket.send(_core.next_outgoing()):
			# The engine's buffer is full; the rest waits for the next frame.
			return
		_core.sent()


func _go_away(reconnect_after_s: float) -> void:
	_pause_s = reconnect_after_s
	_leave_at_s = _advanced_at_s + reconnect_after_s


func _close(code: int, reason: String) -> void:
	_closing_code = code
	phase = Phase.CLOSING
	_until_s = _advanced_at_s + _CLOSE_TIMEOUT_S
	_socket.close(code, reason)


func _end(now_s: float, code: int, reason: String) -> void:
	var was_welcome: bool = _core.is_welcome
	_core.end_connection()
	if _lost_at_s < 0.0:
		_lost_at_s = now_s
	if code in _FINAL and not (code == _TAKEN_OVER and _is_own_ghost(now_s)):
		var text: String = _FINAL[code] + (" It says: %s" % reason if not reason.is_empty() else "")
		_give_up(VRBridgeError.new("unauthorized" if code == 4501 else "cannot_connect", text))
		return
	if not was_welcome:
		_unanswered_at_s = now_s
	if now_s - _lost_at_s > give_up_s:
		_give_up(
			VRBridgeError.new(
				"cannot_connect",
				"Nothing answers at %s. Start `vrbridge serve` there, or check the address." % _url,
				true
			)
		)
		return
	var share: float = _random.call()
	var wait_s: float = _pause_s + backoff_s(_attempt, share)
	_pause_s = 0.0
	_attempt += 1
	phase = Phase.WAITING
	_until_s = now_s + wait_s
	lost.emit(code, wait_s)


## Whether what took over can be a connection that this side has given up; once for each.
func _is_own_ghost(now_s: float) -> bool:
	var is_ghost: bool = now_s < _unanswered_at_s + _LATE_S
	_unanswered_at_s = -INF
	return is_ghost


func _give_up(error: VRBridgeError) -> void:
	phase = Phase.ENDED
	gave_up.emit(error)
