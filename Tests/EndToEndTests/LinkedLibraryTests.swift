import LinuxIO
import NodeTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct LinkedLibraryTests {
    static let programs = ["clawnode", "clawnode-media", "clawnode-encode", "clawnode-demo"]

    /// A hundred libraries come with FFmpeg's. A driver or a codec that slips into the daemon is an idle node's memory.
    @Test("only what encodes clips links FFmpeg, and only the media worker what reads cameras", arguments: programs)
    func linked(program: String) async throws {
        let path = try #require(OwnProgram.directory) + "/" + program
        let text = try await onEventLoop { loop in
            let run = try await ProgramRun.run(
                "/usr/bin/readelf", ["--dynamic", path], outputLimit: 1 << 20, deadline: loop.now + .seconds(50),
                timekeeper: loop, on: loop)
            return String(decoding: run.output, as: UTF8.self)
        }
        let libraries = text.split(separator: "\n").filter { $0.contains("(NEEDED)") }
        func needs(_ name: String) -> Bool { libraries.contains { $0.contains("[" + name) } }
        #expect(needs("libc."))
        #expect(needs("libavcodec.") == (program == "clawnode-encode"))
        #expect(needs("libturbojpeg.") == (program == "clawnode-media"))
    }
}
