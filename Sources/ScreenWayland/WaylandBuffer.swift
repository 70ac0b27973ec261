import LinuxIO
import NodeScreen

/// Memory of ours that a compositor puts a copy into (`wl_shm`).
struct WaylandBuffer: Sendable {
    /// Our name for it.
    let object: UInt32
    let layout: WaylandLayout
    let memory: SharedMemory

    static func shared(
        _ layout: WaylandLayout, with connection: WaylandConnection, through shm: UInt32
    ) async throws(ScreenError) -> WaylandBuffer {
        let memory: SharedMemory
        do throws(Errno) { memory = try SharedMemory(name: "clawnode-wayland", size: layout.size) } catch {
            throw .failed("a copy of the screen", reason: "there is no memory for it (\(error))")
        }
        // wl_shm.create_pool, wl_shm_pool.create_buffer, and the pool's end: the buffer keeps the memory.
        let pool = await connection.makeID()
        try await connection.send(
            WaylandRequest(shm, 0, [pool, UInt32(layout.size)]), descriptor: memory.descriptor)
        let object = await connection.makeID()
        let sides = [UInt32(layout.width), UInt32(layout.height), UInt32(layout.stride)]
        try await connection.send(WaylandRequest(pool, 0, [object, 0] + sides + [layout.format]))
        try await connection.send(WaylandRequest(pool, 1))
        return WaylandBuffer(object: object, layout: layout, memory: memory)
    }

    func destroy(_ connection: WaylandConnection) async throws(ScreenError) {
        try await connection.send(WaylandRequest(object, 0))
    }
}
