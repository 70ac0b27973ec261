import NodeCore

/// The `location` family: off until the owner says otherwise.
package enum LocationCapability {
    package static let name = "location"
    package static let summary = "A gateway may ask where this machine is."
    package static let manual: [(name: CommandName, summary: String)] = [(LocationGet.name, LocationGet.summary)]

    package static func capability(_ finder: PlaceFinder) -> Capability {
        Capability(name: name, handlers: [Handler(LocationGet(finder: finder))])
    }
}
