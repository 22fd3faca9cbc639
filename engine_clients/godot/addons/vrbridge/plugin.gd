@tool
extends EditorPlugin
## Shows the settings under Project Settings, adds the autoload and the button that generates in the
## editor.

const _AUTOLOAD: String = "VRBridge"
const _AUTOLOAD_PATH: String = "res://addons/vrbridge/session/client.gd"
const _INSPECTOR: GDScript = preload("res://addons/vrbridge/editor/generate_inspector.gd")

var _inspector: EditorInspectorPlugin = null


func _enter_tree() -> void:
	VRBridgeSettings.register()
	_inspector = _INSPECTOR.new()
	add_inspector_plugin(_inspector)


func _exit_tree() -> void:
	remove_inspector_plugin(_inspector)
	_inspector = null


func _enable_plugin() -> void:
	if not ProjectSettings.has_setting("autoload/" + _AUTOLOAD):
		add_autoload_singleton(_AUTOLOAD, _AUTOLOAD_PATH)


func _disable_plugin() -> void:
	remove_autoload_singleton(_AUTOLOAD)
