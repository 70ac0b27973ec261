import DBus
import LinuxIO
import NodeLocation

/// GeoClue, which a desktop has, and which knows where the Wi-Fi networks around are (its D-Bus interface,
/// org.freedesktop.GeoClue2). Asking starts it; with our connection to the bus it forgets us.
package struct GeoClueDriver: PlaceDriver {
    package let name = "geoclue"
    private let address: Result<BusAddress, BusError>
    private let patience: Duration
    private let loop: EventLoop

    private static let service = "org.freedesktop.GeoClue2"
    private static let manager = (path: "/org/freedesktop/GeoClue2/Manager", interface: service + ".Manager")
    private static let client = service + ".Client"
    private static let properties = "org.freedesktop.DBus.Properties"

    /// `variables` of the environment may name the bus. `patience`: how long GeoClue may take to let us in or not; one that
    /// runs takes milliseconds.
    package init(variables: [String: String], patience: Duration = .seconds(5), on loop: EventLoop) {
        address = Result { () throws(BusError) in try BusAddress.system(variables: variables) }
        self.patience = patience
        self.loop = loop
    }

    package func watch(
        _ accuracy: DesiredAccuracy, _ found: @escaping @Sendable (Fix) -> Void
    ) async throws(LocationError) {
        do {
            try await Bus.with(address.get(), on: loop) { bus in try await listen(on: bus, accuracy, found) }
        } catch { try Self.translate(error) }
    }

    /// Returns where there is none.
    private func listen(
        on bus: Bus, _ accuracy: DesiredAccuracy, _ found: @Sendable (Fix) -> Void
    ) async throws {
        // This one it answers to everybody, as soon as it runs.
        _ = try await bus.call(
            Self.service, Self.manager.path, Self.properties, "Get",
            [.string(Self.manager.interface), .string("InUse")])
        let client = try await client(on: bus)
        let signals = try await bus.signals(
            SignalRule(sender: Self.service, interface: Self.client, member: "LocationUpdated"))
        let settings: [(String, BusValue)] = [
            ("DesktopId", .string("clawnode")), ("RequestedAccuracyLevel", .uint32(accuracy.level)),
        ]
        for (key, value) in settings {
            _ = try await bus.call(
                Self.service, client, Self.properties, "Set", [.string(Self.client), .string(key), .variant(value)])
        }
        _ = try await bus.call(Self.service, client, Self.client, "Start")
        for await signal in signals where signal.path == client {
            guard signal.body.count == 2, case .objectPath(let path) = signal.body[1] else { continue }
            do throws(BusError) {
                let location = try await bus.call(
                    Self.service, path, Self.properties, "GetAll", [.string(Self.service + ".Location")])
                if let fix = Fix(location.first) { found(fix) }
            } catch {
                // Anybody can send us such a signal; this one was not GeoClue's, or is not of now.
                guard case .refused = error else { throw error }
            }
        }
        // They end with the connection only.
        throw BusError.lost(nil)
    }

    /// Who has no agent is not refused but left without an answer (GeoClue 2.6, 2.7).
    private func client(on bus: Bus) async throws -> String {
        do throws(BusError) {
            let answer = try await bus.call(
                Self.service, Self.manager.path, Self.manager.interface, "GetClient", within: patience)
            guard let path = answer.first?.text else { throw .malformed("GeoClue's client") }
            return path
        } catch {
            if error == .timedOut { throw Self.permission }
            throw error
        }
    }

    /// Throws what `error` means; returns where it means that there is no GeoClue.
    private static func translate(_ error: any Error) throws(LocationError) {
        switch error {
        case let error as LocationError: throw error
        case BusError.absent, BusError.refused(name: "org.freedesktop.DBus.Error.ServiceUnknown", _): return
        case BusError.refused(name: "org.freedesktop.DBus.Error.AccessDenied", _): throw permission
        case is CancellationError, BusError.cancelled: throw .cancelled
        default: throw .unavailable("GeoClue: \(error)", remedy: "systemctl status geoclue")
        }
    }

    /// A desktop brings an agent, which does what its settings say. A service has none but the one that the package offers.
    private static var permission: LocationError {
        let user = User.own.name
        return .permission(
            "GeoClue serves \(user) only where an agent speaks for \(user)",
            remedy: user == "clawnode"
                ? "sudo systemctl enable --now clawnode-geoclue"
                : "allow it in the desktop's settings, or leave this running as \(user): "
                    + "/usr/libexec/geoclue-2.0/demos/agent")
    }
}

extension DesiredAccuracy {
    /// In GeoClue's numbers: to the city, the street, and as exactly as can be.
    fileprivate var level: UInt32 {
        switch self {
        case .coarse: 4
        case .balanced: 6
        case .precise: 8
        }
    }
}

extension Fix {
    /// Of what an org.freedesktop.GeoClue2.Location has for properties.
    fileprivate init?(_ properties: BusValue?) {
        let known = properties?.dictionary ?? [:]
        func number(_ key: String) -> Double? { known[key]?.number }
        guard let latitude = number("Latitude"), let longitude = number("Longitude"),
            let accuracy = number("Accuracy")
        else { return nil }
        // Least of all numbers where it is not known, and that is only known by satellites.
        let altitude = number("Altitude").flatMap { $0 > -1e6 ? $0 : nil }
        let seconds = known["Timestamp"]?.elements?.first?.integer
        let time = seconds.flatMap { (0..<1 << 40).contains($0) ? $0 * 1_000 : nil }
        self.init(
            latitude: latitude, longitude: longitude,
            // It takes a receiver with a good sky for exact, which none is.
            accuracy: max(accuracy, 5), altitude: altitude, speed: number("Speed"), heading: number("Heading"),
            time: time ?? WallClock.milliseconds,
            source: altitude != nil ? .gps : accuracy <= 1_000 ? .wifi : .unknown)
    }
}
