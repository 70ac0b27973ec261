import NodeCore
import PracticeGateway
import Testing

@testable import Gateway

/// Being let in by GoClaw gateways on loopback (goclaw-gateway §2, §3).
@Suite(.timeLimit(.minutes(5))) struct GoClawPairingTests {
    static let families: [GoClawFamily] = [.core, .olderCore, .nodeHost, .computeNode]

    /// Grants what the node asks for first, and lets it in.
    private func pair(_ node: inout GoClawBench.Node) async throws -> GoClawPairings.Request {
        var seen = node.bench.gateway.events.reader()
        let request = try await seen.pairing()
        _ = try await node.wait()
        try await node.bench.gateway.approve(request.code)
        await node.poll()
        _ = try await node.connected()
        return request
    }

    /// Lets time pass, with the signs of life that come in between.
    private func pass(until due: ContinuousClock.Instant, _ bench: GoClawBench) async {
        while bench.clock.now < due {
            await bench.clock.sleepers(2)
            bench.clock.advance(by: .seconds(24))
        }
    }

    @Test("first pairing: the code is told once, polled for, approved, and kept", arguments: families)
    func firstPairing(_ family: GoClawFamily) async throws {
        try await GoClawBench.run(family) { bench async throws in
            try await bench.node { node async throws in
                var seen = bench.gateway.events.reader()
                let request = try await seen.pairing()
                let code = try await node.event { if case .pairingCode(let code) = $0 { code } else { nil } }
                #expect(code == request.code)
                let wait = try await node.wait()
                #expect(wait.isApproval)
                #expect(wait.condition.remedy == "goclaw pairing approve \(request.code)")
                #expect(wait.condition.summary.contains(request.code))

                await node.poll()
                #expect(try await seen.request("browser.pairing.status")["sender_id"]?.string == request.senderID)
                try await bench.gateway.approve(request.code)
                await node.poll()
                #expect(try await seen.admitted() == .operator)
                #expect(try await node.connected().role == "operator")
                #expect(bench.gateway.events.openedConnections == 1)
            }
            #expect(try bench.memory().goclaw?.pairing != nil)
            #expect(try bench.memory().goclaw?.request == nil)
            #expect(try bench.memory().dialect == .goclaw)

            // And again, after a restart, with what was kept.
            try await bench.node { node async throws in _ = try await node.connected() }
            #expect(bench.gateway.events.pairingRequests == 1)
        }
    }

    @Test("a pairing that was decided is asked for at once, and not after its pause")
    func hint() async throws {
        try await GoClawBench.run(.core) { bench async throws in
            try await bench.node { node async throws in
                var seen = bench.gateway.events.reader()
                let request = try await seen.pairing()
                _ = try await node.wait()
                await node.poll()
                _ = try await seen.request("browser.pairing.status")
                // Five seconds after the last question the hint may be followed, though the pause is longer.
                await bench.clock.sleeper(before: bench.clock.now + .seconds(8))
                bench.clock.advance(by: .milliseconds(4_999))
                try await bench.gateway.approve(request.code)
                await bench.clock.sleeper(before: bench.clock.now + .milliseconds(1))
                bench.clock.advance(by: .milliseconds(1))
                _ = try await node.connected()
            }
        }
    }

    @Test(
        "ten connections that are lost while it waits cost one of the gateway's places, and the approval is still found"
    )
    func tenDrops() async throws {
        try await GoClawBench.run(.core) { bench async throws in
            try await bench.node { node async throws in
                var seen = bench.gateway.events.reader()
                let request = try await seen.pairing()
                #expect(try await node.wait().isApproval)
                for _ in 0..<10 {
                    await bench.gateway.dropAll()
                    let wait = try await node.wait()
                    #expect(!wait.isApproval)
                    await node.pass(wait)
                    #expect(try await node.wait().isApproval)
                }
                #expect(bench.gateway.events.pairingRequests == 1)
                try await bench.gateway.approve(request.code)
                // The hint is followed as soon as five seconds have passed since it last asked.
                await bench.clock.sleeper(before: bench.clock.now + .seconds(5))
                bench.clock.advance(by: .seconds(5))
                _ = try await node.connected()
            }
            #expect(try bench.memory().goclaw?.pairing != nil)
        }
    }

    @Test("a start while a request waits shows its code again and makes no other")
    func restartWhilePending() async throws {
        try await GoClawBench.run(.core) { bench async throws in
            for _ in 0..<3 {
                try await bench.node { node async throws in
                    let code = try await node.event { if case .pairingCode(let code) = $0 { code } else { nil } }
                    #expect(await bench.gateway.pendingPairings.map(\.code) == [code])
                }
            }
            #expect(bench.gateway.events.pairingRequests == 1)
        }
    }

    @Test("where all places are taken it waits, says so, and asks again after twenty minutes")
    func quota() async throws {
        try await GoClawBench.run(.core) { bench async throws in
            await bench.gateway.fillQuota()
            try await bench.node { node async throws in
                var seen = bench.gateway.events.readerFromNow()
                let wait = try await node.wait()
                #expect(wait.isApproval)
                #expect(wait.condition.remedy?.contains("goclaw pairing list") == true)
                let others = await bench.gateway.pendingPairings
                try await bench.gateway.deny(others[0].code)
                await pass(until: bench.clock.now + .seconds(1_201), bench)
                _ = try await seen.pairing()
            }
        }
    }

    @Test("a connection that is lost while all places are taken says so again, and is no reason to stop asking")
    func quotaAfterLoss() async throws {
        try await GoClawBench.run(.core) { bench async throws in
            await bench.gateway.fillQuota()
            try await bench.node { node async throws in
                var seen = bench.gateway.events.readerFromNow()
                let wait = try await node.wait()
                let askedAt = bench.clock.now
                await bench.gateway.dropAll()
                await node.pass(try await node.wait())
                #expect(try await node.wait().condition == wait.condition)
                let others = await bench.gateway.pendingPairings
                try await bench.gateway.deny(others[0].code)
                await pass(until: askedAt + .seconds(1_200), bench)
                let line = "goclaw pairing approve \(try await seen.pairing().code)"
                // The denial was a reason to look again, too.
                try await node.event {
                    if case .waiting(let condition, _, _) = $0, condition.remedy == line { () } else { nil }
                }
            }
        }
    }

    @Test("a pairing that is revoked costs the connection, and another is asked for")
    func revoked() async throws {
        try await GoClawBench.run(.core) { bench async throws in
            try await bench.node { node async throws in
                let request = try await pair(&node)
                var seen = bench.gateway.events.readerFromNow()
                try await bench.gateway.revoke(request.senderID)
                let wait = try await node.wait()
                #expect(wait.delay <= .seconds(1))
                await node.pass(wait)
                let next = try await seen.pairing()
                #expect(next.code != request.code)
                #expect(try await node.wait().condition.remedy == "goclaw pairing approve \(next.code)")
            }
        }
    }

    @Test("a token that is refused is dropped for a pairing, and the status says both", arguments: families)
    func staleToken(_ family: GoClawFamily) async throws {
        try await GoClawBench.run(family) { bench async throws in
            try await bench.node(token: "stale") { node async throws in
                let wait = try await node.wait()
                #expect(wait.condition.summary.contains("refuses the token"))
                #expect(wait.condition.remedy?.hasPrefix("goclaw pairing approve ") == true)
            }
            #expect(bench.gateway.events.pairingRequests == 1)
        }
    }

    @Test("with a token it asks for a pairing of its own under its own account, and is let in by that afterwards")
    func ownAccount() async throws {
        try await GoClawBench.run(.core, change: { $0.apiKeys["key"] = .operator }) { bench async throws in
            // What others have asked for leaves no place in the shared account.
            await bench.gateway.fillQuota()
            try await bench.node(token: "key") { node async throws in
                var seen = bench.gateway.events.readerFromNow()
                _ = try await node.connected()
                let request = try await seen.pairing()
                #expect(request.accountID == "node:\(Samples.deviceID.prefix(16))")
                let condition = try await node.raised("pairing-expiry")
                #expect(condition.remedy == "goclaw pairing approve \(request.code)")
                try await bench.gateway.approve(request.code)
                try await node.cleared("pairing-expiry")
            }
            try await bench.node { node async throws in #expect(try await node.connected().role == "operator") }
        }
    }

    @Test("a pairing that ends in days is told of, and followed by another")
    func renewal() async throws {
        try await GoClawBench.run(.core) { bench async throws in
            try await bench.node { node async throws in _ = try await pair(&node) }
            try bench.remember { $0.goclaw?.pairing?.pairedAtMs -= 27 * 86_400_000 }
            try await bench.node { node async throws in
                var seen = bench.gateway.events.readerFromNow()
                _ = try await node.connected()
                let request = try await seen.pairing()
                let first = try await node.raised("pairing-expiry")
                #expect(first.severity == .warning)
                #expect(first.summary.contains("3 days"))
                #expect(try await node.raised("pairing-expiry").remedy == "goclaw pairing approve \(request.code)")
                try await bench.gateway.approve(request.code)
                try await node.cleared("pairing-expiry")
            }
            #expect(try bench.memory().goclaw?.pairing?.senderId.hasPrefix("node:") == true)
        }
    }

    @Test("a tenant that is closed is tried every ten minutes")
    func tenant() async throws {
        try await GoClawBench.run(.core) { bench async throws in
            bench.gateway.script.refusals = [WireRefusal("TENANT_ACCESS_REVOKED", "x", closeCode: nil)]
            try await bench.node(token: "gateway-token") { node async throws in
                let wait = try await node.wait()
                #expect(wait.delay == .seconds(600))
                #expect(wait.condition.id == "gateway-refused")
                await node.pass(wait)
                _ = try await node.connected()
            }
        }
    }
}
