"""A USB camera without hardware: its descriptors, controls and pictures, for the kernel's own USB and camera drivers.

The kernel's vhci-hcd is a USB host whose ports lie at the other end of a socket. What it says there is the USB/IP protocol
(Documentation/usb/usbip_protocol.rst); what is asked of the device is USB 2.0 and its video class (UVC 1.1)."""
import collections
import itertools
import os
import select
import socket
import struct
import threading
import time

HOST = '/sys/devices/platform/vhci_hcd.0'
HIGH_SPEED = 3
CMD_SUBMIT, CMD_UNLINK, RET_SUBMIT, RET_UNLINK = 1, 2, 3, 4
EPIPE, ECONNRESET = 32, 104
RATE = 15               # pictures a second

# Requests to a control (UVC 1.1, A.8), and the controls (A.9)
SET_CUR, GET_CUR, GET_MIN, GET_MAX, GET_RES, GET_LEN, GET_INFO, GET_DEF = 0x01, *range(0x81, 0x88)
ERROR_CODE, ZOOM, PAN_TILT, PROBE, COMMIT = 0x02, 0x0B, 0x0D, 0x01, 0x02
CAMERA, OUTPUT = 1, 2   # the numbers of its terminals
CAN_ZOOM, CAN_TURN = 1 << 9, 1 << 11
NOT_READY, WRONG_STATE, LACKS_POWER, OUT_OF_RANGE, NO_SUCH_CONTROL = 1, 2, 3, 4, 6  # what the error code control says (4.2.1.2)
# A control that can be read and set and changes by itself, so that the driver asks for it each time.
INFO = b'\x0b'

# In a payload's header (UVC 1.1, 2.4.3.3)
FRAME, END_OF_FRAME, ERROR, END_OF_HEADER = 0x01, 0x02, 0x40, 0x80
PAYLOAD = 4096


def descriptor(kind, layout, *values):
    body = struct.pack('<' + layout, *values)
    return bytes([2 + len(body), kind]) + body


def counted(head, *rest):
    """A head that tells, in its two bytes of 0xFFFF, how long it is with what follows it."""
    whole = head + b''.join(rest)
    return whole.replace(b'\xff\xff', struct.pack('<H', len(whole)), 1)


def device():
    return descriptor(1, 'HBBBBHHHBBBB', 0x0200, 0xEF, 2, 1, 64, 0x1209, 0x0001, 0x0100, 1, 2, 3, 1)


def configuration(width, height, largest, controls):
    interval = 10_000_000 // RATE
    control = counted(
        descriptor(0x24, 'BHHIBB', 1, 0x0110, 0xFFFF, 6_000_000, 1, 1),
        descriptor(0x24, 'BBHBBHHHB3s', 2, CAMERA, 0x0201, 0, 0, 0, 0, 0, 3, struct.pack('<I', controls)[:3]),
        descriptor(0x24, 'BBHBBB', 3, OUTPUT, 0x0101, 0, CAMERA, 0))
    streaming = counted(
        descriptor(0x24, 'BBHBBBBBBBB', 1, 1, 0xFFFF, 0x81, 0, OUTPUT, 0, 0, 0, 1, 0),
        descriptor(0x24, 'BBBBBBBBB', 6, 1, 1, 1, 1, 0, 0, 0, 0),
        descriptor(0x24, 'BBBHHIIIIBI', 7, 1, 0, width, height, 1, largest * RATE * 8, largest, interval, 1, interval),
        descriptor(0x24, 'BBBB', 0x0D, 1, 1, 4))
    return counted(
        descriptor(2, 'HBBBBB', 0xFFFF, 2, 1, 0, 0x80, 250),
        descriptor(11, 'BBBBBB', 0, 2, 0x0E, 3, 0, 0),
        descriptor(4, 'BBBBBBB', 0, 0, 0, 0x0E, 1, 0, 0), control,
        descriptor(4, 'BBBBBBB', 1, 0, 1, 0x0E, 2, 0, 0), streaming,
        descriptor(5, 'BBHB', 0x81, 2, 512, 0))


def without_tables(jpeg):
    """A JPEG as cameras send them: the Huffman tables, which are always the same, are left out."""
    at = 2
    while jpeg[at:at + 2] != b'\xff\xda':
        end = at + 2 + int.from_bytes(jpeg[at + 2:at + 4], 'big')
        if jpeg[at:at + 2] == b'\xff\xc4':
            jpeg = jpeg[:at] + jpeg[end:]
        else:
            at = end
    return jpeg


class Axes:
    """The values of one control, least to default."""

    def __init__(self, layout, least, most, step, default):
        self.layout = layout
        self.values = {GET_MIN: least, GET_MAX: most, GET_RES: step, GET_DEF: default, GET_CUR: default}

    @property
    def current(self):
        return self.values[GET_CUR]

    @current.setter
    def current(self, value):
        self.values[GET_CUR] = value

    def answer(self, request):
        if request == GET_LEN:
            return struct.pack('<H', struct.calcsize(self.layout))
        return INFO if request == GET_INFO else struct.pack(self.layout, *self.values[request])


class Camera:
    """Sends `pictures`, JPEGs of one size, over and over; each comes with bits for its payloads' headers."""

    def __init__(self, width, height, *pictures, serial='4711', controls=CAN_ZOOM | CAN_TURN):
        self.largest = 1 << 16
        self.configuration = configuration(width, height, self.largest, controls)
        self.strings = ['', 'Practice', 'Pan Tilt Camera', serial]
        self.show(*pictures)
        self.pan_tilt = Axes('<ii', (-612_000, -108_000), (612_000, 324_000), (3_600, 3_600), (0, 0))
        self.zoom = Axes('<H', (100,), (500,), (1,), (100,))
        self.controls = {ZOOM: self.zoom, PAN_TILT: self.pan_tilt}
        self.refuses = {}           # by control: the code of the error that setting it ends with
        self.error = 0

    def show(self, *pictures):
        self.pictures = itertools.cycle(pictures)

    def plug(self, port):
        self.transfers = collections.deque()    # the host's, of the endpoint, that wait for a payload
        self.payloads = collections.deque()     # what is left of the picture that is being sent
        self.frame = 0
        self.port = port
        self.wire, theirs = socket.socketpair()
        self.thread = threading.Thread(target=self.live, daemon=True)
        self.thread.start()
        with theirs:
            self.tell_host('attach', f'{port} {theirs.fileno()} {1 << 16 | 1} {HIGH_SPEED}')

    def unplug(self):
        """When that was, by the clock that has no name: `time.perf_counter`."""
        pulled = time.perf_counter()
        self.tell_host('detach', str(self.port))
        self.thread.join()
        self.wire.close()
        return pulled

    @staticmethod
    def tell_host(file, text):
        descriptor = os.open(f'{HOST}/{file}', os.O_WRONLY)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)

    @property
    def is_streaming(self):
        """Whether the host waits for a payload; in the moment after one has gone out it may not."""
        return bool(self.transfers)

    def live(self):
        try:
            self.serve()
        except BrokenPipeError:
            pass            # unplugged while it spoke

    def serve(self):
        due = time.monotonic()
        while True:
            if select.select([self.wire], [], [], max(0, due - time.monotonic()))[0]:
                head = self.wire.recv(48, socket.MSG_WAITALL)
                if len(head) < 48:
                    return
                self.take(head)
            elif not self.payloads and self.transfers:
                self.payloads.extend(self.split(*next(self.pictures)))
            if time.monotonic() >= due:
                due = time.monotonic() + 1 / RATE
            while self.transfers and self.payloads:
                self.reply(self.transfers.popleft(), 0, self.payloads.popleft())

    def split(self, jpeg, bits):
        self.frame ^= FRAME
        parts = [jpeg[start:start + PAYLOAD - 2] for start in range(0, len(jpeg), PAYLOAD - 2)]
        for number, part in enumerate(parts, 1):
            end = END_OF_FRAME if number == len(parts) else 0
            yield bytes([2, END_OF_HEADER | self.frame | end | bits]) + part

    def take(self, head):
        command, number, _, is_in, endpoint, victim, length = struct.unpack_from('>IIIIIIi', head)
        if command == CMD_UNLINK:
            status = 0
            if victim in self.transfers:
                self.transfers.remove(victim)
                status = -ECONNRESET
            self.wire.sendall(struct.pack('>IIIIIi24x', RET_UNLINK, number, 0, 0, 0, status))
        elif endpoint:
            self.transfers.append(number)
        else:
            data = b'' if is_in or not length else self.wire.recv(length, socket.MSG_WAITALL)
            answer = self.control(*struct.unpack('<BBHHH', head[40:]), data)
            if answer is None:
                self.reply(number, -EPIPE)
            else:
                self.reply(number, 0, answer[:length], length)

    def reply(self, number, status, data=b'', length=0):
        self.wire.sendall(struct.pack('>IIIIIiIiii8x', RET_SUBMIT, number, 0, 0, 0, status, len(data) or length, 0, 0, 0) + data)

    def control(self, kind, request, value, index, _, data):
        """What the device answers; None is a stall, its way of refusing."""
        if (kind, request) == (0x80, 6):
            return self.descriptor(value >> 8, value & 0xFF)
        if kind in (0x21, 0xA1):
            return self.streaming(request, value >> 8, data) if index == 1 else self.pointing(request, value >> 8, index >> 8, data)
        # Of the standard requests the others change nothing that this device would act on; a status is all zero.
        return bytes(2) if kind & 0x80 else b''

    def descriptor(self, kind, number):
        if kind == 1:
            return device()
        if kind == 2:
            return self.configuration
        if kind == 3 and number < len(self.strings):
            text = self.strings[number].encode('utf-16-le') if number else b'\x09\x04'
            return bytes([2 + len(text), 3]) + text
        return None

    def streaming(self, request, control, data):
        if request == SET_CUR:
            if control == COMMIT:
                self.payloads.clear()
            return b''
        if request == GET_LEN:
            return struct.pack('<H', 34)
        if request == GET_INFO:
            return b'\x03'
        return struct.pack('<HBBIHHHHHIIIBBBB', 0, 1, 1, 10_000_000 // RATE, 0, 0, 0, 0, 0, self.largest, PAYLOAD, 6_000_000, 0, 0, 0, 0)

    def pointing(self, request, control, unit, data):
        if (unit, control) == (0, ERROR_CODE):
            return bytes([self.error])
        axes = self.controls.get(control) if unit == CAMERA else None
        if not axes:
            self.error = NO_SUCH_CONTROL
            return None
        if request != SET_CUR:
            return axes.answer(request)
        if control in self.refuses:
            self.error = self.refuses[control]
            return None
        axes.current = struct.unpack(axes.layout, data)
        return b''
