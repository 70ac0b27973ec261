"""GeoClue as the tests need it, a template of python3-dbusmock's: a place at once, a refusal or silence. Parameters: `place`, the
properties of a location, `seconds`, its odd time as text; `mood`: '', 'denied', 'unstartable', 'silent' or 'strange'."""
import dbus

BUS_NAME = 'org.freedesktop.GeoClue2'
MAIN_OBJ = '/org/freedesktop/GeoClue2/Manager'
MAIN_IFACE = 'org.freedesktop.GeoClue2.Manager'
SYSTEM_BUS = True
CLIENT = '/org/freedesktop/GeoClue2/Client/7'
CLIENT_IFACE = 'org.freedesktop.GeoClue2.Client'
LOCATION_IFACE = 'org.freedesktop.GeoClue2.Location'


def load(mock, parameters):
    mood = parameters.get('mood', '')
    denied = 'raise dbus.exceptions.DBusException("Geolocation disabled", name="org.freedesktop.DBus.Error.AccessDenied")'
    mock.AddProperty(MAIN_IFACE, 'InUse', False)
    mock.AddMethod(MAIN_IFACE, 'GetClient', '', 'o', {
        'denied': denied, 'silent': 'import time; time.sleep(3600)', 'strange': f'ret = "{CLIENT}/other"',
    }.get(mood, f'ret = "{CLIENT}"'))
    # The first two anybody might have sent: of no place that it knows.
    updates = [('/', '/org/elsewhere'), ('/', f'{CLIENT}/Location/9'), ('/', f'{CLIENT}/Location/0'), (f'{CLIENT}/Location/0', f'{CLIENT}/Location/1')]
    tell = '\n'.join(f'self.EmitSignal("{CLIENT_IFACE}", "LocationUpdated", "oo", {list(pair)})' for pair in updates)
    properties = {'DesktopId': '', 'RequestedAccuracyLevel': dbus.UInt32(0)}
    # Nobody who does not say who asks, and how exactly, is told.
    check = f'''if self.props["{CLIENT_IFACE}"]["DesktopId"] != "clawnode": {denied}
if self.props["{CLIENT_IFACE}"]["RequestedAccuracyLevel"] != {parameters.get('level', 8)}: {denied}
'''
    mock.AddObject(CLIENT, CLIENT_IFACE, properties, [('Start', '', '', denied if mood == 'unstartable' else check + tell)])
    place = {key: dbus.Double(value) for key, value in parameters.get('place', {}).items()}
    seconds = parameters.get('seconds')
    place['Timestamp'] = dbus.Struct((dbus.UInt64(1795331540), dbus.UInt64(0)), signature='tt')
    if seconds:
        place['Timestamp'] = dbus.Struct((dbus.Int64(int(seconds)), dbus.Int64(0)), signature='xx')
    place['Description'] = ''
    # The first is no place on Earth.
    for number, latitude in ((0, 200.0), (1, place.get('Latitude', 0.0))):
        mock.AddObject(f'{CLIENT}/Location/{number}', LOCATION_IFACE, place | {'Latitude': dbus.Double(latitude)}, [])
