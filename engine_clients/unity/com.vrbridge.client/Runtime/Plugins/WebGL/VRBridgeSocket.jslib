// The browser's WebSocket for web builds: the build polls, and nothing here calls into it.

mergeInto(LibraryManager.library, {
  $VRBridgeSockets: {
    OPENING: 0,
    OPEN: 1,
    CLOSED: 2,
    CUT: 1006,
    // Far more than a session's credit: whoever sends more breaks the protocol.
    maxWaitingBytes: 64 * 1024 * 1024,
    // With more in the browser's own buffer, which has no bound, the rest waits in the build.
    maxBufferedBytes: 1024 * 1024,
    lastId: 0,
    all: {},

    listen: function (entry) {
      var socket = entry.socket;
      socket.binaryType = 'arraybuffer';
      socket.onopen = function () {
        entry.state = VRBridgeSockets.OPEN;
      };
      socket.onmessage = function (event) {
        var isText = typeof event.data === 'string';
        var message = isText ? null : new Uint8Array(event.data);
        entry.waiting.push(message);
        entry.waitingBytes += isText ? 0 : message.length;
        if (entry.waitingBytes > VRBridgeSockets.maxWaitingBytes) {
          VRBridgeSockets.end(entry, VRBridgeSockets.CUT, '');
          socket.close(4000, 'too much');
        }
      };
      socket.onclose = function (event) {
        VRBridgeSockets.end(entry, event.code, event.reason);
      };
    },

    end: function (entry, code, reason) {
      if (entry.state === VRBridgeSockets.CLOSED) return;
      entry.state = VRBridgeSockets.CLOSED;
      entry.closeCode = code;
      entry.closeReason = reason;
      VRBridgeSockets.deafen(entry.socket);
    },

    // Forgets the first message.
    advance: function (entry) {
      entry.waiting[entry.first] = null;
      entry.first += 1;
      if (entry.first === entry.waiting.length || entry.first > 1024) {
        entry.waiting.splice(0, entry.first);
        entry.first = 0;
      }
    },

    deafen: function (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
    },
  },

  VRBridgeSocketOpen__deps: ['$VRBridgeSockets'],
  VRBridgeSocketOpen: function (url, subprotocol) {
    var socket;
    try {
      socket = new WebSocket(UTF8ToString(url), UTF8ToString(subprotocol));
    } catch (error) {
      // It is no address.
      return 0;
    }
    var entry = {
      socket: socket,
      state: VRBridgeSockets.OPENING,
      waiting: [],
      first: 0,
      waitingBytes: 0,
      closeCode: VRBridgeSockets.CUT,
      closeReason: '',
    };
    VRBridgeSockets.lastId += 1;
    VRBridgeSockets.all[VRBridgeSockets.lastId] = entry;
    VRBridgeSockets.listen(entry);
    return VRBridgeSockets.lastId;
  },

  VRBridgeSocketState__deps: ['$VRBridgeSockets'],
  VRBridgeSocketState: function (id) {
    return VRBridgeSockets.all[id].state;
  },

  // The length of the next message; -1 if there is none, and -2, after which it is off the list, if it is text.
  VRBridgeSocketNext__deps: ['$VRBridgeSockets'],
  VRBridgeSocketNext: function (id) {
    var entry = VRBridgeSockets.all[id];
    if (entry.first === entry.waiting.length) return -1;
    var message = entry.waiting[entry.first];
    if (message !== null) return message.length;
    VRBridgeSockets.advance(entry);
    return -2;
  },

  VRBridgeSocketTake__deps: ['$VRBridgeSockets'],
  VRBridgeSocketTake: function (id, buffer, length) {
    var entry = VRBridgeSockets.all[id];
    var message = entry.waiting[entry.first];
    HEAPU8.set(message.subarray(0, length), buffer);
    entry.waitingBytes -= message.length;
    VRBridgeSockets.advance(entry);
  },

  VRBridgeSocketSend__deps: ['$VRBridgeSockets'],
  VRBridgeSocketSend: function (id, buffer, length) {
    var entry = VRBridgeSockets.all[id];
    if (entry.state !== VRBridgeSockets.OPEN || entry.socket.bufferedAmount >= VRBridgeSockets.maxBufferedBytes) return 0;
    // A copy: the build's memory may move, and browsers don't send out of shared memory.
    entry.socket.send(HEAPU8.slice(buffer, buffer + length));
    return 1;
  },

  VRBridgeSocketClose__deps: ['$VRBridgeSockets'],
  VRBridgeSocketClose: function (id, code, reason) {
    // Pages may close with 1000 and their own codes only.
    VRBridgeSockets.all[id].socket.close(code < 3000 && code !== 1000 ? code + 3000 : code, UTF8ToString(reason));
  },

  VRBridgeSocketCloseCode__deps: ['$VRBridgeSockets'],
  VRBridgeSocketCloseCode: function (id) {
    return VRBridgeSockets.all[id].closeCode;
  },

  VRBridgeSocketCloseReason__deps: ['$VRBridgeSockets'],
  VRBridgeSocketCloseReason: function (id, buffer, length) {
    var reason = new TextEncoder().encode(VRBridgeSockets.all[id].closeReason).subarray(0, length);
    HEAPU8.set(reason, buffer);
    return reason.length;
  },

  VRBridgeSocketFree__deps: ['$VRBridgeSockets'],
  VRBridgeSocketFree: function (id) {
    var entry = VRBridgeSockets.all[id];
    delete VRBridgeSockets.all[id];
    VRBridgeSockets.deafen(entry.socket);
    entry.socket.close();
  },
});
