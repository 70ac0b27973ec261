import NodeCrypto
import Synchronization

/// What gateways have given us and what we have learned about them: `tokens.json`, an entry per gateway and device.
package final class TokenStore: Sendable {
    /// All that is remembered of one gateway.
    package struct Memory: Codable, Equatable, Sendable {
        package struct Token: Codable, Equatable, Sendable {
            package var token: String
            package var role: String
            package var scopes: [String]
        }

        package var deviceId: String
        package var tokens: [String: Token] = [:]
        /// The signature version to begin with, when the gateway refused a newer one (§3.4).
        package var signature: SignatureVersion?
        /// Where device tokens go, when the gateway knows no place of their own for them (§2.5).
        package var deviceTokenSlot: DeviceTokenSlot?
        /// The claims under which the gateway has sent an invocation, so that they are known to be approved.
        package var servedClaims: String?
        /// What it showed when it last was the pinned one: with this, a renewed one can be told from a stranger's.
        package var certificate: PeerCertificate?
        /// What it spoke when it last served us.
        package var dialect: Dialect?
        package var goclaw: GoClawMemory?
    }

    private struct File: Codable {
        var version = 1
        var gateways: [String: Memory] = [:]
    }

    private struct State {
        var file: File
        var isSaved = true
    }

    package static let fileName = "tokens.json"

    private let path: String
    private let state: Mutex<State>

    /// Reads what is there; the directory need not exist yet.
    package init(directory: String) throws(StateError) {
        path = directory + "/" + Self.fileName
        let file = try loadState(File.self, from: path)
        if let file, file.version != 1 {
            throw .malformed(path: path, reason: "version \(file.version) is not known")
        }
        state = Mutex(State(file: file ?? File()))
    }

    /// An entry of another identity is none of ours.
    package func memory(of gateway: GatewayEndpoint, deviceID: String) -> Memory {
        let memory = state.withLock { $0.file.gateways[gateway.url] }
        return memory.flatMap { $0.deviceId == deviceID ? $0 : nil } ?? Memory(deviceId: deviceID)
    }

    /// What `gateway` showed when it last was the pinned one, to whichever identity.
    package func certificate(of gateway: GatewayEndpoint) -> PeerCertificate? {
        state.withLock { $0.file.gateways[gateway.url]?.certificate }
    }

    /// Holds from now on; on the disk after the next `save`.
    package func remember(_ memory: Memory, of gateway: GatewayEndpoint) {
        state.withLock { state in
            guard state.file.gateways[gateway.url] != memory else { return }
            state.file.gateways[gateway.url] = memory
            state.isSaved = false
        }
    }

    package var isSaved: Bool { state.withLock { $0.isSaved } }

    /// Writes what has changed. Blocks for as long as the disk takes; after an error it can be tried again.
    package func save() throws(StateError) {
        let file = state.withLock { $0.isSaved ? nil : $0.file }
        guard let file else { return }
        state.withLock { $0.isSaved = true }
        do throws(StateError) { try saveState(file, to: path) } catch {
            state.withLock { $0.isSaved = false }
            throw error
        }
    }

    /// Forgets every gateway.
    package static func remove(from directory: String) throws(StateError) {
        _ = try removeState(directory + "/" + fileName)
    }
}
