import LinuxIO

/// Finds the address of a host that answers first.
enum Dialer {
    /// How long an address has before the next is tried beside it (RFC 8305 §5).
    private static let headStart = Duration.milliseconds(250)

    private enum Event: Sendable {
        case connected(StreamSocket)
        case failed(WebSocketError)
        case headStartIsOver
    }

    static func connect(to host: String, port: UInt16, on loop: EventLoop) async throws(WebSocketError) -> StreamSocket
    {
        let addresses: [SocketAddress]
        do throws(ResolutionError) { addresses = try await SocketAddress.resolve(host: host, port: port) } catch {
            throw Task.isCancelled ? .cancelled : .resolution(error.description)
        }
        guard let first = addresses.first else { throw .resolution("\(host): no address") }
        guard addresses.count > 1 else { return try await connect(to: first, on: loop).get() }
        return try await race(addresses, on: loop).get()
    }

    private static func race(
        _ addresses: [SocketAddress], on loop: EventLoop
    ) async -> Result<StreamSocket, WebSocketError> {
        await withTaskGroup(of: Event.self) { group in
            var waiting = addresses[...]
            var dialling = 0
            func dialNext() {
                guard let address = waiting.popFirst() else { return }
                dialling += 1
                group.addTask {
                    switch await connect(to: address, on: loop) {
                    case .success(let socket): .connected(socket)
                    case .failure(let error): .failed(error)
                    }
                }
                group.addTask {
                    // Cancelled when there is a connection, and then nobody looks at this.
                    try? await loop.sleep(for: headStart)
                    return .headStartIsOver
                }
            }
            dialNext()
            var failure = WebSocketError.cancelled
            while let event = await group.next() {
                switch event {
                case .connected(let socket):
                    group.cancelAll()
                    return .success(socket)
                case .failed(let error):
                    failure = error
                    dialling -= 1
                    if waiting.isEmpty, dialling == 0 {
                        group.cancelAll()
                        return .failure(failure)
                    }
                    dialNext()
                case .headStartIsOver: dialNext()
                }
            }
            return .failure(failure)
        }
    }

    private static func connect(
        to address: SocketAddress, on loop: EventLoop
    ) async -> Result<StreamSocket, WebSocketError> {
        do { return .success(try await StreamSocket.connect(to: address, on: loop)) } catch let error as Errno {
            return .failure(.unreachable(error, address))
        } catch {
            return .failure(.cancelled)
        }
    }
}
