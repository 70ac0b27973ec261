import NodeAudio
import Testing

@testable import SoundPulse

@Suite("Pulse messages")
struct PulseTagsTests {
    @Test("what is written is read") func both() throws {
        var writer = PulseWriter()
        writer.add(0x0102_0304)
        writer.add(true)
        writer.add("Ärger")
        writer.add(properties: ["application.name": "clawnode"])
        writer.addSpec(rate: 16_000, channels: 2)
        writer.add(channelMap: [1, 2])
        writer.addTime()
        var reader = PulseReader(writer.bytes[...])
        #expect(try reader.number() == 0x0102_0304)
        #expect(try reader.bool())
        #expect(try reader.text() == "Ärger")
        try reader.skipProperties()
        let spec = try reader.spec()
        #expect(spec.rate == 16_000 && spec.channels == 2)
        try reader.skipChannelMap()
        try reader.skipTime()
        #expect(reader.isAtEnd)
    }

    @Test("a message that ends too soon, wherever, or holds something else, is a flaw and no crash") func cut() throws {
        var writer = PulseWriter()
        writer.add(7)
        writer.add("quiet")
        writer.add("Null Output")
        writer.addSpec(rate: 44_100, channels: 2)
        writer.add(channelMap: [1, 2])
        writer.add(properties: ["a": "b"])
        for count in writer.bytes.indices {
            var reader = PulseReader(writer.bytes[..<count])
            #expect(throws: PulseFlaw.self) { _ = try PulseDevice(&reader, isSource: true) }
        }
        for byte in UInt8.min...UInt8.max {
            var bytes = writer.bytes
            bytes[0] = byte
            bytes[5] = byte
            var reader = PulseReader(bytes[...])
            #expect(throws: PulseFlaw.self) { _ = try PulseDevice(&reader, isSource: true) }
        }
    }
}

@Suite("Pulse server")
struct PulseServerTests {
    @Test(
        "a server is looked for where PulseAudio's own library does",
        arguments: [
            (["PULSE_SERVER": "unix:/a/b"], ["/a/b"]), (["PULSE_SERVER": "{0123}unix:/a /b tcp:host"], ["/a", "/b"]),
            (["PULSE_SERVER": "tcp:host"], []),
            (["XDG_RUNTIME_DIR": "/x"], ["/x/pulse/native", "/run/pulse/native"]),
            (
                ["PULSE_RUNTIME_PATH": "/r", "XDG_RUNTIME_DIR": "/x", "PULSE_SERVER": ""],
                ["/r/native", "/x/pulse/native", "/run/pulse/native"]
            ),
        ] as [([String: String], [String])])
    func places(variables: [String: String], sockets: [String]) {
        #expect(PulseServer(variables: variables).sockets == sockets)
    }
}
