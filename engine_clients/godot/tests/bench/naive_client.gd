class_name NaiveClient
extends Node
## What most scenes do: every message at once, whole PNG and GLB files, decoded where they arrive.

signal finished

var busy_us: int = 0
var n_bytes: int = 0

var _peer: WebSocketPeer = WebSocketPeer.new()
var _codec: VRBridgeMessagePack = VRBridgeMessagePack.new()
var _files: Dictionary = {}
var _headers: Dictionary = {}
var _requests: Array[Dictionary] = []
var _n_open: int = 0
var _is_greeted: bool = false
var _kept: Array[RefCounted] = []


func start(url: String, requests: Array[Dictionary]) -> void:
	_requests = requests
	_n_open = requests.size()
	_peer.supported_protocols = ["vrbridge.v1"]
	_peer.inbound_buffer_size = 1 << 26
	_peer.max_queued_packets = 1 << 14
	_peer.connect_to_url(url)


func _process(_delta: float) -> void:
	var began_us: int = Time.get_ticks_usec()
	_peer.poll()
	if _peer.get_ready_state() == WebSocketPeer.STATE_OPEN and not _is_greeted:
		_is_greeted = true
		var receive: Dictionary = {
			"texture_formats": ["png"],
			"mesh_formats": ["glb"],
			"chunk_bytes": 65536,
			"window_bytes": 1 << 25,
		}
		_send({"type": "hello", "version": 1, "client": {"name": "naive"}, "receive": receive})
	while _peer.get_available_packet_count() > 0:
		_take(_codec.decode(_peer.get_packet()))
	busy_us = Time.get_ticks_usec() - began_us


func _take(message: Dictionary) -> void:
	match message["type"]:
		"welcome":
			for id: int in _requests.size():
				_send(_requests[id].merged({"type": "request", "id": id + 1}))
		"asset":
			_headers[message["asset"]] = message
			_files[message["asset"]] = PackedByteArray()
		"chunk":
			var number: int = message["asset"]
			_files[number].append_array(message["data"])
			if _files[number].size() == _headers[number]["bytes"]:
				_load(_headers[number], _files[number])
				_files.erase(number)
		"done", "error":
			_n_open -= 1
			if _n_open == 0:
				finished.emit()


func _load(header: Dictionary, file: PackedByteArray) -> void:
	n_bytes += file.size()
	if header["media_type"] == "model/gltf-binary":
		var document: GLTFDocument = GLTFDocument.new()
		var state: GLTFState = GLTFState.new()
		document.append_from_buffer(file, "", state)
		var scene: Node = document.generate_scene(state)
		add_child(scene)
		return
	var image: Image = Image.new()
	if header["media_type"] == "image/png":
		image.load_png_from_buffer(file)
	else:
		image.load_jpg_from_buffer(file)
	image.generate_mipmaps()
	_kept.append(ImageTexture.create_from_image(image))


func _send(message: Dictionary) -> void:
	_peer.send(_codec.encode(message))
