/// What `camera.ptz.control` takes (node-commands §4.4).
struct CameraPTZControlParams: Decodable, Equatable, Sendable {
    enum Operation: Equatable, Sendable {
        case set([Pointing.Direction: Double])
        case move([Pointing.Direction: Double])
        case home

        var values: (values: [Pointing.Direction: Double], isRelative: Bool) {
            switch self {
            case .set(let values): (values, false)
            case .move(let values): (values, true)
            case .home: ([:], false)
            }
        }
    }

    let deviceId: CameraInfo.ID?
    let operation: Operation

    private enum CodingKeys: String, CodingKey {
        case deviceId, operation, target, delta
    }

    private struct Values: Decodable {
        let panDegrees, tiltDegrees, zoomPercent: Double?

        var byDirection: [Pointing.Direction: Double] {
            [.pan: panDegrees, .tilt: tiltDegrees, .zoom: zoomPercent].compactMapValues { $0 }
        }
    }

    init(from decoder: any Decoder) throws {
        let params = try decoder.container(keyedBy: CodingKeys.self)
        let device = try params.decodeIfPresent(String.self, forKey: .deviceId)
        deviceId = device.flatMap { $0.isEmpty ? nil : $0 }
        func values(_ key: CodingKeys) throws -> [Pointing.Direction: Double] {
            let values = try params.decodeIfPresent(Values.self, forKey: key)?.byDirection ?? [:]
            guard values.isEmpty || !values.values.allSatisfy(\.isFinite) else { return values }
            throw DecodingError.dataCorruptedError(
                forKey: key, in: params, debugDescription: "needs panDegrees, tiltDegrees or zoomPercent")
        }
        switch try params.decode(String.self, forKey: .operation) {
        case "set": operation = .set(try values(.target))
        case "move": operation = .move(try values(.delta))
        case "home": operation = .home
        default:
            throw DecodingError.dataCorruptedError(
                forKey: .operation, in: params, debugDescription: "must be set, move or home")
        }
    }
}
