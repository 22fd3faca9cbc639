class_name VRBridgeFrameBudget
extends RefCounted
## The time that the addon may take of each frame, and what it is spent on.
##
## Work is a [Callable] that does a slice and returns whether it is finished. Slices run while there is
## time, in the order they came; those that are marked heavy, as uploads of textures are, run once a
## frame at most.

## Microseconds of each frame.
var budget_us: int = 1500

## What the last frame took, in microseconds.
var spent_us: int = 0

## Tells the time, in microseconds.
var clock: Callable = Time.get_ticks_usec

var _work: Array[Callable] = []
var _heavy: Array[Callable] = []
var _watched: Array[Callable] = []
var _began_us: int = 0
var _is_light_next: bool = false


## Begins a frame.
func begin() -> void:
	_began_us = clock.call()


## Whether there is time left in this frame.
func has_time() -> bool:
	var now_us: int = clock.call()
	return now_us - _began_us < budget_us


## Adds work that is done in slices.
func add(slice: Callable) -> void:
	_work.append(slice)


## Adds a step that can't be divided, such as the upload of a texture.
func add_heavy(step: Callable) -> void:
	_heavy.append(step)


## Asks once a frame whether something has happened, until it returns true.
func watch(question: Callable) -> void:
	_watched.append(question)


## How many pieces of work wait.
func n_waiting() -> int:
	return _work.size() + _heavy.size() + _watched.size()


## Works as long as there is time: one step at least, so that it goes on however busy frames are.
func run() -> void:
	for question: Callable in _watched.duplicate():
		if not question.is_valid() or question.call():
			_watched.erase(question)
	var has_done_heavy: bool = false
	if not _heavy.is_empty() and (not _is_light_next or _work.is_empty()):
		_do_heavy()
		has_done_heavy = true
	var n_slices: int = 0
	while not _work.is_empty() and (has_time() or (n_slices == 0 and not has_done_heavy)):
		var slice: Callable = _work[0]
		# Its owner may be gone.
		if not slice.is_valid() or slice.call():
			_work.erase(slice)
		n_slices += 1
	if not _heavy.is_empty() and not has_done_heavy and has_time():
		_do_heavy()
		has_done_heavy = true
	# Neither kind keeps the other waiting for ever.
	_is_light_next = has_done_heavy and n_slices == 0 and not _work.is_empty()


## Ends a frame.
func end() -> void:
	var now_us: int = clock.call()
	spent_us = now_us - _began_us


func _do_heavy() -> void:
	var step: Callable = _heavy.pop_front()
	if step.is_valid():
		step.call()
