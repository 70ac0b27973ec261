import NodeCore
import NodeCrypto
import PracticeGateway

@testable import Gateway

/// The values that most of these tests begin with.
enum Samples {
    /// The key of openclaw-gateway §3.6: seed 00…1f.
    static let key = {
        do { return try SigningKey(seed: Array(0..<32)) } catch { preconditionFailure("a seed of 32 bytes: \(error)") }
    }()
    static let deviceID = "56475aa75463474c0285df5dbf2bcab73da651358839e9b77481b2eab107708c"
    static let identity = DeviceIdentity(key: key, instanceID: "5f0c7a4e-0c39-4d0b-8f6b-6f0e7e3b9a10")
    static let nonce = "6f1f1c0e-8d5a-4c39-9a51-0d6f5b9f2c11"
    static let profile = NodeProfile(
        displayName: "Build Node", version: "0.3.0", modelIdentifier: "Raspberry Pi 5", caps: ["camera", "device"],
        commands: ["camera.list", "camera.snap", "device.info"], permissions: ["camera.capture": true],
        locale: "en-US")
    static let gateway = {
        do { return try GatewayEndpoint("ws://127.0.0.1:18789") } catch { preconditionFailure("loopback: \(error)") }
    }()

    static let certificate = PeerCertificate(
        fingerprint: "ab", publicKeyPin: "sha256//key", subject: "CN=gateway", issuer: "CN=gateway",
        validFrom: 1_767_225_600)

    static let challenge = #"""
        {"type":"event","event":"connect.challenge","payload":{"nonce":"\#(nonce)","ts":1767225600000}}
        """#

    /// A hello of the newest gateways to the request `id`.
    static func hello(
        to id: String, token: String? = nil, maxPayload: Int = 26_214_400, tickMs: Int = 30_000
    ) -> JSONValue {
        [
            "type": "res", "id": .string(id), "ok": true,
            "payload": [
                "type": "hello-ok", "protocol": 4, "server": ["version": "2026.8.1", "connId": "c-1"],
                "features": ["methods": ["node.event"], "events": ["tick"]],
                "snapshot": ["presence": [], "health": [:], "stateVersion": ["presence": 4, "health": 9]],
                "auth": .members(["deviceToken": token.map { .string($0) }, "role": "node", "scopes": []]),
                "policy": [
                    "maxPayload": .number(Double(maxPayload)), "maxBufferedBytes": 52_428_800,
                    "tickIntervalMs": .number(Double(tickMs)),
                ],
            ],
        ]
    }

    static func refusal(to id: String, _ error: JSONValue) -> JSONValue {
        ["type": "res", "id": .string(id), "ok": false, "error": error]
    }

    static func invoke(
        _ id: String, _ command: String = "device.info", params: String? = nil, timeoutMs: Int? = nil,
        nodeID: String = deviceID
    ) -> JSONValue {
        [
            "type": "event", "event": "node.invoke.request",
            "payload": .members([
                "id": .string(id), "nodeId": .string(nodeID), "command": .string(command),
                "paramsJSON": params.map { .string($0) } ?? .null,
                "timeoutMs": timeoutMs.map { .number(Double($0)) },
            ]),
        ]
    }
}

extension String {
    var bytes: [UInt8] { Array(utf8) }
}

/// The error of this type that `body` throws, to be required; nil when it throws none. `#require(throws:)` itself gives the
/// error with newer compilers only.
func thrown<E: Error, R>(_: E.Type, _ body: () throws -> R) -> E? {
    do {
        _ = try body()
        return nil
    } catch { return error as? E }
}
