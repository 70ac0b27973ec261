#!/usr/bin/env python3
"""A Wayland compositor with one screen that hands out copies by ext_image_copy_capture_v1 only, which no compositor of
Debian's does yet. It is strict: whoever asks for what the protocol forbids is told so and hung up on.

    wayland_capture.py SOCKET [--size WxH] [--transform N] [--format CODE] [--mishap unplug|resize|fail]

Of picture number k, the pixel at (x, y) has x as red, y as green and k as blue, in people's eyes. SIGUSR1 shows the next
picture, SIGUSR2 lets the mishap happen.
"""

import argparse
import mmap
import os
import select
import signal
import socket
import struct
import sys

options = argparse.ArgumentParser()
options.add_argument("socket")
options.add_argument("--size", default="64x48")
options.add_argument("--transform", type=int, default=0)
options.add_argument("--format", type=lambda text: int(text, 0), default=1)
options.add_argument("--mishap", default="fail")
options = options.parse_args()

GLOBALS = {
    1: ("wl_shm", 1),
    2: ("ext_output_image_capture_source_manager_v1", 1),
    3: ("ext_image_copy_capture_manager_v1", 1),
    4: ("wl_output", 4),
}
RED_FIRST = [0x34324258, 0x34324241]


class Mistake(Exception):
    pass


class Screen:
    width, height = (int(side) for side in options.size.split("x"))
    number = 0
    is_there = True
    must_fail = False

    @classmethod
    def rows(cls):
        """As a buffer has them: mirrored first, then turned against the clock."""
        rows = [[(x, y, cls.number) for x in range(cls.width)] for y in range(cls.height)]
        if options.transform & 4:
            rows = [row[::-1] for row in rows]
        for _ in range(options.transform & 3):
            rows = list(zip(*rows))[::-1]
        return rows

    @classmethod
    def buffer_size(cls):
        return (cls.height, cls.width) if options.transform & 1 else (cls.width, cls.height)


class Client:
    def __init__(self, connection):
        self.connection = connection
        self.input = b""
        self.descriptors = []
        self.last = 1
        self.objects = {1: ("wl_display", {})}

    def send(self, object, opcode, *words):
        body = b""
        for word in words:
            if isinstance(word, str):
                text = word.encode() + b"\0"
                body += struct.pack("=I", len(text)) + text + b"\0" * (-len(text) % 4)
            else:
                body += struct.pack("=I", word & 0xFFFFFFFF)
        self.connection.sendall(struct.pack("=II", object, (8 + len(body)) << 16 | opcode) + body)

    def read(self):
        data, descriptors, _, _ = socket.recv_fds(self.connection, 65536, 4)
        if not data:
            return False
        self.input += data
        self.descriptors += descriptors
        while len(self.input) >= 8:
            object, word = struct.unpack_from("=II", self.input)
            if len(self.input) < word >> 16:
                break
            body, self.input = self.input[8 : word >> 16], self.input[word >> 16 :]
            try:
                self.heed(object, word & 0xFFFF, body)
            except Mistake as mistake:
                self.send(1, 0, object, 0, str(mistake))
                return False
        return True

    def make(self, id, kind, **state):
        if id != self.last + 1:
            raise Mistake(f"{kind} is named {id} after {self.last}")
        self.last = id
        self.objects[id] = (kind, state)
        return state

    def destroy(self, id):
        del self.objects[id]
        self.send(1, 1, id)

    def state(self, id, kind):
        if self.objects.get(id, ("nothing",))[0] != kind:
            raise Mistake(f"{id} is no {kind}")
        return self.objects[id][1]

    def all(self, kind):
        return [(id, state) for id, (each, state) in self.objects.items() if each == kind]

    def heed(self, id, opcode, body):
        if id not in self.objects:
            raise Mistake(f"there is no object {id}")
        kind, state = self.objects[id]
        handler = getattr(self, f"{kind}_{opcode}", None)
        if handler is None:
            raise Mistake(f"{kind} has no request {opcode}")
        handler(id, state, body)

    # wl_display.sync, get_registry
    def wl_display_0(self, id, state, body):
        (callback,) = struct.unpack("=I", body)
        self.make(callback, "wl_callback")
        self.send(callback, 0, 0)
        self.destroy(callback)

    def wl_display_1(self, id, state, body):
        (registry,) = struct.unpack("=I", body)
        self.make(registry, "wl_registry")
        for number, (name, version) in GLOBALS.items():
            self.send(registry, 0, number, name, version)

    # wl_registry.bind
    def wl_registry_0(self, id, state, body):
        number, length = struct.unpack_from("=II", body)
        name = body[8 : 8 + length - 1].decode()
        version, new = struct.unpack("=II", body[8 + length + -length % 4 :])
        if number not in GLOBALS or GLOBALS[number][0] != name or not 1 <= version <= GLOBALS[number][1]:
            raise Mistake(f"there is no {name} {version} at {number}")
        self.make(new, name)
        if name == "wl_shm":
            self.send(new, 0, 1)
        if name == "wl_output":
            self.describe(new)

    def describe(self, output):
        self.send(output, 0, 7, 5, 300, 200, 0, "Maker", "", options.transform)
        self.send(output, 1, 0, 9999, 9999, 60000)  # another mode that it has
        self.send(output, 1, 3, *Screen.buffer_size(), 60000)
        self.send(output, 4, "TEST-1")
        self.send(output, 2)

    # wl_shm.create_pool; wl_shm_pool.create_buffer, destroy; wl_buffer.destroy
    def wl_shm_0(self, id, state, body):
        new, size = struct.unpack("=II", body)
        if not self.descriptors:
            raise Mistake("there is no memory")
        memory = mmap.mmap(self.descriptors[0], size)
        os.close(self.descriptors.pop(0))
        self.make(new, "wl_shm_pool", memory=memory)

    def wl_shm_pool_0(self, id, state, body):
        new, offset, width, height, stride, code = struct.unpack("=IiiiiI", body)
        if stride < 4 * width or offset + stride * height > len(state["memory"]):
            raise Mistake("the buffer is not within the memory")
        self.make(new, "wl_buffer", memory=state["memory"], size=(width, height), stride=stride, code=code)

    def wl_shm_pool_1(self, id, state, body):
        self.destroy(id)

    def wl_buffer_0(self, id, state, body):
        self.destroy(id)

    # create_source; the source's destroy; create_session
    def ext_output_image_capture_source_manager_v1_0(self, id, state, body):
        new, output = struct.unpack("=II", body)
        self.state(output, "wl_output")
        self.make(new, "source")

    def source_0(self, id, state, body):
        self.destroy(id)

    def ext_image_copy_capture_manager_v1_0(self, id, state, body):
        new, source, flags = struct.unpack("=III", body)
        self.state(source, "source")
        if flags != 1:
            raise Mistake("the pointer is not wanted")
        self.make(new, "session", seen=None)
        self.constrain(new)

    def constrain(self, session):
        self.send(session, 3, 0x34325258, 0)  # dmabuf_format, with no modifier
        self.send(session, 1, 0x30335258)  # ten bits a colour
        self.send(session, 1, options.format)
        self.send(session, 0, *Screen.buffer_size())
        self.send(session, 4)

    # session: create_frame, destroy
    def session_0(self, id, state, body):
        (new,) = struct.unpack("=I", body)
        if any(frame["session"] == id for _, frame in self.all("frame")):
            raise Mistake("the session has a frame")
        self.make(new, "frame", session=id, buffer=None, damaged=False, captured=False, over=False)

    def session_1(self, id, state, body):
        self.destroy(id)

    # frame: destroy, attach_buffer, damage_buffer, capture
    def frame_0(self, id, state, body):
        self.destroy(id)

    def frame_1(self, id, state, body):
        (buffer,) = struct.unpack("=I", body)
        if state["captured"]:
            raise Mistake("it is captured already")
        state["buffer"] = self.state(buffer, "wl_buffer")

    def frame_2(self, id, state, body):
        if state["captured"] or struct.unpack("=iiii", body) != (0, 0, *state["buffer"]["size"]):
            raise Mistake("that is not all of it")
        state["damaged"] = True

    def frame_3(self, id, state, body):
        if state["captured"] or not state["buffer"] or not state["damaged"]:
            raise Mistake("there is nothing to capture it into")
        state["captured"] = True
        self.show(id, state)

    def show(self, id, frame):
        """Answers a frame if there is something new for its session, good or bad."""
        session = self.objects.get(frame["session"], (None, {"seen": None}))[1]
        is_new = session["seen"] != Screen.number or Screen.must_fail or not Screen.is_there
        if not frame["captured"] or frame["over"] or not is_new and buffer_fits(frame["buffer"]):
            return
        frame["over"] = True
        buffer = frame["buffer"]
        if Screen.must_fail:
            Screen.must_fail = False
            return self.send(id, 4, 0)
        if not Screen.is_there:
            return self.send(id, 4, 2)
        if not buffer_fits(buffer):
            return self.send(id, 4, 1)
        session["seen"] = Screen.number
        for y, row in enumerate(Screen.rows()):
            pixels = b"".join(bytes(p if options.format in RED_FIRST else p[::-1]) + b"\x5a" for p in row)
            buffer["memory"][y * buffer["stride"] : y * buffer["stride"] + len(pixels)] = pixels
        self.send(id, 0, options.transform)
        self.send(id, 1, 0, 0, *buffer["size"])
        self.send(id, 2, 0, 1, 0)  # a second after the machine was started
        self.send(id, 3)

    def mishap(self):
        if options.mishap == "unplug":
            for registry, _ in self.all("wl_registry"):
                self.send(registry, 1, 4)
            for session, _ in self.all("session"):
                self.send(session, 5)
        if options.mishap == "resize":
            for output, _ in self.all("wl_output"):
                self.describe(output)
            for session, _ in self.all("session"):
                self.constrain(session)
        for id, frame in self.all("frame"):
            self.show(id, frame)


def buffer_fits(buffer):
    return buffer["size"] == Screen.buffer_size() and buffer["code"] == options.format


def main():
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(options.socket)
    listener.listen()
    bell, woken = socket.socketpair()
    bell.setblocking(False)
    signal.set_wakeup_fd(bell.fileno())
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, lambda *_: None)
    clients = {}
    while True:
        for ready in select.select([listener, woken, *clients], [], [])[0]:
            if ready is listener:
                connection = listener.accept()[0]
                clients[connection] = Client(connection)
            elif ready is woken:
                for number in woken.recv(16):
                    if number == signal.SIGUSR1:
                        Screen.number += 1
                        for client in clients.values():
                            for id, frame in client.all("frame"):
                                client.show(id, frame)
                    else:
                        Screen.must_fail = options.mishap == "fail"
                        Screen.is_there = options.mishap != "unplug"
                        if options.mishap == "resize":
                            Screen.width *= 2
                        for client in clients.values():
                            client.mishap()
            elif not clients[ready].read():
                ready.close()
                del clients[ready]


try:
    main()
except KeyboardInterrupt:
    sys.exit(0)
