import Testing

@testable import Discovery

@Suite struct FoundGatewayTests {
    private func gateway(_ host: String, _ addresses: [String] = [], texts: [String] = []) -> FoundGateway {
        FoundGateway(name: "x", host: host, port: 1, addresses: addresses, texts: texts.map { Array($0.utf8) })
    }

    @Test("addresses that are good from everywhere come first, each once")
    func order() {
        #expect(FoundGateway.address("febf::1", on: "eth0") == "febf::1%eth0")
        #expect(FoundGateway.address("fec0::1", on: "eth0") == "fec0::1")
        #expect(FoundGateway.address("10.0.0.1", on: "eth0") == "10.0.0.1")
        let all = ["fe80::1%eth0", "2001:db8::1", "169.254.1.1", "10.0.0.1", "10.0.0.1", "192.0.2.1"]
        #expect(
            gateway("h", all).addresses == ["10.0.0.1", "192.0.2.1", "2001:db8::1", "fe80::1%eth0", "169.254.1.1"])
    }

    @Test(
        "a name that would be more than a host's in a shell is none",
        arguments: [
            "$(reboot).local", "a b", "", "-x.local", ".local", "a;b", "höst.local", String(repeating: "a", count: 254),
        ])
    func improper(host: String) {
        #expect(!gateway(host).hasProperHost)
    }

    @Test("a host's name is one", arguments: ["gateway.local", "Gateway-2.local", "my_box.local", "x"])
    func proper(host: String) {
        #expect(gateway(host).hasProperHost)
    }

    @Test("of the labels the first of its key counts, and what is none is left out")
    func labels() {
        let labels = gateway("h", texts: ["role=a=b", "role=c", "unknown=1", "displayName", "sshPort="]).labels
        #expect(labels == ["role": "a=b", "sshPort": ""])
        // "role=" and what is no UTF-8; nothing; an empty key.
        let broken = FoundGateway(
            name: "x", host: "h", port: 1, addresses: [], texts: [[0x72, 0x6F, 0x6C, 0x65, 0x3D, 0xFF], [], [0x3D]])
        #expect(broken.labels.isEmpty)
    }
}
