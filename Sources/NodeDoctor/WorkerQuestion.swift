import LinuxIO
import NodeCore
import NodeRuntime
import Worker

/// Something that a worker is asked for the examiner, whatever gateways are offered of it.
struct WorkerQuestion {
    enum Outcome {
        case answered(Reply)
        /// Why it was not asked.
        case skipped(String)
        /// Of no interest any more.
        case cancelled
    }

    let command: CommandName

    private static let patience = Duration.seconds(15)

    func ask(_ patient: Patient) async -> Outcome {
        guard let family = patient.enabledFamilies.first(where: { $0.commands.contains(command) }),
            let program = family.worker
        else {
            let family = Family.all.first { $0.commands.contains(command) }
            return .skipped(patient.complaint == nil ? "\(family?.name ?? "it") is off" : Patient.notUnderstood)
        }
        let source = WorkerSource(of: program, patient.configuration, patient.surroundings)
        if let why = patient.whyNotAsked(source) { return .skipped(why) }
        var configuration = patient.configuration
        configuration.commands = nil
        let offer = Offer(configuration, patient.surroundings, loop: patient.loop, log: .silent)
        let invocation = Invocation(
            id: "doctor", command: command, params: nil, deadline: patient.loop.now + Self.patience,
            payloadLimit: 1 << 20)
        do { return .answered(try await offer.perform(invocation, on: patient.loop, log: .silent)) } catch {
            return .cancelled
        }
    }
}
