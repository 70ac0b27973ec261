import Glibc
import LinuxIO
import Testing

@testable import CameraV4L2

@Suite("Device holders")
struct DeviceHoldersTests {
    @Test("who has a device open is named, and we are not")
    func named() throws {
        // A device that is everywhere, and that hardly any program keeps open.
        let path = "/dev/full"
        let ours = try FileDescriptor(opening: path, flags: O_RDWR)
        #expect(!DeviceHolders().names(of: path).contains { $0.hasSuffix("(pid \(getpid()))") })

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ours.raw, 0)
        var pid = pid_t()
        let arguments = [strdup("sleep"), strdup("60"), nil]
        defer { for argument in arguments { free(argument) } }
        try #require(posix_spawn(&pid, "/bin/sleep", &actions, nil, arguments, nil) == 0)
        defer {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
        // Between fork and exec it goes by our name.
        while !DeviceHolders().names(of: path).contains("sleep (pid \(pid))") { usleep(1_000) }
    }

    @Test("what is no device has no holders, and a machine without /proc tells none")
    func none() {
        #expect(DeviceHolders().names(of: "/").isEmpty)
        #expect(DeviceHolders().names(of: "/nonexistent").isEmpty)
        #expect(DeviceHolders(processes: "/nonexistent").names(of: "/dev/null").isEmpty)
    }
}
