import Glibc
import LinuxIO
import NodeTesting
import Testing

@testable import CameraRPi

@Suite("Where the program is")
struct CameraProgramTests {
    @Test("of its names the newest counts, wherever it lies; what cannot be run does not")
    func names() throws {
        let scratch = try ScratchFolder()
        for (name, mode) in [("a/libcamera-still", 0o755), ("b/rpicam-jpeg", 0o755), ("a/rpicam-still", 0o644)] {
            try StateFile.makeDirectory(scratch.file(String(name.first ?? "a")))
            try StateFile.write(scratch.file(name), Array("#!/bin/sh\n".utf8), mode: mode_t(mode), durable: false)
        }
        let path = "\(scratch.file("a")):\(scratch.file("b"))"
        #expect(CameraProgram.find(in: path)?.path == scratch.file("b/rpicam-jpeg"))
        #expect(CameraProgram.find(in: scratch.file("a"))?.name == "libcamera-still")
    }

    @Test("a relative search path leads nowhere") func relative() {
        #expect(CameraProgram.find(in: ".::bin") == CameraProgram.find(in: ""))
    }
}
