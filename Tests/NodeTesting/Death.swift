import LinuxIO

/// Returns when the process is dead. For those that are not our children: nobody tells us of their end.
package func death(of pid: Int32) async {
    while true {
        // A process that is gone has no such file; one that its parent has not seen die yet is a zombie.
        let status = String(decoding: (try? StateFile.read("/proc/\(pid)/stat")) ?? [], as: UTF8.self)
        if status.isEmpty || status.contains(") Z ") { return }
        await Task.yield()
    }
}
