class_name VRBridgeMapLoader
extends RefCounted
## Turns the picture assets of one request into textures: a preview first, coarse levels as they come,
## and the whole set at once when all of it is there. One upload a frame.

## The first pictures can be seen.
signal shown(role: String, width_px: int)

## All maps were swapped in.
signal swapped

## A map can't be read.
signal unreadable(error: VRBridgeError)

# Coarser pictures than this are not worth an upload of their own.
const _MIN_COARSE_PX: int = 32

# Only weakly: a material that asks for maps holds its loader, and must be able to go away.
var _target: WeakRef
var _budget: VRBridgeFrameBudget
# Texture2D by role.
var _maps: Dictionary = {}
var _n_reading: int = 0
var _is_complete: bool = false
var _shown_px: int = 0
var _growing: VRBridgeKtx2 = null
var _metres_per_tile: float = 0.0


## Maps go to [param target], a material prepared with [method VRBridgeSurface.prepare]; whoever calls
## this keeps it.
func _init(target: BaseMaterial3D, budget: VRBridgeFrameBudget) -> void:
	_target = weakref(target)
	_budget = budget


## The length that one tile of the maps covers; 0 as long as it is not known.
func metres_per_tile() -> float:
	return _metres_per_tile


## Takes note of more bytes of a map.
func grow(asset: VRBridgeAsset) -> void:
	if asset.role != "base_color" or asset.media_type != VRBridgeImages.MEDIA_TYPE_KTX2:
		return
	if _growing == null or not _growing.is_known():
		_growing = VRBridgeKtx2.new(asset.data, asset.n_arrived)
		_note(asset)
	var level: int = _growing.finest_level(asset.n_arrived)
	if level < 1:
		return
	var level_px: int = maxi(_growing.width_px, _growing.height_px) >> level
	if level_px < _MIN_COARSE_PX or level_px <= _shown_px:
		return
	var coarse: Image = _growing.image(asset.data, level)
	if coarse != null:
		_budget.add_heavy(_show.bind(asset.role, coarse))


## Takes a complete map.
func take(asset: VRBridgeAsset) -> void:
	_note(asset)
	_n_reading += 1
	VRBridgeDecoding.run(_budget, VRBridgeImages.read.bind(asset), _upload.bind(asset))


## Says that all maps have come: they are swapped in as soon as they are uploaded.
func complete() -> void:
	_is_complete = true
	_swap_if_ready()


## Forgets what came, since it comes once more.
func restart() -> void:
	_maps.clear()
	_growing = null
	_is_complete = false


## Ends it, since nobody wants it any more: what shows now stays.
func abandon() -> void:
	restart()
	_target = weakref(null)


func _note(asset: VRBridgeAsset) -> void:
	var metres: float = VRBridgeFields.number(asset.meta, "metres_per_tile")
	if metres > 0.0:
		_metres_per_tile = metres


func _upload(image: Image, asset: VRBridgeAsset) -> void:
	_n_reading -= 1
	asset.release()
	if image == null:
		unreadable.emit(
			VRBridgeError.new(
				"unreadable", "The `%s` map can't be read; ask again." % asset.role, true
			)
		)
	elif asset.role == "preview":
		_show("preview", image)
	elif asset.role in VRBridgeSurface.ROLES:
		_maps[asset.role] = ImageTexture.create_from_image(image)
	_swap_if_ready()


## Shows a picture in place of a finer one that is still on its way.
func _show(role: String, image: Image) -> void:
	var width_px: int = maxi(image.get_width(), image.get_height())
	if _maps.has("base_color") or width_px <= _shown_px:
		return
	_shown_px = width_px
	_put(role, ImageTexture.create_from_image(image))
	shown.emit(role, width_px)


func _put(role: String, texture: Texture2D) -> void:
	var target: BaseMaterial3D = _target.get_ref()
	if target != null:
		VRBridgeSurface.put(target, role, texture)


func _swap_if_ready() -> void:
	if not _is_complete or _n_reading > 0:
		return
	_is_complete = false
	for role: String in _maps:
		_put(role, _maps[role])
	_shown_px = 0
	_maps.clear()
	swapped.emit()
