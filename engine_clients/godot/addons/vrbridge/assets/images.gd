class_name VRBridgeImages
extends RefCounted
## Pictures out of assets, in whatever format they come.

## What pictures for graphics cards are announced as.
const MEDIA_TYPE_KTX2: String = "image/ktx2"

# What each format needs of the graphics driver; the best first.
const _COMPRESSED: Dictionary = {"astc4x4": "astc", "etc2": "etc2", "bc1": "s3tc", "bc5": "rgtc"}


## Returns the formats that this machine shows without decoding, and those it can decode, best first.
static func formats() -> PackedStringArray:
	var list: PackedStringArray = []
	# Phones and headsets know ETC2 and ASTC, desktops BC; some know all, and BC is made fastest.
	for format: String in ["bc1", "bc5", "etc2", "astc4x4"]:
		if RenderingServer.has_os_feature(_COMPRESSED[format]):
			list.append(format)
	# A normal map has no place in BC1, and is large without compression.
	list.append_array(["webp", "jpeg", "png"])
	return list


## Whether an asset is a picture.
static func is_picture(asset: VRBridgeAsset) -> bool:
	return asset.media_type.begins_with("image/")


## Returns the picture of a complete asset; null if its bytes make none. May run on any thread.
static func read(asset: VRBridgeAsset) -> Image:
	if asset.media_type == MEDIA_TYPE_KTX2:
		var file: VRBridgeKtx2 = VRBridgeKtx2.new(asset.data)
		return file.image(asset.data) if file.is_known() else null
	if asset.data.is_empty():
		return null
	var image: Image = Image.new()
	var failure: Error = ERR_FILE_UNRECOGNIZED
	match asset.media_type:
		"image/jpeg":
			failure = image.load_jpg_from_buffer(asset.data)
		"image/webp":
			failure = image.load_webp_from_buffer(asset.data)
		"image/png":
			failure = image.load_png_from_buffer(asset.data)
	if failure != OK:
		return null
	image.generate_mipmaps(asset.role == "normal")
	return image
