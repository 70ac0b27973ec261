import Testing

@testable import LinuxIO

@Suite struct NetworkInterfaceTests {
    @Test("every machine has a loopback, which is none to speak to groups over") func loopback() throws {
        #expect(NetworkInterface.name(of: 1) == "lo")
        let names = try NetworkInterface.multicast().map(\.interface.name)
        #expect(!names.contains("lo"))
    }

    @Test("an interface that is not there has its number for a name") func unknown() {
        #expect(NetworkInterface.name(of: 4_000_000_000) == "interface 4000000000")
    }
}
