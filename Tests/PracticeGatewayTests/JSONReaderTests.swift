import PracticeGateway
import Testing

@Suite struct JSONReaderTests {
    @Test(
        "JSON is read whole",
        arguments: [
            ("null", JSONValue.null), (" true ", true), ("-12.5e1", .number(-125)), ("0", 0),
            (#""a\"\\\/\n\u00e9\ud83d\ude00""#, .string("a\"\\/\né😀")),
            (#"{"a":[1,{"b":"twelve bytes"}],"":false}"#, ["a": [1, ["b": "twelve bytes"]], "": false]),
            ("[]", []), ("{}", [:]), (#""exactly8""#, "exactly8"),
        ] as [(String, JSONValue)])
    func reads(text: String, value: JSONValue) throws {
        #expect(try JSONReader.read(Array(text.utf8)) == value)
    }

    @Test(
        "what is not JSON is refused where it stops being it",
        arguments: [
            ("", 0), ("{", 1), (#"{"a":1,"a":2}"#, 7), ("NaN", 0), ("[1,]", 3), ("01", 0), ("1.", 2), ("nul", 0),
            ("{} x", 3), ("\"a\nb\"", 2), (#""\ud800""#, 7), (#""\q""#, 3), (#""\u+123""#, 3), (#""\u12"#, 3),
            ("'a'", 0), ("1e999", 0), ("\"abc", 4),
            ("\"a control far behind the start \u{1}\"", 32),
        ])
    func refuses(text: String, offset: Int) {
        #expect { try JSONReader.read(Array(text.utf8)) } throws: { ($0 as? JSONFault)?.offset == offset }
    }

    @Test("a text nested without end is refused, not followed") func depth() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: JSONFault.self) { try JSONReader.read(Array(text.utf8)) }
    }

    @Test("a member knows where its text stands") func ranges() throws {
        let text = #"{"a": 1, "payload": {"x": [2]} }"#
        let member = try #require(try JSONReader.read(Array(text.utf8)).object?.member("payload"))
        #expect(String(decoding: Array(text.utf8)[member.range], as: UTF8.self) == #"{"x": [2]}"#)
    }

    @Test("what is written can be read again") func roundTrip() throws {
        let value: JSONValue = ["text": "\u{1}\"\\\né", "n": 1_767_225_600_000, "f": .number(0.5), "l": [.null, true]]
        #expect(try JSONReader.read(value.bytes) == value)
    }

    @Test(
        "base64 of either alphabet is decoded",
        arguments: [
            ("", []), ("AA", [0]), ("AA==", [0]), ("-_8", [0xFB, 0xFF]), ("+/8=", [0xFB, 0xFF]), ("AQID", [1, 2, 3]),
        ] as [(String, [UInt8])])
    func base64(text: String, bytes: [UInt8]) {
        #expect(Base64Text.decode(text) == bytes)
    }

    @Test("what is no base64 is not decoded", arguments: ["A", "AA=A", "AQ D", "AQID====", "é"])
    func noBase64(text: String) {
        #expect(Base64Text.decode(text) == nil)
    }

    @Test("tokens are base64url without padding", arguments: [0, 1, 2, 3, 31, 32])
    func tokens(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: 251 &+ $0 &* 37) }
        let text = Base64Text.urlText(bytes)
        #expect(Base64Text.decode(text) == bytes)
        #expect(!text.contains { "+/=".contains($0) })
    }
}
