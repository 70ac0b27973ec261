import Glibc
import LinuxIO
import NodeScreen

@testable import ScreenX11

/// What comes from whoever listens where an X server would, from the first byte to the end of the conversation.
enum X11Answers {
    private struct Server: Sendable {
        /// In the abstract namespace: nothing of it is left.
        let path = "@clawnode-fuzz-\(getpid())"
        let listener: CInt

        init() throws(Errno) {
            let path = path
            let type = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue) | O_CLOEXEC
            let raw = try call { socket(AF_UNIX, type, 0) }
            try withUnixAddress(path) { address, length throws(Errno) in try call { bind(raw, address, length) } }
            try call { listen(raw, 1) }
            listener = raw
        }

        /// Says all of it to whoever comes, and no more. The conversation is the caller's to close: that takes what is unread with it.
        func answer(_ bytes: [UInt8]) async throws -> CInt {
            while true {
                if let raw = try call(unless: EAGAIN, { accept(listener, nil, nil) }) {
                    _ = bytes.withUnsafeBytes { send(raw, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
                    shutdown(raw, CInt(SHUT_WR))
                    return raw
                }
                await Task.yield()
            }
        }
    }

    private static let server = Result { try Server() }

    @Sendable static func check(_ input: [UInt8]) throws {
        let server = try server.get()
        let loop = try EventLoop()
        try loop.run {
            // As much as the kernel takes at once.
            async let peer = server.answer(Array(input.prefix(1 << 16)))
            await look(at: server.path, on: loop)
            close(try await peer)
        }
    }

    /// Until it ends.
    private static func look(at path: String, on loop: EventLoop) async {
        do throws(ScreenError) {
            guard let display = X11Display(":9"),
                let connection = try await X11Connection.open(display, at: path, nil, on: loop)
            else { return expect(false, "somebody listens") }
            let session = X11Session(
                connection: connection, extensions: try await X11Extensions(connection), loop: loop)
            for output in try await session.outputs() {
                expect(output.width > 0 && output.height > 0, "a screen has a size")
                // Nobody fuzzes with large ones.
                guard output.width * output.height <= 1 << 12 else { continue }
                let screen = try await session.open(output)
                var picture = try await screen.picture()
                while true {
                    expect((picture.width, picture.height) == (output.width, output.height), "it is the screen's")
                    expect(picture.bytes.count == 4 * output.width * output.height, "every pixel is there")
                    picture = try await screen.change(lookingEvery: .zero)
                }
            }
        } catch {
            expect(error != .cancelled, "nobody has given up")
        }
    }
}
