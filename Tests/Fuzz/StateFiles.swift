import Glibc
import LinuxIO
import NodeCore
import NodeTesting

@testable import Gateway
@testable import NodeRuntime

/// The files of the state and the runtime directory. Each input is all four of them.
enum StateFiles {
    /// A file system without a disk, or the disk is all that is tested.
    private static let memory = "/dev/shm"
    private static let folder: ScratchFolder = {
        do {
            let folder = try ScratchFolder(in: memory)
            try StateFile.write(folder.file("identity.json"), [], durable: false)
            for name in ["gateway.json", "tokens.json", "status.json"] {
                try call { link(folder.file("identity.json"), folder.file(name)) }
            }
            return folder
        } catch { preconditionFailure("a scratch folder: \(error)") }
    }()

    @Sendable static func check(_ input: [UInt8]) throws {
        let path = folder.file("identity.json")
        // Written in place: the names stay links to one file.
        do {
            let file = try FileDescriptor(opening: path, flags: O_WRONLY | O_TRUNC)
            _ = try input.withUnsafeBytes { try file.writeAll($0) }
        }
        try checkIdentity()
        try checkGateway()
        try checkTokens()
        try checkStatus(input)
        expect(try StateFile.read(path) == input, "a file that was read is as it was")
    }

    private static func checkIdentity() throws {
        let identity: DeviceIdentity
        do throws(StateError) { identity = try .loadOrCreate(in: folder.path) } catch {
            guard case .malformed = error else { throw error }
            return
        }
        expect(identity.deviceID.utf8.count == 64 && !identity.instanceID.isEmpty, "an identity is whole")
        let again = try DeviceIdentity.loadOrCreate(in: folder.path)
        expect(again.publicKey == identity.publicKey, "an identity stays the same")
    }

    private static func checkGateway() throws {
        let record: GatewayRecord
        do throws(StateError) {
            guard let loaded = try GatewayRecord.load(from: folder.path) else {
                return expect(false, "the file is there")
            }
            record = loaded
        } catch {
            guard case .malformed = error else { throw error }
            return
        }
        let endpoint = try GatewayEndpoint(record.url, plaintext: .privateNetworks)
        // The others are refused, unless their owner allows them.
        if let usual = try? GatewayEndpoint(record.url) {
            expect(usual.isTLS || usual.isLoopback, "no token goes in the clear")
        }
        expect(endpoint.isTLS || record.tlsFingerprints?.isEmpty != false, "a pin is not lost")
        expect(
            try GatewayEndpoint(endpoint.url, plaintext: .privateNetworks) == endpoint,
            "an address is kept whole")
        let copy = try ScratchFolder(in: memory)
        try record.save(in: copy.path)
        expect(try GatewayRecord.load(from: copy.path) == record, "a record that is saved is the same")
    }

    private static func checkTokens() throws {
        let store: TokenStore
        do throws(StateError) { store = try TokenStore(directory: folder.path) } catch {
            guard case .malformed = error else { throw error }
            return
        }
        expect(store.isSaved, "what was read is on the disk")
        let gateway = try GatewayEndpoint("ws://127.0.0.1:18789")
        let memory = store.memory(of: gateway, deviceID: "d")
        expect(memory.deviceId == "d", "another identity's tokens are none of ours")
    }

    private static func checkStatus(_ input: [UInt8]) throws {
        let status: NodeStatus
        do throws(JSONFailure) { status = try JSON.decode(NodeStatus.self, from: input) } catch { return }
        let again = try JSON.decode(NodeStatus.self, from: try JSON.encodePretty(status))
        expect(again == status, "a status that is written is the same")
        expect(!status.summary.isEmpty || !status.conditions.isEmpty, "a status can be told in words")
        let words = StatusReport(status, now: 0, on: StatusReport.Paper(width: 80, isColoured: false)).lines.joined()
        expect(!words.unicodeScalars.contains { $0.properties.generalCategory == .control }, "words move no cursor")
    }
}
