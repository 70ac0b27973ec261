/// The first thing in a value that a schema does not allow.
package struct SchemaFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// Where, as a path of keys and indices: `/client/id`; empty for the value itself.
    package let path: String
    package let reason: String

    package var description: String { "at \(path.isEmpty ? "root" : path): \(reason)" }
}

/// A JSON Schema of draft 7, as far as the gateway's schemas use it: `type`, `properties`, `required`,
/// `additionalProperties: false`, `patternProperties` that match every key, `items`, `anyOf`, `const`, `enum`,
/// `minLength`, `maxLength`, `minItems`, `minimum` and `maximum`.
package indirect enum JSONSchema: Sendable {
    case any
    case anyOf([JSONSchema])
    case rules(Rules)

    package struct Rules: Sendable {
        var type: String?
        var allowed: [JSONValue]?
        var required: [String] = []
        var properties: [String: JSONSchema] = [:]
        var isClosed = false
        var everyOther: JSONSchema?
        var items: JSONSchema?
        var minLength: Int?
        var maxLength: Int?
        var minItems = 0
        var minimum: Double?
        var maximum: Double?
    }

    /// Traps for a schema that says what is not understood here: it would be taken for more lenient than it is.
    package init(_ schema: JSONValue) {
        guard let members = schema.object?.members else { preconditionFailure("a schema is an object") }
        if members.isEmpty {
            self = .any
            return
        }
        if let choices = schema["anyOf"]?.array {
            self = .anyOf(choices.map { JSONSchema($0) })
            return
        }
        var rules = Rules()
        for member in members {
            let value = member.value
            switch member.key {
            case "type": rules.type = value.string
            case "const": rules.allowed = [value]
            case "enum": rules.allowed = value.array
            case "required": rules.required = value.array?.compactMap(\.string) ?? []
            case "properties":
                let properties = value.object?.members ?? []
                rules.properties = Dictionary(uniqueKeysWithValues: properties.map { ($0.key, JSONSchema($0.value)) })
            case "additionalProperties":
                if value == false { rules.isClosed = true } else { rules.everyOther = JSONSchema(value) }
            case "patternProperties":
                guard let pattern = value.object?.members.first, pattern.key == "^(.*)$" else {
                    preconditionFailure("only the pattern that matches every key is understood")
                }
                rules.everyOther = JSONSchema(pattern.value)
            case "items": rules.items = JSONSchema(value)
            case "minLength": rules.minLength = value.integer
            case "maxLength": rules.maxLength = value.integer
            case "minItems": rules.minItems = value.integer ?? 0
            case "minimum": rules.minimum = value.integer.map(Double.init)
            case "maximum": rules.maximum = value.integer.map(Double.init)
            case "default", "description", "discriminator": break
            default: preconditionFailure("the schema word \(member.key) is not understood")
            }
        }
        self = .rules(rules)
    }

    /// The first fault in the order of the value's members; what is missing comes before what is wrong.
    package func firstFault(in value: JSONValue, at path: String = "") -> SchemaFault? {
        switch self {
        case .any: return nil
        case .anyOf(let choices):
            if choices.contains(where: { $0.firstFault(in: value, at: path) == nil }) { return nil }
            return SchemaFault(path: path, reason: "must match a schema in anyOf")
        case .rules(let rules): return rules.firstFault(in: value, at: path)
        }
    }
}

extension JSONSchema.Rules {
    fileprivate func firstFault(in value: JSONValue, at path: String) -> SchemaFault? {
        func fault(_ reason: String) -> SchemaFault { SchemaFault(path: path, reason: reason) }

        if let type, !value.isOf(type) { return fault("must be \(type)") }
        if let allowed, !allowed.contains(value) { return fault("must be equal to constant") }
        switch value {
        case .string(let text):
            if let minLength, text.unicodeScalars.count < minLength {
                return fault("must NOT have fewer than \(minLength) characters")
            }
            if let maxLength, text.unicodeScalars.count > maxLength {
                return fault("must NOT have more than \(maxLength) characters")
            }
        case .number(let number):
            if let minimum, number < minimum { return fault("must be >= \(Int(minimum))") }
            if let maximum, number > maximum { return fault("must be <= \(Int(maximum))") }
        case .array(let elements):
            if elements.count < minItems { return fault("must NOT have fewer than \(minItems) items") }
            guard let items else { return nil }
            for (index, element) in elements.enumerated() {
                if let fault = items.firstFault(in: element, at: "\(path)/\(index)") { return fault }
            }
        case .object(let object):
            for key in required where object[key] == nil { return fault("must have required property '\(key)'") }
            for member in object.members {
                let place = "\(path)/\(member.key)"
                if let schema = properties[member.key] ?? everyOther {
                    if let fault = schema.firstFault(in: member.value, at: place) { return fault }
                } else if isClosed {
                    return fault("must NOT have additional properties: '\(member.key)'")
                }
            }
        case .null, .bool: break
        }
        return nil
    }
}

extension JSONValue {
    fileprivate func isOf(_ type: String) -> Bool {
        switch (type, self) {
        case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool), ("null", .null): true
        case ("number", .number): true
        case ("integer", .number(let number)): number.rounded() == number
        default: false
        }
    }
}
