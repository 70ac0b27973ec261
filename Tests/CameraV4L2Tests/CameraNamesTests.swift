import Testing

@testable import CameraV4L2

@Suite("Camera names")
struct CameraNamesTests {
    private let byID = "/dev/v4l/by-id/usb-046d_C920_A1B2-video-index0"
    private let byPath = "/dev/v4l/by-path/pci-0000:00:14.0-usb-0:1:1.0-video-index0"
    private let bus = "usb-0000:00:14.0-1"

    private func names(id: Bool = true, path: Bool = true, bus: String = "usb-0000:00:14.0-1", index: Int = 0)
        -> CameraNames
    {
        CameraNames(
            path: "/dev/video2", byID: id ? [byID] : [], byPath: path ? [byPath] : [], bus: bus, index: index)
    }

    @Test("the id is the most stable name there is")
    func id() {
        #expect(names().id == byID)
        #expect(names(id: false).id == byPath)
        #expect(names(id: false, path: false).id == bus)
        #expect(names(id: false, path: false, index: 2).id == "\(bus)#2")
        #expect(names(id: false, path: false, bus: "").id == "/dev/video2")
    }

    @Test(
        "it answers to every name, with and without the directory",
        arguments: [
            "/dev/v4l/by-id/usb-046d_C920_A1B2-video-index0", "usb-046d_C920_A1B2-video-index0",
            "/dev/v4l/by-path/pci-0000:00:14.0-usb-0:1:1.0-video-index0", "pci-0000:00:14.0-usb-0:1:1.0-video-index0",
            "/dev/video2", "video2", "usb-0000:00:14.0-1",
        ])
    func answers(name: String) {
        #expect(names().answers(to: name))
    }

    @Test(
        "it answers to no part of a name", arguments: ["video", "video22", "2", "", "index0", "/dev/video", "usb-0000"])
    func silent(name: String) {
        #expect(!names().answers(to: name))
    }
}
