class_name AskPanel
extends PanelContainer
## Where the player says what they want: the same on the flat screen and in the world.

## Another of the three things to do was chosen.
signal mode_chosen(mode: Mode)

## The player sent a text.
signal asked(mode: Mode, text: String)

## One of the commands was chosen that [method offer_commands] shows.
signal command_chosen(command: String)

## What can be done.
enum Mode { TALK, MATERIAL, PROP }

const _HINTS: Dictionary = {
	Mode.TALK: "Say something to the blacksmith",
	Mode.MATERIAL: "What should it become?",
	Mode.PROP: "What should stand there?",
}
const _CHIPS: Dictionary = {
	Mode.TALK: ["What are you working on?", "Please light the forge", "Would you open the gate?"],
	Mode.MATERIAL: ["mossy stone wall", "red roof tiles", "cobblestone", "oak planks"],
	Mode.PROP: ["oak barrel", "wooden chair", "oil lantern", "clay pot"],
}
const _FIGURES_S: float = 0.4
const _ERROR_COLOR: Color = Color(1.0, 0.55, 0.45)
const _HINT_COLOR: Color = Color(0.78, 0.79, 0.82)

## What is to be done.
var mode: Mode = Mode.TALK

var _figures: VillageFigures = null
var _figures_due_s: float = 0.0
var _goal: float = 0.0

@onready var _modes: Array[Button] = [%Talk, %Material, %Prop]
@onready var _chips: HFlowContainer = %Chips
@onready var _field: LineEdit = %Field
@onready var _send: Button = %Send
@onready var _progress: ProgressBar = %Progress
@onready var _message: Label = %Message
@onready var _status: Label = %Status
@onready var _keyboard: VillageKeyboard = %Keyboard


func _ready() -> void:
	for number: int in _modes.size():
		_modes[number].pressed.connect(choose.bind(number as Mode))
	_field.text_submitted.connect(func(_text: String) -> void: send())
	_send.pressed.connect(send)
	_keyboard.typed.connect(_type)
	_keyboard.erased.connect(func() -> void: _field.text = _field.text.left(-1))
	choose(Mode.TALK)


func _process(delta: float) -> void:
	_progress.value = move_toward(_progress.value, _goal, delta * 1.5)
	_figures_due_s -= delta
	if _figures != null and _figures_due_s <= 0.0:
		_figures_due_s = _FIGURES_S
		_status.text = _figures.line()


func _unhandled_key_input(event: InputEvent) -> void:
	if event.is_action_pressed(&"ui_accept") and _keyboard.visible == false:
		_field.grab_focus()
		get_viewport().set_input_as_handled()


func _input(event: InputEvent) -> void:
	if event.is_action_pressed(&"ui_cancel") and _field.has_focus():
		_field.release_focus()
		get_viewport().set_input_as_handled()


## Chooses what is to be done.
func choose(chosen: Mode) -> void:
	mode = chosen
	for number: int in _modes.size():
		_modes[number].set_pressed_no_signal(number == chosen)
	_field.placeholder_text = _HINTS[mode]
	offer_commands([])
	mode_chosen.emit(mode)


## Sends what the field holds.
func send() -> void:
	var text: String = _field.text.strip_edges()
	if not text.is_empty():
		_field.clear()
		asked.emit(mode, text)


## Offers commands instead of suggestions; none brings those back.
func offer_commands(commands: PackedStringArray) -> void:
	for chip: Node in _chips.get_children():
		chip.queue_free()
	for command: String in commands:
		_chip(command, command_chosen.emit.bind(command))
	if commands.is_empty():
		for text: String in _CHIPS[mode]:
			_chip(text, asked_with.bind(text))


## Sends a text as if it had been typed.
func asked_with(text: String) -> void:
	asked.emit(mode, text)


## Shows how far something is, and what is being done.
func show_progress(fraction: float, text: String = "") -> void:
	if fraction < _goal or fraction <= 0.0:
		_progress.value = fraction
	_goal = fraction
	_progress.modulate.a = 1.0 if fraction < 1.0 else 0.0
	if not text.is_empty():
		show_hint(text)


## Says something quiet.
func show_hint(text: String) -> void:
	_message.text = text
	_message.add_theme_color_override(&"font_color", _HINT_COLOR)


## Says in words what went wrong.
func show_error(error: VRBridgeError) -> void:
	_goal = 0.0
	_progress.modulate.a = 0.0
	_message.text = error.message
	if error.retry_after_s > 0.0:
		_message.text += " Try again in %.0f s." % ceilf(error.retry_after_s)
	_message.text += "  (%s)" % error.code
	_message.add_theme_color_override(&"font_color", _ERROR_COLOR)


## Shows these figures from now on.
func follow(figures: VillageFigures) -> void:
	_figures = figures


## What the player can read in the line of messages.
func message() -> String:
	return _message.text


## What the player can read in the line of figures.
func status() -> String:
	return _status.text


## Shows the keys, for those who have no keyboard at hand.
func show_keyboard(is_on: bool) -> void:
	_keyboard.visible = is_on
	_field.virtual_keyboard_enabled = not is_on


## Lets go of the field, so that keys walk again.
func leave_field() -> void:
	_field.release_focus()


func _chip(text: String, on_press: Callable) -> void:
	var chip: Button = Button.new()
	chip.text = text
	chip.theme_type_variation = &"Chip"
	chip.focus_mode = Control.FOCUS_NONE
	chip.pressed.connect(on_press)
	_chips.add_child(chip)


func _type(text: String) -> void:
	_field.text += text
	_field.caret_column = _field.text.length()
