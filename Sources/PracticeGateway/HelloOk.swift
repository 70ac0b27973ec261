/// The answer to an accepted `connect`, in the form of each release (openclaw-gateway.md §4).
struct HelloOk: Sendable {
    var options: PracticeOptions
    var connectionID: String
    var deviceToken: String?
    var role: String
    var scopes: [String]
    /// April handed one over for a setup code (§5.5).
    var operatorToken: String?
    /// Milliseconds since 1970, and since the gateway began.
    var now: Int
    var uptime: Int

    var payload: JSONValue {
        let release = options.release
        return .members([
            "type": "hello-ok", "protocol": .number(Double(release.protocolVersion)),
            "server": ["version": .string(release.serverVersion), "connId": .string(connectionID)],
            "features": .members([
                "methods": .strings(["health", "status"] + release.nodeMethods.sorted()),
                "events": .strings(events), "capabilities": release == .newest ? ["node-host-stats"] : nil,
            ]),
            "snapshot": .members([
                "presence": [
                    [
                        "host": "practice", "version": .string(release.serverVersion), "mode": "gateway",
                        "reason": "self", "ts": .number(Double(now)),
                    ]
                ],
                "health": [:], "stateVersion": ["presence": 1, "health": 1], "uptimeMs": .number(Double(uptime)),
                // The three modes practised here have the same names in every release.
                "authMode": .string(options.authentication.name),
            ]),
            "canvasHostUrl": release == .newest ? nil : "http://127.0.0.1:18793",
            "pluginSurfaceUrls": release == .newest ? ["canvas": "http://127.0.0.1:18793/practice"] : nil,
            "auth": auth,
            "policy": [
                "maxPayload": .number(Double(options.payloadLimit)),
                "maxBufferedBytes": .number(Double(release.maxBufferedBytes)),
                "tickIntervalMs": .number(Double(options.tickInterval.milliseconds)),
            ],
        ])
    }

    /// Until April only when a token was issued; then always.
    private var auth: JSONValue? {
        guard options.release == .newest || deviceToken != nil else { return nil }
        return .members([
            "deviceToken": deviceToken.map { .string($0) }, "role": .string(role), "scopes": .strings(scopes),
            "issuedAtMs": deviceToken == nil ? nil : .number(Double(now)),
            "deviceTokens": operatorToken.map { token in
                [
                    [
                        "deviceToken": .string(token), "role": "operator", "issuedAtMs": .number(Double(now)),
                        "scopes": [
                            "operator.approvals", "operator.read", "operator.talk.secrets", "operator.write",
                        ],
                    ]
                ]
            },
        ])
    }

    private var events: [String] {
        let common = [
            "connect.challenge", "tick", "health", "shutdown", "presence", "voicewake.changed", "node.invoke.request",
        ]
        return options.release == .newest ? common + ["node.invoke.input", "node.invoke.cancel"] : common
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    package var milliseconds: Int {
        Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}
