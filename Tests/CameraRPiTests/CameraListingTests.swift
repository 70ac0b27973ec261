import NodeCamera
import Testing

@testable import CameraRPi

@Suite("Lists of libcamera's cameras")
struct CameraListingTests {
    private func cameras(_ name: String) throws -> [ListedCamera] {
        try #require(CameraListing(try Files.listing(name))).cameras
    }

    @Test("the first programs list sizes without rates") func first() throws {
        let camera = try #require(try cameras("libcamera-apps-2021-12").first)
        #expect(camera.model == "imx477" && camera.id == "/base/soc/i2c0mux/i2c@1/imx477@1a" && camera.number == 0)
        #expect(camera.sensor == .init(width: 4056, height: 3040))
        #expect(camera.modes.map(\.size.width) == [4056, 2028, 2028, 1332])
        #expect(camera.modes.allSatisfy { $0.framesPerSecond == 0 })
    }

    @Test("later ones say how fast each size is; a crop is no size") func rates() throws {
        let camera = try #require(try cameras("libcamera-apps-2022-11").first)
        #expect(
            camera.modes == [
                .init(size: .init(width: 3280, height: 2464), framesPerSecond: 21.19),
                .init(size: .init(width: 1920, height: 1080), framesPerSecond: 47.57),
                .init(size: .init(width: 1640, height: 1232), framesPerSecond: 41.85),
                .init(size: .init(width: 640, height: 480), framesPerSecond: 206.65),
            ])
    }

    @Test("webcams, which early programs list too, are told from sensors") func webcam() throws {
        let cameras = try cameras("libcamera-apps-2022-04-webcam")
        #expect(cameras.map(\.model) == ["imx219", "H264 USB Camera: USB Camera"])
        #expect(cameras.map(\.isWebcam) == [false, true])
        #expect(cameras[1].number == 1 && cameras[1].sensor == .init(width: 1920, height: 1080))
    }

    @Test(
        "ids tell what is a webcam",
        arguments: [
            (#"\_SB_.PCI0.XHC_.RHUB.HS05-5:1.0-0408:5251"#, true), (#"\_SB_.PCI0.LNK1"#, false),
            ("/base/axi/pcie@120000/rp1/usb@200000-1:1.0-046d:0825", true),
            ("/base/soc/i2c0mux/i2c@1/imx708@1a", false), ("/base/bus@30800000/i2c@30a40000/ov5640@3c", false),
        ])
    func ids(id: String, isWebcam: Bool) {
        let camera = ListedCamera(number: 0, model: "any", id: id, sensor: nil, modes: [])
        #expect(camera.isWebcam == isWebcam)
        #expect(ListedCamera.isLikely(id))
    }

    @Test("bit depth and colour order may follow the size") func monochrome() throws {
        let camera = try #require(try cameras("rpicam-apps-2024-04-mono").first)
        #expect(camera.model == "ov9281" && camera.sensor == .init(width: 1280, height: 800))
        #expect(camera.modes.first?.framesPerSecond == 143.66)
    }

    @Test("two cameras have numbers, models and ids of their own") func two() throws {
        let cameras = try cameras("rpicam-apps-two")
        #expect(cameras.map(\.number) == [0, 1])
        #expect(cameras.map(\.model) == ["imx708", "imx708_wide"])
        #expect(Set(cameras.map(\.id)).count == 2)
        #expect(cameras[1].modes.count == 3)
    }

    @Test("no cameras are an empty list, whatever is said before it") func none() throws {
        #expect(try cameras("rpicam-apps-1.6.0-none").isEmpty)
        #expect(CameraListing("Could not open any dmaHeap device\nNo cameras available!\n")?.cameras.isEmpty == true)
    }

    @Test(
        "a sensor whose size is left out is as large as its largest mode",
        arguments: [
            "0 : imx219 ] (/base/i2c/imx219@10)", "0 : imx219 (/base/i2c/imx219@10)",
            "0 : imx219 [10-bit RGGB] (/base/i2c/imx219@10)",
        ])
    func sizeless(line: String) throws {
        let modes = "    Modes: 'SRGGB8' : 640x480 [nan fps - (0, 0)/640x480 crop]"
        let text = "Available cameras\n-----------------\n\(line)\n\(modes)\n"
        let camera = try #require(CameraListing(text)?.cameras.first)
        #expect(camera.model.hasPrefix("imx219"))
        #expect(camera.sensor == .init(width: 640, height: 480))
        #expect(camera.modes.first?.framesPerSecond == 0)
    }

    @Test(
        "what is no list is not taken for one",
        arguments: ["", "\u{FFFD}\u{1}", "0 : imx219 [1x1] (/base/x)", "usage:"]
    )
    func garbage(text: String) {
        #expect(CameraListing(text) == nil)
    }

    @Test("lines that are no cameras are passed over") func noise() {
        let text =
            "Available cameras\n: (\n0 : (x)\n-1 : x\n 5:x (y)\n99999999999999999999 : m [1x1] (/base/x)\nx : y (z)\n"
        #expect(CameraListing(text)?.cameras == [])
    }

    @Test("a picture is the whole sensor's, even on both sides, and no wider than that") func picture() throws {
        let camera = try #require(try cameras("libcamera-apps-2022-11").first)
        #expect(camera.picture(maxWidth: 1600) == .init(width: 1600, height: 1202))
        #expect(camera.picture(maxWidth: 1281) == .init(width: 1280, height: 962))
        #expect(camera.picture(maxWidth: 10_000) == .init(width: 3280, height: 2464))
        #expect(camera.picture(maxWidth: 1) == .init(width: 320, height: 240))
        let unknown = ListedCamera(number: 0, model: "any", id: "/base/any", sensor: nil, modes: [])
        #expect(unknown.picture(maxWidth: 1600) == nil)
    }
}
