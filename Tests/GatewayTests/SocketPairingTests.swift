import NodeCrypto
import PracticeGateway
import Testing
import WebSocket

@testable import Gateway

/// Being let in by a gateway on loopback, over WebSocket and TLS.
@Suite(.timeLimit(.minutes(5))) struct SocketPairingTests {
    typealias Wire = SocketBench.Wire

    @Test("first pairing: the device is approved, then its commands, then they run", arguments: Wire.allCases)
    func bothApprovals(_ wire: Wire) async throws {
        try await SocketBench.run(wire, SocketBench.options(asksForApproval: true)) { bench async throws in
            try await bench.node { node async throws in
                var seen = bench.gateway.events.reader()
                let request = try await seen.first { if case .pairingRequested(let it) = $0 { it } else { nil } }
                #expect(request.deviceID == Samples.deviceID)
                let wait = try await node.waitOver()
                #expect(wait.isApproval)
                #expect(wait.condition.remedy == "openclaw devices approve \(request.id)")
                // Asked again, the request stays the same.
                let again = try await node.wait()
                #expect(again.condition.remedy == wait.condition.remedy)

                try await bench.gateway.approveDevice(request.id)
                await node.pass(again)
                #expect(try await node.connected().deviceToken != nil)
                let early = await bench.gateway.invoke("device.info")
                #expect(!early.isSuccess)

                let surface = try await seen.first { if case .surfaceRequested(let it) = $0 { it } else { nil } }
                #expect(surface.surface.commands == Samples.profile.commands)
                #expect(await bench.gateway.approveSurface(surface.id))
                let reply = await bench.gateway.invoke("device.info")
                #expect(reply.isSuccess)
                #expect(String(decoding: reply.payloadText, as: UTF8.self) == #"{"name":"pi"}"#)
            }
        }
    }

    @Test(
        "every release lets it in, and after a restart with the token that it gave",
        arguments: GatewayRelease.allCases, Wire.allCases)
    func releases(_ release: GatewayRelease, _ wire: Wire) async throws {
        try await SocketBench.run(wire, SocketBench.options(release)) { bench async throws in
            // January's gateways refuse the newer signature at first, and then the newer place of the token.
            for credential in [ProvenCredential.token, .deviceToken, .deviceToken] {
                let now = bench.gateway.events.readerFromNow()
                try await bench.node { node async throws in
                    var seen = now
                    try await node.connected()
                    let view = try await seen.hello()
                    #expect(view.credential == credential)
                    #expect(view.proof == (release == .january ? .v2 : .v3))
                    #expect(await bench.gateway.invoke("device.info").isSuccess)
                }
                var seen = now
                let ending = try await seen.first {
                    if case .closed(_, nodeID: Samples.deviceID?, let ending) = $0 { ending } else { nil }
                }
                #expect(ending == .byNode(code: 1001, reason: "node stopping"))
            }
        }
    }

    @Test("a token that was rotated is refused, and the shared one brings the new", arguments: Wire.allCases)
    func rotated(_ wire: Wire) async throws {
        try await SocketBench.run(wire) { bench async throws in
            try await bench.node { node async throws in
                var seen = bench.gateway.events.reader()
                let first = try await node.connected().deviceToken
                // In with the device token, as it is from the second time on.
                await bench.gateway.close(Samples.deviceID, code: 1012, reason: "service restart")
                try await node.connected()
                _ = try await seen.hello()
                #expect(try await seen.hello().credential == .deviceToken)
                try await bench.gateway.rotateToken(of: Samples.deviceID)
                let second = try await node.connected().deviceToken
                #expect(try await seen.hello().credential == .token)
                #expect(second != nil && second != first)
            }
        }
    }

    @Test(
        "who is revoked or removed while connected waits for a new approval, and is let in with it",
        arguments: [true, false])
    func thrownOut(_ isRevoked: Bool) async throws {
        try await SocketBench.run(.plain, SocketBench.options(asksForApproval: true)) { bench async throws in
            try await bench.node { node async throws in
                var seen = bench.gateway.events.reader()
                let first = try await seen.first { if case .pairingRequested(let it) = $0 { it } else { nil } }
                try await bench.gateway.approveDevice(first.id)
                await node.pass(try await node.wait())
                try await node.connected()
                if isRevoked {
                    try await bench.gateway.revokeToken(of: Samples.deviceID)
                } else {
                    try await bench.gateway.removeDevice(Samples.deviceID)
                }
                // The connection's end, that of our own token, and then the wait for the approval.
                var wait = try await node.wait()
                while !wait.isApproval {
                    await node.pass(wait)
                    wait = try await node.wait()
                }
                let second = try await seen.first { if case .pairingRequested(let it) = $0 { it } else { nil } }
                #expect(second.reason == (isRevoked ? "role-upgrade" : "not-paired"))
                #expect(wait.condition.summary.hasSuffix("token was revoked") == isRevoked)
                try await bench.gateway.approveDevice(second.id)
                await node.pass(wait)
                try await node.connected()
                #expect(try await seen.hello().credential == .token)
            }
        }
    }

    @Test("a shared token that is changed while connected costs a node nothing that has one of its own")
    func sharedRotated() async throws {
        try await SocketBench.run { bench async throws in
            try await bench.node { node async throws in
                var seen = bench.gateway.events.reader()
                try await node.connected()
                #expect(try await seen.hello().credential == .token)
                await bench.gateway.rotateSharedSecret(.token("changed"))
                try await node.connected()
                #expect(try await seen.hello().credential == .deviceToken)
            }
        }
    }

    @Test("a certificate that is not the pinned one is named, and not asked again soon")
    func wrongPin() async throws {
        try await SocketBench.run(.tls) { bench async throws in
            try await bench.node(pin: String(repeating: "0", count: 64)) { node async throws in
                let wait = try await node.wait()
                #expect(wait.condition.id == "certificate")
                #expect(wait.delay >= .seconds(300))
            }
        }
    }
}
