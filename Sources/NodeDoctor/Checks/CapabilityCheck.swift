import NodeRuntime

/// What is switched off, which is how all that concerns its owner begins, or paused.
struct CapabilityCheck: FileCheck {
    static let topics = ["capabilities"]

    func look(at patient: Patient) -> [Finding] {
        guard patient.complaint == nil else { return [.skipped("capabilities", Patient.notUnderstood)] }
        let configuration = patient.configuration
        let declared = patient.status?.declared.caps ?? []
        let off = Family.all.filter { !configuration.enabled.contains($0.name) && !declared.contains($0.name) }
        var findings = off.map { family in
            Finding.note("capabilities", "\(family.name) is off", remedy: family.remedy(configuration))
        }
        // A daemon that runs tells of what is paused itself.
        if patient.status == nil, patient.isOurs {
            let marks = PauseMarks(directory: configuration.stateDirectory)
            findings += Family.all.filter { $0.isPausable && marks.isPaused($0.name) }.map {
                Finding("capabilities", .paused($0.name, configuration.owner))
            }
        }
        return findings.isEmpty ? [.ok("capabilities", "everything is on")] : findings
    }
}
