extends Node
## Runs every [code]test_*[/code] method of the scripts in a folder, prints one line of JSON for each
## behind [code]RESULT[/code], and quits with 1 unless all passed.

var folder: String = "res://tests"
var only: String = ""
var config: Dictionary = {}

var _problems: PackedStringArray = []
var _n_checks: int = 0


## Notes a problem unless something is true.
func check(is_right: bool, what: String) -> bool:
	_n_checks += 1
	if not is_right:
		_problems.append(what)
	return is_right


## Notes a problem unless two values, and their types, are the same.
func equal(found: Variant, wanted: Variant, what: String = "") -> bool:
	var is_same: bool = typeof(found) == typeof(wanted) and found == wanted
	return check(
		is_same,
		"%s: %s, not %s" % [what, var_to_str(found).left(300), var_to_str(wanted).left(300)]
	)


## Waits until a condition holds; false, and a problem, if it doesn't within a time.
func until(condition: Callable, within_s: float, what: String) -> bool:
	var end_ms: int = Time.get_ticks_msec() + roundi(within_s * 1000.0)
	while not condition.call():
		if Time.get_ticks_msec() > end_ms:
			return check(false, "not within %s s: %s" % [within_s, what])
		await get_tree().process_frame
	return check(true, what)


## Prints a line of JSON that the harness reads.
func report(tag: String, fields: Dictionary) -> void:
	print("%s %s" % [tag, JSON.stringify(fields)])


## Has the harness take a picture of the page, as it looks after the next frames.
func take_picture(name: String) -> void:
	for frame: int in 3:
		await RenderingServer.frame_post_draw
	var bridge: JavaScriptObject = JavaScriptBridge.get_interface("window")
	bridge.set("pictureTaken", false)
	JavaScriptBridge.eval(
		"takePicture('%s').then(() => { window.pictureTaken = true; })" % name, true
	)
	await until(func() -> bool: return bridge.get("pictureTaken"), 30.0, "the picture %s" % name)


func _ready() -> void:
	for argument: String in OS.get_cmdline_args() + OS.get_cmdline_user_args():
		if argument.begins_with("only="):
			only = argument.trim_prefix("only=")
		elif argument.begins_with("folder="):
			folder = argument.trim_prefix("folder=")
		elif argument.begins_with("config="):
			config = JSON.parse_string(argument.trim_prefix("config="))
	await get_tree().process_frame
	var n_failed: int = 0
	var n_run: int = 0
	for file: String in DirAccess.get_files_at(folder):
		if not file.begins_with("test_") or not file.ends_with(".gd"):
			continue
		var script: GDScript = load(folder.path_join(file))
		if script == null or not script.can_instantiate():
			report("RESULT", {"test": file, "problems": ["it does not parse"]})
			n_failed += 1
			continue
		for method: Dictionary in script.get_script_method_list():
			var test: String = method["name"]
			if test.begins_with("test_") and (only.is_empty() or only in file + "::" + test):
				n_run += 1
				n_failed += 0 if await _run(script, file, test) else 1
	_end(0 if n_failed == 0 and n_run > 0 else 1)


func _end(exit_code: int) -> void:
	if "mode" in config:
		# The layers' polyfill of an emulated headset does not survive the engine's end.
		JavaScriptBridge.eval("window.exitCode = %d" % exit_code, true)
	else:
		get_tree().quit(exit_code)


func _run(script: GDScript, file: String, test: String) -> bool:
	_problems = []
	_n_checks = 0
	var node: Node = script.new()
	node.set("runner", self)
	add_child(node)
	var began_ms: int = Time.get_ticks_msec()
	await node.call(test)
	node.queue_free()
	# What it leaves behind ends in this frame, and not in the next test.
	await get_tree().process_frame
	if _n_checks == 0:
		_problems.append("it checks nothing")
	report(
		"RESULT",
		{
			"test": file.get_basename() + "::" + test,
			"problems": _problems,
			"ms": Time.get_ticks_msec() - began_ms,
		}
	)
	return _problems.is_empty()
