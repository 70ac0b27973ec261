import LinuxIO

/// Finds the address of a host that answers first, asking for its addresses anew each time.
enum Dialer {
    private enum Event: Sendable {
        case resolved(SocketAddress.Family, Result<[SocketAddress], WebSocketError>)
        case connected(StreamSocket)
        case failed(WebSocketError)
        case rang(AddressRace.Alarm)
    }

    /// `reach` says which of the host's addresses are tried at all.
    static func connect(
        to host: String, port: UInt16, within reach: Reach = .anywhere, on loop: EventLoop
    ) async throws(WebSocketError) -> StreamSocket {
        if let literal = SocketAddress.literal(host, port: port) {
            return try await connect(to: try reach.allowed([literal], of: host).get()[0], on: loop).get()
        }
        return try await race(host, port, reach, loop).get()
    }

    private static func race(
        _ host: String, _ port: UInt16, _ reach: Reach, _ loop: EventLoop
    ) async -> Result<StreamSocket, WebSocketError> {
        await withTaskGroup(of: Event.self) { group in
            var race = AddressRace()
            func take(_ steps: [AddressRace.Step]) {
                for step in steps {
                    switch step {
                    case .dial(let address):
                        group.addTask {
                            switch await connect(to: address, on: loop) {
                            case .success(let socket): .connected(socket)
                            case .failure(let error): .failed(error)
                            }
                        }
                    case .set(let alarm, let delay):
                        group.addTask {
                            // Cancelled when there is a connection, and then nobody looks at this.
                            try? await loop.sleep(for: delay)
                            return .rang(alarm)
                        }
                    }
                }
            }
            for family in SocketAddress.Family.allCases {
                group.addTask { .resolved(family, await resolve(host, port, family, reach)) }
            }
            while race.loss == nil, let event = await group.next() {
                switch event {
                case .connected(let socket):
                    group.cancelAll()
                    return .success(socket)
                case .resolved(let family, let answer): take(race.resolved(family, answer))
                case .failed(let error): take(race.failed(error))
                case .rang(let alarm): take(race.rang(alarm))
                }
            }
            group.cancelAll()
            return .failure(Task.isCancelled ? .cancelled : race.loss ?? .cancelled)
        }
    }

    private static func resolve(
        _ host: String, _ port: UInt16, _ family: SocketAddress.Family, _ reach: Reach
    ) async -> Result<[SocketAddress], WebSocketError> {
        do throws(ResolutionError) {
            return reach.allowed(try await SocketAddress.resolve(name: host, port: port, family), of: host)
        } catch { return .failure(.resolution(error.description)) }
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
