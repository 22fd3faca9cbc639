@tool
@icon("res://addons/vrbridge/icons/material.svg")
class_name VRBridgeMaterial
extends StandardMaterial3D
## A material made from words: assign it to any mesh, write a prompt, run the scene.
##
## A small preview shows first, then coarser levels as they arrive, and all maps are swapped in together
## once the set is complete: base colour, normal, and occlusion, roughness and metallic in one.
## [codeblock]
## var material: VRBridgeMaterial = VRBridgeMaterial.new()
## material.prompt = "mossy stone wall"
## $Wall.material_override = material
## [/codeblock]

## Work went on; [param fraction] is 0–1.
signal progressed(stage: String, fraction: float)

## A coarser picture of it shows, [param width_px] wide.
signal preview_shown(width_px: int)

## All maps are in place.
signal completed(result: Dictionary)

## It could not be made; what showed before stays.
signal failed(error: VRBridgeError)

## How work for it ranks.
enum Priority { INTERACTIVE, NORMAL, BACKGROUND }

## What the surface is made of, in words.
@export_multiline var prompt: String = "":
	set(value):
		prompt = value
		_start_later()

## Edge of each map in pixels.
@export_enum("64", "128", "256", "512", "1024", "2048") var size_px: String = "512"

## The same number makes the same material; -1 leaves it to the server.
@export var variation_seed: int = -1

## Words that join the prompt, such as [code]dark and mossy[/code], or the name of a network that the
## server has.
@export var style: String = ""

## Lays the maps on by position instead of by texture coordinates, so that any mesh can take them.
@export var is_triplanar: bool = true

## Length that one tile of the maps covers, in metres; 0 takes what the server says.
@export_range(0.0, 20.0, 0.05, "or_greater", "suffix:m") var metres_per_tile: float = 0.0

## How work for it ranks against other requests.
@export var priority: Priority = Priority.INTERACTIVE

## Asks for the material as soon as a running scene has it, unless it holds maps already.
@export var generate_on_start: bool = true

## What the server said about it, once it is complete: [code]origin model seed confidence nearest[/code].
var facts: Dictionary = {}

var _client: VRBridgeClient = null
var _request: VRBridgeRequest = null
var _loader: VRBridgeMapLoader = null
var _is_start_due: bool = false


func _notification(what: int) -> void:
	# Methods of an object that is being deleted can't be called any more; others' can.
	if what == NOTIFICATION_PREDELETE and _request != null and is_instance_valid(_client):
		_client.cancel(_request)


## Asks for it, instead of an older request that is still open. [param client] is the autoload unless
## another is given.
func generate(client: VRBridgeClient = null) -> VRBridgeRequest:
	cancel()
	_is_start_due = false
	_client = client if client != null else VRBridgeClient.find()
	if _client == null:
		failed.emit.call_deferred(
			VRBridgeError.new("cannot_connect", "There is no VRBridge autoload: enable the plugin.")
		)
		return null
	VRBridgeSurface.prepare(self)
	_lay_on(metres_per_tile)
	_loader = VRBridgeMapLoader.new(self, _client.budget)
	_loader.shown.connect(_on_shown)
	_loader.swapped.connect(_on_swapped)
	_loader.unreadable.connect(failed.emit)
	_request = _client.request("texture", _params(), _options())
	_request.progressed.connect(progressed.emit)
	_request.asset_grew.connect(_loader.grow)
	_request.asset_received.connect(_loader.take)
	_request.restarted.connect(_loader.restart)
	_request.completed.connect(_on_completed)
	_request.failed.connect(_on_failed)
	return _request


## Stops an open request.
func cancel() -> void:
	if _request != null:
		# How it ends is not about what is asked for next.
		_request.completed.disconnect(_on_completed)
		_request.failed.disconnect(_on_failed)
		_loader.shown.disconnect(_on_shown)
		_loader.abandon()
		if not _request.is_ended and _client != null:
			_client.cancel(_request)
	_request = null
	_loader = null


## Whether maps are on their way.
func is_generating() -> bool:
	return _request != null


func _params() -> Dictionary:
	var params: Dictionary = {"prompt": prompt, "size_px": size_px.to_int()}
	if variation_seed >= 0:
		params["seed"] = variation_seed
	if not style.is_empty():
		params["style"] = style
	return params


func _options() -> Dictionary:
	# A newer prompt of the same material makes the older one pointless.
	var options: Dictionary = {"slot": "material-%d" % get_instance_id()}
	if priority != Priority.INTERACTIVE:
		options["priority"] = "normal" if priority == Priority.NORMAL else "background"
	return options


func _start_later() -> void:
	# The other properties of a material that is being loaded come after the prompt.
	if not _is_start_due and not prompt.is_empty() and not Engine.is_editor_hint():
		_is_start_due = true
		_start_if_wanted.call_deferred()


func _start_if_wanted() -> void:
	# It may have been asked for in the meantime.
	if not _is_start_due:
		return
	_is_start_due = false
	if (
		generate_on_start
		and VRBridgeSurface.of(self, "base_color") == null
		and VRBridgeClient.find() != null
	):
		generate()


func _lay_on(metres: float) -> void:
	uv1_triplanar = is_triplanar
	if metres > 0.0:
		uv1_scale = Vector3.ONE / metres


func _on_shown(_role: String, width_px: int) -> void:
	_lay_on(metres_per_tile if metres_per_tile > 0.0 else _loader.metres_per_tile())
	preview_shown.emit(width_px)


func _on_completed(result: Dictionary, _timing: Dictionary) -> void:
	facts = result
	_loader.complete()


func _on_swapped() -> void:
	_lay_on(metres_per_tile if metres_per_tile > 0.0 else _loader.metres_per_tile())
	_request = null
	_loader = null
	completed.emit(facts)


func _on_failed(error: VRBridgeError) -> void:
	_request = null
	_loader = null
	failed.emit(error)
