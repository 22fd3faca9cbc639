class_name VRBridgeAddress
extends RefCounted
## Where a session is gone on with: the server's address, and which session is meant.


## Returns where to connect.
##
## Behind one address there may be several servers, and a session lives in one of them: whatever shares
## connections out among them reads here which one it is. What the query of [param url] says stays;
## [param session] is empty for a new one.
static func of(url: String, session: String) -> String:
	if session.is_empty():
		return url
	var base: String = url.get_slice("#", 0)
	var fragment: String = url.substr(base.length())
	var separator: String = "?"
	if "?" in base:
		separator = "" if base.ends_with("?") or base.ends_with("&") else "&"
	return "%s%ssession=%s%s" % [base, separator, session.uri_encode(), fragment]
