"""A daemon on one end of a wire."""
import json
import os
import subprocess
import time

from expectations import expect

PATIENCE = 120


class Node:
    def __init__(self, program, wire, folder, url, token, *options, configuration=None, **environment):
        os.makedirs(folder)
        with open(f'{folder}/token', 'w') as file:
            file.write(token)
        with open(f'{folder}/clawnode.json', 'w') as file:
            json.dump(configuration or {}, file)
        self.folder = folder
        self.log = f'{folder}/log'
        with open(self.log, 'wb') as log:
            self.process = subprocess.Popen(
                wire.on('node', program, 'run', '--config', f'{folder}/clawnode.json', '--gateway', url,
                        '--token-file', f'{folder}/token', '--state-dir', f'{folder}/state', '--runtime-dir', f'{folder}/run',
                        '--log-level', 'debug', '--log-format', 'json', *options),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ | environment)

    def status(self):
        with open(f'{self.folder}/run/status.json') as file:
            return json.load(file)

    def told(self):
        """Its log so far, as far as its last line is whole."""
        with open(self.log) as file:
            text = file.read()
        return [json.loads(line) for line in text.splitlines()[:text.count('\n')] if line.startswith('{')]

    def wait(self, sentence, pick, seconds=PATIENCE):
        """The first thing that is not nothing that `pick` finds in its log and its status."""
        end = time.monotonic() + seconds
        while True:
            found = pick()
            if found:
                return found
            if time.monotonic() >= end or self.process.poll() is not None:
                expect(f'in time: {sentence}', False, self.told()[-3:])
            time.sleep(0.05)    # between two looks; what is waited for is what it tells

    def wait_for_cause(self, *words, since=0):
        """Why it has no connection, in its own words, once these are among them."""
        def pick():
            causes = [line.get('cause', '') for line in self.told()[since:]]
            return next((cause for cause in causes if all(word in cause for word in words)), None)
        return self.wait(f'it tells of {words}', pick)

    def wait_until_patient(self, seconds):
        """Returns just after a wait of at least so many seconds has begun; tells how long it is."""
        def pick():
            status = self.status()
            left = (status.get('retryAtMs') or 0) / 1000 - time.time()
            return left if left > seconds - 1 else None
        return self.wait(f'it waits for {seconds} s between two attempts', pick)
