class_name VillageKeyboard
extends VBoxContainer
## Keys for those who have none at hand.

## A letter, or a space.
signal typed(text: String)

## The last letter has to go.
signal erased

const _ROWS: PackedStringArray = ["1234567890", "qwertyuiop", "asdfghjkl'", "zxcvbnm,.?"]
const _KEY_PX: Vector2 = Vector2(56.0, 46.0)

var _is_capital: bool = false
var _letters: Array[Button] = []


func _ready() -> void:
	for row: String in _ROWS:
		var line: HBoxContainer = _line()
		for letter: String in row:
			_letters.append(_key(line, letter, func() -> void: _type(letter)))
	var last: HBoxContainer = _line()
	_key(last, "Shift", _shift).custom_minimum_size.x = 2.0 * _KEY_PX.x
	_key(last, "Space", func() -> void: typed.emit(" ")).size_flags_stretch_ratio = 4.0
	_key(last, "Delete", erased.emit).custom_minimum_size.x = 2.0 * _KEY_PX.x


func _line() -> HBoxContainer:
	var line: HBoxContainer = HBoxContainer.new()
	line.alignment = BoxContainer.ALIGNMENT_CENTER
	add_child(line)
	return line


func _key(line: HBoxContainer, text: String, on_press: Callable) -> Button:
	var key: Button = Button.new()
	key.text = text
	key.custom_minimum_size = _KEY_PX
	key.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	# The text field keeps its caret.
	key.focus_mode = Control.FOCUS_NONE
	key.theme_type_variation = &"Key"
	key.pressed.connect(on_press)
	line.add_child(key)
	return key


func _type(letter: String) -> void:
	typed.emit(letter.to_upper() if _is_capital else letter)
	if _is_capital:
		_shift()


func _shift() -> void:
	_is_capital = not _is_capital
	for key: Button in _letters:
		key.text = key.text.to_upper() if _is_capital else key.text.to_lower()
