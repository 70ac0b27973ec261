import Glibc
import LinuxIO
import NodeCamera
import NodeMedia
import NodeTesting
import Testing

@testable import CameraRPi

@Suite("Cameras of a program that behaves like rpicam-still", .timeLimit(.minutes(5)))
struct RPiCameraDriverTests {
    private static let id = "/base/soc/i2c0mux/i2c@1/imx219@10"
    private static let request = StillRequest(maxWidth: 1600, warmUp: .exactly(.zero))

    private func picture(_ driver: RPiCameraDriver, _ id: String? = nil) async throws(CameraError) -> Image {
        try await driver.open(id).still(Self.request)
    }

    /// What a picture fails with.
    private func failure(_ driver: RPiCameraDriver, _ id: String? = nil) async -> CameraError? {
        do throws(CameraError) {
            _ = try await picture(driver, id)
            return nil
        } catch { return error }
    }

    private func listFailure(_ driver: RPiCameraDriver) async -> CameraError? {
        do throws(CameraError) {
            _ = try await driver.cameras()
            return nil
        } catch { return error }
    }

    // MARK: Lists

    @Test("cameras are listed by sensor and libcamera's id, with what they can") func list() async throws {
        try await StandIn.run { standIn in
            let camera = try #require(try await standIn.driver().cameras().first)
            #expect(camera.id == Self.id && camera.name == "imx219" && camera.deviceType == "libcamera")
            #expect(camera.position == .unknown)
            #expect(camera.formats.first == .init(.jpeg, width: 3280, height: 2464, fps: 21.19))
        }
    }

    @Test("webcams in its list are left to their own driver, and the numbers stay the program's")
    func webcams() async throws {
        try await StandIn.run("libcamera-apps-2022-04-webcam") { standIn in
            let driver = standIn.driver()
            let names = try await driver.cameras().map(\.name)
            #expect(names == ["imx219"])
            #expect(await failure(driver, "H264 USB Camera: USB Camera") != nil)
        }
    }

    @Test("the program is asked once, and again when a camera has come or gone") func remembered() async throws {
        try await StandIn.run { standIn in
            let driver = standIn.driver()
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<5 { group.addTask { try await driver.cameras().count } }
                for try await count in group { #expect(count == 1) }
            }
            #expect(standIn.calls == ["--list-cameras"])
            try standIn.write("dev/video0", "")
            try standIn.write("list", "No cameras available!")
            #expect(try await driver.cameras().isEmpty)
            #expect(standIn.calls.count == 2)
        }
    }

    @Test("without the program there are no cameras, and that is worth a word only where the kernel has seen one")
    func missing() async throws {
        try await StandIn.run { standIn in
            standIn.uninstall()
            #expect(try await standIn.driver().cameras().isEmpty)
            try StateFile.makeDirectory(standIn.scratch.file("class/video0"))
            try standIn.write("class/video0/name", "unicam-image")
            let refusal = await listFailure(standIn.driver())?.refusal
            #expect(refusal?.message.contains("sudo apt install rpicam-apps-lite") == true)
        }
    }

    @Test("where the kernel shows no sensor, only a list and libcamera's own ids start the program")
    func noSensor() async throws {
        try await StandIn.run { standIn in
            Directory.remove(standIn.scratch.file("class"))
            let driver = standIn.driver()
            #expect(await failure(driver) == .noCamera)
            #expect(await failure(driver, "usb-046d_C920") == .notFound("usb-046d_C920", known: []))
            #expect(standIn.calls.isEmpty)
            let width = try await picture(driver, Self.id).width
            #expect(width == 320)
        }
    }

    @Test("on machines that it was not made for it has no cameras") func foreign() async throws {
        try await StandIn.run { standIn in
            try standIn.behave("list: foreign")
            #expect(try await standIn.driver().cameras().isEmpty)
        }
    }

    @Test(
        "a list that fails says why, and does not hide other drivers' cameras",
        arguments: [
            ("garbage", "reads like none"), ("legacy", "start_x=1"), ("hang", "did not come to an end"),
            ("abort", "signal 6"), ("flood", "without end"), ("memory", "video"),
        ])
    func listFails(behaviour: String, hint: String) async throws {
        try await StandIn.run("rpicam-apps-1.6.0-none") { standIn in
            try standIn.behave("list: \(behaviour)")
            let driver = standIn.driver()
            async let error = listFailure(driver)
            if behaviour == "hang" {
                try await standIn.hung()
                standIn.clock.advance(by: .seconds(10))
            }
            let refusal = try #require(await error).refusal
            #expect(refusal.message.contains(hint), "\(refusal.message)")
            #expect(refusal.code == (behaviour == "memory" ? .cameraPermissionRequired : .cameraUnavailable))
            #expect(await failure(driver, "usb-046d_C920") == .notFound("usb-046d_C920", known: []))
            #expect(await failure(driver, Self.id)?.refusal == refusal)
            #expect(standIn.calls.count == 1, "what failed is not tried again at once")
        }
    }

    // MARK: Pictures

    @Test("a picture is the program's JPEG as it is", arguments: ["rpicam-still", "libcamera-still", "rpicam-jpeg"])
    func picture(program: String) async throws {
        try await StandIn.run(as: program) { standIn in
            let image = try await picture(standIn.driver(), Self.id)
            #expect(image.width == 320 && image.height == 240 && image.format == .jpeg)
            let bytes = try StateFile.read(standIn.scratch.file("picture.jpg"))
            #expect(image.bytes == bytes)
            #expect(standIn.calls == ["--list-cameras", "-n -o - -t 1 --width 1600 --height 1202"])
        }
    }

    @Test("a camera answers to its id and its model; without a name it is the first") func names() async throws {
        try await StandIn.run("rpicam-apps-two") { standIn in
            let driver = standIn.driver()
            let ids = try await driver.cameras().map(\.id)
            #expect(try await driver.identify(nil) == ids[0])
            #expect(try await driver.identify("imx708_wide") == ids[1])
            #expect(await failure(driver, "imx477") == .notFound("imx477", known: ids))
            _ = try await picture(driver, ids[1])
            #expect(standIn.calls.last?.contains("--camera 1") == true)
        }
    }

    @Test("one camera takes one picture after the other; two cameras do not wait for each other")
    func order() async throws {
        try await StandIn.run("rpicam-apps-two") { standIn in
            let driver = standIn.driver()
            let ids = try await driver.cameras().map(\.id)
            try await withThrowingTaskGroup(of: Image.self) { group in
                for _ in 0..<6 { group.addTask { try await picture(driver, ids[0]) } }
                for try await image in group { #expect(image.width == 320) }
            }
            // One that found the camera in use would have come again.
            #expect(standIn.calls.count == 7)

            try standIn.behave("nothing", "nothing", "nothing", "nothing", "nothing", "nothing", "hang", "well")
            try await withThrowingTaskGroup(of: CameraError?.self) { group in
                group.addTask { await failure(driver, ids[0]) }
                try await standIn.hung()
                #expect(try await picture(driver, ids[1]).width == 320)
                group.cancelAll()
                #expect(try await group.next() == .cancelled)
            }
        }
    }

    @Test("a busy camera is tried again for two seconds, then told") func busy() async throws {
        try await StandIn.run { standIn in
            try standIn.behave("busy", "busy", "well")
            let (driver, clock) = (standIn.driver(), standIn.clock)
            async let image = picture(driver)
            for _ in 0..<2 {
                await clock.sleeper(until: clock.now + .milliseconds(200))
                clock.advance(by: .milliseconds(200))
            }
            #expect(try await image.width == 320)
            #expect(standIn.calls.count == 4)

            try standIn.behave("busy")
            async let failed = failure(driver)
            await clock.sleeper(until: clock.now + .milliseconds(200))
            clock.advance(by: .seconds(2))
            let error = try #require(await failed)
            guard case .busy(Self.id, _) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(error.refusal.message.contains("fuser -v /dev/media*"))
        }
    }

    @Test(
        "what goes wrong is told with what to do about it",
        arguments: [
            ("nothing", "delivers no pictures"), ("garbage", "damaged"), ("half", "damaged"),
            ("abort", "signal 6"), ("flood", "without end"), ("gone", "plug it in"),
            ("legacy", "start_x=1"), ("foreign", "only supports the Raspberry Pi"),
        ])
    func fails(behaviour: String, hint: String) async throws {
        try await StandIn.run { standIn in
            try standIn.behave(behaviour)
            let refusal = try #require(await failure(standIn.driver())).refusal
            #expect(refusal.message.contains(hint), "\(refusal.message)")
            #expect(refusal.code == .cameraUnavailable)
        }
    }

    @Test("memory that may not be used is a matter of permission") func permission() async throws {
        try await StandIn.run { standIn in
            try standIn.behave("memory")
            let error = await failure(standIn.driver())
            #expect(error?.refusal.code == .cameraPermissionRequired)
        }
    }

    @Test("a program that crashes after the picture has still taken it") func crash() async throws {
        try await StandIn.run { standIn in
            try standIn.behave("crash")
            let error = await failure(standIn.driver())
            #expect(error == nil)
        }
    }

    @Test("a program that is too old for an option is named, with the line that updates it") func old() async throws {
        try await StandIn.run(as: "libcamera-still") { standIn in
            try standIn.write("options", "-n -o -t --width --height")
            let refusal = try #require(await listFailure(standIn.driver())).refusal
            #expect(refusal.message.contains("\(standIn.scratch.path)/libcamera-still is too old"))
            #expect(refusal.message.contains("unrecognised option '--list-cameras'"))
            #expect(refusal.message.contains("sudo apt install"))
            // One that can list, but not choose, serves a single camera.
            try standIn.write("options", "--list-cameras -n -o -t --width --height")
            #expect(try await picture(standIn.driver()).width == 320)
        }
    }

    @Test("a program that hangs is ended, with its children, and the camera can be used again")
    func hang() async throws {
        try await StandIn.run { standIn in
            try standIn.behave("stall", "well")
            let driver = standIn.driver()
            async let error = failure(driver)
            try await standIn.hung()
            standIn.clock.advance(by: .seconds(16))
            let refusal = try #require(await error).refusal
            #expect(refusal.code == .cameraUnavailable && refusal.message.contains("ribbon cable"))
            try await standIn.expectEnd()
            #expect(try await picture(driver).width == 320)
        }
    }

    @Test("withdrawing ends the program at once, and also the wait for another's picture")
    func cancelled() async throws {
        try await StandIn.run { standIn in
            try standIn.behave("hang")
            let driver = standIn.driver()
            try await withThrowingTaskGroup(of: CameraError?.self) { group in
                for _ in 0..<2 { group.addTask { await failure(driver) } }
                try await standIn.hung()
                group.cancelAll()
                for try await error in group { #expect(error == .cancelled) }
            }
            try await standIn.expectEnd()
        }
    }

    @Test("a camera that is gone is looked for anew") func gone() async throws {
        try await StandIn.run { standIn in
            try standIn.behave("gone", "well")
            let driver = standIn.driver()
            #expect(await failure(driver) == .gone(Self.id))
            try standIn.write("list", "No cameras available!")
            #expect(await failure(driver) == .noCamera)
        }
    }
}
