import Testing

@testable import Discovery

@Suite struct DNSMessageTests {
    @Test("an answer's records are read, compressed names and all")
    func compressed() throws {
        var answer = Answer()
        // The question's name stands at 12; the instance is a label and a pointer to it.
        let label: [UInt8] = [5, 0x41, 0x74, 0x74, 0x69, 0x63]
        answer.add([0xC0, 12], 12, label + [0xC0, 12])
        let data: [UInt8] = [0, 1, 0, 2, 0x49, 0x65]
        answer.add(label + [0xC0, 12], 33, data + Answer.name(["a", "local"]))
        let message = try DNSMessage(answer.bytes)
        let instance = DNSName(["Attic"] + Answer.type)
        #expect(
            message.records == [
                .init(name: DNSName(Answer.type), data: .pointer(instance)),
                .init(name: instance, data: .service(priority: 1, port: 18_789, host: DNSName("a.local"))),
            ])
    }

    @Test("names are the same in whatever case, and keep their dots and blanks")
    func names() {
        #expect(DNSName("Gateway.LOCAL") == DNSName("gateway.local"))
        #expect(Set([DNSName("A.b"), DNSName("a.B")]).count == 1)
        #expect(DNSName(["a.b", "c"]) != DNSName("a.b.c"))
        #expect(DNSName(["Wörk shop"]).text == "Wörk shop")
    }

    @Test("our question is one of one class, from which an answer can be told")
    func query() {
        let bytes = DNSMessage.query([.init(name: DNSName("_x._tcp.local"), kind: .ptr)])
        var wanted: [UInt8] = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        wanted += Answer.name(["_x", "_tcp", "local"])
        wanted += [0, 12, 0, 1]
        #expect(bytes == wanted)
        #expect(throws: DNSMessage.Malformed.noAnswer) { try DNSMessage(bytes) }
    }

    @Test("records of other kinds and classes, and those that are taken back, are left out")
    func leftOut() throws {
        var answer = Answer()
        answer.add(Answer.host, 47, [1, 2, 3])
        answer.add(Answer.host, 1, [192, 0, 2, 1], life: 0)
        answer.add(Answer.host, 1, [192, 0, 2, 2])
        var bytes = answer.bytes
        #expect(try DNSMessage(bytes).records.map(\.data) == [.address([192, 0, 2, 2])])
        // The class of the last one.
        bytes[bytes.count - 11] = 3
        #expect(try DNSMessage(bytes).records.isEmpty)
    }

    @Test("an answer that is cut, changed or turned into a circle is malformed, and nothing worse")
    func hostile() throws {
        let bytes = Answer.complete.bytes
        for length in 0..<bytes.count {
            #expect(throws: DNSMessage.Malformed.self) { try DNSMessage(Array(bytes[..<length])) }
        }
        for index in bytes.indices {
            for value in [0, 0x3F, 0xC0, 0xFF] as [UInt8] {
                var changed = bytes
                changed[index] = value
                // It may still be an answer.
                _ = try? DNSMessage(changed)
            }
        }
        for pointer in [[0xC0, 42], [0xC0, 0xFF], [0xFF, 0xFF], [0xC0]] as [[UInt8]] {
            var answer = Answer()
            answer.add(pointer, 12, [0])
            #expect(throws: DNSMessage.Malformed.self) { try DNSMessage(answer.bytes) }
        }
        var long = Answer()
        long.add([String](repeating: String(repeating: "x", count: 63), count: 4), 1, [1, 2, 3, 4])
        #expect(throws: DNSMessage.Malformed.name) { try DNSMessage(long.bytes) }
        #expect(throws: DNSMessage.Malformed.tooMuch) {
            try DNSMessage([UInt8](repeating: 0, count: DNSMessage.limit + 1))
        }
        var many = bytes
        many.replaceSubrange(6..<8, with: [0xFF, 0xFF])
        #expect(throws: DNSMessage.Malformed.tooMuch) { try DNSMessage(many) }
    }
}
