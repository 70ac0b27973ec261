import Testing

@testable import LinuxIO

/// A port of a loopback address that one test has for itself: those of 127.0.0.1 go to whoever runs beside it.
func ownAddress(_ host: String, port: UInt16 = 0) async throws -> SocketAddress {
    try #require(try await SocketAddress.resolve(host: host, port: port).first)
}
