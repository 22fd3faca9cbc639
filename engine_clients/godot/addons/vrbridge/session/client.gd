@icon("res://addons/vrbridge/icons/client.svg")
class_name VRBridgeClient
extends Node
## A scene's connection to the bridge. The addon makes one the autoload [code]VRBridge[/code].
##
## It connects by the project settings under [code]vrbridge/[/code], reconnects and resumes by itself,
## and spends no more of a frame than [code]vrbridge/performance/frame_budget_ms[/code].
## [codeblock]
## var request: VRBridgeRequest = VRBridge.request("mesh", {"prompt": "a wooden barrel"})
## request.failed.connect(func(error: VRBridgeError) -> void: push_warning(str(error)))
## [/codeblock]

## There is a connection. [param is_resumed] says whether the session lived on.
signal connected(is_resumed: bool)

## The connection is gone; the next attempt comes after [param retry_in_s] seconds.
signal disconnected(close_code: int, retry_in_s: float)

## The server no longer knew the session; open requests were sent again.
signal session_lost

## Something went wrong that is not about one request. After [code]cannot_connect[/code] and
## [code]unauthorized[/code] it is not tried again; [method open] begins anew.
signal error_occurred(error: VRBridgeError)

## A request was made, whoever made it.
signal request_started(request: VRBridgeRequest)

## The answer to [method ping]; both in seconds.
signal ping_measured(round_trip_s: float, server_s: float)

## The server erased what it knew; see [method forget].
signal forgotten(scope: String, n_items: int)

## Name of this client on the wire.
const NAME: String = "vrbridge-godot"
## Version of the addon.
const VERSION: String = "0.1.0"

const _CHUNK_BYTES: int = 65536
const _DEVICE_FILE: String = "user://vrbridge.cfg"

## Bounds what the addon does in a frame; others may add work of their own.
var budget: VRBridgeFrameBudget = VRBridgeFrameBudget.new()

var _core: VRBridgeCore
var _link: VRBridgeLink
var _erasures: VRBridgeErasures
var _context: Dictionary = {}
var _context_due_s: float = 0.0


func _init() -> void:
	# What arrives while a game is paused has to be taken, or the server gives the connection up.
	process_mode = Node.PROCESS_MODE_ALWAYS
	# Before the nodes of the scene, so that they see in a frame what arrived in it.
	process_priority = -100


func _ready() -> void:
	budget.budget_us = roundi(1000.0 * float(VRBridgeSettings.value_of(VRBridgeSettings.BUDGET_MS)))
	var is_automatic: bool = VRBridgeSettings.value_of(VRBridgeSettings.IS_AUTOMATIC)
	if is_automatic and not Engine.is_editor_hint():
		open()


func _process(_delta: float) -> void:
	budget.begin()
	# What arrived is used first: messages can be taken in any number of pieces, an upload can't.
	budget.run()
	if _link != null:
		_send_context()
		_link.advance(now_s(), budget.has_time)
	budget.end()


func _exit_tree() -> void:
	close()


## Returns the client that nodes use: the autoload [code]VRBridge[/code], or null without one.
static func find() -> VRBridgeClient:
	var tree: SceneTree = Engine.get_main_loop() as SceneTree
	return tree.root.get_node_or_null("VRBridge") as VRBridgeClient if tree != null else null


## Seconds on this client's clock.
static func now_s() -> float:
	return Time.get_ticks_usec() / 1e6


## Connects, instead of an older connection. Empty arguments take the project settings;
## [param receive] overrides fields of what [code]hello[/code] says that this scene can take.
func open(url: String = "", token: String = "", receive: Dictionary = {}) -> void:
	close()
	var address: String = url if not url.is_empty() else VRBridgeSettings.url()
	var window_kib: int = VRBridgeSettings.value_of(VRBridgeSettings.WINDOW_KIB)
	var receivable: Dictionary = {
		"chunk_bytes": _CHUNK_BYTES,
		"window_bytes": window_kib << 10,
		"texture_formats": VRBridgeImages.formats(),
		"mesh_formats": ["arrays", "glb"],
		"max_texture_px": VRBridgeSettings.value_of(VRBridgeSettings.MAX_TEXTURE_PX),
		"max_faces": VRBridgeSettings.value_of(VRBridgeSettings.MAX_FACES),
	}
	receivable.merge(receive, true)
	var client: Dictionary = {
		"name": NAME, "version": VERSION, "engine": "godot", "device": _device_name()
	}
	var max_held_mib: int = VRBridgeSettings.value_of(VRBridgeSettings.MAX_HELD_MIB)
	_core = VRBridgeCore.new(
		token if not token.is_empty() else VRBridgeSettings.token(),
		client,
		receivable,
		max_held_mib << 20
	)
	# First, so that what a scene does when it hears of a new session is not taken for the old one's.
	_erasures = VRBridgeErasures.new(_core)
	_erasures.failed.connect(error_occurred.emit)
	_core.welcomed.connect(_on_welcomed)
	_core.session_lost.connect(session_lost.emit)
	_core.complained.connect(error_occurred.emit)
	_core.ponged.connect(
		func(t: float, server_s: float) -> void: ping_measured.emit(now_s() - t, server_s)
	)
	_core.forgot.connect(forgotten.emit)
	var socket_window: int = receivable["window_bytes"]
	_link = VRBridgeLink.new(_core, VRBridgeSocket.new(socket_window), address)
	_link.give_up_s = VRBridgeSettings.value_of(VRBridgeSettings.GIVE_UP_S)
	_link.lost.connect(_on_lost)
	_link.gave_up.connect(_on_gave_up)
	_link.start(now_s())


## Closes the connection. Open requests fail with [code]cancelled[/code].
func close() -> void:
	if _link == null:
		return
	_link.stop()
	_link = null
	_erasures = null
	_core.fail_all(VRBridgeError.new("cancelled", "The connection was closed."))


## Whether there is a connection at present.
func is_open() -> bool:
	return _core != null and _core.is_welcome


## What the server can answer: one entry per request kind.
func capabilities() -> Dictionary:
	return _core.capabilities if _core != null else {}


## The server's limits.
func limits() -> Dictionary:
	return _core.limits if _core != null else {}


## Name and version of the server.
func server() -> Dictionary:
	return _core.server if _core != null else {}


## Name of the session; empty before the first connection.
func session() -> String:
	return _core.session if _core != null else ""


## How many connections there were since [method open].
func n_connections() -> int:
	return _link.n_connections if _link != null else 0


## Bytes that have arrived since [method open].
func n_received_bytes() -> int:
	return _link.n_received_bytes if _link != null else 0


## Requests without an end.
func open_requests() -> Array[VRBridgeRequest]:
	return _core.open_requests() if _core != null else [] as Array[VRBridgeRequest]


## Asks for something. [param options] may hold [code]slot[/code], [code]priority[/code],
## [code]anchor[/code] and [code]deadline_s[/code], as the protocol has them, and [code]resend[/code]:
## whether to ask again when the server has lost the session (it does).
## [br][br]Without a connection the request waits for one. One that can't be sent at all fails in the
## next frame.
func request(kind: String, params: Dictionary, options: Dictionary = {}) -> VRBridgeRequest:
	var made: VRBridgeRequest = VRBridgeRequest.new(kind, params)
	var fields: Dictionary = options.duplicate()
	made.is_resent = VRBridgeFields.truth(options, "resend", true)
	fields.erase("resend")
	var error: VRBridgeError = null
	if _core == null or _link == null or _link.phase == VRBridgeLink.Phase.ENDED:
		error = VRBridgeError.new(
			"cannot_connect", "There is no connection: call VRBridge.open().", true
		)
	else:
		# An answer has to be about what the player sees now.
		_context_due_s = 0.0
		_send_context()
		error = _core.enter(made, fields)
	request_started.emit(made)
	if error != null:
		made._end_badly.call_deferred(error)
	else:
		_link.send_now()
	return made


## Stops a request, which ends in the error [code]cancelled[/code] unless it has ended already.
func cancel(request_to_stop: VRBridgeRequest) -> void:
	if _core != null and request_to_stop != null:
		_core.cancel(request_to_stop)
		_link.send_now()


## Says that an asset is not wanted, so that no more of it is sent.
func skip(asset: VRBridgeAsset) -> void:
	if _core != null:
		_core.skip(asset)


## Says how many characters of a character's answer the player has seen or heard; what it remembers is
## cut there. [VRBridgeCharacter3D] does it itself.
func heard(answer: VRBridgeRequest, n_characters: int) -> void:
	if _core != null and answer.id > 0:
		_core.heard(answer.id, n_characters)


## Says what the player sees and is; the newest wins, and goes out at most as often as the server wants.
## [VRBridgeContext] does it itself.
func update_context(context: Dictionary) -> void:
	_context = context.merged({"type": "context"}, true)


## Has the server erase what it has stored about this [code]session[/code] or this [code]player[/code].
## It is asked again after a lost connection, until [signal forgotten] answers. A lost session can't
## be erased any more, which is an error: the player is what can still be erased then.
func forget(scope: String) -> void:
	_complain_unless(_erasures != null and _erasures.ask(scope))


## Measures a round trip; [signal ping_measured] answers.
func ping() -> void:
	_complain_unless(_core != null and _core.send({"type": "ping", "t": now_s()}))


## Drops the connection as a bad network would, to try out what a scene does then. Nothing is lost.
func drop_connection() -> void:
	if _link != null:
		_link.drop(now_s())


func _complain_unless(is_sent: bool) -> void:
	if not is_sent:
		error_occurred.emit.call_deferred(
			VRBridgeError.new(
				"unavailable", "There is no connection at present; try again later.", true
			)
		)


func _send_context() -> void:
	if _context.is_empty() or not is_open() or now_s() < _context_due_s:
		return
	var rate_hz: float = VRBridgeFields.number(_core.limits, "context_hz", 20.0)
	_context_due_s = now_s() + 1.0 / maxf(rate_hz, 0.1)
	_core.send(_context)
	_context = {}


func _on_welcomed(is_resumed: bool) -> void:
	connected.emit(is_resumed)


func _on_lost(close_code: int, retry_in_s: float) -> void:
	_erasures.end_connection()
	disconnected.emit(close_code, retry_in_s)


func _on_gave_up(error: VRBridgeError) -> void:
	_erasures = null
	_core.fail_all(error)
	error_occurred.emit(error)


## Returns the name that tells players without a token apart: a random one, kept in the user's folder.
func _device_name() -> String:
	var given: String = VRBridgeSettings.value_of(VRBridgeSettings.DEVICE)
	if not given.is_empty():
		return given
	var file: ConfigFile = ConfigFile.new()
	file.load(_DEVICE_FILE)
	var kept: String = file.get_value("device", "name", "")
	if kept.is_empty():
		kept = "godot-" + Crypto.new().generate_random_bytes(8).hex_encode()
		file.set_value("device", "name", kept)
		file.save(_DEVICE_FILE)
	return kept
