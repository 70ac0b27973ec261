/// Whether it is the machine's service that its user wants to know of, and not what is examined.
struct ScopeCheck: Check {
    static let topics = ["scope"]

    func findings(in patient: Patient) async -> [Finding] {
        let place = patient.configuration.stateDirectory
        let here = Finding.ok("scope", "this is about the node whose state is in \(place)")
        guard !patient.surroundings.isRoot, patient.status == nil,
            let systemd = Systemd(patient, isUsers: false),
            let unit = await systemd.properties(["LoadState", "ActiveState"], of: "clawnode.service"),
            unit["LoadState"] == "loaded",
            unit["ActiveState"] == "active"
        else { return [here] }
        return [
            .note(
                "scope", "this is about \(place); the machine's own node is another, and runs",
                remedy: "sudo clawnode doctor")
        ]
    }
}
