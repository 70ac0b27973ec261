import Glibc
import LinuxIO
import PracticeGateway
import Testing

/// The built programs, and the stand-in of `CameraRPiTests` in the place of `rpicam-still`.
@Suite struct RibbonCameraTests {
    private static let id = "/base/soc/i2c0mux/i2c@1/imx219@10"
    private static let tests = #filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" }

    private func install(in prompt: Prompt) {
        let files = [
            "StandIn/rpicam-still": "rpicam-still", "StandIn/picture.jpg": "picture.jpg",
            "Listings/libcamera-apps-2022-11.txt": "list",
        ]
        for (source, name) in files {
            #expect(symlink("\(Self.tests)/CameraRPiTests/\(source)", prompt.scratch.file(name)) == 0)
        }
    }

    @Test("a camera on a ribbon cable is listed and takes a picture") func picture() async throws {
        try await Prompt.run { prompt in
            install(in: prompt)
            let path = ["PATH": "\(prompt.scratch.path):/usr/bin:/bin"]
            let list = try await prompt.clawnode("invoke", "camera.list", "--enable=camera", variables: path)
            let devices = try JSONReader.read(Array(list.answer.utf8))["devices"]?.array ?? []
            let camera = try #require(devices.first { $0["id"]?.string == Self.id }, "\(list)")
            #expect(camera["name"]?.string == "imx219" && camera["deviceType"]?.string == "libcamera")

            let snap = try await prompt.clawnode(
                "invoke", "camera.snap", #"{"deviceId":"\#(Self.id)","maxWidth":160,"delayMs":0}"#, "--enable=camera",
                "--save", prompt.scratch.file("photo.jpg"), variables: path)
            #expect(snap.code == 0, "\(snap.talk)")
            let reply = try JSONReader.read(Array(snap.answer.utf8))
            #expect(reply["width"]?.integer == 160 && reply["height"]?.integer == 120)
            #expect(try StateFile.read(prompt.scratch.file("photo.jpg")).starts(with: [0xFF, 0xD8]))
        }
    }

    @Test("a program that fails costs the picture, not the worker") func failure() async throws {
        try await Prompt.run { prompt in
            install(in: prompt)
            _ = try prompt.write("busy", to: "behaviour")
            let snap = try await prompt.clawnode(
                "invoke", "camera.snap", #"{"deviceId":"\#(Self.id)","delayMs":0}"#, "--enable=camera",
                variables: ["PATH": "\(prompt.scratch.path):/usr/bin:/bin"])
            #expect(snap.code == 1)
            let error = try JSONReader.read(Array(snap.answer.utf8))["error"]
            #expect(error?["code"]?.string == "CAMERA_UNAVAILABLE")
            #expect(error?["message"]?.string?.contains("camera busy") == true)
        }
    }
}
