import NodeCrypto
import Testing

@testable import Gateway

/// Whom the link believes, over real TLS.
@Suite(.timeLimit(.minutes(5))) struct SocketTrustTests {
    @Test("what the pinned certificate looked like is remembered, and explains the one that is not it any more")
    func renewed() async throws {
        try await SocketBench.run(.tls) { bench async throws in
            try await bench.node { node async throws in try await node.connected() }
            let certificate = try SocketBench.certificate.get()
            let store = try TokenStore(directory: bench.folder.path)
            let known = store.certificate(of: try GatewayEndpoint(bench.gateway.url))
            #expect(known?.fingerprint == certificate.fingerprint && known?.publicKeyPin == certificate.spkiPin)

            // To a pin of another certificate, the gateway's looks as a renewed one would.
            try await bench.node(pin: String(repeating: "0", count: 64)) { node async throws in
                let wait = try await node.wait()
                #expect(wait.condition.id == "certificate")
                #expect(wait.condition.summary.contains("with the same key as before"))
                #expect(wait.condition.remedy?.hasSuffix("--tls-fingerprint \(certificate.spkiPin)") == true)
                #expect(wait.delay >= .seconds(300), "asking often looks like an attack")
            }
        }
    }
}
