class_name VRBridgeErasures
extends RefCounted
## What the server was asked to erase: asked again on further connections until it answers.

## A session is gone that was to be forgotten.
signal failed(error: VRBridgeError)

const _MAX_WAITING: int = 64
# As the protocol calls the session, and the field that says what to erase.
const _SESSION: String = "session"
const _FIELD: String = "scope"

var _core: VRBridgeCore
# Scopes, the oldest first: those that were asked for over the present connection, and the others.
var _asked: PackedStringArray = []
var _waiting: PackedStringArray = []


## [param core] is asked over its present and further connections.
func _init(core: VRBridgeCore) -> void:
	_core = core
	_core.session_lost.connect(_on_session_lost)
	_core.welcomed.connect(_on_welcomed)
	_core.forgot.connect(_on_forgot)
	_core.complained.connect(_on_complained)


## Asks to erase what is stored; false if too many answers are waited for.
func ask(scope: String) -> bool:
	if _asked.size() + _waiting.size() >= _MAX_WAITING:
		return false
	if _core.send({"type": "forget", "scope": scope}):
		_asked.append(scope)
	else:
		_waiting.append(scope)
	return true


## Notes that the connection is gone.
func end_connection() -> void:
	_asked.append_array(_waiting)
	_waiting = _asked
	_asked = []


func _on_welcomed(_is_resumed: bool) -> void:
	var scopes: PackedStringArray = _waiting
	_waiting = []
	for scope: String in scopes:
		ask(scope)


func _on_session_lost() -> void:
	for _n: int in _waiting.count(_SESSION):
		# The next session is another one: nothing that this one did is stored about it.
		_waiting.remove_at(_waiting.find(_SESSION))
		var text: String = "The session was lost before it was forgotten; forget the player instead."
		failed.emit(VRBridgeError.new("session_lost", text, false, -1.0, _FIELD))


func _on_forgot(scope: String, _n_items: int) -> void:
	var place: int = _asked.find(scope)
	if place >= 0:
		_asked.remove_at(place)


func _on_complained(error: VRBridgeError) -> void:
	if error.field == _FIELD and not _asked.is_empty():
		_asked.remove_at(0)
