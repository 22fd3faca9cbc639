class_name VillageHeadset
extends Node
## Shows the scene in a headset: at once with OpenXR, in a browser when the player asks for it.

## A headset shows the scene now. [param is_see_through] says whether the room shows behind it.
signal entered(is_see_through: bool)

## It shows on the flat screen again.
signal left

## A kind of session can be entered: [code]immersive-vr[/code] or [code]immersive-ar[/code].
signal became_available(mode: String)

## The headset said no.
signal refused(reason: String)

const VR: String = "immersive-vr"
const AR: String = "immersive-ar"

var _web: WebXRInterface = null


func _ready() -> void:
	var native: XRInterface = XRServer.find_interface("OpenXR")
	if native != null and native.is_initialized():
		_enter_native.call_deferred()
		return
	_web = XRServer.find_interface("WebXR") as WebXRInterface
	if _web != null:
		_web.session_supported.connect(_on_session_supported)
		_web.session_started.connect(_on_session_started)
		_web.session_ended.connect(_on_session_ended)
		_web.session_failed.connect(refused.emit)
		_web.is_session_supported(VR)
		_web.is_session_supported(AR)


## Enters a session in the browser; to be called from a click.
func enter(mode: String) -> void:
	if _web == null:
		return
	_web.session_mode = mode
	_web.requested_reference_space_types = "local-floor, local"
	_web.required_features = "local-floor"
	if not _web.initialize():
		refused.emit("The browser would not begin a session.")


func _enter_native() -> void:
	DisplayServer.window_set_vsync_mode(DisplayServer.VSYNC_DISABLED)
	get_viewport().use_xr = true
	entered.emit(false)


func _on_session_supported(mode: String, is_supported: bool) -> void:
	if is_supported:
		became_available.emit(mode)


func _on_session_started() -> void:
	get_viewport().use_xr = true
	var is_see_through: bool = _web.session_mode == AR
	get_viewport().transparent_bg = is_see_through
	entered.emit(is_see_through)


func _on_session_ended() -> void:
	get_viewport().use_xr = false
	get_viewport().transparent_bg = false
	left.emit()
