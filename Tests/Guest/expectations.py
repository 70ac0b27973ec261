"""What the scripts in Python say of what they see."""
import sys
import time


def expect(sentence, condition, seen=''):
    if not condition:
        raise SystemExit(f'FAILED: {sentence} ({seen})')
    print(f'ok: {sentence}', file=sys.stderr, flush=True)


def shown(answer):
    return {key: value for key, value in answer.items() if key != 'jpeg'}


def refused(sentence, answer, *words, code='CAMERA_UNAVAILABLE'):
    expect(sentence, answer.get('code') == code and all(word in answer['message'] for word in words), shown(answer))
    print(f'    {answer["message"]}', file=sys.stderr, flush=True)


# In seconds: far less than what is cut short would have taken, and more than a machine that is ten times slower needs.
SOON = 8


def wait_until(sentence, condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            expect(f'in time: {sentence}', False)
        time.sleep(0.02)    # between two looks; what is waited for is the condition
