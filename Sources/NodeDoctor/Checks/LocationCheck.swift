import LinuxIO
import NodeCore
import NodeLocation
import NodeRuntime

/// Who here knows where this machine is. Where that is stays out of it.
struct LocationCheck: Check {
    static let topics = [topic]
    private static let topic = "location"

    /// What has been found is there at once, and nobody looks out for satellites here.
    private static let patience = Duration.seconds(8)

    /// What one of the ways to know does when it is asked.
    enum Answer: Equatable, Sendable {
        case knows(accuracy: Double)
        /// It is there and has found nothing yet.
        case searches
        case absent
        case fails(LocationError)
    }

    func findings(in patient: Patient) async -> [Finding] {
        guard patient.enabledFamilies.contains(where: { $0.name == LocationCapability.name }) else {
            return [.skipped(Self.topic, patient.complaint == nil ? "location is off" : Patient.notUnderstood)]
        }
        let drivers = patient.configuration.location.drivers(
            variables: patient.surroundings.variables, on: patient.loop)
        let answers = await withTaskGroup(of: (Int, Answer).self) { group in
            for (number, driver) in drivers.enumerated() {
                group.addTask { (number, await Self.answer(of: driver, on: patient.loop)) }
            }
            var answers = [Answer](repeating: .absent, count: drivers.count)
            for await (number, answer) in group { answers[number] = answer }
            return answers
        }
        let isDaemons = patient.user.id == User.own.id
        return [Self.judge(Array(zip(drivers.map(\.name), answers)), patient.configuration.owner, isDaemons: isDaemons)]
    }

    private static func answer(of driver: any PlaceDriver, on loop: EventLoop) async -> Answer {
        do throws(LocationError) {
            let place = try await PlaceFinder([driver]).place(.balanced, noOlderThan: nil, within: patience, loop)
            return .knows(accuracy: place.fix.accuracy)
        } catch {
            switch error {
            case .nowhere: return .absent
            case .noFix: return .searches
            default: return .fails(error)
            }
        }
    }

    /// `isDaemons`: the daemon's user asks, whom GeoClue may treat otherwise than root.
    static func judge(_ answers: [(name: String, answer: Answer)], _ owner: NodeOwner, isDaemons: Bool) -> Finding {
        let invoke = "\(owner.clawnode) invoke location.get --enable location"
        let known = answers.compactMap { name, answer in
            if case .knows(let accuracy) = answer {
                "\(name), to \(Int(min(accuracy.rounded(.up), 1e9))) m"
            } else {
                nil as String?
            }
        }
        if !known.isEmpty { return .ok(topic, "this machine's place is known to \(known.joined(separator: "; "))") }
        for case (_, .fails(let error)) in answers {
            if case .permission(let problem, _) = error, !isDaemons {
                return .note(topic, problem + ", and who serves is another", remedy: invoke)
            }
            return Finding(topic, .error, told: error.refusal.message, otherwise: invoke)
        }
        let searching = answers.filter { $0.answer == .searches }.map(\.name)
        if !searching.isEmpty {
            return .warning(
                topic, "\(searching.joined(separator: " and ")) has not found this machine's place yet",
                remedy: "\(invoke), in some minutes: a receiver has to see the sky")
        }
        return Finding(topic, .error, told: LocationError.nowhere.refusal.message, otherwise: invoke)
    }
}
