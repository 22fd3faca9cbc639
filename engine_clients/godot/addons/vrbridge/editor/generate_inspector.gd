@tool
extends EditorInspectorPlugin
## Puts a “Generate now” button over the properties of materials and props.

const _FIELD: GDScript = preload("res://addons/vrbridge/editor/generate_field.gd")


func _can_handle(object: Object) -> bool:
	return object is VRBridgeMaterial or object is VRBridgeMesh3D


func _parse_begin(object: Object) -> void:
	var field: Control = _FIELD.new()
	field.set("target", object)
	add_custom_control(field)
