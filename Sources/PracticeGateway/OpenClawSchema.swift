/// What each release lets pass: the genuine April schema, with what January lacks taken out and what came later added.
package struct OpenClawSchema: Sendable {
    package enum Definition: String, CaseIterable, Sendable {
        case connect = "ConnectParams"
        case request = "RequestFrame"
        case response = "ResponseFrame"
        case event = "EventFrame"
        case hello = "HelloOk"
        case tick = "TickEvent"
        case shutdown = "ShutdownEvent"
        case invokeRequest = "NodeInvokeRequestEvent"
        case invokeResult = "NodeInvokeResultParams"
        case nodeEvent = "NodeEventParams"
        case pendingDrain = "NodePendingDrainParams"
        // Not in the published schema; from openclaw-gateway.md §6.4–§6.7.
        case pendingAcknowledge, noParams, progress, hostStats, presenceActivity
    }

    private let schemas: [Definition: JSONSchema]

    package init(_ release: GatewayRelease) {
        guard case .object(var definitions)? = try? JSONReader.read(Array(GenuineSchema.april.utf8)) else {
            preconditionFailure("the schema in this program is no JSON")
        }
        for member in Self.additions.object?.members ?? [] { definitions[member.key] = member.value }
        var tree = JSONValue.object(definitions)
        switch release {
        case .january:
            let auth = ["ConnectParams", "properties", "auth", "properties"]
            tree.set(nil, at: auth + ["deviceToken"])
            tree.set(nil, at: auth + ["bootstrapToken"])
        case .april: break
        case .newest:
            tree.set(["type": "string", "maxLength": 128], at: ["RequestFrame", "properties", "traceparent"])
            for key in ["buildId", "timeZone"] {
                tree.set(["type": "string"], at: ["ConnectParams", "properties", "client", "properties", key])
            }
            for key in ["computerUse", "workerRuns"] {
                tree.set(["type": "object"], at: ["ConnectParams", "properties", key])
            }
        }
        schemas = Dictionary(
            uniqueKeysWithValues: Definition.allCases.map { definition in
                guard let schema = tree[definition.rawValue] else { preconditionFailure("no schema of \(definition)") }
                return (definition, JSONSchema(schema))
            })
    }

    package func firstFault(in value: JSONValue, as definition: Definition) -> SchemaFault? {
        schemas[definition]?.firstFault(in: value)
    }

    private static let additions: JSONValue = [
        "noParams": ["type": "object", "additionalProperties": false],
        "pendingAcknowledge": [
            "type": "object", "additionalProperties": false, "required": ["ids"],
            "properties": [
                "ids": ["type": "array", "minItems": 1, "items": ["type": "string", "minLength": 1]]
            ],
        ],
        "progress": [
            "type": "object", "additionalProperties": false, "required": ["invokeId", "nodeId", "seq", "chunk"],
            "properties": [
                "invokeId": ["type": "string", "minLength": 1], "nodeId": ["type": "string", "minLength": 1],
                "seq": ["type": "integer", "minimum": 0], "chunk": ["type": "string", "maxLength": 16384],
            ],
        ],
        "presenceActivity": [
            "anyOf": [
                [
                    "type": "object", "additionalProperties": false, "required": ["idleSeconds"],
                    "properties": [
                        "idleSeconds": ["type": "integer", "minimum": 0, "maximum": 2_592_000],
                        "source": ["enum": ["app", "system"]], "saturated": ["type": "boolean"],
                    ],
                ],
                [
                    "type": "object", "additionalProperties": false, "required": ["action"],
                    "properties": ["action": ["const": "clear"]],
                ],
            ]
        ],
        "hostStats": [
            "type": "object", "additionalProperties": false,
            "required": ["cpuCount", "memoryTotalBytes", "memoryFreeBytes"],
            "properties": [
                "cpuCount": ["type": "integer", "minimum": 1, "maximum": 4096],
                "loadAverage": ["type": "array", "minItems": 3, "items": ["type": "number", "minimum": 0]],
                "memoryTotalBytes": ["type": "integer", "minimum": 0],
                "memoryFreeBytes": ["type": "integer", "minimum": 0],
                "diskTotalBytes": ["type": "integer", "minimum": 0],
                "diskAvailableBytes": ["type": "integer", "minimum": 0],
            ],
        ],
    ]
}

extension JSONValue {
    /// Puts `value` (nil: nothing) where the keys lead; a path that leads nowhere is a programming error.
    fileprivate mutating func set(_ value: JSONValue?, at path: some Collection<String>) {
        guard case .object(var object) = self, let key = path.first else { preconditionFailure("no object on the way") }
        let rest = path.dropFirst()
        if rest.isEmpty {
            object[key] = value
        } else {
            guard var inner = object[key] else { preconditionFailure("nothing at \(key)") }
            inner.set(value, at: rest)
            object[key] = inner
        }
        self = .object(object)
    }
}
