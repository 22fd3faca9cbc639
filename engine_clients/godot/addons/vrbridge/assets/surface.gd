class_name VRBridgeSurface
extends RefCounted
## How maps lie on a material of the engine.

## Roles of the maps of a material.
const ROLES: PackedStringArray = ["base_color", "normal", "orm"]

# Texture2D by role.
static var _neutral: Dictionary = {}


## Gives a material every map that will come, with neutral values: the shader stays the same then, and
## nothing has to be compiled in the frame in which the real ones are there.
static func prepare(material: BaseMaterial3D) -> void:
	for role: String in ROLES:
		put(material, role, _neutral_map(role))
	material.metallic = 1.0
	material.roughness = 1.0


## Puts a map on a material.
static func put(material: BaseMaterial3D, role: String, texture: Texture2D) -> void:
	match role:
		"base_color", "preview":
			material.albedo_texture = texture
		"normal":
			material.normal_enabled = true
			material.normal_texture = texture
		"orm":
			material.ao_enabled = true
			material.ao_texture = texture
			material.ao_texture_channel = BaseMaterial3D.TEXTURE_CHANNEL_RED
			material.roughness_texture = texture
			material.roughness_texture_channel = BaseMaterial3D.TEXTURE_CHANNEL_GREEN
			material.metallic_texture = texture
			material.metallic_texture_channel = BaseMaterial3D.TEXTURE_CHANNEL_BLUE


## Returns the map of a role that a material has; null if it has none, or only a neutral one.
static func of(material: BaseMaterial3D, role: String) -> Texture2D:
	var texture: Texture2D = material.albedo_texture
	match role:
		"normal":
			texture = material.normal_texture
		"orm":
			texture = material.roughness_texture
	return null if texture in _neutral.values() else texture


static func _neutral_map(role: String) -> Texture2D:
	if role not in _neutral:
		var color: Color = Color.WHITE
		match role:
			"normal":
				color = Color(0.5, 0.5, 1.0)
			"orm":
				color = Color(1.0, 0.9, 0.0)
		var image: Image = Image.create_empty(4, 4, true, Image.FORMAT_RGB8)
		image.fill(color)
		_neutral[role] = ImageTexture.create_from_image(image)
	return _neutral[role]
