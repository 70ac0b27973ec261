import Testing

@testable import DBus

@Suite struct BusAddressTests {
    @Test(
        "the first local socket is taken, escapes and all",
        arguments: [
            ("unix:path=/run/dbus/system_bus_socket", "/run/dbus/system_bus_socket"),
            ("unix:guid=12,path=/tmp/a%20b", "/tmp/a b"), ("unix:abstract=/tmp/x,guid=12", "@/tmp/x"),
            ("tcp:host=localhost,port=1;unix:path=/x", "/x"),
        ])
    func understood(text: String, socket: String) throws {
        #expect(try BusAddress(text).socket == socket)
        #expect(try BusAddress.system(variables: ["DBUS_SYSTEM_BUS_ADDRESS": text]).socket == socket)
    }

    @Test(
        "what is none is said",
        arguments: ["", "unix:", "unix:path", "tcp:host=x", "unix:path=/%2", "unix:tmpdir=/tmp"])
    func none(text: String) {
        #expect(throws: BusError.unusableAddress(text)) { try BusAddress(text) }
    }

    @Test("without a variable it is where every Linux has it")
    func usual() throws {
        #expect(try BusAddress.system(variables: [:]).socket == "/run/dbus/system_bus_socket")
        #expect(try BusAddress.system(variables: ["DBUS_SYSTEM_BUS_ADDRESS": ""]).socket.hasPrefix("/run"))
    }
}
