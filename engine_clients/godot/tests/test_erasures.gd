extends Node
## What is to be forgotten, over good and bad connections.

var runner: Node


func test_it_is_asked_again_until_it_is_answered() -> void:
	var desk: SessionDesk = SessionDesk.new()
	var erasures: VRBridgeErasures = _made(desk)
	desk.greet()
	erasures.ask("session")
	erasures.ask("player")
	desk.turn()
	runner.equal(_scopes(desk), ["session", "player"])
	desk.say({"type": "forgotten", "scope": "session", "items": 1})
	desk.socket.cut()
	desk.turn()
	runner.check(erasures.ask("session"), "while there is no connection")
	desk.turn(0.3)
	desk.greet(true)
	runner.equal(_scopes(desk), ["player", "session"])
	desk.say({"type": "error", "code": "unavailable", "message": "", "field": "scope"})
	desk.say({"type": "forgotten", "scope": "session", "items": 0})
	_return(desk)
	desk.greet(true)
	runner.equal(_scopes(desk), [])


func test_another_session_is_not_forgotten_in_place_of_a_lost_one() -> void:
	var desk: SessionDesk = SessionDesk.new()
	var erasures: VRBridgeErasures = _made(desk)
	var codes: Array[String] = []
	erasures.failed.connect(
		func(error: VRBridgeError) -> void: codes.append(error.code + " " + error.field)
	)
	desk.core.session_lost.connect(erasures.ask.bind("player"))
	desk.greet()
	erasures.ask("session")
	erasures.ask("player")
	_return(desk)
	desk.greet(false, {"session": "t"})
	# What the scene asks for when it hears that the session is lost is asked for once.
	runner.equal(_scopes(desk), ["player", "player"])
	runner.equal(codes, ["session_lost scope"] as Array[String])


func test_nobody_waits_for_more_answers_than_can_be_kept_in_mind() -> void:
	var erasures: VRBridgeErasures = _made(SessionDesk.new())
	for _n: int in 64:
		runner.check(erasures.ask("player"), "there is room")
	runner.check(not erasures.ask("player"), "there is no room")


func _made(desk: SessionDesk) -> VRBridgeErasures:
	var erasures: VRBridgeErasures = VRBridgeErasures.new(desk.core)
	desk.link.lost.connect(erasures.end_connection.unbind(2))
	return erasures


func _return(desk: SessionDesk) -> void:
	desk.socket.cut()
	desk.turn(2.0)


func _scopes(desk: SessionDesk) -> Array:
	var scopes: Array = []
	for message: Dictionary in desk.socket.sent_of("forget"):
		scopes.append(message["scope"])
	return scopes
