import LinuxIO
import NodeScreen

/// The pixels of one screen's pictures: copying and comparing them takes milliseconds, and so has a thread of its own.
actor WaylandPixels {
    private nonisolated let thread = WorkerThread(name: "wayland")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Those of the last picture.
    private var last: [UInt8] = []

    /// What a copy has shown, as people see it.
    func upright(_ buffer: WaylandBuffer, _ transform: ScreenTransform, isInverted: Bool) -> [UInt8] {
        buffer.layout.upright(UnsafeRawBufferPointer(buffer.memory.bytes), transform, isInverted: isInverted)
    }

    func keep(_ pixels: [UInt8]) { last = pixels }

    /// Whether they are those of the last picture. If not, they are from now on.
    func areKnown(_ pixels: [UInt8]) -> Bool {
        if Self.areAlike(pixels, last) { return true }
        last = pixels
        return false
    }

    /// The fourth byte of a pixel may be anything.
    private static func areAlike(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in
                !stride(from: 0, to: left.count, by: 4).contains { at in
                    let one = left.loadUnaligned(fromByteOffset: at, as: UInt32.self)
                    let other = right.loadUnaligned(fromByteOffset: at, as: UInt32.self)
                    return (one ^ other) & 0xFF_FFFF != 0
                }
            }
        }
    }
}
