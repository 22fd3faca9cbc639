extends Node
## One session over good and bad connections, with a fake server and a clock that the tests turn.

var runner: Node


func test_a_greeting_says_who_and_what() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet()
	var hello: Dictionary = desk.socket.sent[0]
	runner.equal(hello["type"], "hello")
	runner.equal(hello["version"], 1)
	runner.equal(hello["receive"], {"chunk_bytes": 1024, "window_bytes": 4096})
	runner.check("token" not in hello and "resume" not in hello, "nothing that is not there")
	runner.equal(desk.link.phase, VRBridgeLink.Phase.WELCOME)


func test_an_answer_comes_in_order_and_ends_once() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet()
	var said: PackedStringArray = []
	var request: VRBridgeRequest = desk.ask("dialogue")
	request.accepted.connect(
		func(place: int, _eta: float) -> void: said.append("accepted %d" % place)
	)
	request.text_received.connect(
		func(text: String, at: int) -> void: said.append("%s@%d" % [text, at])
	)
	request.action_chosen.connect(func(name: String, _a: Dictionary) -> void: said.append(name))
	request.completed.connect(func(_r: Dictionary, _t: Dictionary) -> void: said.append("done"))
	request.failed.connect(func(_e: VRBridgeError) -> void: said.append("failed"))
	desk.say({"type": "accepted", "id": 1, "position": 2})
	desk.say({"type": "accepted", "id": 1, "position": 0})
	desk.say({"type": "text", "id": 1, "text": "Grüß ", "offset": 0})
	desk.say({"type": "text", "id": 1, "text": "Grüß ", "offset": 0})
	desk.say({"type": "text", "id": 1, "text": "dich", "offset": 5})
	desk.say({"type": "action", "id": 1, "name": "wave", "arguments": {}})
	desk.say({"type": "done", "id": 1, "result": {"text": "Grüß dich"}, "timing": {}})
	desk.say({"type": "error", "id": 1, "code": "internal", "message": "late", "retryable": true})
	runner.equal(said, PackedStringArray(["accepted 2", "Grüß @0", "dich@5", "wave", "done"]))
	runner.equal(request.result, {"text": "Grüß dich"})
	runner.equal(desk.core.received, 8)


func test_an_error_says_what_to_do() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet()
	var request: VRBridgeRequest = desk.ask()
	(
		desk
		. say(
			{
				"type": "error",
				"id": 1,
				"code": "invalid_params",
				"message": "Take a power of two.",
				"retryable": false,
				"field": "params.size_px",
				"retry_after_s": 2.5,
			}
		)
	)
	runner.equal(str(request.error), "invalid_params: Take a power of two. (params.size_px)")
	runner.equal(request.error.retry_after_s, 2.5)
	runner.check(request.is_ended and desk.core.open_requests().is_empty(), "it has ended")


func test_an_asset_is_put_together_and_checked() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet()
	var body: PackedByteArray = SessionDesk.bytes(3000)
	var request: VRBridgeRequest = desk.ask()
	var grew: PackedInt64Array = []
	var got: Array[PackedByteArray] = []
	request.asset_grew.connect(func(asset: VRBridgeAsset) -> void: grew.append(asset.n_arrived))
	request.asset_received.connect(func(asset: VRBridgeAsset) -> void: got.append(asset.data))
	desk.announce(request, 7, body)
	desk.chunk(7, body, 0, 1024)
	desk.chunk(7, body, 1024, 2048)
	desk.chunk(7, body, 2048, 3000)
	runner.equal(got, [body] as Array[PackedByteArray])
	runner.equal(grew.size(), 2)


func test_chunks_that_do_not_follow_close_and_resume() -> void:
	var body: PackedByteArray = SessionDesk.bytes(3000)
	for wrong: Array in [[1500, 2000], [0, 500], [1000, 3001], [1024, 900]]:
		var desk: SessionDesk = SessionDesk.new()
		desk.greet()
		var request: VRBridgeRequest = desk.ask()
		desk.announce(request, 7, body)
		desk.chunk(7, body, 0, 1000)
		var from: int = wrong[0]
		var data: PackedByteArray = SessionDesk.bytes(maxi(1, int(wrong[1]) - from))
		desk.socket.say({"type": "chunk", "asset": 7, "offset": from, "data": data})
		desk.turn()
		runner.equal(desk.socket.closed_with, 4010, "bytes from %d" % from)
		desk.turn(0.5)
		runner.equal(desk.socket.sent[0]["resume"]["assets"], [{"asset": 7, "offset": 1000}])


func test_an_empty_asset_is_complete_at_once() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet()
	var request: VRBridgeRequest = desk.ask()
	var n_got: Array[int] = []
	request.asset_received.connect(func(asset: VRBridgeAsset) -> void: n_got.append(asset.n_bytes))
	desk.announce(request, 1, PackedByteArray())
	runner.equal(n_got, [0] as Array[int])


func test_a_damaged_asset_fails_its_request_and_stops_it() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet()
	var body: PackedByteArray = SessionDesk.bytes(100)
	var request: VRBridgeRequest = desk.ask()
	var n_got: Array[int] = []
	request.asset_received.connect(func(_a: VRBridgeAsset) -> void: n_got.append(1))
	desk.announce(request, 1, body)
	body[50] += 1
	desk.chunk(1, body, 0, 100)
	runner.check(request.error != null and request.error.code == "digest_mismatch", "it failed")
	runner.equal(desk.socket.sent_of("cancel").size(), 1)
	desk.say({"type": "error", "id": 1, "code": "cancelled", "message": "", "retryable": false})
	runner.check(
		n_got.is_empty() and request.error.code == "digest_mismatch", "the first end stays"
	)


func test_credit_grows_with_what_is_put_together_and_stops_while_too_much_is_held() -> void:
	var desk: SessionDesk = SessionDesk.new(4096, 2000)
	desk.greet()
	var request: VRBridgeRequest = desk.ask()
	var kept: Array[VRBridgeAsset] = []
	request.asset_received.connect(func(asset: VRBridgeAsset) -> void: kept.append(asset))
	var body: PackedByteArray = SessionDesk.bytes(1024)
	for number: int in 2:
		desk.announce(request, number, body)
		desk.chunk(number, body, 0, 1024)
	runner.equal(desk.socket.sent_of("credit").map(_limit), [5120, 6144].slice(0, 1))
	desk.announce(request, 2, body)
	desk.chunk(2, body, 0, 1024)
	runner.equal(desk.socket.sent_of("credit").size(), 1, "3 KiB are held, 2,000 bytes may be")
	kept[0].release()
	kept[1].release()
	desk.turn()
	runner.equal(desk.socket.sent_of("credit").map(_limit), [5120, 7168])
	kept.clear()
	request.asset_received.disconnect(request.asset_received.get_connections()[0]["callable"])
	desk.announce(request, 3, body)
	desk.chunk(3, body, 0, 1024)
	runner.equal(
		desk.socket.sent_of("credit").map(_limit).back(), 8192, "what nobody keeps is not held"
	)


func test_a_cut_in_an_asset_goes_on_from_its_last_byte() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet()
	var body: PackedByteArray = SessionDesk.bytes(3000)
	var request: VRBridgeRequest = desk.ask()
	var got: Array[PackedByteArray] = []
	request.asset_received.connect(func(asset: VRBridgeAsset) -> void: got.append(asset.data))
	desk.announce(request, 7, body)
	desk.chunk(7, body, 0, 1024)
	desk.socket.cut()
	desk.turn()
	runner.equal(desk.lost, [0.125] as Array[float])
	desk.turn(0.2)
	runner.equal(desk.socket.n_opened, 2)
	runner.equal(
		desk.socket.sent[0]["resume"],
		{"session": "s", "secret": "x", "received": 1, "assets": [{"asset": 7, "offset": 1024}]}
	)
	desk.greet(true, {"secret": "y"})
	runner.equal(
		desk.socket.sent_of("ack").size(), 1, "the first acknowledgement retires the secret"
	)
	# It was not accepted yet as far as this side knows: the id makes it safe to send it again.
	runner.equal(desk.socket.sent_of("request").size(), 1)
	desk.chunk(7, body, 1024, 2048)
	desk.chunk(7, body, 2048, 3000)
	desk.say({"type": "done", "id": 1, "result": {}, "timing": {}})
	runner.equal(got, [body] as Array[PackedByteArray])
	runner.check(request.is_ended and request.error == null, "it is done")


func test_a_gap_closes_and_resumes() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet()
	var request: VRBridgeRequest = desk.ask()
	desk.say({"type": "accepted", "id": 1, "position": 0})
	desk.seq += 1
	desk.say({"type": "done", "id": 1, "result": {}, "timing": {}})
	runner.equal(desk.socket.closed_with, 4010)
	runner.check(not request.is_ended, "what came after the gap does not count")
	desk.turn(0.5)
	runner.equal(desk.socket.sent[0]["resume"]["received"], 1)


func test_an_end_before_the_last_chunk_is_a_gap() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet()
	var request: VRBridgeRequest = desk.ask()
	desk.announce(request, 1, SessionDesk.bytes(2000))
	desk.say({"type": "done", "id": 1, "result": {}, "timing": {}})
	runner.equal(desk.socket.closed_with, 4010)
	runner.equal(desk.core.received, 1)


func test_a_lost_session_sends_requests_again_that_may_be() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet()
	var again: VRBridgeRequest = desk.ask()
	var only_once: VRBridgeRequest = VRBridgeRequest.new("dialogue", {})
	only_once.is_resent = false
	desk.core.enter(only_once, {})
	var stopped: VRBridgeRequest = desk.ask()
	desk.core.cancel(stopped)
	var n_restarts: Array[int] = []
	again.restarted.connect(func() -> void: n_restarts.append(1))
	desk.say({"type": "accepted", "id": 1, "position": 0})
	desk.socket.cut()
	desk.turn(0.3)
	desk.greet(false, {"session": "t"})
	runner.equal(desk.socket.sent_of("request").map(_id), [1])
	runner.equal(n_restarts.size(), 1)
	runner.equal(only_once.error.code, "session_lost")
	runner.equal(stopped.error.code, "cancelled")
	desk.say({"type": "done", "id": 1, "result": {}, "timing": {}})
	runner.check(again.is_ended and again.error == null, "the new one is done")


func test_waits_grow_and_a_welcome_ends_them() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.link.start(0.0)
	for attempt: int in 9:
		desk.socket.cut()
		desk.turn()
		desk.turn(desk.lost.back() + 0.02)
	runner.equal(
		desk.lost,
		[0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0] as Array[float],
		"half of the bound"
	)
	desk.greet()
	desk.socket.cut()
	desk.turn()
	runner.equal(desk.lost.back(), 0.125)


func test_it_gives_up_after_a_time() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.link.give_up_s = 5.0
	desk.link.start(0.0)
	while desk.now_s < 20.0 and desk.errors.is_empty():
		desk.socket.cut()
		desk.turn(0.1)
	runner.equal(desk.errors.size(), 1)
	runner.equal(desk.errors[0].code, "cannot_connect")
	runner.check(desk.now_s > 5.0 and desk.now_s < 12.0, "at %s s" % desk.now_s)
	runner.equal(desk.link.phase, VRBridgeLink.Phase.ENDED)


func test_what_makes_no_sense_to_repeat_is_not_repeated() -> void:
	for code: int in [1002, 1003, 1007, 1008, 1009, 4501, 4503, 4526]:
		var desk: SessionDesk = SessionDesk.new()
		desk.link.start(0.0)
		desk.turn()
		desk.socket.cut(code)
		desk.turn(60.0)
		runner.equal(desk.errors.size(), 1, "code %d" % code)
		runner.equal(desk.socket.n_opened, 1, "code %d" % code)
	for code: int in [1000, 1001, 1006, 1011, 4010, 4408, 4413, 4429, 4490]:
		var desk: SessionDesk = SessionDesk.new()
		desk.link.start(0.0)
		desk.turn()
		desk.socket.cut(code)
		desk.turn(1.0)
		runner.equal(desk.socket.n_opened, 2, "code %d" % code)


func test_its_own_ghost_does_not_end_a_session() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet()
	desk.socket.cut()
	desk.turn(0.2)
	# This greeting stays without an answer; it may arrive late and take the session over.
	desk.socket.cut()
	desk.turn(1.0)
	desk.greet(true)
	desk.socket.cut(4509)
	desk.turn(1.0)
	runner.check(desk.errors.is_empty(), "that was this client itself")
	desk.greet(true)
	desk.socket.cut(4509)
	desk.turn(1.0)
	runner.equal(desk.errors.size(), 1, "and this was somebody else")


func test_a_silent_server_is_asked_and_then_left() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet()
	desk.turn(11.0)
	runner.check(desk.socket.sent_of("ping").size() >= 1, "it is asked")
	desk.turn(12.0)
	runner.check(desk.lost.size() >= 1, "it is left")


func test_a_scene_that_stood_still_blames_nobody() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet()
	desk.turn(1.0)
	desk.now_s += 100.0
	desk.turn(4.0)
	runner.equal(desk.lost, [] as Array[float])
	runner.equal(desk.socket.n_opened, 1)


func test_a_draining_server_is_left_when_all_is_done() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet()
	var request: VRBridgeRequest = desk.ask()
	desk.socket.say({"type": "goaway", "reconnect_after_s": 1.0, "reason": "draining"})
	desk.turn(2.0)
	runner.equal(desk.socket.closed_with, 0, "a request is open")
	desk.say({"type": "done", "id": request.id, "result": {}, "timing": {}})
	desk.turn(0.1)
	runner.equal(desk.socket.closed_with, 1001)
	desk.turn(0.3)
	runner.equal(desk.socket.n_opened, 2)


func test_a_server_of_another_version_is_refused() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet(false, {"version": 2})
	desk.turn(1.0)
	runner.equal(desk.errors.size(), 1)
	runner.check("version" in desk.errors[0].message, desk.errors[0].message)


func test_what_it_does_not_know_it_passes_over() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet(false, {"surprise": [1, 2]})
	desk.socket.say({"type": "aurora", "green": true})
	desk.say({"type": "borealis"})
	desk.socket.say({"type": "pong", "t": 1.0, "server_s": 2.0, "more": {}})
	desk.turn()
	runner.equal(desk.core.received, 1)
	runner.equal(desk.socket.closed_with, 0)


func test_malformed_messages_close_with_their_code() -> void:
	for broken: Array in [["c1", 1007], ["80", 1007], ["81a474797065c0", 1007], ["93010203", 1007]]:
		var desk: SessionDesk = SessionDesk.new()
		desk.greet()
		var hex: String = broken[0]
		desk.socket._waiting.append(hex.hex_decode())
		desk.turn()
		runner.equal(desk.socket.closed_with, broken[1], hex)


func test_requests_are_bounded_in_number_and_size() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet(false, {"limits": {"max_open_requests": 2, "max_message_bytes": 200}})
	var large: VRBridgeRequest = VRBridgeRequest.new("texture", {"prompt": "x".repeat(300)})
	runner.equal(desk.core.enter(large, {}).code, "too_large")
	var strange: VRBridgeRequest = VRBridgeRequest.new("texture", {"prompt": Color.RED})
	runner.equal(desk.core.enter(strange, {}).code, "invalid_params")
	for number: int in 8:
		runner.equal(desk.core.enter(VRBridgeRequest.new("texture", {}), {}), null)
	runner.equal(desk.core.enter(VRBridgeRequest.new("texture", {}), {}).code, "rate_limited")


func test_what_finds_no_room_goes_out_later_and_in_order() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet()
	desk.socket.is_full = true
	desk.ask()
	desk.ask()
	runner.equal(desk.socket.sent_of("request").size(), 0)
	desk.socket.is_full = false
	desk.turn()
	runner.equal(desk.socket.sent_of("request").map(_id), [1, 2])


func test_acknowledgements_come_in_time() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet()
	desk.ask()
	desk.turn(0.3)
	for number: int in 5:
		desk.say({"type": "progress", "id": 1, "stage": "generate", "fraction": 0.1 * number})
	desk.turn(0.3)
	runner.equal(desk.socket.sent_of("ack").back(), {"type": "ack", "received": 5})
	desk.say({"type": "done", "id": 1, "result": {}, "timing": {}})
	runner.equal(desk.socket.sent_of("ack").back(), {"type": "ack", "received": 6})


func test_what_was_heard_is_told_again_after_a_cut() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet()
	desk.core.heard(1, 12)
	desk.turn()
	desk.socket.cut()
	desk.turn(0.3)
	desk.greet(true)
	runner.equal(
		desk.socket.sent_of("heard"),
		[{"type": "heard", "id": 1, "characters": 12}] as Array[Dictionary]
	)


func test_a_frame_takes_one_message_when_there_is_no_time() -> void:
	var desk: SessionDesk = SessionDesk.new()
	desk.greet()
	desk.ask()
	for number: int in 4:
		desk.seq += 1
		desk.socket.say(
			{"type": "progress", "id": 1, "stage": "s", "fraction": 0.0, "seq": desk.seq}
		)
	for number: int in 4:
		desk.link.advance(desk.now_s, func() -> bool: return false)
		runner.equal(desk.core.received, number + 1)


func _limit(message: Dictionary) -> int:
	return message["limit"]


func _id(message: Dictionary) -> int:
	return message["id"]
