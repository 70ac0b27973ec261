"""Processes under measurement: started without delay, looked at through /proc."""
import os, signal, threading, time


def memory(pid, field):
    """A field of /proc/PID/status (proc(5)), in bytes."""
    with open(f'/proc/{pid}/status') as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(field + ':'))


def cpu(pid):
    """Seconds of processor time that a process has had so far, all its threads."""
    return time.clock_gettime((~pid << 3) | 2)  # CPUCLOCK_SCHED of a process, see clock_getcpuclockid(3)


def family(pid):
    """A process and all that it has started."""
    found = [pid]
    for name in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{name}/stat') as file:
                parent = int(file.read().rpartition(') ')[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue            # it has ended meanwhile
        if parent == pid:
            found += family(int(name))
    return found


def share(pid):
    """The memory of a process, what it shares with others by parts; 0 once it has ended."""
    try:
        with open(f'/proc/{pid}/smaps_rollup') as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith('Pss:'))
    except (FileNotFoundError, ProcessLookupError, StopIteration):
        return 0


def spent(pid):
    """Seconds of processor time of a process and of its children that have ended."""
    with open(f'/proc/{pid}/stat') as file:
        fields = file.read().rpartition(') ')[2].split()
    return cpu(pid) + (int(fields[13]) + int(fields[14])) / os.sysconf('SC_CLK_TCK')


class Peak:
    """The most memory that a process and all that it has started have while this runs."""

    def __init__(self, pid):
        self.pid, self.most, self.over = pid, 0, threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        while not self.over.wait(0.2):
            self.most = max(self.most, sum(map(share, family(self.pid))))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


class Process:
    """A program that runs. Its output goes to the file `log`."""

    def __init__(self, words, log, descriptors=(), environment=os.environ):
        """`descriptors`: pairs of a descriptor of ours and its number there."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        actions = [(os.POSIX_SPAWN_OPEN, 0, '/dev/null', os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, log, flags, 0o600),
                   (os.POSIX_SPAWN_DUP2, 1, 2)]
        actions += [(os.POSIX_SPAWN_DUP2, ours, theirs) for ours, theirs in descriptors]
        self.log = log
        self.status = None
        self.began = time.perf_counter()
        self.pid = os.posix_spawn(words[0], words, environment, file_actions=actions)

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
