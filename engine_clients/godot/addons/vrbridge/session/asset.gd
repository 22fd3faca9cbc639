class_name VRBridgeAsset
extends RefCounted
## A file on its way from the bridge, or arrived: a picture, a mesh, a map of a material.

## Its number in the session.
var number: int

## The request that brings it.
var request_id: int

## What it is for, such as [code]base_color[/code], [code]lod0[/code] or [code]preview[/code].
var role: String

## Such as [code]image/ktx2[/code] or [code]model/gltf-binary[/code].
var media_type: String

## How many bytes it has when it is complete.
var n_bytes: int

## [code]sha256:[/code] and 64 hexadecimal digits.
var digest: String

## Facts about it, as the protocol lists them for its kind.
var meta: Dictionary

## Its bytes; behind [member n_arrived] they are not there yet.
var data: PackedByteArray:
	get:
		return _buffer.data_array
	set(value):
		_buffer.data_array = value
		n_arrived = value.size()

## How many bytes have arrived.
var n_arrived: int = 0

# Takes its memory once: an array that grows would be copied in the middle of a frame.
var _buffer: StreamPeerBuffer = StreamPeerBuffer.new()
var _hash: HashingContext = HashingContext.new()
# Tells the session that these bytes are not held any more.
var _on_released: Callable = Callable()


func _init(message: Dictionary) -> void:
	number = VRBridgeFields.whole(message, "asset", -1)
	request_id = VRBridgeFields.whole(message, "id", -1)
	role = VRBridgeFields.text(message, "role")
	media_type = VRBridgeFields.text(message, "media_type")
	n_bytes = VRBridgeFields.whole(message, "bytes", -1)
	digest = VRBridgeFields.text(message, "digest")
	meta = VRBridgeFields.map_of(message, "meta")
	_hash.start(HashingContext.HASH_SHA256)
	if n_bytes > 0:
		_buffer.resize(n_bytes)


func _notification(what: int) -> void:
	# Methods of an object that is being deleted can't be called any more.
	if what == NOTIFICATION_PREDELETE and _on_released.is_valid():
		_on_released.call(n_bytes)


## Says that its data is used and not needed any more, so that more may come. An asset that nobody
## refers to any more does it by itself.
func release() -> void:
	var told: Callable = _on_released
	_on_released = Callable()
	_buffer.clear()
	if told.is_valid():
		told.call(n_bytes)


## Whether everything has arrived.
func is_complete() -> bool:
	return n_arrived == n_bytes


## Appends a chunk; false if it leaves a gap, repeats something or runs past the end.
func add(offset: int, chunk: PackedByteArray) -> bool:
	if offset != n_arrived or offset + chunk.size() > n_bytes:
		return false
	if chunk.is_empty():
		return true
	_buffer.put_data(chunk)
	_hash.update(chunk)
	n_arrived += chunk.size()
	return true


## Whether the bytes are the announced ones; asked once, when it is complete.
func is_intact() -> bool:
	return "sha256:" + _hash.finish().hex_encode() == digest
