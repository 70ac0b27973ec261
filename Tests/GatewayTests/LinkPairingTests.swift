import LinuxIO
import NodeCore
import NodeTesting
import PracticeGateway
import Testing

@testable import Gateway

/// How the link is let in: approvals, tokens, and gateways of former times.
@Suite(.timeLimit(.minutes(5))) struct LinkPairingTests {
    @Test("waits for its approval, asking again and again, and keeps the token that comes with it")
    func firstPairing() async throws {
        let bench = try LinkBench()
        try await bench.run { gateway async throws in
            for id in ["r-1", "r-1", "r-2"] {
                var connection = try await gateway.next()
                let params = try await connection.refuse(.pairing(id), close: (1008, "pairing required"))
                #expect(params.credential == ["token": "secret"])
                let wait = try await gateway.waitOver()
                #expect(wait.isApproval)
                #expect(wait.condition.remedy == "openclaw devices approve \(id)")
                #expect(wait.delay <= .seconds(25))
            }
            var connection = try await gateway.next()
            try await connection.welcome(token: "own-1")
            #expect(try await gateway.connected().deviceToken == "own-1")
            connection.transport.close(4001, "device removed")
            try await gateway.waitOver()

            var again = try await gateway.next()
            #expect(try await again.welcome().credential == ["deviceToken": "own-1"])
            _ = try await gateway.connected()
        }
        #expect(try bench.memory().tokens["node"]?.token == "own-1")
    }

    @Test("a gateway that repeats a secret when it refuses it is not repeated, nor all that it says") func echo()
        async throws
    {
        try await LinkBench().run { gateway async throws in
            var connection = try await gateway.next()
            let words = "token secret is not mine" + String(repeating: "!", count: 10_000)
            try await connection.refuse(["code": "INVALID_REQUEST", "message": .string(words)])
            let condition = try await gateway.waitOver().condition
            #expect(condition.summary.contains("token … is not mine!"))
            #expect(condition.summary.count < 600)
        }
    }

    @Test("says the very same of itself in every connect")
    func sameClaims() async throws {
        try await LinkBench().run { gateway async throws in
            var claims: [JSONValue] = []
            for _ in 0..<3 {
                var connection = try await gateway.next()
                let params = try await connection.refuse(.pairing("r"))
                claims.append(
                    .members(["client": params["client"], "caps": params["caps"], "commands": params["commands"]]))
                try await gateway.waitOver()
            }
            #expect(claims[0] == claims[1] && claims[1] == claims[2])
        }
    }

    @Test("after a restart it connects with the token it was given; a new one takes its place")
    func restart() async throws {
        let folder = try ScratchFolder()
        try await LinkBench(in: folder).run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome(token: "own-1")
            _ = try await gateway.connected()
        }
        let second = try LinkBench(in: folder)
        try await second.run { gateway async throws in
            var connection = try await gateway.next()
            #expect(try await connection.welcome(token: "own-2").credential == ["deviceToken": "own-1"])
            _ = try await gateway.connected()
        }
        #expect(try second.memory().tokens["node"]?.token == "own-2")
    }

    @Test("a device token that is refused is forgotten, and the shared one tried at once")
    func tokenRefused() async throws {
        let folder = try ScratchFolder()
        try await LinkBench(in: folder).run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome(token: "own-1")
            _ = try await gateway.connected()
        }
        let bench = try LinkBench(in: folder)
        try await bench.run { gateway async throws in
            var connection = try await gateway.next()
            let mismatch = JSONValue.error(
                "INVALID_REQUEST", "unauthorized", details: ["code": "AUTH_DEVICE_TOKEN_MISMATCH"])
            #expect(try await connection.refuse(mismatch).credential == ["deviceToken": "own-1"])
            #expect(try await gateway.wait().delay == .zero)
            var next = try await gateway.next()
            #expect(try await next.refuse(mismatch).credential == ["token": "secret"])
            // Nothing else is left to try.
            let wait = try await gateway.wait()
            #expect(wait.condition.id == "credentials")
            #expect((Duration.seconds(300)...Duration.seconds(375)).contains(wait.delay))
        }
        #expect(try bench.memory().tokens.isEmpty)
    }

    @Test("without a shared secret a refused token leaves the way of a stranger")
    func tokenRefusedAlone() async throws {
        let folder = try ScratchFolder()
        try await LinkBench(in: folder, secret: SharedSecret()).run { gateway async throws in
            var connection = try await gateway.next()
            #expect(try await connection.welcome(token: "own-1").credential.isEmpty)
            _ = try await gateway.connected()
        }
        try await LinkBench(in: folder, secret: SharedSecret()).run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.refuse(.error("INVALID_REQUEST", "unauthorized: device token mismatch"))
            var next = try await gateway.next()
            #expect(try await next.refuse(.pairing("r")).credential.isEmpty)
            #expect(try await gateway.waitOver().delay == .zero)
            #expect(try await gateway.wait().isApproval)
        }
    }

    @Test("a password is sent when there is no token, and never with one")
    func password() async throws {
        for (secret, credential) in [
            (SharedSecret(password: "p"), ["password": "p"]), (SharedSecret(token: "t", password: "p"), ["token": "t"]),
        ] {
            try await LinkBench(secret: secret).run { gateway async throws in
                var connection = try await gateway.next()
                #expect(try await connection.welcome().credential == credential)
            }
        }
    }

    // MARK: Older gateways

    @Test("a gateway that knows only the older signature gets it at once, and from then on")
    func olderSignature() async throws {
        let folder = try ScratchFolder()
        try await LinkBench(in: folder).run { gateway async throws in
            var connection = try await gateway.next()
            let refused = try await connection.refuse(.error("INVALID_REQUEST", "device signature invalid"))
            #expect(try refused.proof() == .v3)
            #expect(try await gateway.wait().delay == .zero)
            var next = try await gateway.next()
            #expect(try await next.welcome().proof() == .v2)
            _ = try await gateway.connected()
        }
        try await LinkBench(in: folder).run { gateway async throws in
            var connection = try await gateway.next()
            #expect(try await connection.welcome().proof() == .v2)
            _ = try await gateway.connected()
        }
    }

    @Test("a gateway that refuses both signatures is asked rarely")
    func bothSignatures() async throws {
        let bench = try LinkBench()
        try await bench.run { gateway async throws in
            for _ in 0..<2 {
                var connection = try await gateway.next()
                try await connection.refuse(.error("INVALID_REQUEST", "device signature invalid"))
            }
            #expect(try await gateway.wait().delay == .zero)
            let wait = try await gateway.wait()
            #expect(wait.condition.id == "identity")
            #expect(wait.delay >= .seconds(300))
        }
        // It was never let in with it.
        #expect(try bench.memory().signature == nil)
    }

    @Test("January's gateways get the device token in the slot that they know, now and after a restart")
    func januarySlot() async throws {
        let folder = try ScratchFolder()
        try await LinkBench(in: folder).run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome(token: "own-1")
            _ = try await gateway.connected()
        }
        for expectsRefusal in [true, false] {
            try await LinkBench(in: folder).run { gateway async throws in
                var connection = try await gateway.next()
                if expectsRefusal {
                    let params = try await connection.refuse(
                        .error(
                            "INVALID_REQUEST", "invalid connect params: at /auth: unexpected property 'deviceToken'"))
                    #expect(params.credential == ["deviceToken": "own-1"])
                    connection = try await gateway.next()
                }
                #expect(try await connection.welcome().credential == ["token": "own-1"])
                _ = try await gateway.connected()
            }
        }
    }

    // MARK: The second approval

    @Test("says that commands may need approval until one was asked for, and never again for the same claims")
    func surface() async throws {
        let folder = try ScratchFolder()
        try await LinkBench(in: folder).run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome()
            let condition = try await gateway.event { if case .raised(let condition) = $0 { condition } else { nil } }
            #expect(condition.id == "surface-approval")
            #expect(condition.remedy?.contains("openclaw nodes pending") == true)
            connection.transport.deliver(Samples.invoke("1"))
            let cleared = try await gateway.event { if case .cleared(let id) = $0 { id } else { nil } }
            #expect(cleared == "surface-approval")
        }
        let second = try LinkBench(in: folder)
        try await second.run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome()
            connection.transport.deliver(Samples.invoke("1"))
            _ = try await connection.result()
        }
        #expect(!second.events.all.contains { if case .raised = $0 { true } else { false } })

        var wider = Samples.profile
        wider.commands.append("screen.snapshot")
        try await LinkBench(in: folder, profile: wider).run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome()
            let raised = try await gateway.event { if case .raised(let condition) = $0 { condition } else { nil } }
            #expect(raised.summary.hasSuffix("may have to approve: screen.snapshot"))
            // What was approved before proves nothing of what is new.
            connection.transport.deliver(Samples.invoke("1"))
            _ = try await connection.result()
            connection.transport.deliver(Samples.invoke("2", "screen.snapshot"))
            let cleared = try await gateway.event { if case .cleared(let id) = $0 { id } else { nil } }
            #expect(cleared == "surface-approval")
        }
        let narrower = try LinkBench(in: folder)
        try await narrower.run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome()
            _ = try await gateway.connected()
        }
        #expect(!narrower.events.all.contains { if case .raised = $0 { true } else { false } })
    }

    @Test("a full disk costs neither the connection nor the token")
    func diskFull() async throws {
        let folder = try ScratchFolder()
        let bench = try LinkBench(in: folder)
        // The draft's name is taken by something that cannot be written.
        try StateFile.makeDirectory(folder.file("tokens.json.new"))
        try await bench.run { gateway async throws in
            var connection = try await gateway.next()
            try await connection.welcome(token: "own-1")
            let raised = try await gateway.event {
                if case .raised(let condition) = $0, condition.id == "state-unwritable" { condition } else { nil }
            }
            #expect(raised.severity == .error)
            connection.transport.deliver(Samples.invoke("1"))
            #expect(try await connection.result()["ok"] == true)
            connection.transport.close(1000, "")
            // Asleep are the wait for the next dial and the one for the next save; the latter is the longer.
            let wait = try await gateway.wait()
            await bench.clock.sleepers(2)
            bench.clock.advance(by: wait.delay)
            var next = try await gateway.next()
            #expect(try await next.welcome().credential == ["deviceToken": "own-1"])
            _ = try await gateway.connected()

            folder.remove("tokens.json.new")
            await bench.clock.sleepers(2)
            bench.clock.advance(by: .seconds(30))
            let cleared = try await gateway.event {
                if case .cleared(let id) = $0, id == "state-unwritable" { id } else { nil }
            }
            #expect(cleared == "state-unwritable")
            #expect(try bench.memory().tokens["node"]?.token == "own-1")
        }
    }
}
