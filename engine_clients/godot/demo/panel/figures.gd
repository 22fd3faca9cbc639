class_name VillageFigures
extends Node
## Measures what the bridge does, for the line of figures below the panel.

const _PING_S: float = 2.0
const _SMOOTHING: float = 0.05

## What is measured.
var client: VRBridgeClient = null:
	set(value):
		client = value
		if client != null:
			client.ping_measured.connect(_on_ping_measured)
			client.request_started.connect(_on_request_started)

## Milliseconds there and back; negative before the first measure.
var round_trip_ms: float = -1.0

## Seconds until something of the last request showed; negative before.
var first_s: float = -1.0

## Seconds until it was done; negative before.
var final_s: float = -1.0

## What the last request was.
var kind: String = ""

## Milliseconds between frames.
var frame_ms: float = 0.0

## The most that the addon took of a frame within the last second or so, in milliseconds.
var share_ms: float = 0.0

var _ping_due_s: float = 0.0
var _asked_at_s: float = 0.0
var _last: VRBridgeRequest = null
var _peak_us: int = 0
var _last_frame_us: int = 0
var _peak_until_s: float = 0.0


func _process(_delta: float) -> void:
	# The engine's own delta is cut off at long frames.
	var now_us: int = Time.get_ticks_usec()
	if _last_frame_us > 0:
		var took_ms: float = (now_us - _last_frame_us) / 1000.0
		frame_ms = lerpf(frame_ms, took_ms, _SMOOTHING if frame_ms > 0.0 else 1.0)
	_last_frame_us = now_us
	if client == null:
		return
	var now_s: float = VRBridgeClient.now_s()
	_peak_us = maxi(_peak_us, client.budget.spent_us)
	if now_s >= _peak_until_s:
		share_ms = _peak_us / 1000.0
		_peak_us = 0
		_peak_until_s = now_s + 1.0
	if client.is_open() and now_s >= _ping_due_s:
		_ping_due_s = now_s + _PING_S
		client.ping()


## Returns the figures as a line of words.
func line() -> String:
	var parts: PackedStringArray = []
	if client == null or not client.is_open():
		parts.append("not connected")
	else:
		parts.append("connected")
		if round_trip_ms >= 0.0:
			parts.append("round trip %.0f ms" % round_trip_ms)
	if not kind.is_empty() and first_s >= 0.0:
		parts.append("%s %.2f s" % [kind, first_s])
		if final_s >= 0.0:
			parts[-1] += " to %.2f s" % final_s
	parts.append("frame %.1f ms, bridge %.1f ms" % [frame_ms, share_ms])
	return "  ·  ".join(parts)


func _on_ping_measured(round_trip_s: float, _server_s: float) -> void:
	round_trip_ms = round_trip_s * 1000.0


func _on_request_started(request: VRBridgeRequest) -> void:
	_last = request
	kind = request.kind
	first_s = -1.0
	final_s = -1.0
	_asked_at_s = VRBridgeClient.now_s()
	request.text_received.connect(func(_text: String, _offset: int) -> void: _note_first(request))
	request.asset_received.connect(func(_asset: VRBridgeAsset) -> void: _note_first(request))
	request.completed.connect(
		func(_result: Dictionary, _timing: Dictionary) -> void: _note_final(request)
	)


func _note_first(request: VRBridgeRequest) -> void:
	if request == _last and first_s < 0.0:
		first_s = VRBridgeClient.now_s() - _asked_at_s


func _note_final(request: VRBridgeRequest) -> void:
	_note_first(request)
	if request == _last:
		final_s = VRBridgeClient.now_s() - _asked_at_s
