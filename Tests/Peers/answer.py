#!/usr/bin/env python3
"""answer.py QUESTION ANSWER PROGRAM WORD…

Runs PROGRAM on a terminal of its own, types ANSWER and the enter key once it has asked QUESTION, and prints what then stood on
the terminal. Ends as the program does.
"""

import os
import pty
import sys


def main():
    question, answer, program, *words = sys.argv[1:]
    child, descriptor = pty.fork()
    if child == 0:
        os.execvp(program, [program, *words])
    heard = b""
    typed = False
    while True:
        try:
            said = os.read(descriptor, 65536)
        except OSError:
            # The end of a terminal.
            said = b""
        if not said:
            break
        heard += said
        if not typed and question.encode() in heard:
            os.write(descriptor, answer.encode() + b"\n")
            typed = True
    sys.stdout.buffer.write(heard)
    sys.stdout.flush()
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


main()
