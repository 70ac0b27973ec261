import Glibc
import LinuxIO
import NodeCamera
import NodeTesting
import Testing

@testable import CameraV4L2

/// A `/dev` of our own: nodes that are plain files, and links to them. It is gone with its owner.
private struct ScratchDevices {
    private let folder: ScratchFolder
    var root: String { folder.path }

    init() throws {
        folder = try ScratchFolder()
        for directory in ["by-id", "by-path"] { try StateFile.makeDirectory("\(root)/v4l/\(directory)") }
    }

    func file(_ name: String) throws {
        try StateFile.write("\(root)/\(name)", [], durable: false)
    }

    func link(_ name: String, to destination: String) {
        symlink(destination, "\(root)/\(name)")
    }
}

@Suite("Camera catalog")
struct CameraCatalogTests {
    @Test("video nodes come in the order of their numbers, and nothing else is taken for one")
    func nodes() throws {
        let devices = try ScratchDevices()
        for name in ["video10", "video2", "video0", "videos", "video", "video1x", "vbi0", "media0"] {
            try devices.file(name)
        }
        #expect(
            DeviceFiles(root: devices.root).videoNodes.map { $0.dropFirst(devices.root.count + 1) }
                == ["video0", "video2", "video10"])
    }

    @Test("links are found by where they lead, also over other links")
    func links() throws {
        let devices = try ScratchDevices()
        try devices.file("video0")
        try devices.file("video1")
        devices.link("v4l/by-id/usb-b", to: "../../video0")
        devices.link("v4l/by-id/usb-a", to: "../../front")
        devices.link("front", to: "video0")
        devices.link("v4l/by-id/usb-c", to: "../../video1")
        devices.link("v4l/by-id/usb-d", to: "../../gone")
        let files = DeviceFiles(root: devices.root)
        #expect(
            files.links(in: "by-id", to: "\(devices.root)/video0")
                == ["\(devices.root)/v4l/by-id/usb-a", "\(devices.root)/v4l/by-id/usb-b"])
        #expect(files.links(in: "by-path", to: "\(devices.root)/video0").isEmpty)
    }

    @Test("a machine without video nodes has no cameras, and says so")
    func none() throws {
        let catalog = CameraCatalog(root: "/nonexistent")
        #expect(try catalog.list(ours: []).isEmpty)
        #expect(throws: CameraError.noCamera) { try catalog.find(nil, known: []) }
        #expect(throws: CameraError.notFound("video0", known: [])) { try catalog.find("video0", known: []) }
    }

    @Test("a node that is no camera is passed over")
    func noCamera() throws {
        let devices = try ScratchDevices()
        try devices.file("video0")
        let catalog = CameraCatalog(root: devices.root)
        #expect(try catalog.list(ours: []).isEmpty)
        #expect(throws: CameraError.noCamera) { try catalog.find(nil, known: []) }
        let path = "\(devices.root)/video0"
        #expect(throws: CameraError.notFound(path, known: [])) { try catalog.find(path, known: []) }
    }

    @Test("a camera that streams already is the default without being looked at")
    func known() throws {
        let devices = try ScratchDevices()
        try devices.file("video3")
        let path = "\(devices.root)/video3"
        #expect(try CameraCatalog(root: devices.root).find(nil, known: [path]) == path)
    }
}
