import Testing

@testable import LinuxIO

@Suite struct SocketAddressTests {
    @Test(
        "a literal needs no name service",
        arguments: [
            ("127.0.0.1", "127.0.0.1:80", true), ("127.9.9.9", "127.9.9.9:80", true), ("::1", "[::1]:80", true),
            ("192.0.2.7", "192.0.2.7:80", false), ("2001:db8::7", "[2001:db8::7]:80", false),
            ("::ffff:127.0.0.1", "[::ffff:127.0.0.1]:80", true), ("::ffff:192.0.2.7", "[::ffff:192.0.2.7]:80", false),
        ])
    func literal(host: String, text: String, isLoopback: Bool) async throws {
        let address = try #require(try await SocketAddress.resolve(host: host, port: 80).first)
        #expect(address.description == text)
        #expect(address.isLoopback == isLoopback)
        #expect(address.port == 80)
    }

    @Test("localhost is found, and is loopback")
    func localhost() async throws {
        let addresses = try await SocketAddress.resolve(host: "localhost", port: 65_535)
        #expect(!addresses.isEmpty)
        #expect(addresses.allSatisfy { $0.isLoopback && $0.port == 65_535 })
    }

    @Test("a name that cannot be one is told with the resolver's reason")
    func unknown() async {
        await #expect(throws: ResolutionError.self) {
            try await SocketAddress.resolve(host: "no host has spaces", port: 1)
        }
    }

    @Test("the way to an address is known without sending anything") func route() throws {
        let own = try SocketAddress.loopback(port: 9).routedFrom()
        #expect(own.host == "127.0.0.1")
        #expect(own.port != 9)
    }

    @Test("loopback is 127.0.0.1")
    func loopback() {
        #expect(SocketAddress.loopback(port: 258).description == "127.0.0.1:258")
        #expect(SocketAddress.loopback(port: 1) == SocketAddress.loopback(port: 1))
        #expect(SocketAddress.loopback(port: 1) != SocketAddress.loopback(port: 2))
    }
}
