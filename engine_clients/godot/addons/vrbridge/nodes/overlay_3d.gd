@tool
@icon("res://addons/vrbridge/icons/overlay.svg")
class_name VRBridgeOverlay3D
extends Node3D
## A panel of text in the scene that faces the player: what a character says, a hint, a caption.
##
## Its size is in degrees of the view, so it reads the same from near and far, flat and in a headset. It
## hangs on an object, on a point, or before the player's head.

## A line shows: the panel has begun with it.
signal line_started(speaker: String)

## More of the line that grows can be read; [param n_characters] from its start.
signal characters_shown(n_characters: int)

## The last line was read and the panel is gone.
signal emptied

## What the panel hangs on.
enum Anchor { HERE, OBJECT, HEAD }

const _MAX_LINES: int = 16
const _PIXEL_M: float = 0.001
const _MARGIN_PX: float = 28.0
const _NAME_PX: int = 40
const _TEXT_PX: int = 48
# A reader takes about so many characters a second.
const _READ_HZ: float = 16.0
const _PANEL_SHADER: String = "res://addons/vrbridge/nodes/overlay_panel.gdshader"

static var _default_font: Font = null

## What the panel hangs on: where this node is, an object, or the player's head.
@export var anchor: Anchor = Anchor.HERE

## The object that it hangs on.
@export var target: Node3D = null

## Where it is from the anchor, in metres; from the head, −Z is ahead.
@export var offset: Vector3 = Vector3(0.0, 0.35, 0.0)

## Height of a line of text, in degrees of the view. Under 1° is hard to read in a headset.
@export_range(0.5, 5.0, 0.1, "suffix:°") var text_height_degrees: float = 1.3

## Width of the panel, in degrees of the view.
@export_range(5.0, 60.0, 1.0, "suffix:°") var width_degrees: float = 26.0

## Seconds that a line stays at least after its end.
@export_range(0.0, 30.0, 0.5, "suffix:s") var hold_s: float = 2.5

## Seconds to come and go.
@export_range(0.0, 2.0, 0.05, "suffix:s") var fade_s: float = 0.15

## Characters a second that streamed text appears with; 0 shows all at once.
@export_range(0.0, 120.0, 1.0) var reveal_hz: float = 45.0

## Colour of the text.
@export var text_color: Color = Color(0.97, 0.96, 0.93)

## Colour of the speaker's name.
@export var name_color: Color = Color(1.0, 0.8, 0.45)

## Colour of the panel; its alpha is how much it covers.
@export var panel_color: Color = Color(0.06, 0.07, 0.1, 0.86)

## Font of the text; empty takes the project's.
@export var font: Font = null

var _lines: Array[Line] = []
var _text: Label3D = Label3D.new()
var _name: Label3D = Label3D.new()
var _panel: MeshInstance3D = MeshInstance3D.new()
var _look: ShaderMaterial = ShaderMaterial.new()
# The rows of the line that shows, as they lie when all of it can be read.
var _rows: PackedStringArray = []
var _shown: float = 0.0
var _alpha: float = 0.0
var _done_for_s: float = 0.0


## A line of text that may still grow.
class Line:
	extends RefCounted
	## Who says it; empty for nobody.
	var speaker: String = ""
	## All of it that is there.
	var text: String = ""
	## Whether no more comes.
	var is_whole: bool = false


func _init() -> void:
	top_level = true


func _ready() -> void:
	_look.shader = load(_PANEL_SHADER)
	var quad: QuadMesh = QuadMesh.new()
	quad.material = _look
	_panel.mesh = quad
	_panel.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	_panel.position.z = -0.002
	for label: Label3D in [_text, _name]:
		label.pixel_size = _PIXEL_M
		label.shaded = false
		label.double_sided = false
		label.no_depth_test = true
		label.render_priority = 2
		# The panel is behind it: an outline would only blur small letters.
		label.outline_size = 0
		label.horizontal_alignment = HORIZONTAL_ALIGNMENT_LEFT
		label.vertical_alignment = VERTICAL_ALIGNMENT_TOP
		label.texture_filter = BaseMaterial3D.TEXTURE_FILTER_LINEAR_WITH_MIPMAPS_ANISOTROPIC
	_text.font_size = _TEXT_PX
	_name.font_size = _NAME_PX
	for part: Node3D in [_panel, _text, _name]:
		add_child(part, false, Node.INTERNAL_MODE_FRONT)
	# What the editor shows is saved with the scene.
	if not Engine.is_editor_hint():
		visible = false


func _process(delta: float) -> void:
	if Engine.is_editor_hint():
		return
	if _lines.is_empty() and _alpha <= 0.0:
		visible = false
		return
	_reveal(delta)
	var goal: float = 0.0 if _lines.is_empty() else 1.0
	_alpha = goal if fade_s <= 0.0 else move_toward(_alpha, goal, delta / fade_s)
	visible = _alpha > 0.0
	_tint()
	_face()
	if _lines.is_empty() and _alpha <= 0.0:
		emptied.emit()


## Shows a line after those that wait, and returns it; more can be added to it with [method extend]
## unless it [param is_whole].
func show_line(text: String, speaker: String = "", is_whole: bool = true) -> Line:
	var line: Line = Line.new()
	line.text = text
	line.speaker = speaker
	line.is_whole = is_whole
	if _lines.size() >= _MAX_LINES:
		# The oldest that nobody has begun to read makes room.
		_lines.remove_at(1)
	_lines.append(line)
	if _lines.size() == 1:
		_begin()
	return line


## Adds a piece to a line that is not whole.
func extend(line: Line, piece: String) -> void:
	line.text += piece
	if not _lines.is_empty() and _lines[0] == line:
		_lay_out()


## Says that no more of a line comes.
func finish(line: Line) -> void:
	line.is_whole = true


## Drops a line, or all of them.
func dismiss(line: Line = null) -> void:
	if line == null:
		_lines.clear()
		return
	var is_current: bool = not _lines.is_empty() and _lines[0] == line
	_lines.erase(line)
	if is_current and not _lines.is_empty():
		_begin()


## Whether something shows or waits.
func is_busy() -> bool:
	return not _lines.is_empty()


## What can be read at the moment.
func visible_text() -> String:
	return _lines[0].text.left(floori(_shown)) if visible and not _lines.is_empty() else ""


func _begin() -> void:
	_shown = 0.0
	_done_for_s = 0.0
	_lay_out()
	line_started.emit(_lines[0].speaker)


func _reveal(delta: float) -> void:
	if _lines.is_empty():
		return
	var line: Line = _lines[0]
	var length: float = line.text.length()
	var before: int = floori(_shown)
	# What comes faster than it can be read must not fall behind for ever.
	var rate_hz: float = maxf(reveal_hz, (length - _shown) / 2.0)
	_shown = length if reveal_hz <= 0.0 else minf(length, _shown + rate_hz * delta)
	if floori(_shown) != before:
		_text.text = _rows_up_to(floori(_shown))
		characters_shown.emit(floori(_shown))
	if not line.is_whole or _shown < length:
		_done_for_s = 0.0
		return
	_done_for_s += delta
	if _done_for_s >= maxf(hold_s, length / _READ_HZ - length / maxf(rate_hz, 1.0)):
		_lines.pop_front()
		if not _lines.is_empty():
			_begin()


## Returns the engine's font with mipmaps: without, far and small letters flicker in a headset.
static func _small_font() -> Font:
	if _default_font == null:
		_default_font = ThemeDB.fallback_font.duplicate()
		if _default_font is FontFile:
			_default_font.set(&"generate_mipmaps", true)
	return _default_font


func _rows_up_to(n_characters: int) -> String:
	var left: int = n_characters
	var parts: PackedStringArray = []
	for row: String in _rows:
		if left <= 0:
			break
		parts.append(row.left(left))
		left -= row.length()
	return "\n".join(parts)


## Sets out the whole line, so that words don't jump to the next row while they appear.
func _lay_out() -> void:
	var line: Line = _lines[0]
	var wide_px: float = _TEXT_PX * width_degrees / text_height_degrees
	var used: Font = font if font != null else _small_font()
	var paragraph: TextParagraph = TextParagraph.new()
	paragraph.width = wide_px
	paragraph.add_string(line.text, used, _TEXT_PX)
	_rows.clear()
	for row: int in paragraph.get_line_count():
		var span: Vector2i = paragraph.get_line_range(row)
		_rows.append(line.text.substr(span.x, span.y - span.x))
	var size_px: Vector2 = paragraph.get_size()
	var name_size_px: Vector2 = used.get_string_size(
		line.speaker, HORIZONTAL_ALIGNMENT_LEFT, -1, _NAME_PX
	)
	var name_px: float = _NAME_PX * 1.5 if not line.speaker.is_empty() else 0.0
	var inner_px: Vector2 = Vector2(
		clampf(maxf(size_px.x, name_size_px.x), 4.0 * _TEXT_PX, wide_px),
		maxf(size_px.y, _TEXT_PX) + name_px
	)
	var panel_px: Vector2 = inner_px + 2.0 * _MARGIN_PX * Vector2.ONE
	var quad: QuadMesh = _panel.mesh
	quad.size = panel_px * _PIXEL_M
	_look.set_shader_parameter("size_px", panel_px)
	# The panel stands on its anchor and grows upwards.
	_panel.position.y = quad.size.y / 2.0
	# Without a width, the labels' texts begin where the labels are.
	var left_m: float = -inner_px.x * _PIXEL_M / 2.0
	_name.position = Vector3(left_m, quad.size.y - _MARGIN_PX * _PIXEL_M, 0.0)
	_text.position = Vector3(left_m, quad.size.y - (_MARGIN_PX + name_px) * _PIXEL_M, 0.0)
	_name.font = used
	_text.font = used
	_name.text = line.speaker
	_text.text = _rows_up_to(floori(_shown))


func _tint() -> void:
	_text.modulate = Color(text_color, text_color.a * _alpha)
	_name.modulate = Color(name_color, name_color.a * _alpha)
	_look.set_shader_parameter("color", Color(panel_color, panel_color.a * _alpha))


## Hangs the panel on its anchor, turned to the player, as large as its degrees say.
func _face() -> void:
	var camera: Camera3D = get_viewport().get_camera_3d()
	if camera == null:
		return
	var eye: Transform3D = camera.global_transform
	var place: Vector3 = _place(eye)
	var distance_m: float = maxf(0.2, eye.origin.distance_to(place))
	var away: Vector3 = place - eye.origin
	if away.length_squared() < 1e-6 or absf(away.normalized().dot(Vector3.UP)) > 0.999:
		away = -eye.basis.z
	var line_m: float = 2.0 * distance_m * tan(deg_to_rad(text_height_degrees) / 2.0)
	var scale_factor: float = line_m / (_TEXT_PX * _PIXEL_M)
	global_transform = Transform3D(
		Basis.looking_at(away.normalized(), Vector3.UP).scaled_local(Vector3.ONE * scale_factor),
		place
	)


func _place(eye: Transform3D) -> Vector3:
	match anchor:
		Anchor.HEAD:
			return eye * offset
		Anchor.OBJECT when target != null and is_instance_valid(target):
			return target.global_position + offset
	var parent: Node3D = get_parent() as Node3D
	return (parent.global_position if parent != null else Vector3.ZERO) + offset
