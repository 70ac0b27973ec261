import Testing

@testable import DBus

@Suite struct BusMessageTests {
    // Made anew each time: the address sanitizer takes what only an enumeration's tagged pointer holds for lost.
    static var everything: [BusValue] {
        [
            .byte(7), .boolean(true), .int16(-2), .uint16(3), .int32(-4), .uint32(5), .int64(-6), .uint64(7),
            .double(0.5), .string("Grüße"), .objectPath("/a/b"), .signature("a{sv}"),
            .array(of: "s", [.string("x"), .string("")]), .array(of: "x", []), .array(of: "(yx)", []),
            .structure([.byte(1), .int64(2), .array(of: "y", [.byte(1), .byte(2)])]),
            .array(of: "{sv}", [.entry(.string("k"), .variant(.array(of: "i", [.int32(1)])))]),
            .variant(.variant(.structure([.string("deep")]))),
        ]
    }

    private static func call(_ body: [BusValue] = everything) -> BusMessage {
        var message = BusMessage(.call, serial: 9)
        message.path = "/org/example"
        message.interface = "org.example.Thing"
        message.member = "Do"
        message.destination = "org.example"
        message.sender = ":1.7"
        message.body = body
        return message
    }

    @Test("what is written is read again, whatever the pieces are in which it comes", arguments: [1, 7, 16, 4096])
    func roundTrip(size: Int) throws {
        let messages = [Self.call(), Self.call([]), Self.call([.string("x")])]
        var stream = BusStream()
        var rest = messages.flatMap(\.bytes)[...]
        var read: [BusMessage] = []
        while !rest.isEmpty {
            rest.prefix(size).withUnsafeBytes { stream.append($0) }
            rest = rest.dropFirst(size)
            while let message = try stream.next() { read.append(message) }
        }
        #expect(read == messages)
    }

    @Test("a signal that is longer than any that is wanted is passed over, and what comes after it is read")
    func overlong() throws {
        func signal(_ count: Int) -> BusMessage {
            var signal = BusMessage(.signal, serial: 7)
            (signal.path, signal.interface, signal.member) = ("/", "i.f", "m")
            signal.expectsReply = false
            signal.body = [.string(String(repeating: "x", count: count))]
            return signal
        }
        var stream = BusStream()
        for count in [9, 3_000, 100_000, 10] { signal(count).bytes.withUnsafeBytes { stream.append($0) } }
        #expect(try stream.next()?.body == signal(9).body)
        #expect(try stream.next()?.body == signal(10).body)
        #expect(try stream.next() == nil)
    }

    @Test("a message of the other order of bytes, as a bus of another machine sends it, is read")
    func bigEndian() throws {
        // A signal /a i.f m with the body "u" 258.
        let bytes: [UInt8] =
            [0x42, 4, 1, 1, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0x37]
            + [1, 1, 0x6F, 0, 0, 0, 0, 2, 0x2F, 0x61, 0, 0, 0, 0, 0, 0]
            + [2, 1, 0x73, 0, 0, 0, 0, 3, 0x69, 0x2E, 0x66, 0, 0, 0, 0, 0]
            + [3, 1, 0x73, 0, 0, 0, 0, 1, 0x6D, 0, 0, 0, 0, 0, 0, 0]
            + [8, 1, 0x67, 0, 1, 0x75, 0, 0, 0, 0, 1, 2]
        #expect(try BusMessage.length(bytes[..<16]) == bytes.count)
        let message = try #require(try BusMessage.read(bytes[...]))
        #expect(message.kind == .signal && message.path == "/a" && message.interface == "i.f" && message.member == "m")
        #expect(message.body == [.uint32(258)])
    }

    @Test("whatever is cut, changed or too long is malformed, and nothing worse")
    func malformed() throws {
        let bytes = Self.call().bytes
        for length in 16..<bytes.count { #expect(throws: BusError.self) { try BusMessage.read(bytes[..<length]) } }
        for index in bytes.indices {
            for value in [0, 0x7F, 0xFF] as [UInt8] {
                var changed = bytes
                changed[index] = value
                do throws(BusError) { _ = try BusMessage.read(changed[...]) } catch {
                    guard case .malformed = error else {
                        Issue.record("\(error)")
                        return
                    }
                }
            }
        }
        var long = bytes
        long.replaceSubrange(4..<8, with: [0, 0, 0, 1])
        #expect(throws: BusError.malformed("a message of 16777216 bytes")) { try BusMessage.length(long[..<16]) }
    }

    @Test("types that are none, values deeper than any, and a body that is longer than its signature are refused")
    func hostileTypes() throws {
        for signature in ["a", "(", "()", "a{s}", "{ss}", "z", "h", "a{sv", String(repeating: "a", count: 40) + "y"] {
            var codes = Array(signature.utf8)[...]
            #expect(throws: BusError.malformed("a signature")) { _ = try Signature.takeType(from: &codes) }
        }
        var deep = BusValue.byte(0)
        for _ in 0..<64 { deep = .variant(deep) }
        #expect(throws: BusError.malformed("too deep a value")) { try BusMessage.read(Self.call([deep]).bytes[...]) }
        var long = Self.call([.byte(1)]).bytes
        long[4] = 2
        long.append(0)
        #expect(throws: BusError.malformed("more than its signature says")) { try BusMessage.read(long[...]) }
    }

    @Test("a kind that a later protocol may have is passed over")
    func laterKind() throws {
        var bytes = Self.call([]).bytes
        bytes[1] = 9
        #expect(try BusMessage.read(bytes[...]) == nil)
    }
}
