"""A practice gateway in a process of its own: the other end of Tests/practice-gateway."""
import json
import subprocess
import threading

PATIENCE = 900  # seconds, for an emulated processor on a machine that does other things too


class Gateway:
    def __init__(self, program, *allowed):
        self.process = subprocess.Popen([program, *allowed], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.events = []
        self.answers = {}
        self.number = 0
        self.news = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()
        begun = self.wait('begun')
        self.port, self.token, self.fingerprint = begun['port'], begun['token'], begun['fingerprint']

    def _listen(self):
        for line in self.process.stdout:
            told = json.loads(line)
            with self.news:
                if 'event' in told:
                    self.events.append(told)
                else:
                    self.answers[told['number']] = told
                self.news.notify_all()

    def close(self, *expected):
        """Ends it. What the node did against the protocol, and was not expected, is a failure."""
        self.process.stdin.close()
        self.process.wait()
        breaches = [event['message'] for event in self.events if event['event'] == 'breach'
                    and event['message'] not in expected]
        if breaches:
            raise SystemExit(f'FAILED: against the protocol: {breaches}')

    @property
    def now(self):
        """A place in what happens, for `wait`."""
        with self.news:
            return len(self.events)

    def wait(self, kind, since=0, seconds=PATIENCE):
        """The first event of that kind from that place on."""
        def first():
            return next((event for event in self.events[since:] if event['event'] == kind), None)

        with self.news:
            self.news.wait_for(first, seconds)
            found = first()
        if found is None:
            raise SystemExit(f'FAILED: the gateway waited for {kind} in vain; since then: {self.events[since:]}')
        return found

    def begin(self, order, **details):
        """Gives an order; `answer` tells what came of it."""
        self.number += 1
        line = json.dumps({'number': self.number, 'order': order, **details})
        self.process.stdin.write(line.encode() + b'\n')
        self.process.stdin.flush()
        return self.number

    def answer(self, number, seconds=PATIENCE):
        with self.news:
            if not self.news.wait_for(lambda: number in self.answers, seconds):
                raise SystemExit(f'FAILED: no answer of the gateway to order {number}')
            return self.answers.pop(number)

    def do(self, order, **details):
        answer = self.answer(self.begin(order, **details))
        if not answer['ok']:
            raise SystemExit(f'FAILED: {order} {details}: {answer}')
        return answer

    def begin_invoke(self, command, params=None, seconds=60):
        return self.begin('invoke', command=command, params=json.dumps(params or {}), seconds=seconds)

    def invoke(self, command, params=None, seconds=60):
        return self.answer(self.begin_invoke(command, params, seconds))
