"""All that joins a gateway, in each form in which an operator hands it out; each time with one line, and forgotten afterwards."""
import base64
import json
import shlex

from box import GOCLAW, OTHER, URL
from expectations import expect

PLACE = f'{OTHER}:18789'
AUTHORITY = '/etc/ssl/authority.pem'


def links(box):
    """Setup codes, links, and URLs with a token from everywhere."""
    with open(box.authority.path) as file:
        box.run(f"cat >{AUTHORITY} <<'END'\n{file.read()}END")
    box.run(f'umask 77; echo {box.other.token} >token.txt')
    leave(box)
    for form in (setup_codes, old_codes, join_links, tokens, prompt, worthless, goclaw):
        form(box)
    since = box.gateway.now
    status, told = join(box, f'{URL} --token-file token.txt --tls-fingerprint {box.gateway.fingerprint}',
                        before=f'echo {box.gateway.token} >token.txt; ')
    expect('who comes back to a gateway needs no new approval', status == 0, told)
    box.expect_return('it is connected there, the same node, still paired', since)
    box.run(f'rm {AUTHORITY}')


def leave(box):
    box.run('systemctl stop clawnode && clawnode leave && systemctl start clawnode')
    box.wait_until('it waits for somebody to join', 'systemctl show -P StatusText clawnode | grep ^not-joined')


def join(box, words, before=''):
    """Its exit status, once it has ended, and what it said."""
    return box.machine.try_run(f'{before}clawnode join {words} 2>&1')


def expect_joined(box, sentence, outcome, *secrets):
    status, told = outcome
    expect(f'{sentence}: one line joins', status == 0 and 'connected to ' in told, told)
    answer = box.other.invoke('device.info')
    expect(f'{sentence}: an invocation is answered', answer['ok'], answer)
    told += box.run('journalctl -b -u clawnode; cat /run/clawnode/status.json')
    shown = [secret for secret in secrets if secret in told]
    expect(f'{sentence}: no secret is shown or logged', not shown, shown)
    leave(box)


def order(box, kind):
    """What the other gateway's operator hands out."""
    return box.other.do(kind, urls=[f'wss://{PLACE}'])['link']


def text(code):
    """What a setup code stands for."""
    return json.loads(base64.urlsafe_b64decode(code + '=' * (-len(code) % 4)))


def setup_codes(box):
    code = order(box, 'setupCode')
    expect_joined(box, 'a setup code', join(box, code), code, text(code)['bootstrapToken'])
    code = order(box, 'setupCode')
    expect_joined(box, 'oc-pair:// from a pipe', join(box, '-', f'echo " oc-pair://{code}" | '), code,
                  text(code)['bootstrapToken'])


def old_codes(box):
    """Of early 2026: with the gateway's own token, padded."""
    content = json.dumps({'url': f'https://{PLACE}', 'token': box.other.token, 'later': None})
    code = base64.b64encode(content.encode()).decode()
    expect_joined(box, 'an old setup code', join(box, f'{code} --ca-file {AUTHORITY}'), code, box.other.token)


def join_links(box):
    for how, words in [('a pin', f'--tls-fingerprint {box.other.fingerprint}'), ('an authority', f'--ca-file {AUTHORITY}')]:
        code = order(box, 'joinLink').split('/j/')[1]
        outcome = join(box, f'https://{PLACE}/j/{code} {words}')
        expect_joined(box, f'a join link, trusted by {how}', outcome, code)


def tokens(box):
    words = f'wss://{PLACE} --ca-file {AUTHORITY} --token-file'
    expect_joined(box, 'a URL and a token from a file', join(box, f'{words} token.txt'), box.other.token)
    expect_joined(box, 'a URL and a token from a pipe', join(box, f'{words} -', 'cat token.txt | '), box.other.token)


def prompt(box):
    """At a terminal, whose owner types when asked, and stays until the end."""
    command = f'clawnode join wss://{PLACE} --ca-file {AUTHORITY} --token-file -'
    outcome = box.machine.try_run(
        'rm -f typed.*; touch typed.txt; (until grep -q "not shown" typed.txt; do sleep 0.1; done; cat token.txt;'
        ' until test -e typed.status; do sleep 0.1; done) | '
        f'(script -qefc {shlex.quote(command)} typed.txt >/dev/null; echo $? >typed.status); cat typed.txt;'
        ' exit $(cat typed.status)')
    expect_joined(box, 'a URL and a token that is typed', outcome, box.other.token)


def worthless(box):
    """What is used up or too old."""
    link = order(box, 'joinLink').replace('https://', '').split('/j/')[1]
    words = f'https://{PLACE}/j/{link} --ca-file {AUTHORITY}'
    expect_joined(box, 'a link that is used for the first time', join(box, words))
    used = order(box, 'setupCode')
    expect_joined(box, 'a code that is used for the first time', join(box, used))
    expired = order(box, 'setupCode')
    box.other.do('expireCodes')
    for kind, words, line in [('link that is used up', words, 'openclaw devices join-code'),
                              ('setup code that is used up', used, 'clawnode join LINK'),
                              ('setup code that has expired', expired, 'clawnode join LINK')]:
        status, told = join(box, words)
        expect(f'a {kind} ends with 65 and what to do', status == 65 and line in told, (status, told))
    leave(box)


def goclaw(box):
    """Nobody has a link for those: their operator approves a code that the node shows."""
    since = box.goclaw.now
    box.run(f'rm -f join.*; (clawnode join ws://{GOCLAW}:18789 --allow-plaintext-private >join.txt 2>&1 </dev/null;'
            ' echo $? >join.status) &')
    pairing = box.goclaw.wait('pairingRequested', since)
    told = box.wait_until('join shows the code', 'grep "goclaw pairing approve" join.txt')
    expect('a GoClaw gateway: join shows the line of its operator', pairing['id'] in told, told)
    status = box.run('clawnode status')
    expect('and so does the status', pairing['id'] in status, status)
    box.goclaw.do('approveDevice', id=pairing['id'])
    box.wait_until('join has ended', 'test -e join.status')
    expect('join says that it is connected', box.run('cat join.status') == '0', box.run('cat join.txt'))
    device = json.loads(box.run('clawnode identity --json'))['deviceId']
    answer = box.goclaw.answer(box.goclaw.begin('invoke', command='device.info', id=device))
    expect('a GoClaw gateway: an invocation is answered', answer['ok'], answer)
    leave(box)
