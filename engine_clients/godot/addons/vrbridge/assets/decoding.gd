class_name VRBridgeDecoding
extends RefCounted
## Work on another thread where the platform has threads, and in a frame of its own where it has none.


## Calls [param work], which returns a value, off the main thread if that is possible, and then
## [param finish] with the value in a frame that does nothing else that is heavy.
static func run(budget: VRBridgeFrameBudget, work: Callable, finish: Callable) -> void:
	if not has_threads():
		budget.add_heavy(
			func() -> void:
				if finish.is_valid():
					budget.add_heavy(finish.bind(work.call()))
		)
		return
	var box: Array = []
	var task: int = WorkerThreadPool.add_task(func() -> void: box.append(work.call()))
	budget.watch(
		func() -> bool:
			if not WorkerThreadPool.is_task_completed(task):
				return false
			WorkerThreadPool.wait_for_task_completion(task)
			budget.add_heavy(finish.bind(box[0]))
			return true
	)


## Whether work can be done beside the main thread.
static func has_threads() -> bool:
	# In browsers they answer, but on the main thread.
	return OS.has_feature("threads") and not OS.has_feature("web")
