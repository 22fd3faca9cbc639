class_name VRBridgeIntake
extends RefCounted
## The assets that are on their way, and how much more may come.
##
## Credit grows as chunks are put together. It stops while complete assets that nobody has consumed
## hold too many bytes: a scene that falls behind is not flooded.

## Whether the last chunk did not continue its asset, so that something was lost.
var is_broken: bool = false

# VRBridgeAsset by number.
var _assets: Dictionary = {}
var _window_bytes: int
var _max_held_bytes: int
var _arrived_bytes: int = 0
var _granted_bytes: int = 0
var _held_bytes: int = 0


func _init(window_bytes: int, max_held_bytes: int) -> void:
	_window_bytes = window_bytes
	_max_held_bytes = max_held_bytes


## Begins a connection, with which credit starts anew.
func start_connection() -> void:
	is_broken = false
	_arrived_bytes = 0
	_granted_bytes = _window_bytes


## Returns the asset that a message announces; null if the message is malformed.
func announce(message: Dictionary) -> VRBridgeAsset:
	var asset: VRBridgeAsset = VRBridgeAsset.new(message)
	if asset.number < 0 or asset.n_bytes < 0:
		return null
	_assets[asset.number] = asset
	return asset


## Adds a chunk and returns its asset; null if nobody wants it, as with chunks that were on their way
## when their asset was skipped or its request cancelled, and if it [member is_broken].
func take(message: Dictionary) -> VRBridgeAsset:
	var chunk: PackedByteArray = VRBridgeFields.bytes_of(message, "data")
	_arrived_bytes += chunk.size()
	var asset: VRBridgeAsset = _assets.get(VRBridgeFields.whole(message, "asset", -1))
	if asset != null and not asset.add(VRBridgeFields.whole(message, "offset", -1), chunk):
		is_broken = true
		return null
	return asset


## Takes an asset off the list; false if it was not on it.
func drop(number: int) -> bool:
	return _assets.erase(number)


## Takes the assets of a request off the list: a cancelled one leaves some that will never be complete.
func drop_all_of(request_id: int) -> void:
	for asset: VRBridgeAsset in _assets.values():
		if asset.request_id == request_id:
			_assets.erase(asset.number)


## Takes all assets off the list.
func clear() -> void:
	_assets.clear()


## Whether assets of this request are incomplete.
func has_unfinished(request_id: int) -> bool:
	for asset: VRBridgeAsset in _assets.values():
		if asset.request_id == request_id:
			return true
	return false


## What [code]hello.resume[/code] says of assets.
func unfinished() -> Array[Dictionary]:
	var list: Array[Dictionary] = []
	for asset: VRBridgeAsset in _assets.values():
		list.append({"asset": asset.number, "offset": asset.n_arrived})
	return list


## Notes that a complete asset waits to be consumed.
func hold(n_bytes: int) -> void:
	_held_bytes += n_bytes


## Notes that one was consumed.
func consumed(n_bytes: int) -> void:
	_held_bytes = maxi(0, _held_bytes - n_bytes)


## Returns the limit that credit has to be raised to now; 0 if it stays.
func next_limit() -> int:
	var limit: int = _arrived_bytes + _window_bytes
	if _held_bytes > _max_held_bytes or limit - _granted_bytes < _window_bytes / 4:
		return 0
	_granted_bytes = limit
	return limit
