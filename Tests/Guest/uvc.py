"""uvc.py CLAWNODE: a daemon, connected all the time, and USB cameras that come, are pointed, misbehave and go. For uvc.sh."""
import base64
import json
import os
import signal
import subprocess
import sys
import time

from expectations import expect, refused, shown, wait_until
from gateway import Gateway
from process import Process
from uvc_camera import (
    CAN_ZOOM, ERROR, LACKS_POWER, NOT_READY, OUT_OF_RANGE, PAN_TILT, WRONG_STATE, ZOOM, Camera, without_tables)

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = '/run/guest'
SIZE = (320, 240)
RESULTS = os.environ['RESULTS']


def picture(name):
    with open(f'{FOLDER}/{name}.jpg', 'rb') as file:
        return without_tables(file.read())


CHART, BARS = picture('testsrc'), picture('smptebars')


def same(jpeg, expected):
    return without_tables(jpeg) == expected


class Daemon:
    def __init__(self, program):
        with open(f'{FOLDER}/clawnode.json', 'w') as file:
            json.dump({'capabilities': {'camera': True}, 'camera': {'snapsPerSecond': 1000}}, file)
        self.gateway = Gateway()
        self.log = f'{FOLDER}/log'
        self.process = Process(
            [program, 'run', '--gateway', self.gateway.url, '--state-dir', f'{FOLDER}/state',
             '--runtime-dir', f'{FOLDER}/run', '--config', f'{FOLDER}/clawnode.json'], self.log)
        self.node = self.gateway.accept()
        self.early = {}         # answers that came before somebody waited for them

    def ask(self, command, **params):
        return self.node.ask(command, params)

    def answer(self, number):
        while number not in self.early:
            result, self.received = self.node.result()
            answer = self.node.payload(result) if result['ok'] else result['error']
            if 'base64' in answer:
                answer['jpeg'] = base64.b64decode(answer.pop('base64'))
            self.early[result['id']] = answer
        return self.early.pop(number)

    def call(self, command, **params):
        return self.answer(self.ask(command, **params))

    def cameras(self):
        return self.call('camera.list')['devices']

    def ids(self):
        return [camera['id'] for camera in self.cameras()]

    def snap(self, **params):
        return self.call('camera.snap', **params, delayMs=0)


def is_picture(sentence, answer, expected=CHART):
    expect(sentence, 'jpeg' in answer and same(answer['jpeg'], expected), shown(answer))


def arrival(daemon, camera):
    """Plugged in while the daemon is connected. Its id."""
    answer = daemon.call('camera.list')
    expect('without a camera none is listed', answer == {'devices': []}, answer)
    refused('nor is there a picture', daemon.snap(), 'no camera found')
    camera.plug(0)
    # udev's link comes a moment after the node.
    wait_until('the camera is listed by its serial number', lambda: any('by-id' in name for name in daemon.ids()))
    listed = daemon.cameras()
    expect('the one camera that came is listed once', len(listed) == 1, listed)
    [entry] = listed
    expect('as what it is', (entry['name'], entry['bus'], entry['busy']) == ('Pan Tilt Camera', 'usb-vhci_hcd.0-1', False), entry)
    expect('with what it offers', entry['formats'] == [{'fourcc': 'MJPG', 'width': 320, 'height': 240, 'fps': 15}], entry)
    answer = daemon.call('camera.snap', deviceId=entry['id'])
    is_picture('it takes pictures at once', answer)
    path = f'{RESULTS}/uvc.jpg'
    with open(path, 'wb') as file:
        file.write(answer['jpeg'])
    command = ['/usr/bin/python3', f'{HERE}/picture.py', path, *map(str, SIZE), 'chart']
    expect('whole ones, although the camera leaves out the tables', subprocess.run(command).returncode == 0)
    return entry['id']


def pointing(daemon, camera, name):
    def status():
        return daemon.call('camera.ptz.status', deviceId=name)

    def control(operation, **values):
        return daemon.call('camera.ptz.control', deviceId=name, operation=operation, **values)

    def place(answer):
        return tuple(answer['axes'][axis]['current'] for axis in ('pan', 'tilt', 'zoom')) if 'axes' in answer else answer

    answer = status()
    expect('its ranges are in degrees and in percent', answer == {'canHome': True, 'axes': {
        axis: {'current': 0, 'min': least, 'max': most, 'step': step, 'unit': unit, 'canSet': True, 'canMove': True, 'default': 0}
        for axis, least, most, step, unit in [
            ('pan', -170, 170, 1, 'degrees'), ('tilt', -30, 90, 1, 'degrees'), ('zoom', 0, 100, 0.25, 'percent')]}}, answer)

    answer = control('set', target={'panDegrees': -45, 'tiltDegrees': 10, 'zoomPercent': 50})
    expect('set: the answer', place(answer) == (-45, 10, 50) and answer['adjusted'] == {}, answer)
    expect('set: the camera', (camera.pan_tilt.current, camera.zoom.current) == ((-162_000, 36_000), (300,)), camera.pan_tilt.current)
    answer = control('set', target={'tiltDegrees': -5})
    expect('what is not named stays', place(answer) == (-45, -5, 50) and camera.pan_tilt.current == (-162_000, -18_000), answer)
    answer = control('move', delta={'panDegrees': 30, 'zoomPercent': -25})
    expect('move', place(answer) == (-15, -5, 25) and camera.pan_tilt.current == (-54_000, -18_000), answer)
    answer = control('move', delta={'panDegrees': -500, 'zoomPercent': 80})
    expect('beyond its range it goes as far as it can, and that is told', place(answer) == (-170, -5, 100)
           and answer['adjusted'] == {'panDegrees': -170, 'zoomPercent': 100}, answer)
    answer = control('set', target={'panDegrees': 12.4})
    expect('between two steps it goes to the nearest', place(answer) == (12, -5, 100), answer)
    camera.pan_tilt.current = (72_000, 36_000)
    expect('turned by hand, it says where it points', place(status()) == (20, 10, 100), status())
    answer = control('home')
    expect('home', place(answer) == (0, 0, 0) and (camera.pan_tilt.current, camera.zoom.current) == ((0, 0), (100,)), answer)

    snap = daemon.ask('camera.snap', deviceId=name, delayMs=3000)
    wait_until('the capture streams', lambda: camera.is_streaming)
    answer = control('set', target={'panDegrees': 90})
    expect('it is pointed while a picture is being taken', place(answer) == (90, 0, 0) and snap not in daemon.early, answer)
    is_picture('and the picture comes', daemon.answer(snap))

    for code, words in [(NOT_READY, 'not ready'), (WRONG_STATE, 'state'), (LACKS_POWER, 'power'), (OUT_OF_RANGE, 'out of range')]:
        camera.refuses = {PAN_TILT: code}
        refused(f'error {code} of the camera is told', control('set', target={'panDegrees': 0}), words)
    camera.refuses = {ZOOM: WRONG_STATE}
    refused('what moved and what did not is told', control('set', target={'panDegrees': -90, 'zoomPercent': 100}),
            'moved pan', 'not zoom', 'state', code='CAMERA_PTZ_PARTIAL')
    expect('and so it is', place(status()) == (-90, 0, 0), status())
    camera.refuses = {}


def others(daemon, first):
    """Cameras beside the first that can do less."""
    for serial, controls, code in [('zoom', CAN_ZOOM, 'CAMERA_PTZ_AXIS_UNSUPPORTED'), ('fixed', 0, 'CAMERA_PTZ_UNSUPPORTED')]:
        camera = Camera(*SIZE, (BARS, 0), serial=serial, controls=controls)
        camera.plug(1)
        wait_until('a second camera is listed', lambda: any(f'_{serial}-' in name for name in daemon.ids()))
        names = daemon.ids()
        expect('beside the first', len(names) == 2 and first in names, names)
        [name] = set(names) - {first}
        refused(f'a camera with {serial} lens does not turn', daemon.call(
            'camera.ptz.control', deviceId=name, operation='set', target={'panDegrees': 1}), code=code)
        axes = daemon.call('camera.ptz.status', deviceId=name).get('axes', {})
        expect('its status says so', list(axes) == (['zoom'] if controls else []), axes)
        is_picture('each has its own picture', daemon.snap(deviceId=name), BARS)
        is_picture('so has the first', daemon.snap(deviceId=first))
        camera.unplug()
        wait_until('it is not listed any more', lambda: daemon.ids() == [first])


def unplugging(daemon, camera, name):
    for port in [2, 0, 3, 0]:
        snap = daemon.ask('camera.snap', deviceId=name, delayMs=9000)
        wait_until('the capture streams', lambda: camera.is_streaming)
        time.sleep(0.5)     # a warm camera streams anyway; nothing tells when the next picture is waited for
        pulled = camera.unplug()
        refused('unplugged in mid-capture', daemon.answer(snap), 'unplugged')
        took = daemon.received - pulled
        expect('that is said within a second', took < 1, took)
        print(f'    after {took * 1000:.0f} ms', file=sys.stderr, flush=True)
        expect('it is not listed any more', daemon.ids() == [], daemon.cameras())
        refused('nor is there a picture', daemon.snap(deviceId=name), 'no camera', code='INVALID_REQUEST')
        camera.plug(port)
        wait_until('plugged in elsewhere it has the same id', lambda: daemon.ids() == [name])
        is_picture('and takes pictures again', daemon.snap(deviceId=name))
    for milliseconds in range(0, 100, 20):
        request = daemon.ask('camera.ptz.control', deviceId=name, operation='home')
        time.sleep(milliseconds / 1000)     # to meet it at another point of its way each time
        camera.unplug()
        answer = daemon.answer(request)
        expect('unplugged while it is pointed it is gone, whatever else may fail',
               'axes' in answer or any(word in answer['message'] for word in ['unplugged', 'no camera']), answer)
        camera.plug(0)
        wait_until('it comes back', lambda: daemon.ids() == [name])
    is_picture('and takes pictures', daemon.snap(deviceId=name))
    camera.unplug()
    wait_until('unplugged while warm it is not listed any more', lambda: daemon.ids() == [])
    camera.plug(0)
    wait_until('it comes back', lambda: daemon.ids() == [name])
    is_picture('and takes pictures again', daemon.snap(deviceId=name))


def damaged(daemon, camera, name):
    """Pictures that the camera itself calls bad. Drivers hand them out or keep them to themselves, as this option says."""
    for option, alone in [('1', 'damaged'), ('0', 'delivers no pictures')]:
        camera.unplug()
        with open('/sys/module/uvcvideo/parameters/nodrop', 'w') as file:
            file.write(option)
        camera.show((BARS, ERROR), (BARS, ERROR), (CHART, 0))
        camera.plug(0)
        wait_until('the camera is back', lambda: daemon.ids() == [name])
        for _ in range(3):
            is_picture(f'nodrop={option}: of bad and good pictures a good one is taken', daemon.snap(deviceId=name))
        camera.show((BARS, ERROR))
        refused(f'nodrop={option}: bad ones only are refused', daemon.snap(deviceId=name), alone)
        camera.show((CHART, 0))
        is_picture('and then it is well again', daemon.snap(deviceId=name))


def main():
    signal.alarm(240)
    daemon = Daemon(sys.argv[1])
    try:
        camera = Camera(*SIZE, (CHART, 0))
        name = arrival(daemon, camera)
        pointing(daemon, camera, name)
        others(daemon, name)
        unplugging(daemon, camera, name)
        damaged(daemon, camera, name)
        expect('all on one connection', not daemon.gateway.has_caller())
        daemon.process.stop()
        daemon.node.closed()
        expect('the daemon ends as it should', daemon.process.wait() == 0, daemon.process.status)
    except BaseException:
        with open(daemon.log) as log:
            sys.stderr.writelines(log)
        raise
    finally:
        daemon.process.kill()


main()
