import Gateway
import LinuxIO
import NodeCore
import NodeRuntime

/// The params of a camera's command while they are typed: `{"deviceId":"…`.
struct CameraParams {
    static let commands = ["camera.snap", "camera.ptz.status", "camera.ptz.control"]

    private static let beginning = "{\"deviceId\":\""
    /// Longer than a person waits for a key they have pressed, and than any camera takes to be listed.
    private static let patience = Duration.seconds(3)

    private let text: String

    init(_ text: String) {
        self.text = text
    }

    /// Whole params for each camera, as long as what is typed could become them.
    func candidates(_ cameras: [Camera]) -> [Candidate] {
        let before = if Self.beginning.hasPrefix(text) { Self.beginning } else { upToId }
        guard let before else { return [] }
        return cameras.map { camera in
            let id = String(decoding: JSON.quoted(camera.alias ?? camera.id).dropFirst(), as: UTF8.self)
            // An apostrophe would end what a shell takes the params to be, quoted as they are.
            let quoted = id.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "\\u0027")
            return Candidate(before + quoted + "}", camera.alias == nil ? camera.name : camera.id)
        }
    }

    /// What is typed, when it ends within the value of `deviceId`, up to that value.
    private var upToId: String? {
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[parts.count - 3] == "deviceId",
            parts[parts.count - 2].filter({ !$0.isWhitespace }) == ":"
        else { return nil }
        return parts.dropLast().joined(separator: "\"") + "\""
    }

    struct Camera: Decodable, Sendable {
        let id: String
        let name: String
        let alias: String?
    }

    private struct List: Decodable {
        let devices: [Camera]
    }

    /// Those that this machine has, whether cameras are switched on or not: who types here may ask for them.
    static func cameras(_ program: Program) async -> [Camera] {
        do {
            let sources = try ConfigurationSources(file: nil, options: [:], surroundings: program.surroundings)
            var configuration = try Configuration(sources, program.surroundings, needsSecrets: false)
            configuration.enabled = ["camera"]
            configuration.commands = nil
            let offer = Offer(configuration, program.surroundings, loop: program.loop, log: .silent)
            let list = Invocation(
                id: "complete", command: "camera.list", params: nil, deadline: program.loop.now + patience,
                payloadLimit: 1 << 20)
            let reply = try await offer.perform(list, on: program.loop, log: .silent)
            return try JSON.decode(List.self, from: try reply.outcome.get()).devices
        } catch {
            // Where something is wrong, a key that was pressed is no place to tell it.
            return []
        }
    }
}
