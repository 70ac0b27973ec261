import PracticeGateway
import Testing

@Suite struct PairingQueueTests {
    private let start = ContinuousClock.now

    private func params(_ id: String = "d", key: String = "k", family: String? = "Linux") -> ConnectParams {
        ConnectParams(
            .members([
                "minProtocol": 3, "maxProtocol": 4,
                "client": .members([
                    "id": "node-host", "version": "1", "platform": "linux", "mode": "node",
                    "deviceFamily": family.map { .string($0) },
                ]),
                "role": "node", "scopes": [],
                "device": [
                    "id": .string(id), "publicKey": .string(key), "signature": "s", "signedAt": 0, "nonce": "n",
                ],
            ]))
    }

    private func reason(_ assessment: PairingQueue.Assessment) -> String? {
        if case .mustBeApproved(let request, _) = assessment { return request.reason }
        return nil
    }

    @Test("an unknown device asks once, however often it comes", arguments: GatewayRelease.allCases)
    func asksOnce(release: GatewayRelease) {
        var queue = PairingQueue(release: release)
        guard case .mustBeApproved(let first, isNew: true) = queue.assess(params(), now: start, newID: "r1") else {
            Issue.record("not asked")
            return
        }
        let again = queue.assess(params(), now: start + .seconds(20), newID: "r2")
        #expect(first.id == "r1" && first.reason == "not-paired")
        guard case .mustBeApproved(let second, isNew: false) = again else {
            Issue.record("asked anew")
            return
        }
        #expect(second.id == "r1")
    }

    @Test(
        "a request lives five minutes; in the newest release from the last time it was made",
        arguments: [
            (GatewayRelease.april, 0), (.newest, 1),
        ])
    func timeToLive(release: GatewayRelease, left: Int) {
        var queue = PairingQueue(release: release)
        _ = queue.assess(params(), now: start, newID: "r1")
        _ = queue.assess(params(), now: start + .seconds(200), newID: "r2")
        #expect(queue.pending(at: start + .seconds(310)).count == left)
        #expect(queue.pending(at: start + .seconds(501)).isEmpty)
    }

    @Test("an approved device is paired and has a token") func approved() throws {
        var queue = PairingQueue(release: .newest)
        _ = queue.assess(params(), now: start, newID: "r1")
        let device = try queue.approve("r1", now: start, token: "t")
        #expect(device.tokens == ["node": "t"])
        #expect(queue.assess(params(), now: start, newID: "r2") == .paired(device))
        #expect(throws: PairingQueue.Fault.unknownRequest("r1")) { try queue.approve("r1", now: start, token: "u") }
    }

    @Test("a request that has expired cannot be approved") func tooLate() {
        var queue = PairingQueue(release: .newest)
        _ = queue.assess(params(), now: start, newID: "r1")
        #expect(throws: PairingQueue.Fault.unknownRequest("r1")) {
            try queue.approve("r1", now: start + .seconds(300), token: "t")
        }
    }

    @Test("a rejected device may ask again") func rejected() throws {
        var queue = PairingQueue(release: .newest)
        _ = queue.assess(params(), now: start, newID: "r1")
        _ = try queue.reject("r1", now: start)
        guard case .mustBeApproved(let request, isNew: true) = queue.assess(params(), now: start, newID: "r2") else {
            Issue.record("not asked anew")
            return
        }
        #expect(request.id == "r2")
    }

    @Test("what was pinned, revoked or removed makes a device ask again") func changes() throws {
        var queue = PairingQueue(release: .newest)
        _ = queue.assess(params(), now: start, newID: "r1")
        _ = try queue.approve("r1", now: start, token: "t")
        #expect(reason(queue.assess(params(family: "Mac"), now: start, newID: "r2")) == "metadata-upgrade")
        #expect(reason(queue.assess(params(family: "linux"), now: start, newID: "r3")) == nil)
        #expect(reason(queue.assess(params(key: "other"), now: start, newID: "r4")) == "not-paired")
        try queue.revokeToken("d", role: "node")
        #expect(reason(queue.assess(params(), now: start, newID: "r5")) == "role-upgrade")
        try queue.remove("d")
        #expect(reason(queue.assess(params(), now: start, newID: "r6")) == "not-paired")
    }

    @Test("asking for something else replaces the request") func superseded() {
        var queue = PairingQueue(release: .newest)
        _ = queue.assess(params(), now: start, newID: "r1")
        _ = queue.assess(params(key: "other"), now: start, newID: "r2")
        #expect(queue.pending(at: start).map(\.id) == ["r2"])
    }
}
