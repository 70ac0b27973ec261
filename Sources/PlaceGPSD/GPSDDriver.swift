import Glibc
import LinuxIO
import NodeCore
import NodeLocation

/// gpsd, which has this machine's receivers of satellites. Its receivers are on while somebody listens, so nobody does but for a
/// question.
package struct GPSDDriver: PlaceDriver {
    package let name = "gpsd"
    private let server: LocationConfiguration.Server
    private let loop: EventLoop

    /// What it knows already, and everything that comes.
    private static let question = Array("?WATCH={\"enable\":true,\"json\":true};?POLL;\n".utf8)

    package init(_ server: LocationConfiguration.Server, on loop: EventLoop) {
        self.server = server
        self.loop = loop
    }

    package func watch(
        _ accuracy: DesiredAccuracy, _ found: @escaping @Sendable (Fix) -> Void
    ) async throws(LocationError) {
        guard let socket = try await connect() else { return }
        defer { socket.close() }
        do { try await listen(to: socket, found) } catch { throw translated(error) }
    }

    /// Nil where nobody listens on this machine. Elsewhere, that somebody should is the owner's word.
    private func connect() async throws(LocationError) -> StreamSocket? {
        let addresses: [SocketAddress]
        do throws(ResolutionError) {
            addresses = try await SocketAddress.resolve(host: server.host, port: server.port)
        } catch {
            throw Task.isCancelled ? .cancelled : unavailable("has no address: \(error.reason)")
        }
        var failure: LocationError?
        for address in addresses {
            do { return try await StreamSocket.connect(to: address, on: loop) } catch {
                if !address.isLoopback || (error as? Errno)?.code != ECONNREFUSED { failure = translated(error) }
            }
        }
        if let failure { throw failure }
        return nil
    }

    /// Until it ends the connection, which is an error, or the task is cancelled.
    private func listen(to socket: StreamSocket, _ found: @Sendable (Fix) -> Void) async throws {
        // A new connection has room for so little.
        guard try Self.question.withUnsafeBytes({ try socket.write($0) }) == Self.question.count else {
            throw Errno(EAGAIN)
        }
        var lines = GPSDLines()
        var isGreeted = false
        while true {
            let piece = try await socket.next()
            if piece.isEmpty { throw unavailable("has ended the connection") }
            guard let complete = lines.take(piece) else { throw stranger }
            for line in complete {
                // What it may say beside what is understood here tells nothing.
                let report = (try? JSON.decode(GPSDReport.self, from: line)) ?? .other
                guard isGreeted || report == .version else { throw stranger }
                isGreeted = true
                switch report {
                case .devices(0): throw withoutReceiver
                case .fixes(let fixes): fixes.forEach(found)
                default: continue
                }
            }
            // Who never pauses holds up nobody else, and nobody who asks no more.
            await Task.yield()
            try Task.checkCancellation()
        }
    }

    private func translated(_ error: any Error) -> LocationError {
        switch error {
        case let error as LocationError: error
        case is CancellationError: .cancelled
        default: unavailable("fails: \(error)")
        }
    }

    private var place: String { "\(server.host):\(server.port)" }

    private func unavailable(_ problem: String) -> LocationError {
        .unavailable("gpsd at \(place) \(problem)", remedy: "systemctl status gpsd")
    }

    private var stranger: LocationError {
        .unavailable(
            "what listens at \(place) is not gpsd",
            remedy: "set gpsdHost and gpsdPort in the configuration's \"location\", or gpsd to false")
    }

    private var withoutReceiver: LocationError {
        .unavailable(
            "gpsd at \(place) has no receiver",
            remedy:
                "plug one in, or name it in /etc/default/gpsd: DEVICES=\"/dev/ttyACM0\"; sudo systemctl restart gpsd")
    }
}
