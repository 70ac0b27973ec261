import Glibc
import LinuxIO
import NodeTesting
import PracticeGateway
import Testing

/// Clips of the pattern camera, by the built daemon, worker and encoder.
@Suite("Clips from end to end") struct ClipTests {
    private func serving(_ body: @escaping @Sendable (Stage) async throws -> Void) async throws {
        var options = Stage.open()
        options.allowedCommands.append("camera.clip")
        try await Stage.run(options) { stage in
            try await stage.withDaemon { _ in
                var events = stage.gateway.events.reader()
                _ = try await stage.hello(&events)
                try await body(stage)
            }
        }
    }

    private func footage(_ result: InvokeResult, _ stage: Stage) async throws -> Footage {
        try await Footage(#require(try result.media()), in: stage.scratch, on: stage.loop)
    }

    /// The processes that encode for the worker.
    private func encoders(_ stage: Stage) async throws -> [pid_t] {
        let status = try await stage.status { stage.worker(in: $0) != nil }
        let worker = try #require(stage.worker(in: status))
        return try Directory.names(in: "/proc").compactMap { pid_t($0) }.filter { pid in
            // Processes come and go while one looks.
            let stat = String(decoding: (try? StateFile.read("/proc/\(pid)/stat")) ?? [], as: UTF8.self)
            return stat.contains("(clawnode-encode) ") && stat.contains(" \(worker) ")
        }
    }

    /// The one that encodes, once there is one.
    private func encoder(_ stage: Stage) async throws -> pid_t {
        while true {
            if let pid = try await encoders(stage).first { return pid }
            try await stage.loop.sleep(for: .milliseconds(10))  // between two looks
        }
    }

    private func isFailed(_ result: InvokeResult, _ code: String, _ words: String) -> Bool {
        guard case .failed(code, let message) = result.outcome else { return false }
        return message.contains(words)
    }

    @Test("a clip arrives as an MP4 that can be played while it comes, and shows each moment at its time")
    func clip() async throws {
        try await serving { stage in
            let result = await stage.gateway.invoke("camera.clip", params: #"{"durationMs":1500}"#)
            let reply = try result.payload()
            #expect(reply["format"]?.string == "mp4" && reply["durationMs"]?.integer == 1_500)
            #expect(reply["hasAudio"]?.bool == false)
            let footage = try await footage(result, stage)
            #expect(footage.codecs == ["h264"] && footage.isFastStart)
            // A machine that is busy loses frames, but shows none at the wrong time.
            #expect(try await footage.lateness == nil)
            #expect(footage.times.count > 1 && footage.times.count <= 46)
            #expect(footage.duration <= 1.5 + 0.04)
        }
    }

    @Test("two clips and a picture of one camera, all at once") func together() async throws {
        try await serving { stage in
            async let first = stage.gateway.invoke("camera.clip", params: #"{"durationMs":1500}"#)
            async let second = stage.gateway.invoke("camera.clip", params: #"{"durationMs":800}"#)
            _ = try await encoder(stage)
            #expect(await stage.gateway.invoke("camera.snap", params: #"{"delayMs":0}"#).isSuccess)
            for result in await [first, second] {
                let footage = try await footage(result, stage)
                #expect(try await footage.lateness == nil)
                #expect(footage.times.count > 1)
            }
        }
    }

    @Test("an encoder that is killed costs its clip, and nothing else") func killedEncoder() async throws {
        try await serving { stage in
            async let clip = stage.gateway.invoke("camera.clip", params: #"{"durationMs":20000}"#)
            kill(try await encoder(stage), SIGKILL)
            let result = await clip
            #expect(isFailed(result, "UNAVAILABLE", "encoder"), "\(result.outcome)")
            #expect(await stage.gateway.invoke("camera.clip", params: #"{"durationMs":250}"#).isSuccess)
            #expect(await stage.isUndisturbed)
        }
    }

    @Test("a clip that is withdrawn ends at once, and so does its encoder") func withdrawn() async throws {
        try await serving { stage in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    _ = await stage.gateway.invoke("camera.clip", params: #"{"durationMs":20000}"#)
                }
                let pid = try await encoder(stage)
                group.cancelAll()
                await death(of: pid)
            }
            #expect(await stage.gateway.invoke("camera.clip", params: #"{"durationMs":250}"#).isSuccess)
        }
    }

    @Test("a gateway that goes takes its clip with it") func gatewayGone() async throws {
        try await serving { stage in
            async let clip = stage.gateway.invoke("camera.clip", params: #"{"durationMs":20000}"#)
            let pid = try await encoder(stage)
            let node = try #require(await stage.gateway.nodes.first)
            await stage.gateway.reset(node.id)
            await death(of: pid)
            let result = await clip
            #expect(!result.isSuccess)
        }
    }

    @Test("a clip of a minute that has half a minute is refused at once") func tooLate() async throws {
        try await serving { stage in
            let result = await stage.gateway.invoke("camera.clip", params: #"{"durationMs":60000}"#)
            #expect(isFailed(result, "UNAVAILABLE", "TIMEOUT: a clip of 60000 ms"), "\(result.outcome)")
            let left = try await encoders(stage)
            #expect(left.isEmpty)
        }
    }
}
