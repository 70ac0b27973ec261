import LinuxIO
import NodeScreen

/// Memory that an X server puts pictures into (MIT-SHM).
struct X11Memory: Sendable {
    private let memory: SharedMemory
    private let segment: UInt32
    private let numbers: X11Extensions.Numbers

    /// Nil where the server cannot, or there is no memory: then pictures come over the socket.
    static func shared(
        size: Int, with connection: X11Connection, _ numbers: X11Extensions.Numbers?
    ) async throws(ScreenError) -> X11Memory? {
        guard let numbers, let memory = try? SharedMemory(name: "clawnode-x11", size: size) else { return nil }
        let segment = await connection.makeID()
        // AttachFd, to write to.
        var request = X11Request(numbers.opcode, 6)
        request.add(segment)
        request.add(UInt32(0))
        guard try await connection.perform(request, descriptor: memory.descriptor) else { return nil }
        return X11Memory(memory: memory, segment: segment, numbers: numbers)
    }

    /// What the server is asked to put there, in rows without gaps, with a reply when it has.
    func request(_ area: X11Area, in root: UInt32) -> X11Request {
        // GetImage
        var request = X11Request(numbers.opcode, 4)
        request.add(root)
        request.add(area)
        request.add(UInt32.max)
        request.add(X11Request.wholePixels)
        request.skip(3)
        request.add(segment)
        request.add(UInt32(0))
        return request
    }

    /// All of it, as long as this lives.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(memory.bytes) }
}

extension X11Request {
    /// ZPixmap
    static let wholePixels: UInt8 = 2
}
