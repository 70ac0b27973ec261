@testable import Discovery

/// An answer as a responder writes it, for tests to change.
struct Answer {
    static let type: [String] = ["_openclaw-gw", "_tcp", "local"]
    static let instance = ["Workshop (2. floor)"] + type
    static let host = ["gateway", "local"]

    private(set) var records: [[UInt8]] = []

    static func name(_ labels: [String]) -> [UInt8] {
        labels.flatMap { [UInt8($0.utf8.count)] + $0.utf8 } + [0]
    }

    static func number(_ number: Int) -> [UInt8] { [UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)] }

    mutating func add(_ name: [UInt8], _ type: Int, _ data: [UInt8], life: Int = 120) {
        var record = name
        record += Self.number(type)
        record += [0x80, 1, 0, 0]
        record += Self.number(life)
        record += Self.number(data.count)
        records.append(record + data)
    }

    mutating func add(_ name: [String], _ type: Int, _ data: [UInt8], life: Int = 120) {
        add(Self.name(name), type, data, life: life)
    }

    mutating func service(
        _ instance: [String] = instance, host: [String] = host, port: Int = 18_789, priority: Int = 0
    ) {
        var data = Self.number(priority)
        data += [0, 0]
        data += Self.number(port)
        add(instance, 33, data + Self.name(host))
    }

    /// With a question in front, as legacy answers have it (RFC 6762 §6.7).
    var bytes: [UInt8] {
        // In steps: a long sum is too much for the older compiler.
        var bytes: [UInt8] = [0x12, 0x34, 0x84, 0, 0, 1]
        bytes += Self.number(records.count)
        bytes += [0, 0, 0, 0]
        bytes += Self.name(Self.type)
        bytes += [0, 12, 0, 1]
        for record in records { bytes += record }
        return bytes
    }

    static var complete: Answer {
        var answer = Answer()
        answer.add(type, 12, name(instance))
        answer.service()
        let texts = ["role=gateway", "gatewayTls=1", "gatewayPort=1", "lanHost=evil.local", "x=y", "noValue"]
        answer.add(instance, 16, texts.flatMap { [UInt8($0.utf8.count)] + $0.utf8 })
        answer.add(host, 1, [192, 0, 2, 7])
        answer.add(host, 28, [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7])
        answer.add(host, 28, [0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7])
        return answer
    }
}
