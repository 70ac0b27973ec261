import NodeCore
import Testing

@testable import Gateway

@Suite struct GatewayRefusalTests {
    static func refusal(_ error: String) throws -> GatewayRefusal {
        try JSON.decode(GatewayRefusal.self, from: error.bytes)
    }

    @Test("every release's error is read: with details, without, and with more than we know")
    func forms() throws {
        #expect(
            try Self.refusal(#"{"code":"NOT_PAIRED","message":"pairing required"}"#)
                == GatewayRefusal(code: "NOT_PAIRED", message: "pairing required"))
        let newest = try Self.refusal(
            #"""
            {"code":"NOT_PAIRED","message":"m","retryable":true,"retryAfterMs":500,"details":{"code":"PAIRING_REQUIRED",
            "reason":"not-paired","requestId":"r","remediationHint":"h","requestedScopes":[],"expectedProtocol":4}}
            """#)
        #expect(newest.retryAfterMs == 500)
        #expect(newest.details == .init(code: "PAIRING_REQUIRED", reason: "not-paired", requestId: "r"))
    }

    @Test("a member of the wrong type costs no other one")
    func wrongTypes() throws {
        let refusal = try Self.refusal(
            #"{"code":7,"message":"pairing required","retryAfterMs":"x","details":{"code":"C","reason":{},"requestId":1}}"#
        )
        #expect(refusal.message == "pairing required")
        #expect(refusal.retryAfterMs == nil)
        #expect(refusal.details == .init(code: "C"))
        #expect(try Self.refusal(#"{"message":"m","details":"none"}"#).details == .init())
        #expect(try Self.refusal("{}").message.isEmpty)
    }

    @Test("what it says is bounded in bytes, of which one character may have any number") func long() throws {
        let character = "e" + String(repeating: "\u{301}", count: 50_000)
        #expect(character.count == 1)
        let refusal = try Self.refusal(
            #"{"code":"\#(character)","message":"\#(character)","details":{"reason":"\#(character)"}}"#)
        for text in [refusal.code, refusal.message, refusal.details.reason ?? ""] {
            #expect(text.utf8.first == UInt8(ascii: "e") && text.utf8.count <= 503)
        }
    }

    @Test(
        "request ids of the published form may be printed",
        arguments: ["a", "7", "7d0e-41:x.y_z", String(repeating: "a", count: 128)])
    func goodID(_ id: String) {
        #expect(GatewayRefusal(code: "", message: "", details: .init(requestId: id)).approvalRequestID == id)
    }
}
