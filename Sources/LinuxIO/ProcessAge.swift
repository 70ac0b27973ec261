import Glibc

/// For how long a process has run: by the clock that never jumps, whatever the wall clock was when it began (proc_pid_stat(5)).
/// Nil when it has ended or may not be looked at.
package func processAge(of pid: Int) -> Duration? {
    guard let bytes = try? StateFile.read("/proc/\(pid)/stat") else { return nil }  // it has ended
    // A program's name, in brackets, may hold brackets and blanks.
    let words = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
    guard words.count > 19, let ticks = Int(words[19]) else { return nil }
    var now = timespec()
    clock_gettime(CLOCK_BOOTTIME, &now)
    let age = Double(now.tv_sec) - Double(ticks) / Double(sysconf(CInt(_SC_CLK_TCK)))
    return .seconds(max(0, age))
}
