class_name VRBridgeRequest
extends RefCounted
## One thing that was asked for: its signals tell how it goes on, and how it ends.
##
## Every request ends in exactly one of [signal completed] and [signal failed]. Signals come in the
## frame after the request was made at the earliest, so there is time to connect them.
## [codeblock]
## var request: VRBridgeRequest = VRBridge.request("texture", {"prompt": "mossy stone"})
## request.asset_received.connect(func(asset: VRBridgeAsset) -> void: print(asset.role))
## request.failed.connect(func(error: VRBridgeError) -> void: push_warning(str(error)))
## [/codeblock]

## It is queued behind [param position] others, or has started (0). [param eta_s] is negative if the
## server can't tell.
signal accepted(position: int, eta_s: float)

## Work went on; [param fraction] is 0–1.
signal progressed(stage: String, fraction: float)

## A character said another piece; [param offset] counts the characters before it.
signal text_received(text: String, offset: int)

## A character chose one of the actions that were offered.
signal action_chosen(action: String, arguments: Dictionary)

## An asset was announced.
signal asset_started(asset: VRBridgeAsset)

## More of an asset's bytes are there.
signal asset_grew(asset: VRBridgeAsset)

## An asset is complete and intact. Further ones are held back while too many are kept: let go of it,
## or call [method VRBridgeAsset.release], once its data was used.
signal asset_received(asset: VRBridgeAsset)

## The session was lost and the request was sent again: forget what came before.
signal restarted

## It is done.
signal completed(result: Dictionary, timing: Dictionary)

## It ended without a result.
signal failed(error: VRBridgeError)

## Number in the session; 0 if the request could not be sent.
var id: int = 0

## Such as [code]texture[/code].
var kind: String

## As the kind takes them.
var params: Dictionary

## Where the result belongs in the scene, as it was asked with.
var anchor: Dictionary

## Whether it has ended.
var is_ended: bool = false

## What it ended with; null as long as it has not failed.
var error: VRBridgeError = null

## What it ended with; empty as long as it is not done.
var result: Dictionary = {}

## Whether it is sent again when the server has lost the session; if not it fails then.
var is_resent: bool = true

# The message as it goes over the wire.
var _message: Dictionary = {}
var _is_accepted: bool = false
var _is_cancelled: bool = false
# Its listeners were told of a failure; what still arrives is for nobody.
var _is_muted: bool = false
var _n_characters: int = 0


func _init(request_kind: String, request_params: Dictionary) -> void:
	kind = request_kind
	params = request_params


## Waits for the end and returns whether it succeeded; [member result] or [member error] say more.
func finished() -> bool:
	while not is_ended:
		var tree: SceneTree = Engine.get_main_loop()
		await tree.process_frame
	return error == null


# What the core calls; everything else is told by the signals.
func _take(type: String, message: Dictionary) -> void:
	if _is_muted:
		return
	match type:
		"accepted":
			_accept(message)
		"progress":
			progressed.emit(
				VRBridgeFields.text(message, "stage"), VRBridgeFields.number(message, "fraction")
			)
		"text":
			_say(VRBridgeFields.text(message, "text"), VRBridgeFields.whole(message, "offset"))
		"action":
			action_chosen.emit(
				VRBridgeFields.text(message, "name"), VRBridgeFields.map_of(message, "arguments")
			)
		"done":
			is_ended = true
			result = VRBridgeFields.map_of(message, "result")
			completed.emit(result, VRBridgeFields.map_of(message, "timing"))
		"error":
			_end_badly(VRBridgeError.of(message))


# Asking for the state of a request again repeats what was told already.
func _accept(message: Dictionary) -> void:
	if not _is_accepted:
		_is_accepted = true
		accepted.emit(
			VRBridgeFields.whole(message, "position"), VRBridgeFields.number(message, "eta_s", -1.0)
		)


func _say(text: String, offset: int) -> void:
	if offset >= _n_characters:
		_n_characters = offset + text.length()
		text_received.emit(text, offset)


func _end_badly(reason: VRBridgeError) -> void:
	if not is_ended:
		is_ended = true
		error = reason
		failed.emit(reason)
