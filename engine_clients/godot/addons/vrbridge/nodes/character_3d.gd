@tool
@icon("res://addons/vrbridge/icons/character.svg")
class_name VRBridgeCharacter3D
extends Node3D
## Someone who can be talked to. The answer streams into an overlay above the head, and the character may
## do one of the actions that the scene offers.
## [codeblock]
## $Blacksmith.add_action("open_gate", "Open the gate", {"type": "object", "properties": {}}, _open_gate)
## $Blacksmith.say("Would you let me through?")
## [/codeblock]

## The first words are there.
signal answer_started

## Another piece of the answer.
signal text_received(text: String)

## The character chose an action; its callable, if it has one, was called already.
signal action_chosen(action: String, arguments: Dictionary)

## The answer is complete. [param emotion] is one of the protocol's, [param score] its strength, 0–1.
signal answer_completed(text: String, emotion: String, score: float)

## There is no answer.
signal failed(error: VRBridgeError)

## Name of the character on the server, whose memory of the player goes by it.
@export var npc: String = "blacksmith"

## Name that the overlay shows; empty shows [member npc].
@export var display_name: String = ""

@export_group("Persona", "persona_")

## Who the character is, for one that the server has no file of. Empty takes the server's.
@export_multiline var persona_description: String = ""

## How the character speaks.
@export_multiline var persona_style: String = ""

## What the character knows, one fact a line.
@export var persona_knowledge: PackedStringArray = []

@export_group("Overlay")

## Where answers show; empty makes a panel above the head.
@export var overlay: VRBridgeOverlay3D = null

## Height of that panel over this node, in metres.
@export_range(0.0, 5.0, 0.05, "suffix:m") var overlay_height_m: float = 2.0

## What the character has said so far of the answer.
var answer_text: String = ""

# What is sent of each action, and what is called for it, by name.
var _actions: Dictionary = {}
var _callables: Dictionary = {}
var _client: VRBridgeClient = null
var _request: VRBridgeRequest = null
var _line: VRBridgeOverlay3D.Line = null
var _n_heard: int = 0


func _ready() -> void:
	if Engine.is_editor_hint():
		return
	if overlay == null:
		overlay = VRBridgeOverlay3D.new()
		overlay.anchor = VRBridgeOverlay3D.Anchor.OBJECT
		overlay.target = self
		overlay.offset = Vector3(0.0, overlay_height_m, 0.0)
		add_child(overlay)
	overlay.characters_shown.connect(_on_characters_shown)


func _notification(what: int) -> void:
	# Methods of an object that is being deleted can't be called any more; others' can.
	if what == NOTIFICATION_PREDELETE and _request != null and is_instance_valid(_client):
		_client.cancel(_request)
		if _n_heard > 0:
			_client.heard(_request, _n_heard)


## Offers an action that the character may choose. [param parameters] is a JSON Schema of its arguments;
## [param callable] is called with them as a [Dictionary].
func add_action(
	action: String,
	description: String,
	parameters: Dictionary = {},
	callable: Callable = Callable()
) -> void:
	var schema: Dictionary = (
		parameters if not parameters.is_empty() else {"type": "object", "properties": {}}
	)
	_actions[action] = {"name": action, "description": description, "parameters": schema}
	_callables[action] = callable


## Takes an action back.
func remove_action(action: String) -> void:
	_actions.erase(action)
	_callables.erase(action)


## Says something to the character, instead of what it is being asked still. [param client] is the
## autoload unless another is given.
func say(text: String, client: VRBridgeClient = null) -> VRBridgeRequest:
	interrupt()
	_client = client if client != null else VRBridgeClient.find()
	if _client == null:
		failed.emit.call_deferred(
			VRBridgeError.new("cannot_connect", "There is no VRBridge autoload: enable the plugin.")
		)
		return null
	answer_text = ""
	_n_heard = 0
	_request = _client.request(
		"dialogue", _params(text), {"slot": "character-%d" % get_instance_id()}
	)
	_request.text_received.connect(_on_text_received)
	_request.action_chosen.connect(_on_action_chosen)
	_request.restarted.connect(_on_restarted)
	_request.completed.connect(_on_completed.bind(_request))
	_request.failed.connect(_on_failed.bind(_request))
	return _request


## Cuts the character short: it stops, and remembers only what could be read.
func interrupt() -> void:
	if _request != null and not _request.is_ended:
		_client.cancel(_request)
	_tell_heard()
	_request = null
	if _line != null and overlay != null:
		overlay.dismiss(_line)
	_line = null


## Whether an answer is on its way.
func is_speaking() -> bool:
	return _request != null and not _request.is_ended


func _params(text: String) -> Dictionary:
	var params: Dictionary = {"npc": npc, "text": text}
	if not _actions.is_empty():
		params["actions"] = _actions.values()
	if not persona_description.is_empty():
		params["persona"] = {
			"name": display_name if not display_name.is_empty() else npc.capitalize(),
			"description": persona_description,
			"style": persona_style,
			"knowledge": persona_knowledge,
		}
	return params


func _on_text_received(text: String, _offset: int) -> void:
	answer_text += text
	if _line == null:
		_line = overlay.show_line(text, _speaker(), false)
		answer_started.emit()
	else:
		overlay.extend(_line, text)
	text_received.emit(text)


func _speaker() -> String:
	return display_name if not display_name.is_empty() else npc.capitalize()


func _on_action_chosen(action: String, arguments: Dictionary) -> void:
	var callable: Callable = _callables.get(action, Callable())
	if callable.is_valid():
		callable.call(arguments)
	action_chosen.emit(action, arguments)


func _on_restarted() -> void:
	answer_text = ""
	_n_heard = 0
	if _line != null:
		overlay.dismiss(_line)
	_line = null


func _on_completed(result: Dictionary, _timing: Dictionary, request: VRBridgeRequest) -> void:
	if request != _request:
		return
	if _line != null:
		overlay.finish(_line)
	var emotion: Dictionary = VRBridgeFields.map_of(result, "emotion")
	answer_completed.emit(
		VRBridgeFields.text(result, "text", answer_text),
		VRBridgeFields.text(emotion, "name", "neutral"),
		VRBridgeFields.number(emotion, "score")
	)


func _on_failed(error: VRBridgeError, request: VRBridgeRequest) -> void:
	if request != _request:
		return
	if _line != null:
		overlay.finish(_line)
	_request = null
	failed.emit(error)


func _on_characters_shown(n_characters: int) -> void:
	# A panel may be shared.
	if _line == null or _request == null:
		return
	_n_heard = maxi(_n_heard, n_characters)
	if _n_heard == _line.text.length() and _line.is_whole:
		_tell_heard()


## Tells the server how much of the answer the player could read.
func _tell_heard() -> void:
	if _request != null and _client != null and _n_heard > 0:
		_client.heard(_request, _n_heard)
		_n_heard = 0
