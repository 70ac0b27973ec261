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
    @Suite("EncoderHost when something fails", .timeLimit(.minutes(5))) struct EncoderFaultTests {
        private struct Interruption: Error, Equatable {}

        /// The studio's host, and the last process that it has started.
        private func told(_ studio: Studio) -> (host: EncoderHost, process: OneValue<pid_t>) {
            let process = OneValue<pid_t>()
            var host = studio.host
            host.started = { process.set($0) }
            return (host, process)
        }

        /// Shows some frames, does `then` with the encoder's process, and shows more until that has an end.
        private func interrupted(
            _ plan: ClipPlan = Studio.plan(seconds: 10), _ then: @escaping @Sendable (pid_t) async throws -> Void
        ) async throws -> (failure: any Error, process: pid_t) {
            try await Studio.run { studio in
                let (host, process) = told(studio)
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

        @Test("an encoder that is killed is told with its signal, while frames are still coming")
        func killed() async throws {
            let (failure, process) = try await interrupted { kill($0, SIGKILL) }
            #expect(failure as? ClipError == .encoderDied("signal 9"))
            #expect(kill(process, 0) == -1)
        }

        @Test("before memory can run out: the encoder's comes in small pages, whatever the kernel gives to others")
        func smallPages() async throws {
            try await Studio.run { studio in
                let (host, process) = told(studio)
                _ = try await host.encode(Studio.plan(seconds: 0.2)) { track in
                    try await track.ready()
                    let status = try StateFile.read("/proc/\(try #require(process.value))/status")
                    #expect(String(decoding: status, as: UTF8.self).contains("THP_enabled:\t0"))
                    try await studio.feed(track, seconds: 0.2)
                }
            }
        }

        @Test("after an encoder that died software is asked first, and after a feed that failed nothing has changed")
        func lesson() async throws {
            try await Studio.run { studio in
                let (host, process) = told(studio)
                let plan = Studio.plan(seconds: 0.2)
                _ = try await host.encode(plan) { try await studio.feed($0, seconds: 0.2) }
                let name = try #require(host.known.lesson.name)
                await #expect(throws: Interruption.self) {
                    _ = try await host.encode(plan) { _ in throw Interruption() }
                }
                #expect(host.known.lesson == KnownEncoder.Lesson(name: name))
                await #expect(throws: ClipError.encoderDied("signal 9")) {
                    _ = try await host.encode(plan) { track in
                        kill(try #require(process.value), SIGKILL)
                        while true { try await studio.show(Studio.picture(0, at: Studio.start), on: track) }
                    }
                }
                #expect(host.known.lesson == KnownEncoder.Lesson(avoidsHardware: true))
                // What has died for whatever reason is not left out.
                _ = try await host.encode(plan) { try await studio.feed($0, seconds: 0.2) }
                #expect(host.known.lesson == KnownEncoder.Lesson(name: name, avoidsHardware: true))
            }
        }

        @Test("sound and encoded frames for an encoder that is gone fail with what ended it, whoever notices first")
        func gone() async throws {
            let format = SoundFormat(sampleRate: 48_000, channels: 1)
            for plan in [Studio.plan(.ogg, nil, sound: format), Studio.plan(.mp4, .h264)] {
                try await Studio.run { studio in
                    let (host, started) = told(studio)
                    await #expect(throws: ClipError.encoderDied("signal 9")) {
                        _ = try await host.encode(plan) { track in
                            try await track.ready()
                            let process = try #require(started.value)
                            kill(process, SIGKILL)
                            // Whoever listens does not get the thread before.
                            var info = siginfo_t()
                            waitid(P_PID, id_t(process), &info, WEXITED | WNOWAIT)
                            try await track.add(SoundChunk(samples: [0], capturedAt: Studio.start))
                            let frame = Image(
                                width: 320, height: 240, format: .h264, bytes: [1], capturedAt: Studio.start)
                            _ = try await track.addNeeded(frame)
                            Issue.record("somebody took it")
                        }
                    }
                    // It had no pictures to encode.
                    #expect(host.known.lesson == KnownEncoder.Lesson())
                }
            }
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
                let (host, process) = told(studio)
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
                let (host, started) = told(studio)
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
                } catch let refusal as Refusal {
                    #expect(refusal.message.contains("/etc cannot be started (Permission denied); ask again"))
                    #expect(refusal.message.contains("sudo apt install --reinstall "))
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
    }
}

private final class OneValue<T: Sendable>: Sendable {
    private let box = Mutex<T?>(nil)

    var value: T? { box.withLock { $0 } }

    func set(_ value: T) { box.withLock { $0 = value } }
}
