import Glibc
import LinuxIO
import NodeScreen

extension X11Connection {
    /// The bytes of a conversation, cut into what the server sent.
    actor Link {
        nonisolated let name: String
        nonisolated let socket: StreamSocket
        private var input: [UInt8] = []

        private static let packetLength = 32
        /// More than any picture has.
        private static let longest = 1 << 30

        private init(_ socket: StreamSocket, name: String) {
            self.socket = socket
            self.name = name
        }

        static func connect(
            _ path: String, name: String, on loop: EventLoop
        ) throws(ScreenError) -> Link? {
            do throws(Errno) { return Link(try StreamSocket.connect(to: path, on: loop), name: name) } catch {
                switch error.code {
                case ENOENT, ENOTDIR, ECONNREFUSED: return nil
                case EACCES, EPERM:
                    throw .permission(name, remedy: "run the node as the user whose session it is")
                default: throw .failed(name, reason: "\(error)")
                }
            }
        }

        nonisolated var malformed: ScreenError { .failed(name, reason: "it does not speak the X protocol") }

        func send(_ bytes: [UInt8], descriptor: CInt? = nil) async throws(ScreenError) {
            do {
                var rest = bytes[...]
                var descriptor = descriptor
                while !rest.isEmpty {
                    let written = try rest.withUnsafeBytes { try socket.write($0, descriptor: descriptor) }
                    if let written {
                        rest = rest.dropFirst(written)
                        // It goes with the first byte.
                        descriptor = nil
                    } else {
                        _ = try await socket.wait(for: .write)
                    }
                }
            } catch { throw translated(error) }
        }

        func setupAnswer() async throws(ScreenError) -> X11Data {
            try await fill(to: X11Setup.headerLength)
            // What is wrong with it makes no difference: it is no X server.
            guard let length = try? X11Setup.length(X11Data(Array(input.prefix(X11Setup.headerLength)))) else {
                throw malformed
            }
            return try await taken(X11Setup.headerLength + length)
        }

        /// The next reply, error or event: whole, and never empty.
        func packet() async throws(ScreenError) -> X11Data {
            try await fill(to: Self.packetLength)
            // Of the others only these are longer: replies, and events of newer extensions.
            guard input[0] == 1 || input[0] & 0x7F == 35 else { return try await taken(Self.packetLength) }
            let more = (4..<8).reversed().reduce(0) { $0 << 8 | Int(input[$1]) }
            guard 4 * more <= Self.longest else { throw malformed }
            return try await taken(Self.packetLength + 4 * more)
        }

        private func taken(_ count: Int) async throws(ScreenError) -> X11Data {
            try await fill(to: count)
            defer { input.removeFirst(count) }
            return X11Data(Array(input[..<count]))
        }

        private func fill(to count: Int) async throws(ScreenError) {
            do {
                while input.count < count {
                    let piece = try withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 8) { space in
                        try socket.read(into: space).map { Array(space[..<$0]) }
                    }
                    if let piece {
                        if piece.isEmpty { throw ScreenError.gone(name) }
                        input += piece
                    } else {
                        _ = try await socket.wait(for: .read)
                    }
                }
            } catch { throw translated(error) }
        }

        private func translated(_ error: any Error) -> ScreenError {
            switch error {
            case let error as ScreenError: error
            case is CancellationError: .cancelled
            case let error as Errno where error.isPeerGone: .gone(name)
            default: .failed(name, reason: "\(error)")
            }
        }
    }
}
