import LinuxIO

/// Where a message bus listens: a local socket, by its path or with an @ by its abstract name (D-Bus specification, Server
/// Addresses).
package struct BusAddress: Equatable, Sendable, CustomStringConvertible {
    package let socket: String

    package init(socket: String) {
        self.socket = socket
    }

    /// The system's bus, unless `variables` know better.
    package static func system(variables: [String: String]) throws(BusError) -> BusAddress {
        guard let text = variables["DBUS_SYSTEM_BUS_ADDRESS"], !text.isEmpty else {
            return BusAddress(socket: "/run/dbus/system_bus_socket")
        }
        return try BusAddress(text)
    }

    /// That of a user's session; nil where there is none, and where it is none of a local socket's.
    package static func session(variables: [String: String]) -> BusAddress? {
        // An address that is not understood is as good as no session.
        if let text = variables["DBUS_SESSION_BUS_ADDRESS"], !text.isEmpty { return try? BusAddress(text) }
        guard let folder = variables["XDG_RUNTIME_DIR"], !folder.isEmpty else { return nil }
        return BusAddress(socket: folder + "/bus")
    }

    /// The first address in `text` that is a local socket's.
    package init(_ text: String) throws(BusError) {
        for address in text.split(separator: ";") where address.hasPrefix("unix:") {
            for pair in address.dropFirst(5).split(separator: ",") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.count == 2, let value = Self.unescaped(parts[1]) else { continue }
                switch parts[0] {
                case "path": self.init(socket: value)
                case "abstract": self.init(socket: "@" + value)
                default: continue
                }
                return
            }
        }
        throw .unusableAddress(text)
    }

    /// `%20` is a blank.
    private static func unescaped(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 else {
                return nil
            }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    package var description: String { socket }
}
