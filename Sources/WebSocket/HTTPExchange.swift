import LinuxIO

/// What a server answered to an `HTTPRequest`, whatever its status.
package struct HTTPAnswer: Sendable, Equatable {
    package let status: Int
    package let body: [UInt8]
    private let head: HTTPHead

    fileprivate init(_ response: UpgradeResponse, _ head: HTTPHead, body: [UInt8]) {
        status = response.status
        self.head = head
        self.body = body
    }

    /// The value of a field, in whatever case its name is given; nil without one.
    package func value(of name: String) -> String? { head.value(of: name) }
}

/// One request and its answer on a connection of their own, over the same ways, trust and proxies as a WebSocket.
package enum HTTPExchange {
    /// The target's own path is not used. A GET goes after redirects that lead to the same server, over which alone the secrets
    /// in its path may travel; to any other server they end in `.redirected`. An answer above `maxAnswer` bytes is `.badAnswer`.
    package static func perform(
        _ request: HTTPRequest, at target: WebSocketTarget, on loop: EventLoop, maxAnswer: Int = 64 << 10,
        timeout: Duration
    ) async throws(WebSocketError) -> HTTPAnswer {
        let answer = try await within(timeout, on: loop) { () async throws(WebSocketError) in
            var path = request.path
            for _ in 0...Redirect.limit {
                let answer = try await ask(request, path: path, target, loop, maxAnswer)
                guard request.body == nil, target.headers.isEmpty, Redirect.isOne(status: answer.status),
                    let location = answer.value(of: "Location")
                else { return answer }
                path = try Redirect.path(location, from: path, of: target)
            }
            throw .badAnswer("it redirects in circles")
        }
        guard let answer else { throw .timedOut("the answer of \(target.host)") }
        return answer
    }

    private static func ask(
        _ request: HTTPRequest, path: String, _ target: WebSocketTarget, _ loop: EventLoop, _ maxAnswer: Int
    ) async throws(WebSocketError) -> HTTPAnswer {
        let head = try request.head(to: target, path: path)
        let wire = try await Wire.open(to: target, on: loop)
        defer { wire.close() }
        var stream = HTTPStream(wire)
        do throws(WebSocketError) {
            let early = try await send(head, request.body, on: &stream)
            return try await readAnswer(on: &stream, after: early, maxAnswer)
        } catch {
            // The collector of heads knows of nothing but upgrades.
            if case .badUpgrade(let reason) = error { throw .badAnswer(reason) }
            throw error
        }
    }

    /// Gives the head of an answer that came before all was sent: a server may refuse a long body and not read it.
    private static func send(
        _ head: [UInt8], _ body: HTTPRequest.Body?, on stream: inout HTTPStream
    ) async throws(WebSocketError) -> HTTPHead? {
        try await stream.send(head)
        guard let body else { return nil }
        var early: HTTPHead?
        try await body.forEachPiece { piece async throws(WebSocketError) in
            early = try await send(piece, on: &stream)
            return early == nil
        }
        return early
    }

    private static func send(
        _ piece: [UInt8], on stream: inout HTTPStream
    ) async throws(WebSocketError) -> HTTPHead? {
        do throws(WebSocketError) {
            try stream.wire.append(piece)
            while try !stream.wire.flush() {
                guard try await stream.wait(for: [.read, .write]).contains(.read) else { continue }
                if let head = try stream.readHeadIfThere() { return head }
            }
            return nil
        } catch {
            // It has hung up on what we send; what it said before that may be there.
            guard case .lost = error, let head = try? stream.readHeadIfThere() else { throw error }
            return head
        }
    }

    private static func readAnswer(
        on stream: inout HTTPStream, after early: HTTPHead?, _ limit: Int
    ) async throws(WebSocketError) -> HTTPAnswer {
        var head = early
        while true {
            let current: HTTPHead
            if let known = head { current = known } else { current = try await stream.readHead() }
            head = nil
            let response = try UpgradeResponse(current)
            if response.isInterim { continue }
            guard response.status != 101 else { throw .badAnswer("it upgrades to something else") }
            var body = try HTTPBodyCollector(of: current, status: response.status, limit: limit)
            var piece = stream.takeRest()
            while true {
                try body.take(piece)
                if body.isWhole { break }
                piece = try await stream.read()
                if piece.isEmpty {
                    try body.end()
                    break
                }
            }
            return HTTPAnswer(response, current, body: body.bytes)
        }
    }
}
