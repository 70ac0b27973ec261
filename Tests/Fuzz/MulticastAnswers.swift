@testable import Discovery

/// What anybody on the local network may answer to a question for gateways. The input's messages have a line between them.
enum MulticastAnswers {
    private static let separator: [UInt8] = Array("\n--\n".utf8)

    @Sendable static func check(_ input: [UInt8]) throws {
        var book = AnswerBook()
        for bytes in input.split(separator: separator) {
            let message: DNSMessage
            do throws(DNSMessage.Malformed) { message = try DNSMessage(Array(bytes)) } catch { continue }
            book.take(message, interface: "eth0")
            checkQuestions(book.questions)
        }
        for gateway in book.gateways { check(gateway) }
        expect(book.gateways.count <= 64, "nobody chooses among so many")
    }

    private static func checkQuestions(_ questions: [DNSMessage.Question]) {
        let query = DNSMessage.query(questions)
        expect(query.count <= DNSMessage.limit, "what is asked has room in a message")
        do throws(DNSMessage.Malformed) { _ = try DNSMessage(query) } catch {
            return expect(error == .noAnswer, "a question is no answer")
        }
        expect(false, "a question is no answer")
    }

    private static func check(_ gateway: FoundGateway) {
        expect(gateway.port != 0, "a port can be dialled")
        expect((1...16).contains(gateway.addresses.count), "there is an address, and no flood of them")
        let isNumeric = gateway.addresses.allSatisfy { address in
            address.utf8.allSatisfy { "0123456789abcdef.:%eth".utf8.contains($0) }
        }
        expect(isNumeric, "an address is one")
        let isWord = gateway.host.utf8.allSatisfy { $0 > 0x20 && !"\"'\\`$;&|<>()".utf8.contains($0) }
        expect(isWord || !gateway.hasProperHost, "a shell takes a host's name as a word")
        expect(gateway.labels.count <= 11, "only known labels are kept")
    }
}
