extends Node
## Addresses that say which session is meant.

var runner: Node


func test_a_session_is_added_to_what_the_scene_gave() -> void:
	var text: String = FileAccess.get_file_as_string("res://wire/resume_addresses.json")
	var golden: Array = JSON.parse_string(text)
	runner.check(golden.size() > 5, "%d golden addresses" % golden.size())
	for row: Dictionary in golden:
		runner.equal(VRBridgeAddress.of(row["url"], row["session"]), row["address"])


func test_a_connection_says_which_session_it_goes_on_with() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet(false, {"session": "a-1"})
	runner.equal(desk.socket.address, "ws://test/ws")
	_return(desk)
	runner.equal(desk.socket.address, "ws://test/ws?session=a-1")
	desk.greet(true, {"session": "a-1"})
	_return(desk)
	runner.equal(desk.socket.address, "ws://test/ws?session=a-1")
	desk.greet(false, {"session": "b-2"})
	_return(desk)
	runner.equal(desk.socket.address, "ws://test/ws?session=b-2")


func _return(desk: SessionDesk) -> void:
	var n_opened: int = desk.socket.n_opened
	desk.socket.cut()
	# The longest wait after a session that was welcome, at half of its bound.
	desk.turn(0.3)
	runner.equal(desk.socket.n_opened, n_opened + 1)
