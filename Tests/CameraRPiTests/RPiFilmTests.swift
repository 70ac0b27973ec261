import Glibc
import LinuxIO
import NodeCamera
import NodeMedia
import NodeTesting
import Testing

@testable import CameraRPi

@Suite("Clips of a program that behaves like rpicam-vid", .timeLimit(.minutes(5)))
struct RPiFilmTests {
    private static let id = "/base/soc/i2c0mux/i2c@1/imx219@10"
    private static let request = FilmRequest(bitsPerSecond: 2_000_000)

    /// What a clip of one frame fails with.
    private func failure(_ camera: any Camera) async -> CameraError? {
        do {
            _ = try await camera.film(Self.request) { _, frames in try await frames.next() }
            return nil
        } catch { return error as? CameraError }
    }

    @Test("frames come as the program encodes them, from a key frame on, as long as they are wanted")
    func frames() async throws {
        try await StandIn.run { standIn in
            let camera = try await standIn.driver().open(nil)
            let all = try await camera.film(Self.request) { video, frames in
                #expect(video == ClipPlan.Video(format: .h264, width: 1_280, height: 720, framesPerSecond: 30))
                var all: [Image] = []
                while all.count < 35 { all.append(try await frames.next()) }
                return all
            }
            #expect(H264.isKeyFrame(all[0].bytes) && !H264.isKeyFrame(all[1].bytes))
            #expect(zip(all, all.dropFirst()).allSatisfy { $0.capturedAt < $1.capturedAt })
            #expect(standIn.calls.last == "vid \(Self.words) --libav-format h264 --low-latency")
            try await standIn.expectEnd()
        }
    }

    private static let words =
        "-n -o - -t 0 --codec h264 --inline --width 1280 --height 720 --framerate 30 --bitrate 2000000"

    @Test(
        "versions that do not know how libx264 is told what to do are told less",
        arguments: [
            ("--low-latency", "film: libav", " --libav-format h264 --profile baseline"),
            ("--libav-format", "film: well", ""),
        ])
    func olderVersions(unknown: String, behaviour: String, rest: String) async throws {
        try await StandIn.run { standIn in
            try standIn.write("vid-unknown", unknown)
            try standIn.behave(behaviour)
            #expect(await failure(try await standIn.driver().open(nil)) == nil)
            #expect(standIn.calls.last == "vid \(Self.words)\(rest)")
        }
    }

    @Test("during a clip there is no picture and no second clip, at once; after it there are again")
    func beside() async throws {
        try await StandIn.run { standIn in
            let camera = try await standIn.driver().open(nil)
            let still = StillRequest(maxWidth: 640, warmUp: .exactly(.zero))
            try await camera.film(Self.request) { _, frames in
                _ = try await frames.next()
                let busy = CameraError.busy(Self.id, by: ["a clip that is being recorded"])
                await #expect(throws: busy) { try await camera.still(still) }
                #expect(await failure(camera) == busy)
            }
            #expect(try await camera.still(still).width == 320)
            #expect(await failure(camera) == nil)
        }
    }

    @Test("a picture that is asked for while a clip waits for another is not left waiting for the clip's end")
    func behind() async throws {
        try await StandIn.run { standIn in
            try standIn.behave("hang")
            let camera = try await standIn.driver().open(nil)
            @Sendable func picture() async -> CameraError? {
                do throws(CameraError) {
                    _ = try await camera.still(StillRequest(maxWidth: 640, warmUp: .exactly(.zero)))
                    return nil
                } catch { return error }
            }
            await withTaskGroup(of: CameraError?.self) { group in
                group.addTask { await picture() }
                try? await standIn.hung()  // what it waits for comes
                group.addTask { await failure(camera) }
                group.addTask { await picture() }
                #expect(await group.next() == .busy(Self.id, by: ["a clip that is being recorded"]))
                group.cancelAll()
                for await error in group { #expect(error == .cancelled) }
            }
        }
    }

    @Test(
        "what goes wrong is told with what to do about it",
        arguments: [
            ("gone", "plug it in"), ("crash", "signal 11"), ("nothing", "status 0"), ("flood", "no H.264"),
            ("old", "too old"), ("lite", "sudo apt install rpicam-apps`"),
        ])
    func fails(behaviour: String, hint: String) async throws {
        try await StandIn.run { standIn in
            try standIn.behave("film: \(behaviour)")
            let camera = try await standIn.driver().open(nil)
            do {
                try await camera.film(Self.request) { _, frames in
                    while true { _ = try await frames.next() }
                }
            } catch {
                let message = try #require(error as? CameraError).refusal.message
                #expect(message.contains(hint), "\(message)")
            }
        }
    }

    @Test("a busy camera is tried again") func busy() async throws {
        try await StandIn.run { standIn in
            try standIn.behave("film: busy", "film: well")
            let camera = try await standIn.driver().open(nil)
            async let error = failure(camera)
            await standIn.clock.sleeper(at: standIn.clock.now + .milliseconds(200))
            standIn.clock.advance(by: .milliseconds(200))
            #expect(await error == nil)
        }
    }

    @Test("a program that gives nothing is ended after ten seconds") func hang() async throws {
        try await StandIn.run { standIn in
            try standIn.behave("film: hang")
            let camera = try await standIn.driver().open(nil)
            async let error = failure(camera)
            try await standIn.hung()
            standIn.clock.advance(by: .seconds(10))
            #expect(try #require(await error).refusal.message.contains("did not come to an end"))
            try await standIn.expectEnd()
        }
    }

    @Test("withdrawing ends the program at once") func cancelled() async throws {
        try await StandIn.run { standIn in
            try standIn.behave("film: hang")
            let camera = try await standIn.driver().open(nil)
            await withTaskGroup(of: CameraError?.self) { group in
                group.addTask { await failure(camera) }
                try? await standIn.hung()  // what it waits for comes
                group.cancelAll()
                for await error in group { #expect(error == .cancelled) }
            }
            try await standIn.expectEnd()
        }
    }

    @Test("without the program there are pictures, and clips are refused with the line that mends it")
    func missing() async throws {
        try await StandIn.run { standIn in
            standIn.uninstall("rpicam-vid")
            let camera = try await standIn.driver().open(nil)
            #expect(await failure(camera)?.refusal.message.contains("sudo apt install rpicam-apps-lite") == true)
        }
    }

    @Test("a small sensor is filmed whole") func small() {
        func size(_ width: Int, _ height: Int) -> ListedCamera.Size {
            let sensor = ListedCamera.Size(width: width, height: height)
            return FilmArguments.size(
                of: ListedCamera(number: 0, model: "ov7251", id: "/base/ov7251@60", sensor: sensor, modes: []))
        }
        #expect(size(640, 480) == ListedCamera.Size(width: 640, height: 480))
        #expect(size(3280, 2464) == ListedCamera.Size(width: 1_280, height: 720))
    }
}
