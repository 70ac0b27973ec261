import LinuxIO
import NodeCore

/// Which microphones there are for those who ask, through the same worker; and where none is heard, whether that is for want of
/// a right. Nothing is recorded.
struct MicrophoneCheck: Check {
    static let topics = [topic]
    private static let topic = "microphone.list"

    func findings(in patient: Patient) async -> [Finding] {
        switch await WorkerQuestion(command: "audio.list").ask(patient) {
        case .answered(let reply):
            let user = await patient.mediaUser()
            // Nil: cancelled, and of no interest any more.
            return await onAbandonableThread("doctor") {
                [
                    Self.judge(
                        reply, devices: Self.devices(patient), user, restart: patient.restart,
                        closerLook: patient.workersCloserLook)
                ]
            } ?? []
        case .skipped(let why): return [.skipped(Self.topic, why)]
        case .cancelled: return []
        }
    }

    /// What the kernel records with: of card 1, device 0, `pcmC1D0c`.
    static func devices(_ patient: Patient) -> [String] {
        patient.names(in: "/dev/snd").filter { $0.hasPrefix("pcmC") && $0.hasSuffix("c") }
            .map { patient.root + "/dev/snd/" + $0 }
    }

    private struct Answer: Decodable {
        struct Source: Decodable {
            var id: String
            var name: String
            var monitor: Bool
        }

        var sources: [Source]
    }

    static func judge(
        _ reply: Reply, devices: [String], _ user: User, restart: String?, closerLook: String
    ) -> Finding {
        switch reply.outcome {
        // Of a worker that fails it is not the microphone's refusal that tells what to do.
        case .failure(let refusal) where refusal.code == .unavailable && !refusal.message.contains("; on the node's"):
            return .error(topic, refusal.message, remedy: closerLook)
        case .failure(let refusal):
            return Finding(topic, .error, told: refusal.message, otherwise: closerLook)
        case .success(let json):
            // Ours, so it can be read.
            let sources = (try? JSON.decode(Answer.self, from: json))?.sources ?? []
            let microphones = sources.filter { !$0.monitor }.map { "\($0.id) (\($0.name))" }
            if !microphones.isEmpty { return .ok(topic, microphones.joined(separator: ", ")) }
            // A device that goes meanwhile is none.
            let denied = devices.filter { (try? user.may([.read, .write], $0)) == false }
            if let first = denied.first {
                let group = User.group(of: first) ?? "audio"
                return .error(
                    topic,
                    "\(user.name) hears no microphone: \(denied.joined(separator: " ")) belongs to the group \(group)",
                    remedy: "sudo usermod -aG \(group) \(user.name)" + (restart.map { " && " + $0 } ?? ""))
            }
            return .note(
                topic,
                sources.isEmpty ? "no microphone is heard" : "there is no microphone, only what the machine plays",
                remedy: "plug one in, then: clawnode invoke audio.list")
        }
    }
}
