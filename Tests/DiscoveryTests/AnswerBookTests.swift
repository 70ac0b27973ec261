import Testing

@testable import Discovery

@Suite struct AnswerBookTests {
    private func book(_ answers: Answer...) throws -> AnswerBook {
        var book = AnswerBook()
        for answer in answers { book.take(try DNSMessage(answer.bytes), interface: "eth0") }
        return book
    }

    @Test("host and port come from where the network has them, whatever the gateway says of itself")
    func found() throws {
        let gateways = try book(.complete).gateways
        let gateway = try #require(gateways.first)
        #expect(gateways.count == 1)
        #expect(gateway.name == "Workshop (2. floor)")
        #expect(gateway.host == "gateway.local" && gateway.port == 18_789)
        #expect(gateway.addresses == ["192.0.2.7", "2001:db8::7", "fe80::7%eth0"])
        #expect(
            gateway.labels == [
                "role": "gateway", "gatewayTls": "1", "gatewayPort": "1", "lanHost": "evil.local",
            ])
    }

    @Test("what an answer leaves open is asked for, and then it is complete")
    func questions() throws {
        var first = Answer()
        first.add(Answer.type, 12, Answer.name(Answer.instance))
        var book = try book(first)
        #expect(book.gateways.isEmpty)
        #expect(book.questions.map(\.kind) == [.ptr, .srv, .txt])
        var second = Answer()
        second.service()
        book.take(try DNSMessage(second.bytes), interface: "eth0")
        #expect(book.questions.map(\.kind) == [.ptr, .a, .aaaa])
        #expect(book.questions.last?.name == DNSName(Answer.host))
        var third = Answer()
        third.add(Answer.host, 1, [192, 0, 2, 7])
        book.take(try DNSMessage(third.bytes), interface: "eth0")
        #expect(book.questions.map(\.kind) == [.ptr])
        #expect(book.gateways.first?.addresses == ["192.0.2.7"])
    }

    @Test("the same answer on two interfaces is one gateway, with the addresses of both")
    func twice() throws {
        var book = try book(.complete)
        book.take(try DNSMessage(Answer.complete.bytes), interface: "wlan0")
        #expect(book.gateways.count == 1)
        #expect(book.gateways.first?.addresses.suffix(2) == ["fe80::7%eth0", "fe80::7%wlan0"])
    }

    @Test("services of other types, nobody's records, and ports that are none do not make a gateway")
    func others() throws {
        var answer = Answer()
        answer.add(["_http", "_tcp", "local"], 12, Answer.name(["a", "_http", "_tcp", "local"]))
        answer.add(Answer.type, 12, Answer.name(["b", "_http", "_tcp", "local"]))
        answer.add(Answer.type, 12, Answer.name(Answer.type))
        answer.service(["nobody"] + Answer.type)
        answer.add(Answer.host, 1, [192, 0, 2, 7])
        #expect(try book(answer).gateways.isEmpty)
        var portless = Answer()
        portless.add(Answer.type, 12, Answer.name(Answer.instance))
        portless.service(port: 0)
        portless.add(Answer.host, 1, [192, 0, 2, 7])
        #expect(try book(portless).gateways.isEmpty)
    }

    @Test("a network full of lies has an end")
    func bounded() throws {
        var book = AnswerBook()
        for round in 0..<50 {
            var answer = Answer()
            for index in 0..<20 {
                let instance = ["\(round)-\(index)"] + Answer.type
                answer.add(Answer.type, 12, Answer.name(instance))
                answer.service(instance)
                answer.add(Answer.host, 1, [10, UInt8(round), UInt8(index), 1])
            }
            book.take(try DNSMessage(answer.bytes), interface: "eth0")
        }
        #expect(book.gateways.count == 64)
        #expect(book.gateways.allSatisfy { $0.addresses.count == 16 })
        #expect(book.questions.count <= 32)
    }
}
