import Glibc
import LinuxIO
import NodeCore
import NodeMedia
import NodeTesting
import Synchronization
import Testing

@testable import ClipChannel

/// What happens to a clip, and to the process that makes it, when something goes wrong.
extension EncoderTests {
    @Suite("EncoderHost when something fails", .timeLimit(.minutes(2))) struct EncoderFaultTests {
        private struct Interruption: Error, Equatable {}

        private static let program = OwnProgram.directory.map { $0 + "/clawnode-encode" } ?? ""

        /// Shows some frames, does `then` with the encoder's process, and shows more until that has an end.
        private func interrupted(
            _ plan: ClipPlan = Studio.plan(seconds: 10), _ then: @escaping @Sendable (pid_t) async throws -> Void
        ) async throws -> (failure: any Error, process: pid_t) {
            try await Studio.run { studio in
                let process = OneValue<pid_t>()
                var host = studio.host
                host.started = { process.set($0) }
                do {
                    _ = try await host.encode(plan) { track in
                        for number in 0... {
                            let time = Studio.start + .nanoseconds(number * 1_000_000_000 / 30)
                            try await studio.show(Studio.picture(number, at: time), on: track)
                            if number == 20 { try await then(try #require(process.value)) }
                        }
                    }
                    throw Interruption()
                } catch {
                    return (error, try #require(process.value))
                }
            }
        }

        /// Processes of `parent` that encode.
        private static func children(of parent: pid_t) throws -> [pid_t] {
            try Directory.names(in: "/proc").compactMap { pid_t($0) }.filter { pid in
                // A process may go while it is looked at.
                let text = String(decoding: (try? StateFile.read("/proc/\(pid)/stat")) ?? [], as: UTF8.self)
                let words = text.split(separator: ")").last?.split(separator: " ") ?? []
                return text.contains("(clawnode-encode") && words.count > 1 && words[1] == "\(parent)"
            }
        }

        @Test("an encoder that is killed is told with its signal, while frames are still coming")
        func killed() async throws {
            let (failure, process) = try await interrupted { kill($0, SIGKILL) }
            #expect(failure as? ClipError == .encoderDied("signal 9"))
            #expect(kill(process, 0) == -1)
        }

        @Test("an encoder that does not move is noticed and ended")
        func hung() async throws {
            let (failure, process) = try await interrupted { kill($0, SIGSTOP) }
            #expect(failure as? ClipError == .encoderDied("it said nothing for 10 seconds"))
            #expect(kill(process, 0) == -1)
        }

        @Test("a feed that throws ends the encoder, and its error is the clip's")
        func feedFails() async throws {
            let (failure, process) = try await interrupted { _ in throw Interruption() }
            #expect(failure as? Interruption == Interruption())
            #expect(kill(process, 0) == -1)
        }

        @Test("a cancelled clip ends its encoder at once")
        func cancelled() async throws {
            try await Studio.run { studio in
                let isUnderWay = OneShot()
                let process = OneValue<pid_t>()
                var harmed = studio.host
                harmed.started = { process.set($0) }
                let host = harmed
                let outcome = await withTaskGroup(of: (any Error)?.self) { group in
                    group.addTask {
                        do {
                            _ = try await host.encode(
                                Studio.plan(sound: SoundFormat(sampleRate: 48_000, channels: 2))
                            ) { track in
                                try await studio.feed(track, seconds: 1)
                                isUnderWay.fire()
                                // Nothing more comes.
                                try await OneShot().fired()
                            }
                            return nil
                        } catch { return error }
                    }
                    // A failure before that shows below.
                    try? await isUnderWay.fired()
                    group.cancelAll()
                    return await group.next() ?? nil
                }
                #expect(outcome is CancellationError)
                let pid = try #require(process.value)
                #expect(kill(pid, 0) == -1)
            }
        }

        @Test("sound that finds no room waits, and is let go when the encoder dies")
        func waitingSound() async throws {
            try await Studio.run { studio in
                let format = SoundFormat(sampleRate: 48_000, channels: 2)
                let started = OneValue<pid_t>()
                var harmed = studio.host
                harmed.started = { started.set($0) }
                let host = harmed
                await #expect(throws: ClipError.encoderDied("signal 9")) {
                    _ = try await host.encode(Studio.plan(.ogg, nil, sound: format)) { track in
                        var first = 0
                        try await studio.hear(format, from: &first, until: 0.2, on: track)
                        let process = try #require(started.value)
                        kill(process, SIGSTOP)
                        await withTaskGroup(of: Void.self) { group in
                            group.addTask {
                                // Ten seconds of it have no room; the encoder's end lets it go.
                                let samples = Studio.tone(1_000, from: 0, count: 480_000, format)
                                try? await track.add(SoundChunk(samples: samples, capturedAt: Studio.start))
                            }
                            group.addTask { kill(process, SIGKILL) }
                        }
                    }
                }
            }
        }

        @Test("a file for which there is no memory is refused with the kernel's word")
        func noMemory() async throws {
            let (failure, _) = try await interrupted(Studio.plan(.mp4, .yuv420, seconds: 60)) { process in
                // Where memory files have no room the kernel says ENOSPC; a limit of size is met the same way.
                try await Studio.run { studio in
                    _ = try await studio.run("/usr/bin/prlimit", ["--pid", "\(process)", "--fsize=20000"])
                }
            }
            #expect(failure as? ClipError == .system(Errno(EFBIG)))
        }

        @Test("without the program it is said which package has it")
        func notInstalled() async throws {
            try await onEventLoop { loop in
                let host = EncoderHost(program: "clawnode-none", variables: [:], on: loop, log: .silent)
                await #expect(throws: ClipError.noEncoder(package: "clawnode-none")) {
                    _ = try await host.encode(Studio.plan()) { _ in }
                }
            }
        }

        @Test("what is there and cannot be started is named, with the kernel's word")
        func notStarted() async throws {
            try await onEventLoop { loop in
                let host = EncoderHost(
                    program: "../../../../../../../../../../../../etc", variables: [:], on: loop, log: .silent)
                do {
                    _ = try await host.encode(Studio.plan()) { _ in }
                    Issue.record("a folder was started")
                } catch ClipError.unencodable(let reason) {
                    #expect(reason.hasSuffix("/etc cannot be started: Permission denied"))
                }
            }
        }

        @Test("a program that is no encoder is told with what it did")
        func noEncoderAtAll() async throws {
            try await onEventLoop { loop in
                let host = EncoderHost(
                    program: "../../../../../../../../../../../../bin/true", variables: [:], on: loop, log: .silent)
                await #expect(throws: ClipError.encoderDied("status 0")) {
                    _ = try await host.encode(Studio.plan()) { _ in try await OneShot().fired() }
                }
            }
        }

        // MARK: The encoder's own part

        @Test("an encoder whose asker hangs up ends, in the middle of whatever it does")
        func hungUp() async throws {
            try await onEventLoop { loop in
                let sockets = try MessageSocket.pair(on: loop)
                let child = try ChildProcess.spawn(
                    Self.program, arguments: [], descriptors: [(sockets.theirs.raw, as: 3)], on: loop)
                try await Self.order(sockets.ours)
                sockets.ours.close()
                #expect(try await child.wait() == .exited(0))
            }
        }

        @Test("an encoder whose parent dies dies with it, also when it is stopped and somebody else holds its socket")
        func orphaned() async throws {
            try await onEventLoop { loop in
                let sockets = try MessageSocket.pair(on: loop)
                let shell = try ChildProcess.spawn(
                    "/bin/sh", arguments: ["-c", "'\(Self.program)' & wait"],
                    descriptors: [(sockets.theirs.raw, as: 3)], on: loop)
                try await Self.order(sockets.ours)
                // It has answered, so that it is there.
                _ = try await sockets.ours.receive()
                let process = try #require(try Self.children(of: shell.pid).first)
                kill(process, SIGSTOP)
                kill(shell.pid, SIGKILL)
                _ = try await shell.wait()
                await death(of: process)
            }
        }

        @Test("orders that nobody gives are refused in words", arguments: ["garbage", "small", "unsealed"])
        func badOrder(kind: String) async throws {
            try await onEventLoop { loop in
                let sockets = try MessageSocket.pair(on: loop)
                let child = try ChildProcess.spawn(
                    Self.program, arguments: [], descriptors: [(sockets.theirs.raw, as: 3)], on: loop)
                let order = EncoderMessage.order(.init(Studio.plan())).bytes
                let ring = try SharedMemory(name: "ring", size: 4_096)
                let file = try MemoryFile(name: "ring")
                switch kind {
                case "garbage": try await sockets.ours.send([77, 1, 2, 3])
                case "small": try await sockets.ours.send(order, descriptors: [ring.descriptor])
                default: try await sockets.ours.send(order, descriptors: [file.descriptor])
                }
                let answer = try await sockets.ours.receive()?.bytes ?? []
                #expect(EncoderMessage(answer) == .failed(.unencodable("the order cannot be read")))
                #expect(try await child.wait() == .exited(0))
            }
        }

        private static func order(_ socket: MessageSocket) async throws {
            let plan = Studio.plan()
            let layout = try #require(RingLayout(plan))
            let ring = try SharedMemory(name: "ring", size: layout.size)
            try await socket.send(EncoderMessage.order(.init(plan)).bytes, descriptors: [ring.descriptor])
        }
    }
}

private final class OneValue<T: Sendable>: Sendable {
    private let box = Mutex<T?>(nil)

    var value: T? { box.withLock { $0 } }

    func set(_ value: T) { box.withLock { $0 = value } }
}
