class_name VRBridgeError
extends RefCounted
## Why something was not done, in a sentence that a developer can act on.

## One of the protocol's error codes, or one of this client's own: [code]session_lost[/code],
## [code]digest_mismatch[/code], [code]unreadable[/code], [code]cannot_connect[/code].
var code: String

## What to do about it.
var message: String

## Whether the same request can succeed later.
var is_retryable: bool

## When a retry has a chance, in seconds from now; negative if that is not known.
var retry_after_s: float

## Path of the input that is to blame, such as [code]params.size_px[/code]; empty if none is.
var field: String


func _init(
	error_code: String,
	error_message: String,
	retryable: bool = false,
	after_s: float = -1.0,
	blamed_field: String = ""
) -> void:
	code = error_code
	message = error_message
	is_retryable = retryable
	retry_after_s = after_s
	field = blamed_field


## Returns the error that an [code]error[/code] message tells.
static func of(wire: Dictionary) -> VRBridgeError:
	return VRBridgeError.new(
		VRBridgeFields.text(wire, "code", "internal"),
		VRBridgeFields.text(wire, "message"),
		VRBridgeFields.truth(wire, "retryable"),
		VRBridgeFields.number(wire, "retry_after_s", -1.0),
		VRBridgeFields.text(wire, "field")
	)


func _to_string() -> String:
	var blamed: String = " (%s)" % field if not field.is_empty() else ""
	return "%s: %s%s" % [code, message, blamed]
