class_name VRBridgeGlb
extends RefCounted
## A mesh that travels as GLB; the engine reads it in one piece, so small ones only are quick.

## What such assets are announced as.
const MEDIA_TYPE: String = "model/gltf-binary"

## What is wrong with the data; empty if nothing is.
var error: String = ""

## Names of the materials, by surface.
var materials: PackedStringArray = []


## Returns the first mesh of a file with its own materials; null, with [member error] set, without one.
func mesh(data: PackedByteArray) -> Mesh:
	var document: GLTFDocument = GLTFDocument.new()
	var state: GLTFState = GLTFState.new()
	if document.append_from_buffer(data, "", state) != OK:
		error = "no GLB file"
		return null
	for found: GLTFMesh in state.meshes:
		var built: ArrayMesh = found.mesh.get_mesh()
		for surface: int in built.get_surface_count():
			var material: Material = built.surface_get_material(surface)
			materials.append(material.resource_name if material != null else "")
		return built
	error = "a file without a mesh"
	return null
