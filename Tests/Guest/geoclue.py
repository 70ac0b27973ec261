"""Where the machine is, as Debian's own GeoClue says it to the machine's node."""
from expectations import expect
from recordings import switched_on

SETTINGS = {'capabilities': {'location': True}}
# geoclue(5), "Static location": where its version has it.
WRITTEN = '/etc/geolocation'
LATITUDE, LONGITUDE, METRES = 52.5163, 13.3777, 40


def geoclue(box):
    """Nobody speaks for a service; its owner lets the agent that comes with it do so."""
    def asked():
        # Else GeoClue itself makes it inexact.
        return box.gateway.invoke('location.get', {'timeoutMs': 45000, 'desiredAccuracy': 'precise'}, seconds=60)

    with box.with_packages('geoclue-2.0'):
        box.run(f'printf "%s\\n" {LATITUDE} {LONGITUDE} 35 {METRES} >{WRITTEN} && systemctl restart geoclue')
        has_written = box.run("grep -c '^.static-source' /etc/geoclue/geoclue.conf || true") == '1'
        with switched_on(box, box.run, SETTINGS, '/etc/clawnode/config.d/location.json', 'systemctl restart clawnode'):
            alone = asked()
            line = 'sudo systemctl enable --now clawnode-geoclue'
            expect('without an agent the place is not told, and who asks learns what to do',
                   alone.get('code') == 'LOCATION_PERMISSION_REQUIRED' and line in alone['message'], alone)
            # Whoever runs the doctor is somebody else to GeoClue.
            status, found = box.machine.try_run('clawnode doctor')
            ask = 'sudo clawnode invoke location.get --enable location'
            expect('the doctor says how the node itself is asked', ask in found, found)
            status, found = box.machine.try_run(ask.removeprefix('sudo '))
            expect('which tells the line, too', line in found, found)
            box.run(line.removeprefix('sudo '))
            box.wait_until('the agent runs', 'systemctl is-active clawnode-geoclue && pgrep -u clawnode agent')
            answer = asked()
            if has_written:
                place = answer.get('payload') or {}
                near = abs(place.get('lat', 0) - LATITUDE) < 0.001 and abs(place.get('lon', 0) - LONGITUDE) < 0.001
                expect('with it the place is told', answer['ok'] and near and place['provider'] == 'geoclue', answer)
                expect('as exactly as it is known', place['accuracyMeters'] == METRES, place)
            else:
                # It lets us in, and has nothing that knows.
                expect('with it GeoClue is asked, which knows nothing here',
                       answer.get('code') in ('LOCATION_TIMEOUT', 'LOCATION_UNAVAILABLE'), answer)
            box.run('systemctl disable --now clawnode-geoclue')
        box.run(f'rm {WRITTEN}')
