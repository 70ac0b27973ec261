import Testing

@testable import ScreenWayland

/// A pointer for sway (`zwlr_virtual_pointer_manager_v1`), for as long as it lives.
struct Mouse: Sendable {
    private let connection: WaylandConnection
    private let object: UInt32

    init(_ sway: Sway) async throws {
        let path = sway.folder.file("wayland-1")
        connection = try #require(try await WaylandConnection.open(path, name: "sway", on: sway.loop))
        let manager = try #require(try await connection.bind("zwlr_virtual_pointer_manager_v1", upTo: 1))
        object = await connection.makeID()
        // create_virtual_pointer, of whichever seat
        try await connection.send(WaylandRequest(manager.object, 0, [0, object]))
    }

    /// Of both screens.
    func move(to x: Int, _ y: Int) async throws {
        // motion_absolute, frame
        try await connection.send(WaylandRequest(object, 1, [0, UInt32(x), UInt32(y), 960, 480]))
        try await connection.send(WaylandRequest(object, 4))
        try await connection.roundTrip()
    }
}
