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

    /// What the server is asked to put there, with a reply when it has.
    func request(_ output: ScreenOutput, in root: UInt32) -> X11Request {
        // GetImage
        var request = X11Request(numbers.opcode, 4)
        request.add(root)
        request.add(area: output)
        request.add(UInt32.max)
        request.add(X11Request.wholePixels)
        request.skip(3)
        request.add(segment)
        request.add(UInt32(0))
        return request
    }

    func bytes(_ count: Int) -> [UInt8] { Array(memory.bytes[..<count]) }
}

extension X11Request {
    /// ZPixmap
    static let wholePixels: UInt8 = 2

    mutating func add(area output: ScreenOutput) {
        add(Int16(truncatingIfNeeded: output.x))
        add(Int16(truncatingIfNeeded: output.y))
        add(UInt16(truncatingIfNeeded: output.width))
        add(UInt16(truncatingIfNeeded: output.height))
    }
}
