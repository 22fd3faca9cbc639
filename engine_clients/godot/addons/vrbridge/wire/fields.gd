class_name VRBridgeFields
extends RefCounted
## Typed reading of fields that another program wrote: what is missing or of another type is the default.


## Returns the text in a field.
static func text(map: Dictionary, name: String, default: String = "") -> String:
	var value: Variant = map.get(name)
	return value if value is String else default


## Returns the whole number in a field.
static func whole(map: Dictionary, name: String, default: int = 0) -> int:
	var value: Variant = map.get(name)
	if value is int:
		return value
	if value is float:
		var real: float = value
		return int(real) if is_finite(real) and real == floorf(real) else default
	return default


## Returns the number in a field.
static func number(map: Dictionary, name: String, default: float = 0.0) -> float:
	var value: Variant = map.get(name)
	if value is int:
		var count: int = value
		return float(count)
	if value is float:
		var real: float = value
		return real if is_finite(real) else default
	return default


## Returns the truth value in a field.
static func truth(map: Dictionary, name: String, default: bool = false) -> bool:
	var value: Variant = map.get(name)
	return value if value is bool else default


## Returns the map in a field.
static func map_of(map: Dictionary, name: String) -> Dictionary:
	var value: Variant = map.get(name)
	return value if value is Dictionary else {}


## Returns the list in a field.
static func list_of(map: Dictionary, name: String) -> Array:
	var value: Variant = map.get(name)
	return value if value is Array else []


## Returns the bytes in a field.
static func bytes_of(map: Dictionary, name: String) -> PackedByteArray:
	var value: Variant = map.get(name)
	return value if value is PackedByteArray else PackedByteArray()


## Returns the three numbers in a field.
static func vector_of(map: Dictionary, name: String, default: Vector3 = Vector3.ZERO) -> Vector3:
	var list: Array = list_of(map, name)
	if list.size() != 3:
		return default
	var parts: PackedFloat64Array = []
	for value: Variant in list:
		if not (value is int or value is float):
			return default
		parts.append(float(value))
	return Vector3(parts[0], parts[1], parts[2])
