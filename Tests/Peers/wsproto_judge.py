#!/usr/bin/python3
"""What wsproto makes of the bytes of a peer, for WebSocketTests: wsproto_judge.py CASES VERDICTS

A line of CASES is a role, which is wsproto's own, and bytes in hexadecimal. They are fed byte by byte, or in pieces of 997 when
there are many. The line of VERDICTS for it has the events in their order: text:HEX, binary:HEX, ping:HEX, pong:HEX,
close:CODE:HEX, and at last refused:CODE@BYTES, if it was, with the number of bytes fed by then.
"""

import sys

from wsproto.frame_protocol import FrameProtocol, Opcode, ParseFailed


def judge(role, data):
    protocol = FrameProtocol(client=role == "client", extensions=[])
    words, message = [], b""
    size = 1 if len(data) <= 3_000 else 997
    for start in range(0, len(data), size):
        piece = data[start : start + size]
        protocol.receive_bytes(piece)
        try:
            for frame in protocol.received_frames():
                payload = frame.payload
                if frame.opcode is Opcode.CLOSE:
                    code, reason = payload
                    words.append(f"close:{int(code)}:{reason.encode().hex()}")
                    return words
                if frame.opcode in (Opcode.PING, Opcode.PONG):
                    words.append(f"{frame.opcode.name.lower()}:{bytes(payload).hex()}")
                    continue
                message += payload.encode() if frame.opcode is Opcode.TEXT else payload
                if frame.message_finished:
                    words.append(f"{frame.opcode.name.lower()}:{message.hex()}")
                    message = b""
        except ParseFailed as error:
            return words + [f"refused:{int(error.code)}@{start + len(piece)}"]
    return words


with open(sys.argv[1]) as cases, open(sys.argv[2], "w") as verdicts:
    for line in cases:
        role, data = line.rstrip("\n").split(" ")
        print(*judge(role, bytes.fromhex(data)), file=verdicts)
