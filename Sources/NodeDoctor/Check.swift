import LinuxIO

/// Something that can be known to be right or wrong here. A new one is a file in `Checks` and a line in `Doctor.checks`.
protocol Check: Sendable {
    /// What it can tell about, as `Finding.check` has them: each time it has something to say about each of them.
    static var topics: [String] { get }

    /// Ends soon after its task is cancelled.
    func findings(in patient: Patient) async -> [Finding]
}

/// A check that only reads files, which blocks for as long as a disk takes.
protocol FileCheck: Check {
    func look(at patient: Patient) -> [Finding]
}

extension FileCheck {
    func findings(in patient: Patient) async -> [Finding] {
        // Nil: cancelled, and what it says is of no interest any more.
        await onAbandonableThread("doctor") { look(at: patient) } ?? []
    }
}
