class_name VillageSquare
extends Node3D
## A village square in the evening: talk to the blacksmith, point at a surface and say what it should
## become, have things put down. On a flat screen and in a headset.

const _KINDS: Dictionary = {
	AskPanel.Mode.TALK: "Talk to the blacksmith: he can light the forge and open the gate.",
	AskPanel.Mode.MATERIAL: "Point at a wall, a roof or the floor and choose it.",
	AskPanel.Mode.PROP: "Point at where it should stand, or pick up what stands there.",
}
const _DOCKED_PX: float = 1080.0
const _DOCK_MARGIN_PX: int = 18
const _IN_ROOM_M: float = 2.2
const _PUT_DOWN: String = "Put it down"
const _TURN: String = "Turn it"
const _REMOVE: String = "Take it away"

## What is asked; the autoload unless another is given.
var client: VRBridgeClient = null

## The surface that is to change; null if none was chosen.
var surface: VillageSurface = null

var _place: Vector3 = Vector3.ZERO
var _has_place: bool = false

@onready var blacksmith: VillageBlacksmith = $Blacksmith
@onready var props: VillageProps = $Props
@onready var panel: AskPanel = %AskPanel
@onready var figures: VillageFigures = $Figures
@onready var player: VillagePlayer = $Player
@onready var _pointer: VillagePointer = $Pointer
@onready var _marker: Node3D = $Marker
@onready var _context: VRBridgeContext = $Context
@onready var _headset: VillageHeadset = $Headset
@onready var _world_panel: VillageWorldPanel = $WorldPanel
@onready var _dock: Control = %Dock
@onready var _enter_vr: Button = %EnterVr
@onready var _enter_ar: Button = %EnterAr


func _ready() -> void:
	if client == null:
		client = VRBridgeClient.find()
	_listen_to_client()
	panel.mode_chosen.connect(_on_mode_chosen)
	panel.asked.connect(ask)
	panel.command_chosen.connect(_on_command_chosen)
	panel.follow(figures)
	player.selected.connect(_on_selected)
	player.released.connect(_world_panel.press.bind(false))
	props.carrying_changed.connect(_on_carrying_changed)
	blacksmith.failed.connect(panel.show_error)
	blacksmith.answer_started.connect(panel.show_progress.bind(1.0, "He answers."))
	_headset.became_available.connect(_on_became_available)
	_headset.entered.connect(_on_headset_entered)
	_headset.left.connect(_on_headset_left)
	_headset.refused.connect(panel.show_hint)
	_enter_vr.pressed.connect(_headset.enter.bind(VillageHeadset.VR))
	_enter_ar.pressed.connect(_headset.enter.bind(VillageHeadset.AR))
	_context.state = {"time": "evening", "forge": "only embers", "gate": "closed"}
	blacksmith.action_chosen.connect(_on_action_chosen)
	_on_mode_chosen(panel.mode)


func _physics_process(_delta: float) -> void:
	var ray: Transform3D = player.pointing()
	var to_panel_m: float = _world_panel.point(ray.origin, -ray.basis.z)
	if to_panel_m >= 0.0 or (not player.is_in_xr and panel.get_global_rect().has_point(_mouse())):
		_pointer.rest()
		player.show_beam(to_panel_m)
		return
	var hit: VillagePointer.Hit = _pointer.aim(ray.origin, -ray.basis.z, props.hidden_from_rays())
	player.show_beam(ray.origin.distance_to(hit.position) if hit != null else 5.0)
	if hit != null and props.carried != null:
		props.carry(_pointer.standing_place(hit, props.hidden_from_rays()))


## Does what the panel's mode does with what a ray hits.
func choose_along(from: Vector3, direction: Vector3) -> void:
	var hit: VillagePointer.Hit = _pointer.aim(from, direction, props.hidden_from_rays())
	panel.leave_field()
	if hit == null:
		return
	if props.carried != null:
		props.carry(_pointer.standing_place(hit, props.hidden_from_rays()))
		props.put_down()
	elif props.prop_of(hit.node) != null and panel.mode != AskPanel.Mode.TALK:
		panel.choose(AskPanel.Mode.PROP)
		props.pick(props.prop_of(hit.node))
	elif hit.node.owner == blacksmith or hit.node == blacksmith:
		panel.choose(AskPanel.Mode.TALK)
	elif panel.mode == AskPanel.Mode.MATERIAL:
		choose_surface(hit.node as VillageSurface)
	elif panel.mode == AskPanel.Mode.PROP:
		choose_place(_pointer.standing_place(hit))


## Chooses the surface that is to change; null chooses none.
func choose_surface(chosen: VillageSurface) -> void:
	if surface != null:
		surface.highlight(false)
	surface = chosen
	if surface != null:
		surface.highlight(true)
		panel.show_hint("The %s: say what it should become." % surface.spoken_name)
	else:
		panel.show_hint(_KINDS[AskPanel.Mode.MATERIAL])


## Chooses where the next prop is put.
func choose_place(place: Vector3) -> void:
	_place = place
	_has_place = true
	_marker.visible = true
	_marker.global_position = place + Vector3.UP * 0.015
	panel.show_hint("Here: say what should stand there.")


## Asks for what a text says.
func ask(mode: AskPanel.Mode, text: String) -> void:
	match mode:
		AskPanel.Mode.TALK:
			panel.show_progress(0.05, "You: %s" % text)
			blacksmith.say(text, client)
		AskPanel.Mode.MATERIAL:
			_change_surface(text)
		AskPanel.Mode.PROP:
			_make_prop(text)


func _change_surface(text: String) -> void:
	if surface == null:
		_complain("Choose a wall, a roof or the floor first: point at it and click.")
		return
	var changing: VillageSurface = surface
	for connection: Dictionary in changing.completed.get_connections():
		_disconnect_all(changing)
		break
	changing.progressed.connect(_on_progressed.bind(text))
	changing.completed.connect(_on_surface_completed.bind(changing, text))
	changing.failed.connect(panel.show_error)
	panel.show_progress(0.02, "%s: asked for." % text.capitalize())
	changing.change(text, client)
	# What has been asked for is seen best without a line around it.
	changing.highlight(false)


func _make_prop(text: String) -> void:
	if not _has_place:
		_complain("Choose a place first: point at the floor, the plinth or the table and click.")
		return
	var prop: VRBridgeMesh3D = props.put(text, _place, player.head.global_position, client)
	prop.progressed.connect(_on_progressed.bind(text))
	prop.failed.connect(panel.show_error)
	prop.completed.connect(
		func(_facts: Dictionary) -> void:
			panel.show_progress(1.0, "The %s is there: click it to move it." % text)
	)
	panel.show_progress(0.02, "%s: asked for." % text.capitalize())
	_has_place = false
	_marker.visible = false


func _disconnect_all(changing: VillageSurface) -> void:
	for told: Signal in [changing.progressed, changing.completed, changing.failed]:
		for connection: Dictionary in told.get_connections():
			var listener: Callable = connection["callable"]
			told.disconnect(listener)


func _complain(sentence: String) -> void:
	panel.show_error(VRBridgeError.new("nothing_chosen", sentence))


func _mouse() -> Vector2:
	return get_viewport().get_mouse_position()


func _listen_to_client() -> void:
	figures.client = client
	if client == null:
		_complain("There is no VRBridge autoload: enable the plugin.")
		return
	client.error_occurred.connect(panel.show_error)
	client.disconnected.connect(
		func(_code: int, wait_s: float) -> void:
			panel.show_hint("No server answers; it is tried again in %.0f s." % ceilf(wait_s))
	)
	client.connected.connect(func(_is_resumed: bool) -> void: panel.show_hint(_KINDS[panel.mode]))


func _on_selected(from: Vector3, direction: Vector3) -> void:
	if _world_panel.point(from, direction) >= 0.0:
		_world_panel.press(true)
	else:
		choose_along(from, direction)


func _on_mode_chosen(mode: AskPanel.Mode) -> void:
	props.put_down()
	choose_surface(surface if mode == AskPanel.Mode.MATERIAL else null)
	_marker.visible = mode == AskPanel.Mode.PROP and _has_place
	if surface == null:
		panel.show_hint(_KINDS[mode])


func _on_command_chosen(command: String) -> void:
	match command:
		_TURN:
			props.turn()
		_REMOVE:
			props.remove()
		_:
			props.put_down()


func _on_carrying_changed(prop: VRBridgeMesh3D) -> void:
	if prop == null:
		panel.offer_commands([])
		panel.show_hint(_KINDS[panel.mode])
	else:
		panel.offer_commands([_PUT_DOWN, _TURN, _REMOVE])
		panel.show_hint("The %s: point at where it should stand and click." % prop.prompt)


func _on_progressed(_stage: String, fraction: float, text: String) -> void:
	panel.show_progress(minf(fraction, 0.99), "%s …" % text.capitalize())


func _on_surface_completed(changed: VillageSurface, text: String) -> void:
	panel.show_progress(1.0, "The %s is %s now." % [changed.spoken_name, text])


func _on_action_chosen(action: String, _arguments: Dictionary) -> void:
	if action == "light_forge":
		_context.state["forge"] = "burning"
	elif action == "open_gate":
		_context.state["gate"] = "open"


func _on_became_available(mode: String) -> void:
	(_enter_vr if mode == VillageHeadset.VR else _enter_ar).visible = true


func _on_headset_entered(is_see_through: bool) -> void:
	player.is_in_xr = true
	_context.left_hand = $Player/LeftHand
	_context.right_hand = $Player/RightHand
	panel.show_keyboard(true)
	_world_panel.take(panel)
	_dock.visible = false
	_show_scenery(not is_see_through)
	if is_see_through:
		# A room is smaller than the square.
		player.global_position = blacksmith.global_position + _IN_ROOM_M * Vector3.BACK


func _on_headset_left() -> void:
	player.is_in_xr = false
	_context.left_hand = null
	_context.right_hand = null
	panel.show_keyboard(false)
	_world_panel.give()
	_dock_panel()
	_show_scenery(true)


## Puts the panel back at the bottom of the flat screen.
func _dock_panel() -> void:
	_dock.add_child(panel)
	_dock.visible = true
	panel.custom_minimum_size.x = _DOCKED_PX
	panel.grow_horizontal = Control.GROW_DIRECTION_BOTH
	panel.grow_vertical = Control.GROW_DIRECTION_BEGIN
	panel.set_anchors_and_offsets_preset(
		Control.PRESET_CENTER_BOTTOM, Control.PRESET_MODE_MINSIZE, _DOCK_MARGIN_PX
	)


## In a see-through headset the room takes the place of the village; its floor stays to put things on.
func _show_scenery(is_on: bool) -> void:
	var scenery: Node3D = $Scenery
	scenery.visible = is_on
	scenery.process_mode = Node.PROCESS_MODE_INHERIT if is_on else Node.PROCESS_MODE_DISABLED
	($Ground as Node3D).visible = is_on
	var world: WorldEnvironment = $Evening
	world.environment.background_mode = (
		Environment.BG_SKY if is_on else Environment.BG_CLEAR_COLOR
	)
	world.environment.fog_enabled = is_on
