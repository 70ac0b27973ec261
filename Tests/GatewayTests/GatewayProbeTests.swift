import LinuxIO
import NodeCore
import NodeCrypto
import NodeTesting
import PracticeGateway
import Testing
import WebSocket

@testable import Gateway

/// The way to a gateway over real sockets, and each of its steps failing.
@Suite(.timeLimit(.minutes(5))) struct GatewayProbeTests {
    func probe(
        _ url: String, trust: TLSTrust = .system, patience: Duration = .seconds(30), on loop: EventLoop
    ) async throws -> GatewayProbe.Report {
        let endpoint = try GatewayEndpoint(url)
        let context = endpoint.isTLS ? try TLSClientContext(trust: trust) : nil
        let target = WebSocketTarget(host: endpoint.host, port: endpoint.port, path: endpoint.path, tls: context)
        return await GatewayProbe(endpoint, patience: patience, on: loop) { limit, progress throws(WebSocketError) in
            try await WebSocketConnection.connect(
                to: target, on: loop, maxMessage: 65_536, timeout: limit, progress: progress)
        }.run()
    }

    /// Every step before it passed, and none after it was tried.
    func expect(
        _ report: GatewayProbe.Report, failsAt step: GatewayProbe.Step, _ id: String, _ words: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var isBehind = false
        for next in GatewayProbe.Step.allCases {
            switch report.outcomes[next] {
            case .passed?: #expect(!isBehind && next != step, "\(report)", sourceLocation: sourceLocation)
            case .failed(let condition)?:
                #expect(next == step, "\(report)", sourceLocation: sourceLocation)
                #expect(condition.id == id, sourceLocation: sourceLocation)
                #expect(condition.summary.contains(words), "\(condition)", sourceLocation: sourceLocation)
                #expect(condition.remedy?.isEmpty == false, sourceLocation: sourceLocation)
            case .untried?: #expect(isBehind, "\(report)", sourceLocation: sourceLocation)
            case nil: Issue.record("nothing of \(next)", sourceLocation: sourceLocation)
            }
            if next == step { isBehind = true }
        }
    }

    @Test(
        "all steps of a gateway that is well pass, over TLS too, and its clock is ours",
        arguments: SocketBench.Wire.allCases)
    func well(_ wire: SocketBench.Wire) async throws {
        try await SocketBench.run(wire) { bench in
            let fingerprint = try SocketBench.certificate.get().fingerprint
            let report = try await probe(
                bench.gateway.url, trust: .pins([try CertificatePin(fingerprint)]), on: bench.loop)
            #expect(report.failure == nil && report.outcomes.count == GatewayProbe.Step.allCases.count)
            #expect(abs((report.clockDifference ?? .seconds(99)) / .seconds(1)) < 60)
            // It has left in good order, without a word about itself.
            var events = bench.gateway.events.reader()
            let end = try await events.first { if case .closed(_, nil, let end) = $0 { end } else { nil } }
            #expect(end == .byNode(code: 1000, reason: ""))
            #expect(!bench.gateway.events.all.contains { if case .connect = $0 { true } else { false } })
        }
    }

    @Test("how long a certificate is still good is known, except of a pinned one") func daysLeft() async throws {
        try await SocketBench.run(.tls) { bench in
            let certificate = try SocketBench.certificate.get()
            let file = bench.folder.file("ca.pem")
            try StateFile.write(file, Array(certificate.certificatePEM.utf8), durable: false)
            let believed = try await probe(bench.gateway.url, trust: .systemAnd(caFile: file), on: bench.loop)
            #expect(believed.failure == nil && (believed.certificateDaysLeft ?? -1) >= 0)
            let pin = try CertificatePin(certificate.fingerprint)
            let pinned = try await probe(bench.gateway.url, trust: .pins([pin]), on: bench.loop)
            #expect(pinned.failure == nil && pinned.certificateDaysLeft == nil)
        }
    }

    @Test("a name that nobody knows") func name() async throws {
        try await SocketBench.run { bench in
            // No name has labels as long as this, which the resolver knows without asking anybody.
            let host = String(repeating: "a", count: 64) + ".invalid"
            let report = try await probe("wss://\(host)", on: bench.loop)
            expect(report, failsAt: .name, "gateway-unreachable", host)
            #expect(report.failure?.remedy?.contains("getent hosts \(host)") == true)
        }
    }

    @Test("a port where nobody listens") func port() async throws {
        try await SocketBench.run { bench in
            await bench.gateway.goDown(.none)
            let report = try await probe(bench.gateway.url, on: bench.loop)
            expect(report, failsAt: .tcp, "gateway-unreachable", "Connection refused")
            #expect(report.failure?.remedy == "openclaw gateway status")
        }
    }

    @Test("a certificate that is not trusted, or not the pinned one") func certificate() async throws {
        try await SocketBench.run(.tls) { bench in
            let stranger = try CertificatePin(String(repeating: "ab", count: 32))
            for trust in [TLSTrust.system, .pins([stranger])] {
                let report = try await probe(bench.gateway.url, trust: trust, on: bench.loop)
                let fingerprint = try SocketBench.certificate.get().fingerprint
                expect(report, failsAt: .tls, "certificate", fingerprint)
            }
        }
    }

    /// What is found through a proxy on `port`.
    func found(through port: UInt16, on loop: EventLoop) async throws -> GatewayProbe.Report {
        let endpoint = try GatewayEndpoint("wss://gateway.invalid")
        let proxy = try Proxy("127.0.0.1:\(port)")
        let target = WebSocketTarget(
            host: endpoint.host, port: endpoint.port, tls: try TLSClientContext(trust: .pins([])), proxy: proxy)
        return await GatewayProbe(endpoint, through: proxy, patience: .seconds(30), on: loop) {
            limit, progress throws(WebSocketError) in
            try await WebSocketConnection.connect(
                to: target, on: loop, maxMessage: 65_536, timeout: limit, progress: progress)
        }.run()
    }

    @Test("a proxy that is away, or does not let us through, and it is its name that has to be known")
    func proxy() async throws {
        try await onEventLoop { loop in
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            async let refused = found(through: listener.port, on: loop)
            let socket = try await listener.accept()
            let answer = Array("HTTP/1.1 403 Filtered\r\nContent-Length: 0\r\n\r\n".utf8)
            #expect(try answer.withUnsafeBytes { raw throws(Errno) in try socket.write(raw) } == answer.count)
            let report = try await refused
            expect(report, failsAt: .proxy, "gateway-unreachable", "it does not connect us: HTTP 403 Filtered")
            #expect(report.outcomes[.name] == .passed("the proxy 127.0.0.1 is an address"))
            #expect(report.failure?.remedy?.contains("CONNECT gateway.invalid:443") == true)
            let port = listener.port
            listener.close()
            let away = try await found(through: port, on: loop)
            expect(
                away, failsAt: .tcp, "gateway-unreachable", "the proxy http://127.0.0.1:\(port): it cannot be reached")
        }
    }

    @Test("the other scheme, either way round") func scheme() async throws {
        try await SocketBench.run { bench in
            let url = "wss" + bench.gateway.url.dropFirst(2)
            bench.gateway.faults.script(arrivals: [.bytes(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))])
            expect(try await probe(url, on: bench.loop), failsAt: .tls, "gateway-scheme", bench.gateway.url)
        }
        try await SocketBench.run(.tls) { bench in
            let url = "ws" + bench.gateway.url.dropFirst(3)
            expect(try await probe(url, on: bench.loop), failsAt: .upgrade, "gateway-scheme", bench.gateway.url)
        }
    }

    @Test("an upgrade that is refused, is none, or breaks off") func upgrade() async throws {
        try await SocketBench.run { bench in
            for (arrival, words) in [
                (FaultSwitches.Arrival.refuseUpgrade(status: 404, body: "no such thing"), "HTTP 404: no such thing"),
                (.bytes(Array("SSH-2.0-OpenSSH_9.2\r\n\r\n".utf8)), "not HTTP"),
            ] {
                bench.gateway.faults.script(arrivals: [arrival])
                let report = try await probe(bench.gateway.url, on: bench.loop)
                expect(report, failsAt: .upgrade, "gateway-unreachable", words)
            }
        }
    }

    @Test("a server that takes the connection and says nothing") func silence() async throws {
        try await SocketBench.run { bench in
            bench.gateway.faults.script(arrivals: [.silence])
            let report = try await probe(bench.gateway.url, patience: .seconds(5), on: bench.loop)
            expect(report, failsAt: .upgrade, "gateway-unreachable", "took too long")
        }
    }

    /// What is found at a WebSocket server that says this and then waits, or closes.
    func found(
        saying text: String?, closing code: CloseCode? = nil, patience: Duration = .seconds(30)
    ) async throws -> GatewayProbe.Report {
        try await onEventLoop { loop in
            let listener = try TCPListener(address: .loopback(port: 0), on: loop)
            return try await withThrowingTaskGroup(of: GatewayProbe.Report?.self) { group in
                group.addTask {
                    let socket = try await listener.accept()
                    let server = try await WebSocketConnection.accept(socket, tls: nil, on: loop, maxMessage: 65_536) {
                        _ in .accept
                    }
                    if let text { try await server.send(.text(Array(text.utf8))) }
                    if let code { await server.close(code, reason: "go away") }
                    // Until the other side has had enough.
                    while try await server.receive() != nil {}
                    return nil
                }
                group.addTask {
                    try await probe("ws://127.0.0.1:\(listener.port)", patience: patience, on: loop)
                }
                for try await report in group {
                    if let report { return report }
                }
                throw CancellationError()
            }
        }
    }

    @Test("a WebSocket server that is no gateway") func noGateway() async throws {
        let mute = try await found(saying: nil, patience: .seconds(5))
        expect(mute, failsAt: .challenge, "gateway-unreachable", "no connect.challenge")
        let other = try await found(saying: "hello", patience: .seconds(5))
        expect(other, failsAt: .challenge, "gateway-unreachable", "no connect.challenge")
        let blank = try await found(saying: #"{"type":"event","event":"connect.challenge","payload":{"nonce":" "}}"#)
        expect(blank, failsAt: .challenge, "gateway-unreachable", "nonce")
        let closed = try await found(saying: nil, closing: .policyViolation)
        expect(closed, failsAt: .challenge, "gateway-unreachable", "go away")
    }

    @Test("a gateway's time is compared with ours, however wrong it is") func clock() async throws {
        for (ts, isTold) in [("0", true), ("99999999999999", true), ("-9223372036854775808", false), ("\"x\"", false)] {
            let challenge = #"{"type":"event","event":"connect.challenge","payload":{"nonce":"n","ts":\#(ts)}}"#
            let report = try await found(saying: challenge)
            #expect(report.failure == nil)
            #expect((report.clockDifference != nil) == isTold)
        }
    }
}
