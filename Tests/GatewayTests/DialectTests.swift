import NodeCore
import Testing

@testable import Gateway

@Suite struct DialectTests {
    private static let bodies: [(body: String, dialect: Dialect?)] = [
        (#"{"status":"ok","protocol":3}"#, .goclaw), (#"{"status":"ok","protocol":4,"more":{}}"#, .goclaw),
        (#"{"ok":true,"status":"live"}"#, .openclaw), (#"{"ok":false}"#, .openclaw), (#"{"status":"ok"}"#, nil),
        ("<!doctype html>", nil), ("", nil), ("[3]", nil), ("3", nil), (#"{"protocol":null}"#, nil),
    ]

    @Test("a gateway's health tells what it speaks, where it is one's own", arguments: bodies)
    func health(_ sample: (body: String, dialect: Dialect?)) {
        #expect(Dialect(health: sample.body.bytes) == sample.dialect)
    }
}
