class_name VillageBlacksmith
extends VRBridgeCharacter3D
## The blacksmith of the village, who can light the forge and open the gate.

## The smithy whose forge is lit.
@export var smithy: VillageSmithy = null

## The gate that is opened.
@export var gate: VillageGate = null

@onready var _figure: VillageFigure = $Figure


func _ready() -> void:
	super()
	answer_started.connect(_figure.start_talking)
	answer_completed.connect(_on_answer_completed)
	failed.connect(func(_error: VRBridgeError) -> void: _figure.stop_talking())
	overlay.emptied.connect(_figure.stop_talking)
	add_action("light_forge", "Light the fire of the forge", {}, _light_forge)
	add_action("open_gate", "Open the gate of the village", {}, _open_gate)


func _light_forge(_arguments: Dictionary) -> void:
	_figure.point()
	smithy.light()


func _open_gate(_arguments: Dictionary) -> void:
	_figure.point()
	gate.open()


func _on_answer_completed(_text: String, emotion: String, score: float) -> void:
	_figure.feel(emotion, score)
