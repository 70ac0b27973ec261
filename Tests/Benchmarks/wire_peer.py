#!/usr/bin/python3
"""Prints what clawnode-wire prints, of Python: websockets' masking, bytes.decode and base64. The first line tells what
its masking is written in; Debian 12's package has no C extension, another one can be named by PYTHONPATH.

usage: wire_peer.py ROUNDS MILLISECONDS
"""
import base64, sys, time

try:
    from websockets.speedups import apply_mask
    print('apply_mask C')
except ImportError:
    from websockets.utils import apply_mask
    print('apply_mask Python')

SIZE = 64 << 10


def text(sentence):
    sentence = sentence.encode()
    return sentence * (SIZE // len(sentence))


def measure(name, count, milliseconds, body):
    turns, began = 0, time.process_time()
    while (spent := time.process_time() - began) * 1000 < milliseconds:
        for _ in range(16):
            body()
        turns += 16
    print(name, count * turns / spent)


def main(rounds, milliseconds):
    data, mask, raw = bytes(i * 31 & 255 for i in range(SIZE)), b'\x78\x56\x34\x12', bytes(range(256)) * 192
    texts = {'utf8-ascii': text('{"key":"value","count":12} '), 'utf8-latin': text('Größe, façade, año: überall ähnlich. '),
             'utf8-cjk': text('日本語の文章、漢字かな交じり。')}
    for _ in range(rounds):
        measure('mask', SIZE, milliseconds, lambda: apply_mask(data, mask))
        for name, encoded in texts.items():
            measure(name, len(encoded), milliseconds, encoded.decode)
        measure('base64', len(raw), milliseconds, lambda: base64.b64encode(raw))


main(int(sys.argv[1]), int(sys.argv[2]))
