#!/usr/bin/python3
"""The node to compare with: Python's `websockets` client, doing what a node does in as few lines as it takes.

usage: peer.py URL REPLY BLOB-BYTES     REPLY is a file with the object to answer device.info with
"""
import asyncio, base64, hashlib, json, os, ssl, sys

import websockets


async def main(url, reply_path, blob_bytes):
    with open(reply_path) as file:
        info = json.load(file)
    picture = bytes(range(256)) * (blob_bytes // 256)
    tls = None
    if url.startswith('wss:'):
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    key = os.urandom(32)
    device = hashlib.sha256(key).hexdigest()
    count = 0

    def request(method, params):
        nonlocal count
        count += 1
        return json.dumps({'type': 'req', 'id': str(count), 'method': method, 'params': params})

    # Without compression, which nobody wants on a loopback or for a JPEG.
    async with websockets.connect(url, ssl=tls, compression=None, max_size=None, ping_interval=None) as socket:
        async for message in socket:
            frame = json.loads(message)
            event, payload = frame.get('event'), frame.get('payload')
            if event == 'connect.challenge':
                await socket.send(request('connect', {
                    'minProtocol': 3, 'maxProtocol': 4, 'role': 'node', 'scopes': [], 'caps': ['device', 'camera'],
                    'commands': ['device.info', 'camera.snap'],
                    'client': {'id': 'node-host', 'version': '1', 'platform': 'linux', 'mode': 'node'},
                    'device': {'id': device, 'publicKey': base64.urlsafe_b64encode(key).decode().rstrip('='),
                               'signature': 'none', 'signedAt': payload['ts'], 'nonce': payload['nonce']}}))
            elif event == 'node.invoke.request':
                json.loads(payload['paramsJSON'])
                result = {'id': payload['id'], 'nodeId': payload['nodeId'], 'ok': True}
                if payload['command'] == 'device.info':
                    result['payloadJSON'] = json.dumps(info)
                else:
                    result['payload'] = {'format': 'bin', 'base64': base64.b64encode(picture).decode()}
                await socket.send(request('node.invoke.result', result))


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
