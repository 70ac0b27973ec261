import Glibc
import LinuxIO
import NodeCamera
import NodeTesting
import Testing

@testable import CameraRPi

@Suite("What the kernel shows of sensors")
struct MediaDevicesTests {
    private func machine(_ nodes: KeyValuePairs<String, String>) throws -> (ScratchFolder, MediaDevices) {
        let scratch = try ScratchFolder()
        for (node, name) in nodes {
            try StateFile.makeDirectory(scratch.file("class/\(node)"))
            try StateFile.write(scratch.file("class/\(node)/name"), Array("\(name)\n".utf8), durable: false)
        }
        return (scratch, MediaDevices(devices: scratch.file("dev"), classes: scratch.file("class")))
    }

    @Test("a Raspberry Pi without a camera has image processors and codecs, but no receiver")
    func without() throws {
        let (scratch, devices) = try machine([
            "video10": "bcm2835-codec-decode", "video13": "bcm2835-isp-output0", "video19": "rpivid",
        ])
        withExtendedLifetime(scratch) { #expect(!devices.hasReceiver && !devices.mayHaveSensor) }
    }

    @Test("the receiver is there when a camera is", arguments: ["unicam-image", "rp1-cfe-csi2_ch0"])
    func receiver(name: String) throws {
        let (scratch, devices) = try machine(["video0": name, "video10": "bcm2835-codec-decode"])
        withExtendedLifetime(scratch) { #expect(devices.hasReceiver && devices.mayHaveSensor) }
    }

    @Test("on other machines a sensor's own node is the sign") func sensor() throws {
        let (scratch, devices) = try machine(["v4l-subdev0": "ov5640 1-003c", "video0": "imx7-csi"])
        withExtendedLifetime(scratch) { #expect(!devices.hasReceiver && devices.mayHaveSensor) }
    }

    @Test("a machine without any of this shows nothing") func nothing() {
        let devices = MediaDevices(devices: "/nonexistent", classes: "/nonexistent")
        #expect(devices.nodes.isEmpty && !devices.mayHaveSensor)
    }

    @Test("only the nodes that cameras have count as a change") func nodes() throws {
        let (scratch, devices) = try machine([:])
        try StateFile.makeDirectory(scratch.file("dev"))
        for name in ["video1", "media0", "v4l-subdev0", "ttyS0", "null"] {
            try StateFile.write(scratch.file("dev/\(name)"), [], durable: false)
        }
        #expect(devices.nodes == ["media0", "v4l-subdev0", "video1"])
    }
}
