/// Every name that one camera answers to.
struct CameraNames: Equatable {
    /// `/dev/videoN`.
    let path: String
    /// Links to it under `/dev/v4l/by-id` and `by-path`, whole paths.
    let byID: [String]
    let byPath: [String]
    /// Where it is plugged in: `usb-0000:00:14.0-1`.
    let bus: String
    /// Its number among the video nodes of the same piece of hardware.
    let index: Int

    /// The most stable of them: with the serial number, by the socket it is in, or what the driver says of that.
    var id: String {
        byID.first ?? byPath.first ?? (bus.isEmpty ? path : index == 0 ? bus : "\(bus)#\(index)")
    }

    func answers(to name: String) -> Bool {
        name == id || name == path || "/dev/\(name)" == path || name == bus
            || (byID + byPath).contains { $0 == name || $0.hasSuffix("/\(name)") }
    }
}
