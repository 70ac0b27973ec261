"""tone.py FILE SECONDS RATE CHANNELS: whether a WAV file is so long, to a frame, and holds a tone of 1 kHz at half of the
full amplitude in every channel from its beginning to its end."""
import array
import cmath
import math
import sys
import wave


def write_tone(path):
    """Such a file, of four minutes at 48 kHz in two channels."""
    # One period is 48 frames.
    period = array.array('h', [round(16384 * math.sin(2 * math.pi * index / 48)) for index in range(48) for _ in range(2)])
    with wave.open(path, 'wb') as file:
        file.setparams((2, 2, 48000, 0, 'NONE', None))
        file.writeframes(period.tobytes() * 240_000)


def main(path, seconds, rate, channels):
    seconds, rate, channels = float(seconds), int(rate), int(channels)
    with wave.open(path) as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (rate, channels, 2):
            sys.exit(f'{path}: {file.getparams()}')
        if abs(file.getnframes() - seconds * rate) > 1:
            sys.exit(f'{path}: {file.getnframes()} frames instead of {seconds * rate}')
        samples = array.array('h', file.readframes(file.getnframes()))

    # A tenth of a second at a time, so that a gap shows. The converter's first and last moments are those of silence around it.
    window = rate // 10
    for channel in range(channels):
        heard = samples[channel::channels]
        for start in range(window, len(heard) - window, window):
            part = heard[start:start + window]
            turn = -2j * math.pi * 1000 / rate
            amplitude = 2 * abs(sum(value * cmath.exp(turn * index) for index, value in enumerate(part))) / window / 32768
            power = sum(value * value for value in part) / window / 32768 ** 2
            if not 0.47 < amplitude < 0.53 or not 0.97 < amplitude ** 2 / 2 / power < 1.03:
                sys.exit(f'{path}: {start / rate:.1f} s: 1 kHz at {amplitude:.3f}, all at {math.sqrt(2 * power):.3f}')


if __name__ == '__main__':
    main(*sys.argv[1:])
