#!/usr/bin/env python3
"""typist.py SHELL LINE…

Types each LINE into an interactive SHELL (bash, zsh or fish) on a terminal of its own, presses the tabulator, and prints what
then stands on the shell's line. The shells load what Packaging/completions has for them.
"""

import os
import pty
import re
import select
import sys
import time

PATIENCE = 60
# "Primary device attributes": newer shells wait for a terminal to say what it is.
ASKED = re.compile(rb"\x1b\[0?c")
COMPLETIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../Packaging/completions")

# How each shell is started, and told to load the completion and to show its line when C-x C-l is pressed.
SHELLS = {
    "bash": (
        ["bash", "--noprofile", "--norc", "-i"],
        r"""bind 'set enable-bracketed-paste off'; source "$COMPLETIONS/clawnode.bash"
        show() { printf '\nLINE<%s>\n' "$READLINE_LINE"; }; bind -x '"\C-x\C-l": show'; echo REA''DY""",
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        r"""fpath=("$COMPLETIONS" $fpath); autoload -Uz compinit; compinit -u -D
        show() { print -r -- $'\n'"LINE<$BUFFER>" }; zle -N show; bindkey '^x^l' show; echo REA''DY""",
    ),
    "fish": (
        ["fish", "--no-config", "-i"],
        r"""source "$COMPLETIONS/clawnode.fish"
        bind \cx\cl 'printf "\nLINE<%s>\n" (commandline | string collect)'; echo REA''DY""",
    ),
}


class Terminal:
    def __init__(self, shell):
        words, preparation = SHELLS[shell]
        self.child, self.descriptor = pty.fork()
        if self.child == 0:
            os.environ.update(TERM="vt100", PS1="> ", INPUTRC="/dev/null", COMPLETIONS=COMPLETIONS)
            os.execvp(words[0], words)
        self.heard = b""
        self.type(preparation.replace("\n", "; ").encode() + b"\n")
        self.wait(rb"READY\r?\n")

    def type(self, keys):
        while keys:
            keys = keys[os.write(self.descriptor, keys) :]

    def wait(self, pattern):
        """What the first group of `pattern` has matched; what came before is forgotten."""
        end = time.monotonic() + PATIENCE
        while not (match := re.search(pattern, self.heard)):
            ready, _, _ = select.select([self.descriptor], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise SystemExit(f"typist: silence after {self.heard!r}")
            said = os.read(self.descriptor, 65536)
            if ASKED.search(said):
                self.type(b"\x1b[?62c")
            self.heard += said
        self.heard = self.heard[match.end() :]
        return match.group(match.lastindex or 0)

    def completed(self, line):
        # C-u takes the line away again.
        self.type(line.encode() + b"\t\x18\x0c")
        text = self.wait(rb"\nLINE<([^\n]*)>\r?\n")
        self.type(b"\x15")
        return text.decode()


def main():
    shell, *lines = sys.argv[1:]
    terminal = Terminal(shell)
    for line in lines:
        print(terminal.completed(line), flush=True)


main()
