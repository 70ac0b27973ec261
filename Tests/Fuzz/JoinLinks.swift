import NodeCore

@testable import Gateway

/// What somebody pastes to join a gateway, and what a gateway answers to a link. Nothing of it may end up somewhere else than
/// meant, whatever it is.
enum JoinLinks {
    private static let now = 1_767_225_600_000

    @Sendable static func check(_ input: [UInt8]) throws {
        let text = String(decoding: input, as: UTF8.self)
        do throws(JoinLinkError) {
            switch try JoinLink(text, nowMs: now) {
            case .address(let endpoint): check(endpoint)
            case .code(let code):
                check(code)
                if !text.contains("://") {
                    let prefixed = try JoinLink("oc-pair://" + text.trimmed, nowMs: now)
                    expect(prefixed == .code(code), "a prefix changes nothing")
                }
            case .invitation(let invitation):
                check(invitation.endpoint)
                let code = invitation.endpoint.path.split(separator: "/").last ?? ""
                expect(code.utf8.count == 22, "a link ends in its code")
                expect(!invitation.description.contains(code), "a link does not show its code")
            }
        } catch { expect(!error.description.isEmpty, "an error says what is wrong") }

        do throws(JoinLinkError) {
            let code = try JoinInvitation.setupCode(
                status: 200, contentType: "application/json", body: input, nowMs: now)
            check(code)
            // What is pasted has to be shorter.
            if input.count <= SetupCode.limit / 4 * 3 {
                let pasted = try SetupCode(Base64URL.encode(input), nowMs: now)
                expect(pasted == code, "pasted or fetched, a code is the same")
            }
        } catch { expect(!error.description.isEmpty, "an error says what is wrong") }
    }

    private static func check(_ code: SetupCode) {
        expect(!code.endpoints.isEmpty, "a code leads somewhere")
        for endpoint in code.endpoints {
            check(endpoint)
            expect(endpoint.isTLS || code.pin == nil, "a pin is not lost")
        }
        let record = GatewayRecord(code)
        let secrets = [record.bootstrapToken, record.token, record.password].compactMap { $0 }
        expect(secrets.count == 1 && secrets[0].utf8.count <= 512, "a code has one secret")
    }

    private static func check(_ endpoint: GatewayEndpoint) {
        expect(endpoint.isTLS || endpoint.isLoopback, "no secret goes in the clear")
    }
}
