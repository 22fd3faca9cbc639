class_name VRBridgeSettings
extends RefCounted
## The project settings of the addon: their names, types and defaults.

## Address of the server.
const URL: String = "vrbridge/connection/url"
const TOKEN: String = "vrbridge/connection/token"
const IS_AUTOMATIC: String = "vrbridge/connection/connect_on_start"
const DEVICE: String = "vrbridge/connection/device_name"
const GIVE_UP_S: String = "vrbridge/connection/give_up_seconds"
const BUDGET_MS: String = "vrbridge/performance/frame_budget_ms"
const WINDOW_KIB: String = "vrbridge/performance/window_kib"
const MAX_HELD_MIB: String = "vrbridge/performance/max_waiting_mib"
const MAX_TEXTURE_PX: String = "vrbridge/performance/max_texture_px"
const MAX_FACES: String = "vrbridge/performance/max_faces"

## Environment variable that is looked up before the token's setting, so that builds need not hold one.
const TOKEN_VARIABLE: String = "VRBRIDGE_TOKEN"

## Where a server on this machine listens.
const DEFAULT_URL: String = "ws://127.0.0.1:8765/ws"

const _ALL: Array[Dictionary] = [
	{
		"name": URL,
		"value": "",
		"type": TYPE_STRING,
		"hint": PROPERTY_HINT_PLACEHOLDER_TEXT,
		"hint_string": DEFAULT_URL,
	},
	{"name": TOKEN, "value": "", "type": TYPE_STRING, "hint": PROPERTY_HINT_PASSWORD},
	{"name": IS_AUTOMATIC, "value": true, "type": TYPE_BOOL},
	{"name": DEVICE, "value": "", "type": TYPE_STRING},
	{
		"name": GIVE_UP_S,
		"value": 300.0,
		"type": TYPE_FLOAT,
		"hint": PROPERTY_HINT_RANGE,
		"hint_string": "1,3600,1,suffix:s",
	},
	{
		"name": BUDGET_MS,
		"value": 1.5,
		"type": TYPE_FLOAT,
		"hint": PROPERTY_HINT_RANGE,
		"hint_string": "0.1,10,0.1,suffix:ms",
	},
	{
		"name": WINDOW_KIB,
		"value": 512,
		"type": TYPE_INT,
		"hint": PROPERTY_HINT_RANGE,
		"hint_string": "64,4096,64,suffix:KiB",
	},
	{
		"name": MAX_HELD_MIB,
		"value": 8,
		"type": TYPE_INT,
		"hint": PROPERTY_HINT_RANGE,
		"hint_string": "1,256,1,suffix:MiB",
	},
	{
		"name": MAX_TEXTURE_PX,
		"value": 2048,
		"type": TYPE_INT,
		"hint": PROPERTY_HINT_ENUM,
		"hint_string": "256:256,512:512,1024:1024,2048:2048",
	},
	{
		"name": MAX_FACES,
		"value": 20000,
		"type": TYPE_INT,
		"hint": PROPERTY_HINT_RANGE,
		"hint_string": "50,20000,1",
	},
]


## Returns a setting, or its default where the project doesn't set it.
static func value_of(name: String) -> Variant:
	for setting: Dictionary in _ALL:
		if setting["name"] == name:
			return ProjectSettings.get_setting(name, setting["value"])
	return null


## Returns the address of the server: of the project settings, else of the server that a web build came
## from, else of this machine.
static func url() -> String:
	var given: String = value_of(URL)
	if not given.is_empty():
		return given
	var location: JavaScriptObject = _page_location()
	if location == null or not str(location.protocol).begins_with("http"):
		return DEFAULT_URL
	return "%s://%s/ws" % ["wss" if location.protocol == "https:" else "ws", location.host]


## Returns the token: of the environment, else of a web page's address behind [code]#token=[/code], else
## of the project settings; empty if there is none.
static func token() -> String:
	var secret: String = OS.get_environment(TOKEN_VARIABLE)
	var location: JavaScriptObject = _page_location()
	if secret.is_empty() and location != null:
		# What is behind the # stays in the browser.
		for part: String in str(location.hash).trim_prefix("#").split("&"):
			if part.begins_with("token="):
				secret = part.trim_prefix("token=").uri_decode()
	return secret if not secret.is_empty() else str(value_of(TOKEN))


static func _page_location() -> JavaScriptObject:
	return JavaScriptBridge.get_interface("location") if OS.has_feature("web") else null


## Shows all settings in the project settings dialog.
static func register() -> void:
	for setting: Dictionary in _ALL:
		var name: String = setting["name"]
		if not ProjectSettings.has_setting(name):
			ProjectSettings.set_setting(name, setting["value"])
		ProjectSettings.set_initial_value(name, setting["value"])
		ProjectSettings.set_as_basic(name, true)
		ProjectSettings.add_property_info(setting)
