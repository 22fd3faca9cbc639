@tool
extends VBoxContainer
## A button that has the bridge make what is edited, with its progress and what went wrong.
##
## It has a connection of its own, which ends with it, and asks for formats that can be saved with a scene
## for every platform.

const _RECEIVE: Dictionary = {"texture_formats": ["png"], "mesh_formats": ["arrays"]}

## The [VRBridgeMaterial] or [VRBridgeMesh3D] that is edited.
var target: Object = null

var _client: VRBridgeClient = null
var _button: Button = Button.new()
var _bar: ProgressBar = ProgressBar.new()
var _label: Label = Label.new()


func _ready() -> void:
	_button.text = "Generate now"
	_button.tooltip_text = "Has the server of the project settings make it, and shows it here."
	_button.pressed.connect(_on_pressed)
	_bar.max_value = 1.0
	_bar.visible = false
	_label.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	_label.visible = false
	for part: Control in [_button, _bar, _label]:
		add_child(part)


func _on_pressed() -> void:
	if VRBridgeFields.text({"prompt": target.get("prompt")}, "prompt").is_empty():
		_say("Write a prompt first.")
		return
	if _client == null:
		_client = VRBridgeClient.new()
		_client.error_occurred.connect(_on_error)
		add_child(_client)
		_client.open("", "", _RECEIVE)
	_button.disabled = true
	_bar.value = 0.0
	_bar.visible = true
	_label.visible = false
	var request: VRBridgeRequest = target.call("generate", _client)
	request.progressed.connect(_on_progressed)
	request.failed.connect(_on_error)
	request.completed.connect(_on_completed)


func _on_progressed(_stage: String, fraction: float) -> void:
	_bar.value = fraction


func _on_completed(result: Dictionary, timing: Dictionary) -> void:
	_end()
	_say(
		(
			"%s, seed %d, %.1f s"
			% [
				VRBridgeFields.text(result, "model"),
				VRBridgeFields.whole(result, "seed"),
				VRBridgeFields.number(timing, "total_ms") / 1000.0,
			]
		)
	)


func _on_error(error: VRBridgeError) -> void:
	_end()
	_say(str(error))


func _end() -> void:
	_button.disabled = false
	_bar.visible = false


func _say(text: String) -> void:
	_label.text = text
	_label.visible = true
