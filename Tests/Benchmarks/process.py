"""Processes under measurement: started without delay, looked at through /proc."""
import os, signal, time


def memory(pid, field):
    """A field of /proc/PID/status (proc(5)), in bytes."""
    with open(f'/proc/{pid}/status') as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(field + ':'))


def cpu(pid):
    """Seconds of processor time that a process has had so far, all its threads."""
    return time.clock_gettime((~pid << 3) | 2)  # CPUCLOCK_SCHED of a process, see clock_getcpuclockid(3)


class Process:
    """A program that runs. Its output goes to the file `log`."""

    def __init__(self, words, log, descriptors=()):
        """`descriptors`: pairs of a descriptor of ours and its number there."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        actions = [(os.POSIX_SPAWN_OPEN, 0, '/dev/null', os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, log, flags, 0o600),
                   (os.POSIX_SPAWN_DUP2, 1, 2)]
        actions += [(os.POSIX_SPAWN_DUP2, ours, theirs) for ours, theirs in descriptors]
        self.log = log
        self.status = None
        self.began = time.perf_counter()
        self.pid = os.posix_spawn(words[0], words, os.environ, file_actions=actions)

    def stop(self):
        """Asks it to end. The exit code comes from `wait`."""
        os.kill(self.pid, signal.SIGTERM)

    def wait(self):
        if self.status is None:
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status

    def kill(self):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()

    def memory(self, field):
        return memory(self.pid, field)

    def forget_peak(self):
        """Makes `VmHWM` begin again at the present size."""
        with open(f'/proc/{self.pid}/clear_refs', 'w') as file:
            file.write('5')

    def cpu(self):
        return cpu(self.pid)

    def wakeups(self):
        """How often its threads have waited for something."""
        total = 0
        for thread in os.listdir(f'/proc/{self.pid}/task'):
            with open(f'/proc/{self.pid}/task/{thread}/status') as file:
                total += next(int(line.split()[1]) for line in file if line.startswith('voluntary_ctxt_switches'))
        return total
